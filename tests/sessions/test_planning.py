"""Tests planning one session or a series, moving, canceling and logging, and the notices to both people."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from goals.default_due_dates import default_due_on
from mentoring.models import Pair
from sessions.agendas import ensure_templates
from sessions.models import NotLive, Session
from sessions.models.session import number_sessions
from sessions.planning import (
    log_meeting,
    next_session,
    next_session_on,
    plan_series,
    plan_session,
    propose_next,
    recent_changes,
    rhythms,
)
from sessions.time_slot import TimeSlot
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)  # a Monday


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(NOW, tick=False):
        yield


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- One session ------------------------------------------------------------------------------------------


def test_a_planned_session_has_the_blocks_of_its_agenda(pair, sam):
    session = plan_session(pair, sam, TimeSlot(at("2027-03-05 10:00"), "Europe/London", 60, "Room 4"))
    assert session.kind == "first"
    assert sum(block.minutes for block in session.blocks.all()) == 60
    assert session.starts_at == datetime(2027, 3, 5, 10, tzinfo=UTC)
    assert session.local_start.hour == 10 and session.place == "Room 4"


def test_a_planned_session_keeps_its_blocks_when_the_template_changes(pair, sam):
    session = plan_session(pair, sam, TimeSlot(at("2027-03-05 10:00"), "Europe/London", 60), kind="standard")
    pair.program.agenda_templates.get(kind="standard", minutes=60).blocks.update(title="Changed")
    assert not session.blocks.filter(title="Changed").exists()


def test_planning_touches_the_pair(pair, sam):
    before = pair.revision
    plan_session(pair, sam, TimeSlot(at("2027-03-05 10:00"), "Europe/London", 60))
    pair.refresh_from_db()
    assert pair.revision > before


# --- A series ---------------------------------------------------------------------------------------------


def test_a_series_keeps_its_local_time_until_the_pair_ends(pair, sam):
    sessions = plan_series(pair, sam, TimeSlot(at("2027-03-05 10:00"), "Europe/London", 60), "2-weekly")
    assert {s.starts_at.astimezone(ZoneInfo("Europe/London")).strftime("%a %H:%M") for s in sessions} == {"Fri 10:00"}
    assert {s.starts_at.hour for s in sessions} == {9, 10}
    assert pair.ends_on - timedelta(days=14) < sessions[-1].planned_date <= pair.ends_on
    assert sessions[0].kind == "first" and sessions[5].kind == "reset" and sessions[-1].kind == "closing"
    assert all(s.blocks.exists() for s in sessions)


def test_a_series_stops_at_its_last_date(pair, sam):
    sessions = plan_series(
        pair, sam, TimeSlot(at("2027-03-05 10:00"), "Europe/London", 60), "weekly", until=date(2027, 3, 26)
    )
    assert [s.planned_for.day for s in sessions] == [5, 12, 19, 26]


def test_entering_a_series_twice_creates_no_duplicates(pair, sam):
    first = plan_series(pair, sam, TimeSlot(at("2027-03-05 10:00"), "Europe/London", 60), "2-weekly")
    assert plan_series(pair, sam, TimeSlot(at("2027-03-05 10:00"), "Europe/London", 60), "2-weekly") == []
    assert pair.sessions.count() == len(first)


def test_changing_a_persons_zone_moves_no_session(pair, sam):
    session = plan_session(pair, sam, TimeSlot(at("2027-03-05 10:00"), "Europe/London", 60))
    make.move_to_zone(sam, "America/New_York")
    assert Session.objects.recompute_times() == 0
    session.refresh_from_db()
    assert session.starts_at == datetime(2027, 3, 5, 10, tzinfo=UTC)


def test_a_new_zone_database_keeps_the_local_time(pair, sam):
    session = plan_session(pair, sam, TimeSlot(at("2027-04-09 10:00"), "Europe/London", 60))
    untouched = plan_session(pair, sam, TimeSlot(at("2027-04-23 10:00"), "Europe/London", 60))
    stale = datetime(2027, 4, 9, 10, tzinfo=UTC)  # as if summer time had just been introduced
    Session.objects.filter(pk=session.pk).update(starts_at=stale, ends_at=stale + timedelta(hours=1))
    call_command("retime_sessions", verbosity=0)
    session.refresh_from_db()
    untouched.refresh_from_db()
    assert session.starts_at == datetime(2027, 4, 9, 9, tzinfo=UTC)
    assert (session.sequence, untouched.sequence) == (1, 0)


# --- Move, cancel, skip, restore --------------------------------------------------------------------------


def test_a_move_keeps_row_and_uid_and_stores_the_old_time(pair, sam):
    session = make.session(pair)
    uid, was = session.uid, session.starts_at
    session.move(sam, TimeSlot(at("2027-03-09 15:00"), "Europe/London", 45), "A customer visit")
    session.refresh_from_db()
    assert (session.uid, session.sequence, session.minutes) == (uid, 1, 45)
    assert session.ends_at - session.starts_at == timedelta(minutes=45)
    move = session.moves.get()
    assert (move.from_at, move.to_at, move.created_by, move.reason) == (was, session.starts_at, sam, "A customer visit")


@pytest.mark.parametrize("over", ["closed_at", "canceled_at", "skipped_at"])
@pytest.mark.parametrize("verb", ["move", "cancel", "skip"])
def test_a_closed_or_canceled_session_cannot_be_changed(pair, sam, over, verb):
    session = make.session(pair, **{over: timezone.now()})
    arguments = [TimeSlot(at("2027-03-09 15:00"), "Europe/London", 60)] if verb == "move" else []
    with pytest.raises(NotLive):
        getattr(session, verb)(sam, *arguments)
    assert not session.moves.exists()


def test_canceling_by_both_cancels_once_with_the_first_reason(pair, sam, ada):
    mine = make.session(pair)
    hers = Session.objects.get(pk=mine.pk)
    hers.cancel(ada, "I am ill")
    with pytest.raises(NotLive):
        mine.cancel(sam, "Travel")
    mine.refresh_from_db()
    assert (mine.reason, mine.called_off_by, mine.sequence) == ("I am ill", ada, 1)


def test_a_canceled_session_can_be_put_back(pair, sam):
    session = make.session(pair)
    session.cancel(sam, "Oops")
    session.restore()
    assert session.is_live and session.reason == "" and session.sequence == 0, "no calendar entry was sent"


def test_a_started_session_that_is_moved_is_no_longer_running(pair, sam):
    session = make.session(pair, started_at=timezone.now(), current_block=2)
    session.move(sam, TimeSlot(at("2027-03-09 15:00"), "Europe/London", 60), "Fire alarm")
    assert not session.is_running and session.current_block is None


# --- Next session -----------------------------------------------------------------------------------------


def test_the_next_session_is_the_running_or_else_the_first(pair):
    make.session(pair, at("2027-02-20 10:00"))  # past, never closed
    soon, later = make.session(pair, at("2027-03-03 10:00")), make.session(pair, at("2027-03-04 10:00"))
    assert next_session(pair) == soon
    Session.objects.filter(pk=later.pk).update(started_at=timezone.now())
    assert next_session(pair) == later


def test_a_session_in_progress_that_nobody_started_is_next(pair):
    begun = make.session(pair, at("2027-03-01 08:30"))
    make.session(pair, at("2027-03-04 10:00"))
    assert next_session(pair) == begun


def test_a_session_past_its_end_is_next_until_closed(pair):
    running = make.session(pair, at("2027-03-01 07:00"), started_at=NOW - timedelta(hours=2))
    make.session(pair, at("2027-03-04 10:00"))
    assert next_session(pair) == running


def test_session_numbers_skip_canceled_sessions(pair):
    make.session(pair, at("2027-02-15 10:00"), closed_at=NOW, held_at=NOW)
    make.session(pair, at("2027-02-22 10:00"), canceled_at=NOW)
    make.session(pair, at("2027-02-23 10:00"), kind="checkin", held_at=NOW, closed_at=NOW)
    third, fourth = make.session(pair, at("2027-03-03 10:00")), make.session(pair, at("2027-03-17 10:00"))
    assert (third.number, fourth.number) == (2, 3)
    numbered = number_sessions(list(Session.objects.filter(pk__in=[third.pk, fourth.pk]).order_by("pk")))
    assert [session.number for session in numbered] == [2, 3]
    assert third.expected_total == 15


def test_the_next_date_keeps_the_local_time_of_the_last_session(pair, sam):
    make.session(pair, at("2027-02-24 16:30"), minutes=45, place="Room 4", closed_at=NOW, held_at=NOW)
    proposal = propose_next(pair, sam)
    assert (proposal.local_start, proposal.minutes, proposal.place) == (at("2027-03-10 16:30"), 45, "Room 4")


def test_the_first_date_is_a_working_day_in_about_a_week(pair, sam):
    with time_machine.travel(datetime(2027, 3, 6, 12, tzinfo=UTC), tick=False):  # a Saturday
        proposal = propose_next(pair, sam)
    assert proposal.local_start == at("2027-03-15 10:00") and proposal.kind == "first"


def test_a_commitment_is_due_before_the_next_session(pair):
    today = date(2027, 3, 1)
    assert next_session_on(pair) is None
    held = make.session(pair, at("2027-02-26 10:00"), closed_at=NOW, held_at=NOW)
    assert default_due_on.ask(pair, today) == held.planned_date + timedelta(days=13)
    make.session(pair, at("2027-03-01 10:00"), started_at=NOW)  # the running session
    make.session(pair, at("2027-03-03 10:00"), canceled_at=NOW)
    make.session(pair, at("2027-03-05 10:00"))
    assert next_session_on(pair) == date(2027, 3, 5)
    assert default_due_on.ask(pair, today) == date(2027, 3, 4)


# --- Logged meetings --------------------------------------------------------------------------------------


def test_a_logged_meeting_counts_as_held_until_it_is_denied(pair, ada):
    session = log_meeting(
        pair, ada, TimeSlot(at("2027-02-26 17:00"), "Asia/Kolkata", 30), "On the train, about the launch"
    )
    session.refresh_from_db()
    assert session.held_at and session.closed_at and session.logged_at and session.closed_by == ada
    assert session.blocks.get().note == "On the train, about the launch"
    session.answer(pair.mentor, met=False)
    assert session.held_at is None


def test_a_meeting_logged_as_the_planned_session_closes_it(pair, ada):
    planned = make.session(pair, at("2027-02-26 10:00"))
    make.topic(pair)
    logged = log_meeting(pair, ada, TimeSlot(at("2027-02-26 11:00"), "Europe/London", 30), planned=planned)
    assert logged.pk == planned.pk and pair.sessions.count() == 1
    assert planned.outcomes.get().outcome == "carried"
    planned.refresh_from_db()
    assert planned.held_at and planned.starts_at.hour == 11 and planned.sequence == 1  # calendars get the new hour


# --- Cadence and changes ----------------------------------------------------------------------------------


def test_the_cadence_of_many_pairs_needs_two_queries(pair, django_assert_num_queries):
    make.session(pair, at("2027-02-12 10:00"), closed_at=NOW, held_at=NOW)
    moved = make.session(pair, at("2027-02-24 10:00"))
    moved.move(pair.mentor, TimeSlot(at("2027-02-26 10:00"), "Europe/London", 60))
    Session.objects.filter(pk=moved.pk).update(closed_at=NOW, held_at=NOW)
    other = make.pair(mentor=pair.mentor, mentee=make.user())
    with django_assert_num_queries(2):
        found = rhythms([pair, other], date(2027, 3, 1))
    assert [t.kind for t in found[pair.pk].ticks][-3:] == ["held", "moved", "next"]
    assert found[other.pk].adherence.percent == 0


def test_a_session_to_come_is_not_missed_where_its_day_is_over(pair):
    """The reader's clock is past midnight; where the session was planned, it is still the day before."""
    session = make.session(pair, at("2027-03-01 10:00") + timedelta(days=400))
    [tick] = [
        one for one in rhythms([pair], session.planned_date + timedelta(days=1))[pair.pk].ticks if one.is_scheduled
    ]
    assert tick.kind == "next" and tick.on == session.planned_date + timedelta(days=1)


