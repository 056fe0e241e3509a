"""Tests calendar emails to both people, one for each change (docs/rules.md, calendar)."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from mentoring.models import Cadence
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import Delivery, Reminder
from sessions import closing
from sessions.models import Session
from sessions.planning import plan_series
from sessions.time_slot import TimeSlot
from tests import make
from tests.reminders.test_emails import check_form

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)  # a Thursday
LONDON = "Europe/London"


@pytest.fixture(autouse=True)
def _only_calendar_and_short_notice(settings, monkeypatch):
    settings.EMAIL_URL = "smtp://localhost"  # set up; sent emails are in the test outbox
    shown = ("calendar_", "session_moved", "session_canceled", "session_skipped")
    kinds = {name: kind for name, kind in planner.KINDS.items() if name.startswith(shown)}
    monkeypatch.setattr(planner, "KINDS", kinds)


@pytest.fixture
def clock(db):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def sent(clock, seconds: int = 61) -> dict[str, str]:
    """Return what is sent within a minute: subject and method by first name."""
    mail.outbox.clear()
    planner.plan()
    clock.shift(timedelta(seconds=seconds))
    planner.plan()
    sender.send_due()
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox), "one mail each"
    return {message.to[0]: f"{message.subject} | {method(message)}" for message in mail.outbox}


def method(message) -> str:
    return " ".join(re.findall(r"^METHOD:(\w+)", ics(message), re.M))


def ics(message) -> str:
    return "".join(part.content for part in message.alternatives if part.mimetype.startswith("text/calendar"))


def test_planning_moving_and_canceling_each_send_one_email(clock, pair, sam, ada):
    session = make.session(pair, datetime(2026, 12, 4, 10), created_by=sam)
    assert sent(clock, 30) == {}, "nothing within a minute"
    assert sent(clock) == {
        sam.email: "Scheduled: session with Ada, Fri, Dec 4, 10:00 | REQUEST",
        ada.email: "Scheduled: session with Sam, Fri, Dec 4, 15:30 | REQUEST",
    }
    session.move(sam, TimeSlot(datetime(2026, 12, 4, 10), LONDON, 60))
    assert sent(clock, 3600) == {}, "moved to where it was"
    session.move(sam, TimeSlot(datetime(2026, 12, 5, 10), LONDON, 60))
    clock.shift(timedelta(seconds=20))
    session.move(ada, TimeSlot(datetime(2026, 12, 6, 10), LONDON, 60))
    clock.shift(timedelta(seconds=41))
    assert sent(clock, 0) == {}, "the first of two moves is outdated"
    assert set(sent(clock).values()) == {
        "Moved: session with Ada, now Sun, Dec 6, 10:00 | REQUEST",
        "Moved: session with Sam, now Sun, Dec 6, 15:30 | REQUEST",
    }
    session.change_place("Room 4")
    assert all("LOCATION:Room 4" in ics(message) for message in (sent(clock), mail.outbox)[1])
    session.skip(sam)
    assert sent(clock)[ada.email] == "Skipped: session with Sam, Sun, Dec 6, 15:30 | CANCEL"
    session.restore()
    assert sent(clock)[sam.email] == "Updated: session with Ada, Sun, Dec 6, 10:00 | REQUEST"


def test_the_email_has_text_html_and_calendar_parts(clock, pair, sam):
    make.session(pair, datetime(2026, 12, 4, 10))
    sent(clock)
    parts = {part.get_content_type(): part for part in mail.outbox[0].message().walk()}
    assert list(parts) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert parts["text/calendar"].get_content_charset() == "utf-8"
    assert parts["application/ics"].get_filename() == "invite.ics"
    assert parts["application/ics"].get_payload(decode=True).startswith(b"BEGIN:VCALENDAR")


def test_every_email_is_well_formed(clock, pair, sam):
    """Includes a long series with every session changed, between people with long names."""
    type(sam).objects.filter(pk=sam.pk).update(name="Adalbertine" * 15)
    pair.ends_on = date(2027, 12, 1)
    row = plan_series(pair, sam, TimeSlot(datetime(2026, 12, 4, 10), LONDON, 60, "Room 4"), Cadence.WEEKLY)
    alone, taken = make.session(pair, datetime(2026, 12, 3, 10)), []
    for change in (
        lambda: None,
        lambda: [row[n].move(sam, TimeSlot(datetime(2026, 12, 4 + n, 11), "Asia/Kolkata", 45)) for n in range(12)],
        lambda: (row[0].series.cancel_from(sam, row[0]), alone.cancel(sam)),
    ):
        change()
        planner.plan()
        clock.shift(timedelta(seconds=61))
        sender.send_due()
        taken += mail.outbox
        mail.outbox.clear()
    kinds = set(Reminder.objects.filter(state="sent").values_list("kind", flat=True))
    assert kinds == {"calendar_invite", "calendar_cancel", "calendar_series", "calendar_series_end"}
    for message in taken:
        check_form(message, at_most=60_000)  # it contains the whole series twice


def test_sessions_canceled_together_are_restored_together(clock, pair, sam, ada):
    pair.ends_on = date(2027, 1, 8)
    row = plan_series(pair, sam, TimeSlot(datetime(2026, 12, 4, 10), LONDON, 60), Cadence.WEEKLY)
    assert len(sent(clock)) == 2
    row[0].series.cancel_from(sam, row[1])
    row[1].refresh_from_db()
    assert len(row[1].restore_together()) == 5
    assert sent(clock) == {}, "restored within a minute"
    for session in row:
        session.refresh_from_db()
    row[0].series.cancel_from(sam, row[1])
    assert sent(clock)[ada.email].endswith("REQUEST") and "COUNT=1" in ics(mail.outbox[0])
    row[1].refresh_from_db()
    row[1].restore_together()
    assert set(sent(clock)) == {sam.email, ada.email} and "COUNT=6" in ics(mail.outbox[0])


def test_changes_that_were_undone_send_no_email(clock, pair, sam):
    session = make.session(pair, datetime(2026, 12, 4, 10))
    session.cancel(sam)
    assert sent(clock) == {}
    session.restore()
    assert len(sent(clock)) == 2
    session.cancel(sam)
    clock.shift(timedelta(seconds=30))
    session.restore()
    assert sent(clock) == {}
    make.session(pair, datetime(2026, 11, 26, 9))
    assert sent(clock) == {}, "already past"


def test_a_change_on_short_notice_is_one_email(clock, pair, sam, ada):
    session = make.session(pair, datetime(2026, 11, 26, 20), LONDON)
    sent(clock)
    session.move(sam, TimeSlot(datetime(2026, 11, 26, 21), LONDON, 60))
    assert sent(clock) == {
        sam.email: "Moved: session with Ada, now Thu, Nov 26, 21:00 | REQUEST",
        ada.email: "Moved: session with Sam, now Fri, Nov 27, 02:30 | REQUEST",
    }
    session.cancel(ada)
    assert sent(clock) == {
        sam.email: "Canceled: session with Ada, Thu, Nov 26, 21:00 | CANCEL",
        ada.email: "Canceled: session with Sam, Fri, Nov 27, 02:30 | CANCEL",
    }
    sam.set_calendar_mails(False)
    session.restore()
    session.cancel(ada)
    assert sent(clock)[sam.email] == "Canceled: session with Ada, Thu, Nov 26, 21:00 | ", (
        "notified, but without a calendar entry"
    )


@pytest.fixture
def series(clock, pair, sam) -> list[Session]:
    return plan_series(
        pair, sam, TimeSlot(datetime(2026, 11, 26, 20), LONDON, 60), Cadence.TWO_WEEKLY, until=date(2027, 2, 4)
    )


def test_a_series_and_each_of_its_changes_is_one_email(clock, pair, sam, ada, series):
    assert sent(clock) == {
        sam.email: "Scheduled: sessions with Ada from Thu, Nov 26, 20:00 | REQUEST",
        ada.email: "Scheduled: sessions with Sam from Fri, Nov 27, 01:30 | REQUEST",
    }
    assert "Thu, Nov 26, 20:00" in next(m.body for m in mail.outbox if m.to == [sam.email])
    series[2].move(ada, TimeSlot(datetime(2026, 12, 30, 9), LONDON, 60))
    assert set(sent(clock).values()) == {
        "Moved: session with Ada, now Wed, Dec 30, 09:00 | REQUEST",
        "Moved: session with Sam, now Wed, Dec 30, 14:30 | REQUEST",
    }
    assert "RECURRENCE-ID;TZID=Europe/London:20261224T200000" in ics(mail.outbox[0])
    series[0].move(sam, TimeSlot(datetime(2026, 11, 26, 21), LONDON, 60))  # on short notice: not twice
    assert sent(clock)[ada.email] == "Moved: session with Sam, now Fri, Nov 27, 02:30 | REQUEST"
    Session.objects.filter(pk=series[0].pk).update(closed_at=timezone.now())
    pair.touch()
    assert sent(clock) == {}, "they met: nothing new"
    Session.objects.filter(pk=series[0].pk).update(closed_at=None)
    series[3].skip(sam)
    assert sent(clock)[ada.email].startswith("Updated: sessions with Sam"), "the earlier email did not cover this"
    series[0].series.cancel_from(sam, series[0])  # the first on short notice, and with it all others
    assert sent(clock) == {
        sam.email: "Canceled: sessions with Ada | CANCEL",
        ada.email: "Canceled: session with Sam, Fri, Nov 27, 02:30 | CANCEL",
    }


def bodies(clock, seconds: int = 61) -> dict[str, str]:
    """Return what is sent within a minute: the text by address, after checking that the HTML has it too."""
    sent(clock, seconds)
    for message in mail.outbox:
        html = next(part.content for part in message.alternatives if part.mimetype == "text/html")
        for sentence in re.findall(r"^.* (?:moved|canceled|skipped) .*\.$", message.body, re.M):
            assert sentence in html
    return {message.to[0]: message.body for message in mail.outbox}


def test_an_update_of_a_series_names_who_what_and_why(clock, pair, sam, ada, series):
    sent(clock)
    third = f"/sessions/{series[2].pk}/prepare/"
    clock.shift(timedelta(days=1))
    series[2].move(ada, TimeSlot(datetime(2026, 12, 25, 9), LONDON, 60), "Offsite")
    clock.shift(timedelta(seconds=20))
    series[2].move(ada, TimeSlot(datetime(2026, 12, 30, 9), LONDON, 60))
    texts = bodies(clock)
    moved = "Ada moved your session from Thu, Dec 24, 20:00 to Wed, Dec 30, 09:00.\n“Offsite”\n"
    assert moved in texts[sam.email] and third in texts[sam.email]
    assert "You moved your session from Fri, Dec 25, 01:30 to Wed, Dec 30, 14:30.\n“Offsite”\n" in texts[ada.email]
    clock.shift(timedelta(hours=1))
    series[3].move(sam, TimeSlot(datetime(2027, 1, 8, 9), LONDON, 60), "Dentist")
    series[4].cancel(ada, "Vacation")
    series[2].move(sam, TimeSlot(datetime(2026, 12, 31, 9), LONDON, 60))
    series[2].move(ada, TimeSlot(datetime(2026, 12, 30, 9), LONDON, 60))
    texts = bodies(clock)
    assert "Sam moved your session from Fri, Jan 8, 01:30 to Fri, Jan 8, 14:30.\n“Dentist”\n" in texts[ada.email]
    assert f"/sessions/{series[3].pk}/prepare/" in texts[ada.email]
    assert "You canceled your session on Fri, Jan 22, 01:30.\n“Vacation”\n" in texts[ada.email]
    assert "Ada canceled your session on Thu, Jan 21, 20:00." in texts[sam.email]
    assert "Dec 30, 09:00." not in texts[sam.email] and "Dec 31" not in texts[sam.email], (
        "notified before, and moved back"
    )


def test_moves_in_one_action_are_one_sentence(clock, pair, sam, ada, series):
    make.session(pair, datetime(2026, 12, 4, 10), created_by=sam)
    planner.plan()
    clock.shift(timedelta(minutes=2))
    sender.send_due()
    series[1].series.move_from(sam, series[1], TimeSlot(datetime(2026, 12, 11, 18), LONDON, 60), "My new hours")
    texts = bodies(clock)
    assert "Sam moved 5 sessions, the first one from Fri, Dec 11, 01:30 to Fri, Dec 11, 23:30." in texts[ada.email]
    assert "“My new hours”" in texts[ada.email]
    alone = pair.sessions.get(series=None)
    alone.move(sam, TimeSlot(datetime(2026, 12, 5, 10), LONDON, 60), "Train")
    assert "Sam moved your session from Fri, Dec 4, 15:30 to Sat, Dec 5, 15:30.\n“Train”" in bodies(clock)[ada.email]
    alone.cancel(ada, "Ill")
    assert "Ada canceled your session on Sat, Dec 5, 10:00.\n“Ill”" in bodies(clock)[sam.email]
    series[0].move(ada, TimeSlot(datetime(2026, 11, 26, 21), LONDON, 60), "Late call")  # on short notice
    text = bodies(clock)[sam.email]
    assert "Ada moved your session from Thu, Nov 26, 20:00 to Thu, Nov 26, 21:00.\n“Late call”" in text
    series[0].cancel(ada, "No time")
    assert "Ada canceled your session on Thu, Nov 26, 21:00.\n“No time”" in bodies(clock)[sam.email]
    series[5].skip(ada)
    texts = bodies(clock)
    assert "Late call" not in texts[sam.email] and "No time" not in texts[sam.email], "already sent as a short notice"
    assert "Ada skipped your session on " in texts[sam.email]


def test_ending_a_pair_cancels_future_sessions(clock, pair, sam, ada, series):
    make.session(pair, datetime(2026, 12, 4, 10))
    planner.plan()
    clock.shift(timedelta(days=1))
    sender.send_due()
    pair.end()
    mail.outbox.clear()
    for minutes in (14, 2):
        assert not mail.outbox, "there is time to undo it"
        planner.plan()
        clock.shift(timedelta(minutes=minutes))
        sender.send_due()
    subjects = sorted(f"{m.subject} | {method(m)}" for m in mail.outbox if m.to == [sam.email])
    assert subjects == [
        "Canceled: session with Ada, Fri, Dec 4, 10:00 | CANCEL",
        "Updated: sessions with Ada | REQUEST",
    ]
    assert ";COUNT=1" in "".join(map(ics, mail.outbox)), "the past session stays"


def test_turning_calendar_emails_on_again_sends_planned_sessions(clock, pair, sam, ada, as_):
    as_(ada).post(
        "/notifications/", dict.fromkeys(("sessions", "commitments", "check-ins", "indicators", "planning"), "once")
    )
    ada.refresh_from_db()
    assert not ada.calendar_mails
    make.session(pair, datetime(2026, 12, 4, 10))
    assert set(sent(clock)) == {sam.email}
    ada.set_calendar_mails(True)
    assert set(sent(clock)) == {ada.email}


def test_an_upgrade_sends_nothing_for_planned_sessions(clock, pair, sam, ada, series):
    Session.objects.update(changed_at=None)
    old = make.session(pair, datetime(2026, 12, 4, 10), changed_at=None)
    other = make.session(pair, datetime(2026, 12, 8, 10), changed_at=None)
    assert sent(clock) == {}
    other.cancel(sam)
    assert sent(clock) == {}, "it is in no calendar"
    old.move(sam, TimeSlot(datetime(2026, 12, 5, 10), LONDON, 60))
    assert len(sent(clock)) == 2
    series[3].move(sam, TimeSlot(datetime(2027, 1, 8, 10), LONDON, 60))
    assert len(sent(clock)) == 2
    pair.end()
    assert Reminder.objects.filter(kind="calendar_cancel").count() == 0
    planner.plan()
    canceled = Reminder.objects.filter(kind="calendar_cancel").values_list("subject", flat=True)
    assert set(canceled) == {f"session:{old.pk}"}


def test_a_closed_account_gets_no_calendar_email(clock, pair, sam, ada):
    make.session(pair, datetime.combine(timezone.now().date() + timedelta(days=9), time(10)))
    type(ada).objects.filter(pk=ada.pk).update(is_active=False)
    assert set(sent(clock)) == {sam.email}


# --- With the recap of a session ------------------------------------------------------------------------------


@pytest.fixture
def _with_recaps(monkeypatch):
    monkeypatch.setitem(planner.KINDS, "recap", KINDS["recap"])


@pytest.fixture
def wrapped_up(clock, pair, sam, ada, _with_recaps) -> Session:
    """A session that Sam closed half a minute after planning the next one, for December 10."""
    session = make.session(pair, datetime(2026, 11, 26, 11), started_at=NOON)
    planner.plan()
    make.session(pair, datetime(2026, 12, 10, 10), created_by=sam)
    clock.shift(timedelta(seconds=30))
    closing.close(session, sam)
    return session


def test_closing_a_session_sends_each_person_one_email(clock, wrapped_up, pair, sam, ada):
    assert sent(clock, 40) == {}, "the entry waits for the recap"
    assert sent(clock, 30) == {
        sam.email: "Recap with Ada, Thu, Nov 26, 11:00 | REQUEST",
        ada.email: "Recap with Sam, Thu, Nov 26, 16:30 | REQUEST",
    }
    for message in mail.outbox:
        html = next(part.content for part in message.alternatives if part.mimetype == "text/html")
        assert "The attached file updates your calendar." in html and "The attached file" in message.body
    assert "DTSTART;TZID=Europe/London:20261210T100000" in ics(mail.outbox[0])
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    pair.touch()
    assert sent(clock, 3600) == {}, "nothing is sent twice"
    pair.sessions.get(closed_at=None).move(sam, TimeSlot(datetime(2026, 12, 11, 10), LONDON, 60))
    assert sent(clock)[ada.email] == "Moved: session with Sam, now Fri, Dec 11, 15:30 | REQUEST"
    assert "Sam moved your session from Thu, Dec 10, 15:30 to Fri, Dec 11, 15:30." in mail.outbox[1].body
    assert "SEQUENCE:1" in ics(mail.outbox[0])
    pair.sessions.get(closed_at=None).cancel(sam)
    assert sent(clock)[ada.email] == "Canceled: session with Sam, Fri, Dec 11, 15:30 | CANCEL"


def test_a_session_in_a_recap_is_canceled_in_both_calendars(clock, wrapped_up, pair, sam, ada):
    sent(clock)
    pair.sessions.get(closed_at=None).cancel(sam)
    assert {text.rpartition(" ")[2] for text in sent(clock).values()} == {"CANCEL"}
    assert len(mail.outbox) == 2


def test_a_recap_has_no_entry_if_calendar_emails_are_off(clock, wrapped_up, sam, ada):
    ada.set_calendar_mails(False)
    texts = sent(clock)
    assert texts[ada.email] == "Recap with Sam, Thu, Nov 26, 16:30 | "
    assert texts[sam.email].endswith("REQUEST")
    assert "attached file" not in next(message.body for message in mail.outbox if message.to == [ada.email])


def test_a_reopened_session_sends_the_entry_alone(clock, wrapped_up, sam, ada):
    planner.plan()
    clock.shift(timedelta(seconds=20))
    assert closing.reopen(wrapped_up, sam)
    assert sent(clock)[ada.email] == "Scheduled: session with Sam, Thu, Dec 10, 15:30 | REQUEST"
    assert closing.close(wrapped_up, sam)
    assert sent(clock)[ada.email] == "Recap with Sam, Thu, Nov 26, 16:30 | "


def test_a_session_called_off_before_the_recap_is_sent_is_not_in_it(clock, wrapped_up, pair, sam, ada):
    pair.sessions.get(closed_at=None).cancel(sam)
    assert sent(clock)[ada.email] == "Recap with Sam, Thu, Nov 26, 16:30 | "


def test_a_recap_names_who_changed_the_series_and_why(clock, pair, sam, ada, series, _with_recaps):
    sent(clock)
    clock.shift(timedelta(hours=9))
    series[1].move(ada, TimeSlot(datetime(2026, 12, 11, 18), LONDON, 60), "Offsite")
    closing.close(Session.objects.get(pk=series[0].pk), sam)
    text = bodies(clock)[sam.email]
    assert "Ada moved your session from Thu, Dec 10, 20:00 to Fri, Dec 11, 18:00.\n“Offsite”" in text
    assert mail.outbox[0].subject.startswith("Recap with") and method(mail.outbox[0]) == "REQUEST"


def test_only_one_entry_joins_a_recap(clock, wrapped_up, pair, sam, ada):
    """A message has room for one entry, so that calendars accept it; another one is sent by itself."""
    make.session(pair, datetime(2026, 12, 17, 10), created_by=sam)
    mail.outbox.clear()
    planner.plan()
    clock.shift(timedelta(seconds=61))
    planner.plan()
    sender.send_due()
    subjects = sorted(f"{m.subject} | {method(m)}" for m in mail.outbox if m.to == [sam.email])
    assert subjects == [
        "Recap with Ada, Thu, Nov 26, 11:00 | REQUEST",
        "Scheduled: session with Ada, Thu, Dec 17, 10:00 | REQUEST",
    ]
