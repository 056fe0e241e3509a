"""Tests answering from an email: a link and a button, without sign-in; a link alone changes nothing."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from goals.models import Commitment
from reminders import links, planner, sender
from reminders.forms import StatusUpdateForm
from reminders.intents import KINDS
from reminders.links import Purpose
from reminders.models import Delivery, Reminder, TopicChoice
from sessions.models import Session, SessionAnswer, StatusUpdate
from tests import make

MORNING = datetime(2026, 12, 10, 3, 0, 1, tzinfo=UTC)  # 08:30 in Kolkata


@pytest.fixture(autouse=True)
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def commitment(pair):
    commitment = make.commitment(pair, due_on=date(2026, 12, 10))
    Commitment.objects.filter(pk=commitment.pk).update(created_at=MORNING - timedelta(days=20))
    make.agreement(pair).sign(pair.mentee)
    make.session(pair, datetime(2026, 12, 20, 10), changed_at=None)  # already in their calendars
    return commitment


def only_email():
    """Plan and send, and return the only email."""
    planner.plan()
    sender.send_due()
    [message] = mail.outbox
    return message


def links_in(message) -> dict[str, str]:
    """Return the label and path of each link in the text part."""
    found = re.findall(r"^\s*(.+?): (https?://\S+)$", message.body, re.M)
    return {words: urlsplit(url)._replace(scheme="", netloc="").geturl() for words, url in found}


def press(path: str, **data):
    """Open the link without a sign-in and click its button."""
    client = Client(enforce_csrf_checks=True)
    page = client.get(path)
    assert page.status_code == 200, path
    html = page.content.decode()
    form = re.search(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)id="answer"', html, re.S)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', form[2]))
    return client.post(form[1].replace("&amp;", "&"), hidden | data, follow=True)


def test_done_takes_one_link_and_one_button(commitment, ada):
    message = only_email()
    assert message.to == [ada.email]
    assert message.subject == "Today: Send the draft to Lin"
    answer = press(links_in(message)["Done"])
    commitment.refresh_from_db()
    assert commitment.state == "done"
    assert commitment.events.last().created_by == ada
    assert "Done: Send the draft to Lin" in answer.content.decode()
    assert answer.context["user"].is_anonymous, "a link opens no session"


@pytest.mark.parametrize(
    ("words", "data", "state", "kind"),
    [
        ("Partly", {"left": "The figures"}, "open", "partly"),
        ("Move", {"due_on": "2026-12-17"}, "open", "moved"),
        ("Drop", {"reason": ""}, "dropped", "dropped"),
    ],
)
def test_partly_done_move_and_drop_work(commitment, words, data, state, kind):
    press(links_in(only_email())[words], **data)
    commitment.refresh_from_db()
    assert (commitment.state, commitment.events.last().kind) == (state, kind)


def test_an_invalid_date_is_reported_and_input_is_kept(commitment):
    answer = press(links_in(only_email())["Move"], due_on="31 February", reason="Lin is away")
    assert answer.status_code == 422
    assert "Lin is away" in answer.content.decode()
    assert "31 February" in answer.content.decode()
    commitment.refresh_from_db()
    assert commitment.due_on == date(2026, 12, 10)


def test_an_overdue_commitment_is_moved_with_a_reason(commitment):
    links = links_in(only_email())
    assert "overdue" not in Client().get(links["Done"]).content.decode()
    with time_machine.travel("2026-12-12 08:00Z"):
        pages = {
            words: " ".join(Client().get(links[words]).content.decode().split())
            for words in ("Done", "Partly", "Move", "Drop")
        }
        assert all('<span class="pill pill-watch">overdue</span> due Thu, Dec 10' in page for page in pages.values())
        move = pages["Move"]
        assert move.index('name="reason" maxlength="300" required') < move.index('name="to" value="2026-12-13"')
        answer = press(links["Move"], to="2026-12-13")
        assert answer.status_code == 422 and "Why?: This field is required." in answer.content.decode()
        assert press(links["Move"], to="2026-12-09", reason="Lin is away").status_code == 422
        press(links["Move"], to="2026-12-13", reason="Lin is away")
    commitment.refresh_from_db()
    assert commitment.due_on == date(2026, 12, 13)


def test_an_answer_can_be_undone_on_the_same_page(commitment):
    page = press(links_in(only_email())["Done"])
    undo = re.search(r'name="undo" value="(\d+)"', page.content.decode())[1]
    Client().post(page.request["PATH_INFO"], {"undo": undo})
    commitment.refresh_from_db()
    assert commitment.state == "open"


def test_an_earlier_answer_is_shown(commitment, ada):
    link = links_in(only_email())["Done"]
    commitment.complete(ada, 1)
    page = Client().get(link)
    assert page.status_code == 200
    assert "This commitment is settled: done" in page.content.decode()
    assert Client().post(link, {"version": 1}).status_code in (302, 409)
    assert commitment.events.filter(kind="done").count() == 1


def test_opening_every_link_changes_nothing(commitment, pair):
    """A mail scanner follows each of them, three times."""
    past = make.past_session(pair, days=1)
    message = only_email()
    rows = [Commitment, Session, SessionAnswer, StatusUpdate, TopicChoice, Reminder, Delivery]
    before = [list(model.objects.order_by("pk").values()) for model in rows]
    paths = [*links_in(message).values(), f"/m/met/{links.token(Purpose.MET, pair.mentee, past.pk)}/?answer=met"]
    assert len(paths) >= 7
    for path in paths:
        for method in ("head", "get", "get", "get"):
            assert getattr(Client(), method)(path).status_code in (200, 302), path
    assert [list(model.objects.order_by("pk").values()) for model in rows] == before


# --- Access and expiry --------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["expired", "revoked", "new password", "new address", "closed account"])
def test_a_link_ends_with_time_revocation_or_account_changes(commitment, ada, clock, change):
    token = links.token(Purpose.COMMITMENT, ada, commitment.pk)
    if change == "expired":
        clock.shift(timedelta(days=14, seconds=1))
    elif change == "revoked":
        links.revoke(ada)
    elif change == "new password":
        ada.set_password("another one, long enough")
        ada.save()
    else:
        fields = {"email": "new@example.org"} if change == "new address" else {"is_active": False}
        type(ada).objects.filter(pk=ada.pk).update(**fields)
    for method in ("get", "post"):
        answer = getattr(Client(), method)(f"/m/commitment/{token}/", {"version": 1})
        assert answer.status_code == 410
        assert "This link no longer works" in answer.content.decode()
    commitment.refresh_from_db()
    assert commitment.is_open


def test_a_link_is_for_one_purpose_and_one_row(commitment, pair, ada, sam):
    token = links.token(Purpose.COMMITMENT, ada, commitment.pk)
    assert Client().get(f"/m/met/{token}/").status_code == 404
    assert Client().get(f"/m/stop/{token}/").status_code == 404
    assert Client().get(f"/m/commitment/{token[:-1]}x/").status_code == 404
    assert Client().get("/m/commitment/nonsense/").status_code == 404
    not_hers = links.token(Purpose.COMMITMENT, sam, commitment.pk)
    assert Client().get(f"/m/commitment/{not_hers}/").status_code == 410
    elsewhere = make.commitment(make.pair())
    assert Client().get(f"/m/commitment/{links.token(Purpose.COMMITMENT, ada, elsewhere.pk)}/").status_code == 410
    pair.end()
    assert Client().get(f"/m/commitment/{token}/").status_code == 410


# --- Did you meet? ------------------------------------------------------------------------------------------


@pytest.fixture
def met(pair, ada):
    past = make.past_session(pair, days=1)
    return past, f"/m/met/{links.token(Purpose.MET, ada, past.pk)}/"


def test_we_met_is_stored(met, ada):
    session, path = met
    press(f"{path}?answer=met")
    assert session.answers.get().met
    session.refresh_from_db()
    assert session.held_at
    assert session.closed_at is None, "its next date is still to be entered"


def test_we_did_not_meet_is_stored(met):
    session, path = met
    press(f"{path}?answer=not-held")
    assert not session.answers.get().met


def test_a_session_can_be_moved_from_the_email(met, ada):
    session, path = met
    press(f"{path}?answer=moved", on="2026-12-15", at="15:30")
    session.refresh_from_db()
    assert ada.local(session.starts_at).strftime("%d %H:%M") == "15 15:30"
    assert session.moves.get().created_by == ada


def test_moving_to_a_time_with_a_warning_asks_again(met):
    session, path = met
    answer = press(f"{path}?answer=moved", on="2026-12-01", at="15:30")
    assert answer.status_code == 422
    assert not session.moves.exists()
    sure = re.search(r'name="sure" value="([^"]+)"', answer.content.decode())[1]
    press(f"{path}?answer=moved", on="2026-12-01", at="15:30", sure=sure)
    assert session.moves.exists()


# --- The update ---------------------------------------------------------------------------------------------


@pytest.fixture
def update(pair, ada):
    session = make.session(pair, datetime(2026, 12, 11, 10))
    return session, f"/m/update/{links.token(Purpose.UPDATE, ada, session.pk)}/"


def test_an_update_is_written_and_shared_through_the_link(update):
    _session, path = update
    answer = press(path, wins="Sent the draft", blocks="", deadlines="Board on Friday")
    stored = StatusUpdate.objects.get()
    assert (stored.wins, stored.deadlines) == ("Sent the draft", "Board on Friday")
    assert stored.shared_at
    assert "Your update is shared" in answer.content.decode()
    assert "Sent the draft" not in answer.content.decode()


def test_a_draft_is_not_shown_through_the_link(update, ada):
    session, path = update
    StatusUpdate.objects.create(session=session, author=ada, wins="CANARY")
    page = Client().get(path).content.decode()
    assert "CANARY" not in page
    assert "sign in to continue" in page
    Client().post(path, {"wins": "Somebody else"})
    assert StatusUpdate.objects.get().wins == "CANARY"


def test_a_draft_begun_elsewhere_is_not_overwritten(update, ada, monkeypatch):
    session, path = update
    original = StatusUpdateForm.share

    def share(form, *args):
        StatusUpdate.objects.create(session=session, author=ada, wins="Begun elsewhere")
        return original(form, *args)

    monkeypatch.setattr(StatusUpdateForm, "share", share)
    answer = press(path, wins="Typed here")
    assert answer.status_code == 409
    assert "Typed here" in answer.content.decode()
    assert "Begun elsewhere" not in answer.content.decode()
    assert StatusUpdate.objects.get().wins == "Begun elsewhere"


def test_too_long_text_is_reported_and_kept(update):
    answer = press(update[1], wins="x" * 20_001)
    assert answer.status_code == 422
    assert "x" * 20_001 in answer.content.decode()
    assert not StatusUpdate.objects.exists()


def test_a_check_in_is_sent_through_the_link(pair, ada, as_):
    make.commitment(pair, text="Wrote to Lin").complete(ada, 1)
    path = f"/m/check-in/{links.token(Purpose.CHECK_IN, ada, pair.pk)}/"
    assert "Wrote to Lin" not in Client().get(f"{path}?answer=stuck").content.decode()
    assert "Wrote to Lin" in as_(ada).get(f"{path}?answer=stuck").content.decode()
    answer = press(f"{path}?answer=stuck", answer="stuck", note="The numbers")
    assert "Sam sees it when preparing" in answer.content.decode()
    check_in = pair.check_ins.get()
    assert (check_in.answer, check_in.note, check_in.created_by) == ("stuck", "The numbers", ada)
    assert press(path, answer="nonsense").status_code == 422


# --- Unsubscribe ---------------------------------------------------------------------------------------------


def test_an_email_client_unsubscribes_with_one_request(commitment, ada, clock):
    """RFC 8058: POST without cookie or CSRF token answers 200 without redirect, and applies at the next tick."""
    message = only_email()
    [url] = re.findall(r"<(.*)>", message.extra_headers["List-Unsubscribe"])
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = urlsplit(url).path
    assert Client().get(path).status_code == 200
    assert not TopicChoice.objects.exists()
    clock.shift(timedelta(days=400))
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert set(TopicChoice.of(ada).values()) == {"here"}


def test_after_unsubscribing_reminders_are_only_on_pages(commitment, ada, as_):
    TopicChoice.stop_mail(ada)
    planner.plan()
    assert sender.send_due() == 0
    assert "Today, Thu, Dec 10: Send the draft to Lin" in as_(ada).get("/inbox/").content.decode()


def test_unsubscribing_stops_a_pending_email(commitment, ada):
    planner.plan()
    sender.pack()
    TopicChoice.stop_mail(ada)
    assert sender.send_due() == 0
    assert mail.outbox == []
    assert Reminder.objects.visible_to(ada).unread().exists()


def test_each_reminder_email_explains_why_and_how_to_get_fewer(commitment):
    message = only_email()
    for text in (message.body, message.alternatives[0].content):
        assert "You get this because you set this date." in text
        assert "/m/stop/" in text
        assert "/notifications/" in text
    assert message.alternatives[0].content.count('class="action"') == 1


# --- Rechecks before sending --------------------------------------------------------------------------------


def test_a_commitment_done_meanwhile_sends_no_email(commitment, ada):
    """Planned and packed, then done: the last check before sending notices it."""
    planner.plan()
    sender.pack()
    assert Delivery.objects.get().is_bundle
    commitment.complete(ada, 1)
    assert sender.send_due() == 0
    assert mail.outbox == []


def test_a_changed_time_zone_postpones_the_email(commitment, ada):
    planner.plan()
    sender.pack()
    type(ada).objects.filter(pk=ada.pk).update(zone="Asia/Karachi", touched_at=timezone.now())
    assert sender.send_due() == 0
    planner.plan()
    reminder = Reminder.objects.get(kind="commitment_due")
    assert reminder.state == "planned"
    assert reminder.due_at == datetime(2026, 12, 10, 3, 30, tzinfo=UTC)


def test_an_email_delayed_until_night_is_sent_in_the_morning(commitment, ada, clock):
    planner.plan()
    sender.pack()
    clock.shift(timedelta(hours=12))  # 20:30
    assert sender.send_due() == 0
    assert Delivery.objects.get().next_try_at == datetime(2026, 12, 11, 3, 0, tzinfo=UTC)


def test_three_ignored_reminders_of_a_kind_make_it_weekly(pair, ada, clock):
    make.agreement(pair).sign(pair.mentee)
    make.session(pair, datetime(2027, 3, 1, 10), changed_at=None)
    for n in range(4):
        one = make.commitment(pair, due_on=date(2026, 12, 10) + timedelta(days=7 * n), text=f"Number {n}")
        Commitment.objects.filter(pk=one.pk).update(created_at=MORNING - timedelta(days=20))
    kinds = []
    for _day in range(30):
        mail.outbox.clear()
        planner.plan()
        sender.send_due()
        kinds += [(timezone.now().strftime("%d"), message.subject) for message in mail.outbox]
        clock.shift(timedelta(days=1))
    on_their_day = [day for day, subject in kinds if subject.startswith("Today")]
    assert on_their_day == ["10", "17", "24"]
    assert ("28", "By Thu, Dec 31: Number 3") in kinds, "the fourth is named in the email of its Monday"


def test_visiting_the_site_counts_as_not_ignoring(commitment, ada, clock):
    only_email()
    clock.shift(timedelta(hours=5))
    type(ada).objects.filter(pk=ada.pk).update(seen_at=timezone.now())
    clock.shift(timedelta(days=3))
    planner.plan()
    assert Reminder.objects.get(kind="commitment_due").was_ignored is False


def test_a_mentor_sees_whose_value_is_asked_for(pair, sam, ada, as_):
    """Sam has two mentees with the same indicator, so his email and both pages name Ada; hers do not."""
    one = make.indicator(pair, "How sure I feel", entered_by="both", every_days=14)
    intents = {it.recipient_id: it for it in KINDS["indicator_due"].intents_about([one.pk]).values()}
    to_sam = KINDS["indicator_due"].email(sam, intents[sam.pk])
    assert to_sam.subject == to_sam.title == "Add a value for Ada: How sure I feel"
    assert KINDS["indicator_due"].email(ada, intents[ada.pk]).title == "Add a value: How sure I feel"
    for page in (to_sam.url, to_sam.page):
        assert "For Ada" in as_(sam).get(urlsplit(page).path).content.decode()