def test_only_the_pair_sees_moves_cancellations_and_skips(pair, sam, ada):
    moved, canceled, skipped = (make.session(pair, at(f"2027-03-{day} 10:00")) for day in ("09", "16", "23"))
    moved.move(sam, TimeSlot(at("2027-03-10 10:00"), "Europe/London", 60), "First")
    moved.move(sam, TimeSlot(at("2027-03-11 10:00"), "Europe/London", 60), "Second")
    canceled.cancel(ada, "Ill")
    skipped.skip(sam, "Holiday")
    for person in (sam, ada):
        found = recent_changes(person, Pair.objects.visible_to(person))
        changes = {(c.kind, c.session, c.changed_by, c.reason) for c in found}
        assert changes == {
            ("moved", moved, sam, "Second"),
            ("canceled", canceled, ada, "Ill"),
            ("skipped", skipped, sam, "Holiday"),
        }
    stranger = make.user()
    assert recent_changes(stranger, Pair.objects.visible_to(stranger)) == []
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        assert recent_changes(sam, [pair]) == []


def test_the_first_session_creates_the_programs_templates(pair, sam):
    plan_session(pair, sam, TimeSlot(at("2027-03-05 10:00"), "Europe/London", 60))
    ensure_templates(pair.program)
    assert pair.program.agenda_templates.count() == 7
