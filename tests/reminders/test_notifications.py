"""Tests the inbox, the notification settings and the page of upcoming emails."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from goals.models import Commitment
from reminders import planner, sender
from reminders.bell import Bar
from reminders.models import Reminder, Snooze, TopicChoice
from reminders.upcoming import upcoming_for, upcoming_in
from sessions.models import Session
from tests import make

MONDAY = datetime(2026, 12, 7, 6, tzinfo=UTC)  # 06:00 in London, 11:30 in Kolkata


@pytest.fixture(autouse=True)
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def week(pair):
    """A pair with an agreement, a session on Friday, December 18, and a commitment of Ada's due on the 10th."""
    make.agreement(pair).sign(pair.mentee)
    session = make.session(pair, datetime(2026, 12, 18, 10))
    commitment = make.commitment(pair, due_on=date(2026, 12, 10))
    Session.objects.update(created_at=MONDAY - timedelta(days=30), changed_at=None)  # already in calendars
    Commitment.objects.update(created_at=MONDAY - timedelta(days=30))
    return session, commitment


def local_times(person, mails) -> list[tuple[str, list[str]]]:
    return [(f"{person.local(m.at):%a %d %H:%M}", [str(kind) for kind in m.kinds]) for m in mails]


def test_upcoming_emails_are_the_emails_that_are_sent(week, ada, sam, clock):
    """Compares the page on Monday with the emails that the worker sends in the next two weeks."""
    foreseen = {
        (mail.person.email, mail.at.replace(second=0))
        for person in (ada, sam)
        for mail in upcoming_for(person, timezone.now())
    }
    sent = set()
    for day in range(15):
        for hour, minute in (
            (3, 0),
            (8, 30),
            (10, 30),
            (16, 0),
            (23, 0),
        ):  # both windows of Kolkata and London, and a night hour
            now = datetime(2026, 12, 7, hour, minute, tzinfo=UTC) + timedelta(days=day)
            if MONDAY <= now <= MONDAY + timedelta(days=14):
                clock.move_to(now)
                mail.outbox.clear()
                planner.plan()
                sender.send_due()
                sent |= {(message.to[0], now) for message in mail.outbox}
    assert sent == foreseen
    assert len(sent) == 7


def test_upcoming_emails_show_time_kind_and_reason(week, ada, as_):
    page = as_(ada).get("/notifications/upcoming/").content.decode()
    for day in ("In two days, Thu, Dec 10", "Today, Thu, Dec 10"):
        assert f"{day}: Send the draft to Lin" in page
    assert "You get this because you set this date." in page
    assert "08:30" in page
    assert local_times(ada, upcoming_for(ada, timezone.now())) == [
        ("Tue 08 08:30", ["A commitment due soon"]),
        ("Thu 10 08:30", ["A commitment due today"]),
        ("Fri 11 08:30", ["A commitment overdue by one working day"]),
        ("Wed 16 08:30", ["Before a session: your update"]),
        ("Thu 17 08:30", ["A commitment overdue by five working days"]),
        ("Mon 21 08:30", ["Did you meet?"]),
    ]


def test_the_admin_sees_only_kinds_and_times(week, pair, as_):
    page = as_(make.admin(pair.program)).get(f"/programs/{pair.program_id}/reminders/").content.decode()
    assert "A commitment due today" in page
    assert "Ada Lind" in page
    assert "draft" not in page
    assert [m.kinds for m in upcoming_in([pair], timezone.now())], "read from the same functions"


def test_the_admin_can_show_the_emails_of_one_person(week, pair, ada, sam, as_):
    client, url = as_(make.admin(pair.program)), f"/programs/{pair.program_id}/reminders/"

    def recipients(query):
        return {email.person for email in client.get(url, query).context["emails"]}

    assert recipients({}) == recipients({"person": "x"}) == {ada, sam}
    assert recipients({"person": sam.pk}) == {sam}
    page = client.get(url, {"person": sam.pk}).content.decode()
    assert f'<option value="{sam.pk}" selected>Sam Okafor</option>' in page
    assert f'<option value="{ada.pk}">Ada Lind</option>' in page


def test_upcoming_emails_are_grouped_by_day(week, ada, as_):
    page = as_(ada).get("/notifications/upcoming/").content.decode()
    assert re.findall(r'<h2 class="group">(.+?)</h2>', page)[:3] == ["tomorrow", "Thu, Dec 10", "Fri, Dec 11"]


def test_the_inbox_separates_tasks_from_reminders(waiting, pair, ada, as_):
    make.session(pair, datetime(2026, 12, 9, 10))  # over, and nobody said whether it took place
    page = as_(ada).get("/inbox/").content.decode()
    tasks, reminders = page.split('<h2 class="group">')[1:]
    assert "Did you and Sam meet" in tasks and "Dismiss" not in tasks
    assert "Send the draft to Lin" in reminders and "Dismiss all" in reminders


def test_an_invalid_page_number_causes_no_error(week, pair, as_):
    for page in ("0", "-1", "x", "9" * 30):
        assert (
            as_(make.admin(pair.program)).get(f"/programs/{pair.program_id}/reminders/?page={page}").status_code == 200
        )


