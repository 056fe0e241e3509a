"""Ending a pair and undoing it, exit answers, and leaving and rejoining a program."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from mentoring.models import Cadence, Enrollment, ExitAnswer, NeverPair, Pair
from mentoring.proposals import matching_input
from reminders import planner, sender
from reminders.intents import KINDS
from sessions.models import Session
from sessions.planning import plan_series
from sessions.time_slot import TimeSlot
from tests import make

MONDAY = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


def test_either_person_can_end_the_pair_after_confirming(as_, ada, sam, pair):
    make.session(pair)
    url = reverse("pair_finish", args=[pair.pk])
    page = as_(ada).get(url).content.decode()
    assert "Hold a closing session" in page
    as_(ada).post(url)
    assert Pair.objects.active().exists(), "without the confirmation, the pair does not end"
    sent = as_(ada).post(url, {"sure": "1"})
    assert sent.url == reverse("exit_answer", args=[pair.pk]) and not Pair.objects.active().exists()
    assert as_(sam).get(reverse("pair_detail", args=[pair.pk])).status_code == 200


@pytest.fixture
def planned(settings, clock, pair, sam) -> list[Session]:
    """A series of four sessions and a single one, all of them emailed as calendar entries."""
    settings.EMAIL_URL = "smtp://localhost"  # emails are sent to the outbox of the tests
    make.session(pair, datetime(2026, 12, 11, 10), created_by=sam)
    plan_series(
        pair, sam, TimeSlot(datetime(2026, 12, 15, 10), "Europe/London", 60), Cadence.WEEKLY, until=date(2027, 1, 5)
    )
    sent(clock, minutes=2)
    return list(pair.sessions.order_by("starts_at"))


def sent(clock, minutes: int) -> list:
    """Return the emails that are sent in the next minutes."""
    mail.outbox.clear()
    planner.plan()
    clock.shift(timedelta(minutes=minutes))
    planner.plan()
    sender.send_due()
    return list(mail.outbox)


def stored(pair) -> list[tuple]:
    return list(pair.sessions.order_by("starts_at").values_list("pk", "canceled_at", "sequence"))


def test_ending_lists_canceled_sessions_and_can_be_undone(as_, clock, ada, sam, pair, planned):
    url, undo = (reverse(name, args=[pair.pk]) for name in ("pair_finish", "pair_end_undo"))
    planned[2].skip(sam)
    clock.shift(timedelta(minutes=20))
    sent(clock, minutes=2)
    before, page = stored(pair), as_(ada).get(url).content.decode()
    assert "4 scheduled sessions are canceled. The next one is Fri, Dec 11, 15:30." in page
    assert "Sam gets an email saying that you ended your mentoring" in page
    assert f'action="{undo}"' in as_(ada).post(url, {"sure": "1"}, follow=True).content.decode()
    pair.refresh_from_db()
    assert list(pair.sessions.filter(canceled_at=pair.ended_at, called_off_by=ada).order_by("starts_at")) == [
        planned[n] for n in (0, 1, 3, 4)
    ]
    listed = as_(sam).get(reverse("session_list")).content.decode()
    assert "Ada canceled 4 sessions" in listed and "Reschedule, skip or cancel" not in listed
    home = as_(sam).get("/").content.decode()
    assert "ended today by Ada" in home and "canceled" not in home
    room = reverse("pair_detail", args=[pair.pk])
    assert undo in as_(ada).get(room).content.decode()
    assert (
        "Ada ended your mentoring on " in (page_of_sam := as_(sam).get(room).content.decode())
        and undo not in page_of_sam
    )
    assert as_(sam).post(undo).status_code == 404, "only the person who ended it"
    assert sent(clock, minutes=10) == []
    assert "nobody was notified" in as_(ada).post(undo, follow=True).content.decode()
    assert stored(pair) == before and pair in Pair.objects.active(), "and the session that Sam skipped is still skipped"
    assert sent(clock, minutes=20) == [], "nobody is notified of anything"
    audit = AuditEvent.objects.filter(action__startswith="pair end").order_by("pk")
    assert list(audit.values_list("action", "user")) == [
        (AuditEvent.Action.PAIR_ENDED, ada.pk),
        (AuditEvent.Action.PAIR_END_UNDONE, ada.pk),
    ]


def test_the_partner_is_notified_who_ended_the_pair(as_, clock, ada, sam, pair, planned):
    as_(ada).post(reverse("pair_finish", args=[pair.pk]), {"sure": "1"})
    emails = sent(clock, minutes=16)
    [ended_email] = [message for message in emails if message.subject == "Your mentoring with Ada has ended"]
    assert ended_email.to == [sam.email]
    for words in (
        "Ada ended it on Mon, Dec 7.",
        "Your 5 scheduled sessions are canceled. The next one would have been on Fri, Dec 11 at 10:00",
        "You can both still read everything you wrote.",
    ):
        assert words in ended_email.body and words in ended_email.alternatives[0].content
    entries = sorted(message.subject for message in emails if message.to == [sam.email] and message != ended_email)
    assert entries == ["Canceled: session with Ada, Fri, Dec 11, 10:00", "Canceled: sessions with Ada"]
    undo, room = (reverse(name, args=[pair.pk]) for name in ("pair_end_undo", "pair_detail"))
    assert undo not in as_(ada).get(room).content.decode()
    assert "too late" in as_(ada).post(undo, follow=True).content.decode()
    assert not Pair.objects.active().exists() and not pair.sessions.live().exists()


def test_both_are_notified_when_an_admin_ends_the_pair(as_, clock, ada, sam, pair, planned):
    priya = make.admin(pair.program)
    make.session(pair, datetime(2026, 12, 7, 14))
    sent(clock, minutes=2)
    page = reverse("pair_end", args=[pair.pk])
    assert "6 scheduled sessions are canceled" in as_(priya).get(page).content.decode()
    assert reverse("pair_end_undo", args=[pair.pk]) in as_(priya).post(page, follow=True).content.decode()
    ended_emails = [message for message in sent(clock, minutes=2) if "mentoring with" in message.subject]
    assert {message.to[0] for message in ended_emails} == {ada.email, sam.email}
    assert all("Priya Nair, who helps run Engineering mentoring, ended it" in message.body for message in ended_emails)


def test_an_end_cannot_be_undone_after_later_changes(as_, clock, ada, sam, pair, settings):
    undo = reverse("pair_end_undo", args=[pair.pk])
    pair.end(ada)
    Enrollment.objects.get(user=ada).leave(ada)
    assert not pair.may_undo_end(ada)
    as_(ada).post(undo)
    assert not Pair.objects.active().exists(), "Ada left the program"
    Enrollment.objects.filter(user=ada).update(left_at=None)
    Pair.start(None, pair.program, sam, ada)
    as_(ada).post(undo)
    assert Pair.objects.active().count() == 1 and Pair.objects.active().get() != pair, "they are paired again"
    Pair.objects.active().delete()
    planner.plan()
    clock.shift(timedelta(minutes=20))
    assert pair.may_undo_end(ada), "no email could be sent"
    type(sam).objects.filter(pk=sam.pk).update(seen_at=timezone.now())
    assert not pair.may_undo_end(ada), "Sam has been on the pages since"


def test_exit_answers_stay_private(as_, ada, sam, pair):
    url = reverse("exit_answer", args=[pair.pk])
    assert "We will ask you when your mentoring ends" in as_(ada).get(url).content.decode()
    pair.end()
    assert as_(ada).post(url, {"takeaway": "Kept"}).status_code == 422
    as_(ada).post(url, {"rating": 5, "takeaway": "Ask sooner", "would_mentor": "on", "never_again": "on"})
    row = ExitAnswer.objects.get()
    assert (row.rating, row.takeaway, row.would_mentor, row.user) == (5, "Ask sooner", True, ada)
    assert NeverPair.objects.get().other == sam
    assert "Ask sooner" not in as_(sam).get(url).content.decode()
    assert "I would like to mentor" not in as_(sam).get(url).content.decode()


def test_admins_invite_future_mentors_with_one_button(as_, ada, sam, pair):
    admin, page = make.admin(pair.program), reverse("program_detail", args=[pair.program_id])
    pair.end()
    answer = reverse("exit_answer", args=[pair.pk])
    as_(ada).post(answer, {"rating": 5, "takeaway": "Ask sooner", "would_mentor": "on"})
    as_(sam).post(answer, {"rating": 5, "would_mentor": "on"})  # the form does not ask a mentor
    html = as_(admin).get(page).content.decode()
    section = html.split('id="would-mentor"')[1].split("</details>")[0]
    assert "Ada Lind" in section and "Sam Okafor" not in section and "Ask sooner" not in html
    assert "that you would mentor" in as_(ada).get(reverse("admin_visibility", args=[pair.program_id])).content.decode()
    elsewhere = make.admin(make.program("Elsewhere"), "Omar Haddad")
    assert "would-mentor" not in as_(elsewhere).get(reverse("program_list")).content.decode()
    invite = {"role": "mentor", "people": ada.email}
    as_(admin).post(reverse("enrollment_create", args=[pair.program_id]), invite)
    assert pair.program.enrollments.filter(user=ada, role="mentor").exists()
    assert "would-mentor" not in as_(admin).get(page).content.decode(), "the question is shown once"


def test_people_who_declined_are_not_paired_again(as_, ada, sam, pair):
    pair.end()
    as_(ada).post(reverse("exit_answer", args=[pair.pk]), {"rating": 2, "never_again": "on"})
    assert frozenset((ada.pk, sam.pk)) in matching_input(pair.program).never


def test_people_without_a_pair_can_leave_and_rejoin(as_, ada, pair):
    url = reverse("program_leave", args=[pair.program_id])
    assert "Before you leave, end your mentoring with" in as_(ada).get(url).content.decode()
    as_(ada).post(url)
    row = Enrollment.objects.get(user=ada)
    assert row.left_at is None, "not while a pair runs"
    pair.end()
    as_(ada).post(url)
    row.refresh_from_db()
    assert row.left_at
    row.invite_again(pair.mentor)
    row.refresh_from_db()
    assert row.left_at is None and as_(ada).get(reverse("pair_detail", args=[pair.pk])).status_code == 200


def due(kind: str, pair) -> set[tuple[str, str]]:
    people = {person.pk: person for person in pair.people}
    found = KINDS[kind].intents_about([pair.pk]).values()
    return {
        (people[it.recipient_id].first_name, f"{people[it.recipient_id].local(it.due_at):%a, %b %d}") for it in found
    }


def test_reminders_come_four_and_two_weeks_before_the_end_and_after(pair, ada):
    Pair.objects.filter(pk=pair.pk).update(ends_on=MONDAY + timedelta(days=28))
    assert due("ending_plan", pair) == {("Ada", "Mon, Dec 07"), ("Sam", "Mon, Dec 07")}
    assert due("ending_closing", pair) == {("Ada", "Mon, Dec 21"), ("Sam", "Mon, Dec 21")}
    make.session(pair, kind=Session._meta.get_field("kind").choices[-1][0])
    assert due("ending_closing", pair) == set(), "a closing session is planned"
    pair.end()
    assert due("ending_plan", pair) == set()
    assert due("exit_answer", pair) == {
        (name, day) for name in ("Ada", "Sam") for day in ("Tue, Dec 08", "Tue, Dec 15")
    }
    ExitAnswer.record(pair, ada, rating=4)
    assert {name for name, _day in due("exit_answer", pair)} == {"Sam"}


def test_sessions_left_planned_by_older_versions_are_canceled(pair, sam):
    """A migration cancels them, with the next sequence number of each calendar entry."""
    make.session(pair, datetime(2026, 12, 11, 10))
    plan_series(
        pair, sam, TimeSlot(datetime(2026, 12, 15, 10), "Europe/London", 60), Cadence.WEEKLY, until=date(2027, 1, 5)
    )
    other = make.session(make.pair(pair.program, make.user(), make.user()), datetime(2026, 12, 11, 10))
    Pair.objects.filter(pk=pair.pk).update(ended_at=timezone.now())
    import_module("sessions.migrations.0009_canceled_with_the_pair").cancel_what_ended_pairs_had_planned(apps, None)
    assert set(pair.sessions.values_list("canceled_at", flat=True)) == {timezone.now()}
    series = pair.series.get()
    assert pair.sessions.get(series=None).sequence == 1
    assert sum(series.sessions.values_list("sequence", flat=True)) == 1
    other.refresh_from_db()
    assert (other.canceled_at, other.sequence) == (None, 0)
