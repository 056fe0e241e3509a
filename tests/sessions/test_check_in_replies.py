"""Tests requests for help in check-ins and their replies (docs/rules.md, check-ins)."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from reminders import links, planner, sender
from reminders.models import Delivery, Reminder, TopicChoice
from sessions.models import CheckIn
from tests import make

THURSDAY = datetime(2026, 12, 10, 9, tzinfo=UTC)
NOTE = "Lin wants the numbers tomorrow"
ANSWER = "Send her the November figures, I will call you at five"


@pytest.fixture(autouse=True)
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(THURSDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def pair(clock):
    """Sam and Ada, both in London, with no other reminders due."""
    mentor, mentee = (make.user(name, zone="Europe/London") for name in ("Sam Okafor", "Ada Lind"))
    pair = make.pair(mentor=mentor, mentee=mentee)
    make.agreement(pair).sign(mentee)
    make.session(pair, datetime(2026, 12, 20, 10), changed_at=None)
    return pair


@pytest.fixture
def ada(pair):
    return pair.mentee


@pytest.fixture
def sam(pair):
    return pair.mentor


def tick(clock, to: str = "") -> list:
    """Move the clock to that hour of today or "tomorrow", and return the emails sent."""
    if to:
        days = timedelta(to.startswith("tomorrow"))
        hour, minute = map(int, to.split()[-1].split(":"))
        clock.move_to((datetime.now(UTC) + days).replace(hour=hour, minute=minute, second=30))
    before = len(mail.outbox)
    planner.plan()
    sender.send_due()
    return mail.outbox[before:]


def ask(client, pair, answer="help", note=NOTE):
    page = client.post(f"/pairs/{pair.pk}/check-in/", {"answer": answer, "note": note}, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def link_in(message, words: str) -> str:
    return urlsplit(re.search(rf"^{words}: (\S+)$", message.body, re.M)[1]).path


def read(client, url="/") -> str:
    return client.get(url).content.decode()


def test_a_request_for_help_can_be_answered_from_the_email(clock, pair, sam, ada, as_):
    assert "Sam will be notified and can answer you in one line" in ask(as_(ada), pair)
    assert tick(clock, "9:10") == []
    assert "Ada asked for help" in read(as_(sam), "/inbox/")
    [message] = tick(clock, "16:00")
    assert (message.to, message.subject) == ([sam.email], "Ada asked for help")
    assert NOTE not in message.body + message.alternatives[0][0]

    clock.shift(timedelta(minutes=40))
    path, client = link_in(message, "Answer in one line"), Client()
    page = read(client, path)
    assert "Ada asked for help" in page and NOTE not in page
    assert NOTE in read(as_(sam), path)
    assert not CheckIn.objects.get().replied_at, "opening the link changes nothing"
    empty = client.post(path, {"version": 1, "reply": " "})
    assert empty.status_code == 422 and "Write your answer first." in empty.content.decode()
    long = client.post(path, {"version": 1, "reply": "x" * 301})
    assert long.status_code == 422 and "x" * 301 in long.content.decode()
    for _press in range(2):
        answer = client.post(path, {"version": 1, "reply": ANSWER}, follow=True)
        assert "Your answer was sent. Ada will be notified." in answer.content.decode()
    assert ANSWER not in read(client, path), "the link alone does not show it"

    assert tick(clock, "16:50") == [] and "Ada asked for help" not in read(as_(sam), "/inbox/")
    [notice] = tick(clock, "tomorrow 8:30")
    assert (notice.to, notice.subject) == ([ada.email], "Sam answered your check-in")
    assert ANSWER not in notice.body
    for url in ("/", f"/pairs/{pair.pk}/", link_in(notice, "Read the answer")):
        assert ANSWER in read(as_(ada), url), url
        assert ANSWER in read(as_(sam), url), url
    assert tick(clock, "16:00") == tick(clock, "tomorrow 8:30") == []


@pytest.mark.parametrize("page", ["/", "/pairs/{}/", "/pairs/{}/check-in/"])
def test_the_mentor_can_answer_on_each_page_that_shows_it(page, pair, sam, ada, as_):
    ask(as_(ada), pair)
    [check_in], page = pair.check_ins.all(), page.format(pair.pk)
    html = read(as_(sam), page)
    assert NOTE in html and f"/check-ins/{check_in.pk}/reply/" in html
    assert f"/check-ins/{check_in.pk}/reply/" not in read(as_(ada), page)
    form = {"version": 1, "next": page}
    empty = as_(sam).post(f"/check-ins/{check_in.pk}/reply/", form | {"reply": ""})
    assert empty.status_code == 422 and NOTE in empty.content.decode()
    answer = as_(sam).post(f"/check-ins/{check_in.pk}/reply/", form | {"reply": ANSWER})
    assert answer.url == page
    assert f"/check-ins/{check_in.pk}/reply/" not in read(as_(sam), page)


def test_a_second_reply_from_another_device_shows_the_first(pair, sam, ada, as_):
    ask(as_(ada), pair)
    [check_in] = pair.check_ins.all()
    mailed = reverse("email_help", args=[links.token(links.Purpose.HELP, sam, check_in.pk)])
    as_(sam).post(f"/check-ins/{check_in.pk}/reply/", {"version": 1, "reply": "At five"})
    by_link = Client().post(mailed, {"version": 1, "reply": "At six"})
    assert by_link.status_code == 409
    assert "You already answered Ada" in by_link.content.decode() and "At six" in by_link.content.decode()
    assert "At five" not in by_link.content.decode()
    signed_in = as_(sam).post(f"/check-ins/{check_in.pk}/reply/", {"version": 1, "reply": "At six"})
    assert signed_in.status_code == 409
    assert all(text in signed_in.content.decode() for text in ("At five", "At six"))
    assert pair.check_ins.get().reply == "At five"
    as_(sam).post(f"/check-ins/{check_in.pk}/reply/", {"version": 2, "reply": "At six"})
    assert pair.check_ins.get().reply == "At six"


def test_a_changed_note_is_shown_and_the_reply_kept(pair, sam, ada, as_):
    ask(as_(ada), pair)
    [check_in] = pair.check_ins.all()
    ask(as_(ada), pair, note="It is about Noor")
    lost = as_(sam).post(f"/check-ins/{check_in.pk}/reply/", {"version": 1, "reply": ANSWER})
    assert lost.status_code == 409
    page = lost.content.decode()
    assert "It is about Noor" in page and ANSWER in page and "Ada changed this check-in" in page


def test_a_check_in_changed_before_the_window_is_not_emailed(clock, pair, sam, ada, as_):
    ask(as_(ada), pair)
    token = links.token(links.Purpose.HELP, sam, pair.check_ins.get().pk)
    assert tick(clock, "9:10") == []
    ask(as_(ada), pair, answer="on_track", note="")
    assert tick(clock, "16:00") == []
    assert "asked for help" not in read(as_(sam)) + read(as_(sam), "/inbox/")
    late = Client().post(reverse("email_help", args=[token]), {"version": 1, "reply": "Call me"})
    assert late.status_code == 410 and "Call me" in late.content.decode()
    ask(as_(ada), pair)
    assert [message.subject for message in tick(clock, "tomorrow 8:30")] == ["Ada asked for help"]


def test_a_changed_note_is_emailed_once_an_answered_one_stays(clock, pair, sam, ada, as_):
    ask(as_(ada), pair)
    assert len(tick(clock, "16:00")) == 1
    ask(as_(ada), pair, note="It is about Noor")
    assert tick(clock, "tomorrow 8:30") == []
    pair.check_ins.get().add_reply(2, "Noor is back on Monday")
    ask(as_(ada), pair, note="And about Lin")
    assert [(row.note, row.reply) for row in pair.check_ins.all()] == [
        ("And about Lin", ""),
        ("It is about Noor", "Noor is back on Monday"),
    ]
    assert [message.subject for message in tick(clock, "16:00")] == ["Ada asked for help"]


def test_a_session_settles_the_request(clock, pair, sam, ada, as_):
    ask(as_(ada), pair)
    clock.shift(timedelta(hours=2))
    make.session(pair, datetime(2026, 12, 10, 10), held_at=datetime(2026, 12, 10, 11, tzinfo=UTC))
    assert not [message for message in tick(clock, "16:00") if "help" in message.subject]


def test_email_limits_do_not_delay_a_request_for_help(clock, pair, sam, ada, as_):
    for days in range(4):  # four emails about this pair within a week, the last one this morning
        at = THURSDAY - timedelta(days=days, minutes=20)
        delivery = Delivery.objects.create(
            recipient=sam, is_bundle=True, due_at=at, next_try_at=at, sent_at=at, state="sent", message_id=f"<{days}@x>"
        )
        Reminder.objects.create(
            key=f"{days}",
            kind="next_date",
            recipient=sam,
            pair=pair,
            subject="pair:0",
            due_at=at,
            delivery=delivery,
            state="sent",
            was_ignored=False,
        )
    for days in (20, 30, 40):  # and three earlier requests for help were ignored
        at = THURSDAY - timedelta(days=days)
        Reminder.objects.create(
            key=f"{days}",
            kind="help_wanted",
            recipient=sam,
            subject="check_in:0",
            due_at=at,
            state="sent",
            was_ignored=True,
        )
    ask(as_(ada), pair)
    assert [message.subject for message in tick(clock, "16:00")] == ["Ada asked for help"]


def test_a_pause_delays_the_email_until_it_ends(clock, pair, sam, ada, as_):
    pair.pauses.create(from_on=date(2026, 12, 11), resume_on=date(2026, 12, 16))
    clock.move_to(THURSDAY.replace(hour=18))
    ask(as_(ada), pair)
    assert tick(clock) == tick(clock, "tomorrow 8:30") == []
    clock.move_to(datetime(2026, 12, 16, 8, 30, 30, tzinfo=UTC))
    assert [message.subject for message in tick(clock)] == ["Ada asked for help"]


def test_with_emails_turned_off_it_is_in_the_inbox(clock, pair, sam, ada, as_):
    TopicChoice.choose(sam, {"check-ins": "here"})
    ask(as_(ada), pair)
    assert tick(clock, "16:00") == []
    assert "Ada asked for help" in read(as_(sam), "/inbox/")


def test_stuck_is_answered_on_the_page_and_not_emailed(clock, pair, sam, ada, as_):
    ask(as_(ada), pair, answer="stuck")
    assert tick(clock, "16:00") == []
    [check_in] = pair.check_ins.all()
    assert f"/check-ins/{check_in.pk}/reply/" in read(as_(sam), f"/pairs/{pair.pk}/check-in/")
    as_(sam).post(f"/check-ins/{check_in.pk}/reply/", {"version": 1, "reply": ANSWER})
    assert [message.to for message in tick(clock, "tomorrow 8:30")] == [[ada.email]]


def test_the_link_ends_with_the_pair_or_when_links_are_revoked(pair, sam, ada, as_):
    ask(as_(ada), pair)
    pk = pair.check_ins.get().pk
    path = reverse("email_help", args=[links.token(links.Purpose.HELP, sam, pk)])
    links.revoke(sam)
    fresh = reverse("email_help", args=[links.token(links.Purpose.HELP, sam, pk)])
    assert [Client().get(url).status_code for url in (path, fresh)] == [410, 200]
    pair.end()
    form = {"version": 1, "reply": ANSWER}
    assert Client().post(fresh, form).status_code == 410
    assert as_(sam).post(f"/check-ins/{pk}/reply/", form).status_code == 404
    assert not CheckIn.objects.get().replied_at


def test_program_admins_cannot_see_a_request_for_help(clock, pair, ada, as_):
    admin = make.admin(pair.program)
    pages = [f"/programs/{pair.program_id}/{page}" for page in ("", "overview/", "reminders/")]
    ask(as_(ada), pair)
    tick(clock, "9:10")
    for url in pages:
        html = read(as_(admin), url)
        assert "needs help" not in html.replace("pair needs attention", "") and NOTE not in html, url