def test_turned_off_topics_are_not_among_upcoming_emails(week, ada, as_):
    client = as_(ada)
    answer = client.post(
        "/notifications/",
        {"sessions": "once", "commitments": "here", "check-ins": "weekly", "indicators": "once", "planning": "once"},
    )
    assert answer.status_code == 302
    assert TopicChoice.of(ada)["commitments"] == "here"
    assert local_times(ada, upcoming_for(ada, timezone.now()))[0] == ("Wed 16 08:30", ["Before a session: your update"])
    assert client.post("/notifications/", {"sessions": "nonsense"}).status_code == 422


@pytest.fixture
def waiting(week, ada, clock):
    clock.move_to(datetime(2026, 12, 10, 3, 1, tzinfo=UTC))
    planner.plan()
    sender.send_due()
    return Reminder.objects.get(recipient=ada, kind="commitment_due")


def test_the_bell_counts_what_the_inbox_shows(waiting, ada, sam, as_):
    assert "Inbox: 1 item" in as_(ada).get("/").content.decode()
    assert "Inbox: 0 items" in as_(sam).get("/").content.decode()
    assert "Today, Thu, Dec 10: Send the draft to Lin" in as_(ada).get("/inbox/").content.decode()


def test_the_bell_counts_in_a_language_with_three_plurals(db, as_, monkeypatch):
    monkeypatch.setattr("reminders.context_processors.bar_of", lambda user: Bar(3))
    spanish = as_(make.user("Ada", language="es"))
    assert "Bandeja de entrada: 3 elementos" in spanish.get("/preferences/").content.decode()


def test_a_done_item_leaves_the_inbox_and_then_the_bell(waiting, week, ada, as_):
    week[1].complete(ada, 1)
    assert "Nothing needs your attention" in as_(ada).get("/inbox/").content.decode()
    planner.plan()
    waiting.refresh_from_db()
    assert waiting.read_at
    assert "Inbox: 0 items" in as_(ada).get("/").content.decode()


def test_one_or_all_reminders_can_be_marked_read(waiting, ada, sam, as_):
    assert as_(sam).post(f"/inbox/{waiting.pk}/read/").status_code == 404
    as_(ada).post(f"/inbox/{waiting.pk}/read/")
    waiting.refresh_from_db()
    assert waiting.read_at
    Reminder.objects.update(read_at=None)
    as_(ada).post("/inbox/read/")
    assert not Reminder.objects.visible_to(ada).unread().exists()


@pytest.mark.parametrize("undo", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-12-01T09:00", "x"])
def test_undoing_at_an_impossible_moment_finds_nothing(ada, as_, undo):
    assert as_(ada).post(f"/inbox/read/?{urlencode({'undo': undo})}").status_code == 404


@pytest.mark.parametrize(
    ("until", "when", "again"),
    [("1", "Fri 11 08:30", True), ("3", "Sun 13 08:30", True), ("session", "Fri 18 15:30", False)],
)
def test_a_reminder_can_be_snoozed(waiting, ada, as_, until, when, again):
    as_(ada).post(f"/inbox/{waiting.pk}/snooze/", {"until": until})
    snooze = Snooze.objects.get()
    assert (f"{ada.local(snooze.ends_at):%a %d %H:%M}", snooze.remind_again) == (when, again)
    assert "Nothing needs your attention" in as_(ada).get("/inbox/").content.decode()


def test_a_reminder_snoozed_for_a_day_returns_once(waiting, ada, as_, clock):
    as_(ada).post(f"/inbox/{waiting.pk}/snooze/", {"until": "1"})
    mail.outbox.clear()
    clock.move_to(datetime(2026, 12, 11, 3, 1, tzinfo=UTC))
    planner.plan()
    sender.send_due()
    assert [message.subject for message in mail.outbox if message.to == [ada.email]] == [
        "Not done yet? Send the draft to Lin"
    ]


def test_a_snoozed_reminder_can_be_snoozed_again(waiting, week, ada, as_, clock):
    as_(ada).post(f"/inbox/{waiting.pk}/snooze/", {"until": "1"})
    clock.move_to(datetime(2026, 12, 11, 3, 1, tzinfo=UTC))
    planner.plan()
    again = Reminder.objects.get(kind="snoozed")
    as_(ada).post(f"/inbox/{again.pk}/snooze/", {"until": "3"})
    snooze = Snooze.objects.get()
    assert (snooze.kind, f"{ada.local(snooze.ends_at):%a %d}") == ("commitment_due", "Mon 14")
    week[1].complete(ada, 1)
    clock.move_to(datetime(2026, 12, 14, 3, 1, tzinfo=UTC))
    planner.plan()
    assert not Reminder.objects.filter(kind="snoozed", state="planned").exists()


def test_snoozing_until_a_missing_next_session_is_refused(waiting, week, ada, sam, as_):
    week[0].cancel(sam)
    answer = as_(ada).post(f"/inbox/{waiting.pk}/snooze/", {"until": "session"}, follow=True)
    assert "You have no next session yet" in answer.content.decode()
    assert not Snooze.objects.exists()


def test_links_in_old_emails_can_be_revoked(week, ada, as_):
    before = ada.links_version
    as_(ada).post("/notifications/links/")
    ada.refresh_from_db()
    assert ada.links_version == before + 1


def test_an_empty_page_of_upcoming_emails_explains_itself(as_):
    assert "No emails in the next 14 days" in as_(make.user()).get("/notifications/upcoming/").content.decode()
