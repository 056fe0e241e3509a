"""Tests the days on which reminder emails are sent, and the days that they name (docs/rules.md, windows)."""

import random
import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.utils.formats import date_format

from accounts.models import User
from accounts.working_hours import instant
from goals.models import Commitment
from mentoring.models import Pair, Pause
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import Delivery, Reminder, Snooze, TopicChoice
from reminders.windows import AFTERNOON, MORNING, in_window
from sessions.models import Session
from sessions.time_slot import TimeSlot
from tests import make

LONDON = ZoneInfo("Europe/London")
Mode = TopicChoice.Mode


@pytest.fixture(autouse=True)
def _mail_server(settings):
    settings.EMAIL_URL = "smtp://localhost"  # set up; sent emails are in the test outbox


@pytest.fixture
def clock(db):
    """Monday, November 30, 2026, 09:15 in London, after the morning window."""
    with time_machine.travel(datetime(2026, 11, 30, 9, 15, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def pair(clock):
    """Sam and Ada, both in London."""
    return make.pair(mentee=make.user("Ada Lind", zone="Europe/London"))


@pytest.fixture
def only(monkeypatch):
    """only("commitment", ...) limits the kinds to those whose names begin so."""

    def choose(*names: str) -> None:
        chosen = {name: kind for name, kind in KINDS.items() if name.startswith(names)}
        monkeypatch.setattr(planner, "KINDS", chosen)

    return choose


def in_london(text: str) -> datetime:
    """ "Thu 3 08:30": that moment in December 2026, or "Mon 30 …" in November."""
    _day, on, clock = text.split()
    return datetime.combine(date(2026, 11 if on == "30" else 12, int(on)), time.fromisoformat(clock), LONDON)


def made(pair, due_on: str, when: datetime | None = None, **fields) -> Commitment:
    """Create a commitment of Ada's at that time, by default long ago."""
    row = make.commitment(pair, due_on=in_london(f"{due_on} 00:00").date(), **fields)
    Commitment.objects.filter(pk=row.pk).update(created_at=when or datetime(2026, 11, 1, tzinfo=UTC))
    return row


def tick(clock, *moments: str) -> None:
    for moment in moments:
        clock.move_to(in_london(moment))
        planner.plan()
        sender.send_due()


def to(person) -> list[str]:
    return [message.subject for message in mail.outbox if message.to == [person.email]]


# --- An unavailable mail server ------------------------------------------------------------------------------


def break_the_server(monkeypatch) -> None:
    def refuse(_connection):
        raise OSError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.open", refuse)


def test_reminders_that_expired_during_an_outage_are_not_sent(clock, pair, only, monkeypatch):
    """On Wednesday noon the update for that day's session has expired; the overdue commitment has not."""
    only("status_update", "commitment_overdue")
    session = make.session(pair, datetime(2026, 12, 9, 10))
    Session.objects.filter(pk=session.pk).update(created_at=datetime(2026, 11, 1, tzinfo=UTC))
    made(pair, "Fri 4", text="Ask Lin")
    with monkeypatch.context() as patch:
        break_the_server(patch)
        tick(clock, "Mon 7 08:30", "Mon 7 11:00", "Mon 7 20:00", "Tue 8 08:30", "Wed 9 08:30", "Wed 9 09:59")
        assert Delivery.objects.exists() and not mail.outbox
    tick(clock, "Wed 9 12:00", "Wed 9 16:00", "Thu 10 08:30")
    assert to(pair.mentee) == ["Not done yet? Ask Lin"]
    assert not any("Before" in message.body for message in mail.outbox)
    assert Reminder.objects.get(kind="status_update").state == Reminder.State.EXPIRED


def test_an_email_leaves_out_only_expired_reminders(clock, pair, only, monkeypatch):
    """Both are in one email at 08:30, but the session has begun when the server accepts it at noon."""
    only("status_update", "commitment_last")
    session = make.session(pair, datetime(2026, 12, 7, 11))
    Session.objects.filter(pk=session.pk).update(created_at=datetime(2026, 11, 1, tzinfo=UTC))
    made(pair, "Mon 30", text="Ask Lin")
    with monkeypatch.context() as patch:
        break_the_server(patch)
        tick(clock, "Mon 7 08:30")
        assert Delivery.objects.get(is_bundle=True).reminders.count() == 2
    tick(clock, "Mon 7 12:00")
    assert to(pair.mentee) == ["New date, or drop it? Ask Lin"]
    assert "11:00" not in mail.outbox[0].body


def test_an_email_delayed_for_days_is_sent_once(clock, pair, only, monkeypatch):
    only("commitment_overdue")
    made(pair, "Fri 4", text="Ask Lin")
    made(pair, "Mon 7", text="Call Noor")
    with monkeypatch.context() as patch:
        break_the_server(patch)
        tick(clock, "Mon 7 08:30", "Mon 7 20:00")
    tick(clock, "Tue 8 08:30", "Tue 8 08:31", "Tue 8 12:00", "Tue 8 16:00")
    assert to(pair.mentee) == ["Not done yet? Ask Lin +1 more"]


# --- Pause and snooze ------------------------------------------------------------------------------------------


@pytest.fixture
def pending(clock, pair, only):
    """Today's email has been sent, so that a commitment due today is pending until tomorrow morning."""
    only("commitment_overdue", "commitment_last", "snoozed")
    made(pair, "Mon 30", text="Ask Lin")
    tick(clock, "Tue 1 08:30")
    late = made(pair, "Mon 30", text="Call Noor")
    tick(clock, "Tue 1 16:00")
    assert to(pair.mentee) == ["Not done yet? Ask Lin"]
    return late


def test_a_pending_reminder_is_sent_the_next_day(clock, pair, pending):
    tick(clock, "Wed 2 08:30")
    assert to(pair.mentee)[1:] == ["Not done yet? Call Noor"]


def test_a_pause_from_tomorrow_stops_a_pending_reminder(clock, pair, pending):
    Pause.objects.create(pair=pair, from_on=date(2026, 12, 2), resume_on=date(2026, 12, 4))
    tick(clock, "Wed 2 08:30", "Wed 2 16:00", "Thu 3 08:30", "Thu 3 16:00")
    assert len(mail.outbox) == 1
    pair.touch()
    tick(clock, "Fri 4 08:30")
    assert to(pair.mentee)[1:] == ["Not done yet? Call Noor"], "it is still true when the pause is over"


def test_a_snooze_delays_a_pending_reminder(clock, pair, pending):
    reminder = Reminder.objects.get(subject=f"commitment:{pending.pk}", kind="commitment_overdue")
    reminder.snooze(in_london("Fri 4 08:30"))
    tick(clock, "Wed 2 08:30", "Wed 2 16:00", "Thu 3 08:30", "Thu 3 16:00")
    assert len(mail.outbox) == 1
    tick(clock, "Fri 4 08:30", "Fri 4 16:00")
    assert to(pair.mentee)[1:] == ["Not done yet? Call Noor"]


# --- Which day is named, and when ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due_on", "emails"),
    [
        ("Sat 5", [("Thu 3", "In two days: Ask Lin"), ("Fri 4", "Tomorrow: Ask Lin")]),
        ("Sun 6", [("Fri 4", "In two days: Ask Lin")]),
        ("Mon 7", [("Fri 4", "By Mon, Dec 7: Ask Lin"), ("Mon 7", "Today: Ask Lin")]),
        ("Thu 3", [("Tue 1", "In two days: Ask Lin"), ("Thu 3", "Today: Ask Lin")]),
    ],
)
def test_an_email_names_the_day_relative_to_sending(clock, pair, only, due_on, emails):
    only("commitment_soon", "commitment_due")
    made(pair, due_on, text="Ask Lin")
    found = []
    for day in ("Tue 1", "Wed 2", "Thu 3", "Fri 4", "Mon 7", "Tue 8"):
        mail.outbox.clear()
        tick(clock, f"{day} 08:30", f"{day} 16:00")
        found += [(day, subject) for subject in to(pair.mentee)]
    assert found == emails


def test_a_commitment_dated_recently_is_not_reminded_early(clock, pair, only):
    """Moved on Wednesday to Friday: two days before has passed, so that the next email is on the day."""
    only("commitment")
    clock.move_to(in_london("Fri 4 13:02"))
    fresh = made(pair, "Tue 8", text="Ask Lin", when=in_london("Fri 4 13:02"))
    tick(clock, "Fri 4 13:04", "Fri 4 16:00", "Mon 7 08:30", "Mon 7 16:00")
    assert not mail.outbox
    tick(clock, "Tue 8 08:30", "Wed 9 08:30")
    assert to(pair.mentee) == ["Today: Ask Lin", "Not done yet? Ask Lin"]
    fresh.refresh_from_db()
    clock.move_to(in_london("Wed 9 11:00"))
    fresh.renegotiate(pair.mentee, fresh.version, date(2026, 12, 11))
    tick(clock, "Wed 9 11:02", "Wed 9 16:00", "Thu 10 08:30", "Thu 10 16:00")
    assert len(mail.outbox) == 2
    tick(clock, "Fri 11 08:30")
    assert to(pair.mentee)[2:] == ["Today: Ask Lin"]


def test_a_session_moved_to_soon_is_not_reminded_early(clock, pair, only):
    only("status_update", "session_brief")
    session = make.session(pair, datetime(2026, 12, 9, 10))
    clock.move_to(in_london("Wed 2 11:00"))
    session.move(pair.mentee, TimeSlot(datetime(2026, 12, 4, 10), "Europe/London", 60))
    tick(clock, "Wed 2 16:00", "Thu 3 08:30")
    assert not mail.outbox
    tick(clock, "Thu 3 16:00")
    assert to(pair.mentor) == ["Your session with Ada, Fri, Dec 4, 10:00"], (
        "the brief for the afternoon before is still to come"
    )
    assert not to(pair.mentee)


def test_the_morning_email_includes_the_afternoons_brief(clock, pair, only):
    """The session is at eight the next morning: the brief would be too late then, and there is one email a day."""
    only("session_brief", "commitment_due")
    session = make.session(pair, datetime(2026, 12, 3, 8))
    Session.objects.filter(pk=session.pk).update(created_at=datetime(2026, 11, 1, tzinfo=UTC))
    made(pair, "Wed 2", text="Ask Lin", owner=pair.mentor)
    tick(clock, "Wed 2 08:30", "Wed 2 16:00", "Thu 3 08:30")
    assert to(pair.mentor) == ["Your session with Ada, Thu, Dec 3, 08:00 +1 more"]


# --- Once a week -------------------------------------------------------------------------------------------------


WEEK = [
    "Mon 7 08:30",
    "Mon 7 16:00",
    *(f"{day} {at}" for day in ("Tue 8", "Wed 9", "Thu 10") for at in ("08:30", "16:00")),
]


def test_the_weekly_email_names_what_is_due_that_week(clock, pair, only):
    only("commitment_", "status_update", "session_brief")
    TopicChoice.choose(pair.mentee, {"commitments": Mode.WEEKLY, "sessions": Mode.WEEKLY})
    made(pair, "Thu 10", text="Ask Lin")
    made(pair, "Thu 17", text="Call Noor")
    session = make.session(pair, datetime(2026, 12, 9, 16))
    Session.objects.filter(pk=session.pk).update(created_at=datetime(2026, 11, 1, tzinfo=UTC))
    tick(clock, "Fri 4 16:00", *WEEK, "Fri 11 08:30")
    [message] = [message for message in mail.outbox if message.to == [pair.mentee.email]]
    assert message.subject == "Prepare for Sam, Wed, Dec 9, 16:00 +1 more"
    assert "By Thu, Dec 10: Ask Lin" in message.body
    assert "Call Noor" not in message.body
    tick(clock, "Mon 14 08:30", "Tue 15 08:30", "Thu 17 08:30")
    assert to(pair.mentee)[1:] == ["Not done yet? Ask Lin +1 more"]
    assert "By Thu, Dec 17: Call Noor" in mail.outbox[-1].body


def test_a_kind_that_became_weekly_names_what_is_due_that_week(clock, pair, only):
    only("commitment_due")
    for n in (17, 18, 19):
        on = date(2026, 11, n)
        row = make.commitment(pair, due_on=on)
        at = datetime.combine(on, time(8, 30), LONDON)
        make.reminder(pair.mentee, row, due_at=at, state=Reminder.State.SENT, was_ignored=True)
        row.drop(pair.mentee, 1)
    made(pair, "Wed 9", text="Ask Lin", when=in_london("Sun 6 12:00"))
    clock.move_to(in_london("Sun 6 12:00"))
    tick(clock, "Sun 6 12:02", *WEEK)
    assert to(pair.mentee) == ["In two days: Ask Lin"]


def test_upcoming_emails_include_the_weekly_one(clock, pair, only, as_):
    only("commitment_")
    TopicChoice.choose(pair.mentee, {"commitments": Mode.WEEKLY})
    made(pair, "Thu 10", text="Ask Lin")
    clock.move_to(in_london("Sun 6 12:00"))
    page = as_(pair.mentee).get("/notifications/upcoming/").content.decode()
    emails = [
        page.index(text)
        for text in (">tomorrow<", ">08:30<", "By Thu, Dec 10: Ask Lin", ">Mon, Dec 14<", "Not done yet?")
    ]
    assert emails == sorted(emails)
    assert page.count("By Thu, Dec 10: Ask Lin") == 1
    tick(clock, "Mon 7 08:30")
    assert to(pair.mentee) == ["By Thu, Dec 10: Ask Lin"]


# --- Many days of many people ------------------------------------------------------------------------------------

ZONES = ["Europe/London", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"]
DAYS = 12
WORDS = {"Today": 0, "Tomorrow": 1, "In two days": 2}


def act(chance: random.Random, pair: Pair, clock) -> None:
    """Let one person do one of several usual actions."""
    person = chance.choice(pair.people)
    today = person.today()
    mine = list(Commitment.objects.open().filter(owner=person, pair=pair).order_by("pk"))
    planned = list(Session.objects.filter(pair=pair).live().filter(started_at=None).order_by("pk"))
    what = chance.choice(["make", "make", "move", "done", "plan", "move session", "pause", "snooze", "weekly", "off"])
    soon = today + timedelta(days=chance.randint(0, 8))
    if what == "make":
        make.commitment(pair, owner=person, text=f"Task {chance.random():.6f}", due_on=soon)
    elif what == "move" and mine:
        row = chance.choice(mine)
        row.renegotiate(person, row.version, soon)
    elif what == "done" and mine:
        row = chance.choice(mine)
        row.complete(person, row.version)
    elif what in ("plan", "move session"):
        start = datetime.combine(today + timedelta(days=chance.randint(1, 6)), time(chance.randint(7, 18)))
        if what == "plan":
            make.session(pair, start, person.zone, created_by=person)
        elif planned:
            chance.choice(planned).move(person, TimeSlot(start, person.zone, 60))
    elif what == "pause" and not pair.pauses.exists():
        Pause.objects.create(pair=pair, from_on=today + timedelta(days=1), resume_on=today + timedelta(days=4))
        pair.touch()
    elif what == "snooze" and (row := Reminder.objects.filter(recipient=person).unread().order_by("pk").first()):
        row.snooze(instant(person, today + timedelta(days=3), MORNING))
    elif what == "weekly":
        TopicChoice.choose(person, {"commitments": chance.choice([Mode.WEEKLY, Mode.AT_ONCE])})
    elif what == "off":
        person.set_days_off([(soon, soon)])


def check_rules(delivery: Delivery, body: str, subject: str, now: datetime) -> None:
    person, reminders = delivery.recipient, list(delivery.reminders.filter(state=Reminder.State.SENT))
    today = person.today()
    assert in_window(person, now), f"{person.local(now)} is outside the windows"
    earlier = Delivery.objects.filter(recipient=person, is_bundle=True, state=Delivery.State.SENT, sent_at__lt=now)
    assert today not in {person.local(other.sent_at).date() for other in earlier}, "a second email on one day"
    for row in reminders:
        assert row.expires_at is None or row.expires_at > now, f"{row} has expired"
        assert not any(pause.covers(today) for pause in Pause.objects.filter(pair=row.pair_id)), f"{row}: in a pause"
        asleep = Snooze.objects.filter(user=person, subject=row.subject, ends_at__gt=now)
        assert row.kind == "snoozed" or not asleep.exists(), f"{row} was snoozed"
    for word, days in WORDS.items():
        for text in re.findall(rf"{word}(?:, [^:]+)?: (Task [\d.]+)", f"{subject}\n{body}"):
            due_on = Commitment.objects.get(text=text).due_on
            assert due_on == today + timedelta(days=days), f"{text} is due {due_on}, {word} on {today}"
    for word, text in re.findall(r"(By [^:]+): (Task [\d.]+)", body):
        assert word == f"By {date_format(Commitment.objects.get(text=text).due_on, 'D, M j')}"


def moments_of(people: list[User], chance: random.Random, start: datetime) -> list[tuple[datetime, bool]]:
    """Return moments in and around each window of each person, and moments at which somebody acts."""
    days = [start.date() + timedelta(days=n) for n in range(DAYS)]
    windows = {instant(person, day, at) for person in people for day in days for at in (MORNING, AFTERNOON)}
    acts = {start + timedelta(minutes=chance.randrange(DAYS * 24 * 60)) for _ in range(10 * len(people))}
    late = {moment + timedelta(minutes=2) for moment in acts}
    return sorted([*((at, False) for at in windows | late if at >= start), *((at, True) for at in acts)])


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.release) for seed in (2, 3, 4, 5))])
def test_many_days_of_many_people_follow_the_rules(db, seed):
    chance = random.Random(seed)
    start = datetime(2027, 3, 10, 6, tzinfo=UTC)  # the clocks change in Los Angeles on the 14th
    with time_machine.travel(start, tick=False) as clock:
        zones = chance.sample(ZONES, 4)
        program = make.program()
        pairs = [
            make.pair(program, make.user(f"M{n}", zone=zones[n]), make.user(f"A{n}", zone=zones[n + 1]))
            for n in range(2)
        ]
        Pair.objects.update(started_on=date(2027, 3, 1))
        people = [person for pair in pairs for person in pair.people]
        seen, sent = 0, 0
        for moment, acts in moments_of(people, chance, start):
            clock.move_to(moment)
            if acts:
                act(chance, Pair.objects.with_people().get(pk=chance.choice(pairs).pk), clock)
                continue
            planner.plan()
            sender.send_due()
            for message in mail.outbox[seen:]:
                delivery = Delivery.objects.select_related("recipient").get(
                    message_id=message.extra_headers["Message-ID"]
                )
                if delivery.is_bundle:
                    sent += 1
                    check_rules(delivery, message.body, message.subject, moment)
            seen = len(mail.outbox)
    assert sent > 10, "a run that sends nothing proves nothing"
