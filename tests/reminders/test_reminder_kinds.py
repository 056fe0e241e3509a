"""Tests each kind of reminder: when it is due, for whom, and what stops it (docs/rules.md, reminders)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goals.models import Commitment
from mentoring import invitations
from mentoring.models import Agreement, Pair, PulseAnswer
from reminders import planner
from reminders.intents import KINDS, sendable, upcoming_intents
from reminders.models import Reminder, Snooze, Watermark
from sessions import closing
from sessions.models import CheckIn, Session, StatusUpdate
from sessions.time_slot import TimeSlot
from tests import make
from tests.examples import slow_examples

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)  # Sam's morning in London, 14:30 in Kolkata


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def session(pair):
    """Friday, December 4, 10:00 in London, planned long ago."""
    session = make.session(pair, datetime(2026, 12, 4, 10), "Europe/London")
    Session.objects.filter(pk=session.pk).update(created_at=MONDAY - timedelta(days=30))
    return session


def test_the_name_of_each_kind_fits_its_column():
    """SQLite stores longer names, too; PostgreSQL refuses them."""
    longest = Reminder._meta.get_field("kind").max_length
    assert [name for name in KINDS if len(name) > longest] == []


def due(kind: str, row) -> list[tuple[str, str]]:
    """Return who is due a reminder, and when in their time zone."""
    people = {row.mentor, row.mentee} if hasattr(row, "mentor") else {row.pair.mentor, row.pair.mentee}
    by_pk = {person.pk: type(person).objects.get(pk=person.pk) for person in people}
    intents = KINDS[kind].intents_about([row.pk]).values()
    return sorted(
        (by_pk[it.recipient_id].first_name, f"{by_pk[it.recipient_id].local(it.due_at):%a, %b %d, %H:%M}")
        for it in intents
    )


def change(person, **fields):
    type(person).objects.filter(pk=person.pk).update(**fields)


# --- Before and after a session -----------------------------------------------------------------------------


def test_the_mentee_is_asked_two_working_days_before(session, ada):
    assert due("status_update", session) == [("Ada", "Wed, Dec 02, 08:30")]
    change(ada, days_off=[["2026-12-02", "2026-12-02"]])
    assert due("status_update", session) == [("Ada", "Tue, Dec 01, 08:30")]
    change(ada, days_off=[], workdays=[1, 5])
    assert due("status_update", session) == [("Ada", "Fri, Nov 27, 08:30")]


def test_a_shared_update_stops_the_reminder_unless_something_is_due(session, ada):
    StatusUpdate.objects.create(session=session, author=ada, wins="Done", shared_at=timezone.now())
    assert due("status_update", session) == []
    make.commitment(session.pair, due_on=date(2026, 12, 3))
    assert due("status_update", session) == [("Ada", "Wed, Dec 02, 08:30")]


def test_a_session_planned_late_has_no_preparation_reminders(session):
    Session.objects.filter(pk=session.pk).update(created_at=datetime(2026, 12, 3, 20, tzinfo=UTC))
    assert due("status_update", session) == due("session_brief", session) == []


def test_the_mentor_gets_a_brief_the_afternoon_before(session, sam):
    assert due("session_brief", session) == [("Sam", "Thu, Dec 03, 16:00")]
    change(sam, days_off=[["2026-12-03", "2026-12-03"]])
    assert due("session_brief", session) == [("Sam", "Wed, Dec 02, 16:00")]


def test_a_read_update_stops_the_brief(session, sam):
    session.mark_read(sam)
    assert due("session_brief", session) == []


def test_a_person_who_has_not_opened_the_agenda_is_reminded(session, sam):
    assert due("session_soon", session) == [("Ada", "Fri, Dec 04, 13:30"), ("Sam", "Fri, Dec 04, 08:00")]
    session.mark_opened(sam)
    assert due("session_soon", session) == [("Ada", "Fri, Dec 04, 13:30")]
    assert not KINDS["session_soon"].by_email


def test_both_are_asked_about_a_session_left_open(session, sam, ada):
    assert due("did_you_meet", session) == [("Ada", "Mon, Dec 07, 08:30"), ("Sam", "Mon, Dec 07, 08:30")]
    session.answer(ada, met=True)
    assert due("did_you_meet", session) == [("Sam", "Mon, Dec 07, 08:30")]
    ends = {it.expires_at for it in KINDS["did_you_meet"].intents_about([session.pk]).values()}
    assert max(ends) < datetime(2026, 12, 11, 12, tzinfo=UTC), (
        "after three working days it stays unconfirmed, without reminders"
    )


def test_a_canceled_session_has_no_reminders(session, sam):
    session.cancel(sam)
    assert not any(due(kind, session) for kind in ("status_update", "session_brief", "session_soon", "did_you_meet"))


def test_a_moved_session_has_new_reminders(session, sam):
    before = set(KINDS["status_update"].intents_about([session.pk]))
    session.move(sam, TimeSlot(datetime(2026, 12, 9, 10), "Europe/London", 60))
    assert due("status_update", session) == [("Ada", "Mon, Dec 07, 08:30")]
    assert not before & set(KINDS["status_update"].intents_about([session.pk]))


# --- Commitments --------------------------------------------------------------------------------------------

FOUR = ["commitment_soon", "commitment_due", "commitment_overdue", "commitment_last"]


def all_four(commitment) -> list[str]:
    return [when for kind in FOUR for _who, when in due(kind, commitment)]


def made(pair, days_ago: int = 10, **fields):
    commitment = make.commitment(pair, **fields)
    type(commitment).objects.filter(pk=commitment.pk).update(created_at=MONDAY - timedelta(days=days_ago))
    return commitment


def test_commitment_reminders_follow_the_due_date(pair):
    commitment = made(pair, due_on=date(2026, 12, 10))  # a Thursday
    assert all_four(commitment) == [
        "Tue, Dec 08, 08:30",
        "Thu, Dec 10, 08:30",
        "Fri, Dec 11, 08:30",
        "Thu, Dec 17, 08:30",
    ]
    assert {who for kind in FOUR for who, _when in due(kind, commitment)} == {"Ada"}, "the mentor is never copied"


def test_commitment_reminders_are_sent_on_working_days(pair):
    assert all_four(
        made(pair, due_on=date(2026, 12, 13))
    ) == [  # a Sunday: two days before and on the day are one Friday
        "Fri, Dec 11, 08:30",
        "Mon, Dec 14, 08:30",
        "Fri, Dec 18, 08:30",
    ]


def test_the_early_reminder_needs_four_days(pair):
    assert all_four(made(pair, days_ago=-1, due_on=date(2026, 12, 4)))[0] == "Fri, Dec 04, 08:30"


def test_a_reminder_expires_when_the_next_one_is_due(pair):
    commitment = made(pair, due_on=date(2026, 12, 10))
    [soon] = KINDS["commitment_soon"].intents_about([commitment.pk]).values()
    [day] = KINDS["commitment_due"].intents_about([commitment.pk]).values()
    assert soon.expires_at == day.due_at


def test_commitments_in_the_update_reminder_have_no_other(session, pair):
    """For those due within three days before the session, the update replaces reminders up to the due date."""
    assert len(all_four(made(pair, due_on=date(2026, 12, 3)))) == 2
    assert len(all_four(made(pair, due_on=date(2026, 11, 30)))) == 4
    assert len(all_four(made(pair, days_ago=-3, due_on=date(2026, 12, 4)))) == 3, "made after the update was asked for"
    assert len(all_four(made(pair, owner=pair.mentor, due_on=date(2026, 12, 3)))) == 4, "the mentor is not asked there"


def test_done_commitments_and_earlier_due_dates_have_no_reminders(pair, ada):
    commitment = made(pair, due_on=date(2026, 12, 10))
    commitment.complete(ada, 1)
    assert all_four(commitment) == []
    other = made(pair, due_on=date(2026, 12, 10))
    before = {key for kind in FOUR for key in KINDS[kind].intents_about([other.pk])}
    other.renegotiate(ada, 1, date(2026, 12, 17))
    assert not before & {key for kind in FOUR for key in KINDS[kind].intents_about([other.pk])}


# --- Dates and agreements -----------------------------------------------------------------------------------


@pytest.fixture
def fresh(pair):
    type(pair).objects.filter(pk=pair.pk).update(started_on=date(2026, 12, 1))  # a Tuesday
    return type(pair).objects.get(pk=pair.pk)


def test_a_missing_first_date_is_reminded(fresh):
    assert due("first_date", fresh) == [("Ada", "Thu, Dec 03, 08:30"), ("Sam", "Mon, Dec 07, 08:30")]
    make.session(fresh)
    assert due("first_date", fresh) == []


def test_a_missing_next_date_is_reminded(pair, sam):
    past = make.past_session(pair, days=4)  # Thursday 26 November
    past.answer(sam, met=True)
    Session.objects.filter(pk=past.pk).update(closed_at=past.ends_at)
    assert due("next_date", past) == [
        ("Ada", "Mon, Nov 30, 08:30"),
        ("Ada", "Thu, Dec 03, 08:30"),
        ("Sam", "Thu, Dec 03, 08:30"),
    ]
    following = make.session(pair, datetime(2026, 12, 10, 10))
    assert due("next_date", past) == []
    following.cancel(sam)
    assert due("next_date", past)[0] == ("Ada", "Mon, Dec 07, 08:30"), "counted from the day it was canceled"


def test_an_unsigned_agreement_is_reminded(fresh, sam):
    both = [
        ("Ada", "Tue, Dec 08, 08:30"),
        ("Ada", "Tue, Dec 15, 08:30"),
        ("Sam", "Tue, Dec 08, 08:30"),
        ("Sam", "Tue, Dec 15, 08:30"),
    ]
    assert due("agreement", fresh) == both
    Agreement.propose(fresh, sam, based_on=0)
    assert due("agreement", fresh) == both[:2]


def test_check_ins_are_asked_for_halfway_once_turned_on(session, pair, sam, ada):
    past = make.past_session(pair, days=4)  # Thursday 26 November; the next one is Friday 4 December
    past.answer(sam, met=True)
    assert due("check_in", pair) == []
    pair.switch_check_ins(True)
    assert due("check_in", pair) == [("Ada", "Mon, Nov 30, 08:30")]
    CheckIn.record(pair, ada, "stuck", "The numbers")
    assert due("check_in", pair) == []


def test_a_value_is_asked_for_on_its_day_and_once_more(pair, ada):
    one = make.indicator(pair, entered_by="both", every_days=14)  # begun on Monday 30 November
    assert {("Ada", "Mon, Dec 14, 08:30"), ("Sam", "Mon, Dec 14, 08:30")} <= set(due("indicator_due", one))
    assert ("Sam", "Wed, Dec 16, 08:30") in due("indicator_again", one)
    make.reading(one, 3, date(2026, 12, 3))
    asked = due("indicator_due", one)
    assert ("Ada", "Thu, Dec 17, 08:30") in asked and ("Ada", "Mon, Dec 14, 08:30") not in asked, (
        "counted from the last"
    )
    assert ("Sam", "Mon, Dec 14, 08:30") in asked
    assert ("Ada", "Thu, Dec 31, 08:30") in asked, "and again, if nobody answers"
    one.drop(ada)
    assert due("indicator_due", one) == []


def test_computed_and_irregular_indicators_are_not_asked_for(pair):
    assert due("indicator_due", make.indicator(pair, preset="speed", entered_by="both")) == []
    assert due("indicator_due", make.indicator(pair, every_days=None)) == []


def test_the_end_of_a_pause_is_announced_two_days_before(pair):
    pause = pair.pauses.create(from_on=date(2026, 12, 1), resume_on=date(2026, 12, 14))  # a Monday
    assert due("pause_ends", pause) == [("Ada", "Fri, Dec 11, 08:30"), ("Sam", "Fri, Dec 11, 08:30")]


# --- Pauses -------------------------------------------------------------------------------------------------


def test_a_pause_stops_all_but_required_reminders(session, pair, sam):
    pause = pair.pauses.create(from_on=date(2026, 11, 30), resume_on=date(2026, 12, 7))
    assert due("status_update", session) == due("session_brief", session) == []
    assert all_four(made(pair, due_on=date(2026, 12, 2))) == ["Wed, Dec 09, 08:30"]
    assert due("pause_ends", pause)
    closed = make.running_session(pair, next_left_open_at=timezone.now())
    closing.close(closed, sam)
    assert len(due("recap", closed)) == 2


def test_a_snoozed_reminder_returns_once_if_still_true(pair, ada):
    commitment = made(pair, due_on=date(2026, 11, 30))
    snooze = Snooze.objects.create(
        user=ada,
        pair=pair,
        kind="commitment_due",
        subject=f"commitment:{commitment.pk}",
        snoozed_at=MONDAY,
        ends_at=MONDAY + timedelta(days=3),
    )
    assert all_four(commitment) == ["Mon, Dec 07, 08:30"], "nothing due before the snooze ends, then one reminder"
    [again] = KINDS["snoozed"].intents_about([snooze.pk]).values()
    assert again.due_at == MONDAY + timedelta(days=3)
    commitment.complete(ada, 1)
    assert not KINDS["snoozed"].intents_about([snooze.pk])


def test_ended_pairs_and_closed_accounts_have_no_reminders(session, pair, ada):
    commitment = made(pair, due_on=date(2026, 12, 10))
    change(ada, is_active=False)
    assert all_four(commitment) == []
    change(ada, is_active=True)
    pair.end()
    assert all_four(commitment) == due("status_update", session) == due("first_date", pair) == []


def test_a_broken_row_does_not_stop_the_others(pair):
    good = made(pair, due_on=date(2026, 12, 10))
    bad = made(pair, due_on=date(2026, 12, 10))

    class Broken(type(KINDS["commitment_due"])):
        def intents(self, row):
            if row.pk == bad.pk:
                raise ValueError("Mars/X")
            return super().intents(row)

    found = Broken().derive(Broken.rows())
    assert {it.subject_pk for it in sendable(found).values()} == {good.pk}


# --- Any order of changes -----------------------------------------------------------------------------------


HAPPENS = ["move", "cancel", "restore", "zone", "days off", "done", "plan", "wait"]


@settings(
    max_examples=slow_examples(300, usual=10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["move", "cancel", "restore", "zone", "days off", "done", "plan", "wait"]),
            st.integers(0, 9),
        ),
        max_size=12,
    )
)
def test_any_order_of_changes_leaves_the_right_reminders(transactional_db, steps):
    Watermark.objects.all().delete()
    with time_machine.travel(MONDAY, tick=False) as clock:
        pair = make.pair()
        session = make.session(pair, datetime(2026, 12, 4, 10), "Europe/London")
        commitment = make.commitment(pair, due_on=date(2026, 12, 8))
        Commitment.objects.filter(pk=commitment.pk).update(created_at=MONDAY - timedelta(days=30))
        for what, n in steps:
            clock.shift(timedelta(seconds=1))
            apply(what, n, pair, session, commitment, clock)
        clock.shift(timedelta(seconds=1))
        planner.plan()
        mine = Reminder.objects.filter(pair=pair, state=Reminder.State.PLANNED)
        planned = {row.key: (row.due_at, row.expires_at) for row in mine}
        true = {
            it.key: (it.due_at, it.expires_at)
            for kind in KINDS.values()
            for it in sendable(kind.derive(kind.in_reach(timezone.now()))).values()
            if it.pair_id == pair.pk and not (it.expires_at and it.expires_at <= timezone.now())
        }
    assert planned == true


def apply(what: str, n: int, pair, session, commitment, clock) -> None:
    session.refresh_from_db(), commitment.refresh_from_db()
    if what == "move" and session.is_live:
        session.move(pair.mentor, TimeSlot(datetime(2026, 12, 4 + n, 10), "Europe/London", 60))
    elif what == "cancel" and session.is_live:
        session.cancel(pair.mentor)
    elif what == "restore" and session.is_called_off:
        session.restore()
    elif what == "zone":
        make.move_to_zone(pair.mentee, ["Asia/Kolkata", "America/New_York", "Pacific/Apia"][n % 3])
    elif what == "days off":
        pair.mentee.set_days_off([(date(2026, 12, 1 + n), date(2026, 12, 2 + n))] if n % 2 else [])
    elif what == "done" and commitment.is_open:
        commitment.complete(pair.mentee, commitment.version)
    elif what == "plan":
        planner.plan()
    elif what == "wait":
        clock.shift(timedelta(hours=n))


def test_the_pulse_is_asked_on_day_thirty_and_once_more(pair, ada):
    type(pair).objects.filter(pk=pair.pk).update(started_on=date(2026, 11, 10))  # day 30 is Thursday 10 December
    both = {(name, day) for name in ("Ada", "Sam") for day in ("Thu, Dec 10, 08:30", "Mon, Dec 14, 08:30")}
    assert set(due("pair_pulse", pair)) == both
    PulseAnswer.record(pair, ada, date(2026, 12, 10), worthwhile=4, openness=4)
    assert {name for name, _at in due("pair_pulse", pair)} == {"Sam"}


def test_a_match_request_is_sent_at_once_and_once_more(pair, sam):
    request = make.match_request(pair.program, make.user("Nia"), sam)
    it = next(iter(KINDS["match_request"].intents_about([request.pk]).values()))
    assert (it.recipient_id, it.due_at) == (sam.pk, MONDAY)
    again = next(iter(KINDS["match_request_again"].intents_about([request.pk]).values()))
    assert f"{sam.local(again.due_at):%a, %b %d, %H:%M}" == "Wed, Dec 02, 08:30"
    request.reply("no")
    assert not KINDS["match_request"].intents_about([request.pk])


def test_a_person_who_has_not_accepted_gets_only_the_invitation(clock, sam):
    program = make.program()
    make.enrollment(program, sam, "mentor")
    invited = invitations.invite(make.admin(program), program, "mentee", [("Ada Lind", "ada@example.net")])
    ada = invited.enrollments[0].user
    pair = Pair.start(None, program, sam, ada)
    make.past_session(pair)  # "Did you meet?"
    make.session(pair, datetime(2026, 12, 4, 10), "Europe/London")
    make.session(pair, datetime(2026, 11, 30, 20), "Europe/London").cancel(sam)
    for owner in pair.people:
        make.commitment(pair, owner, due_on=date(2026, 12, 10))
    clock.shift(timedelta(minutes=2))

    def kinds_of(person) -> set[str]:
        planner.plan()
        ahead, _suppressions = upcoming_intents(timezone.now(), timedelta(days=45), pairs=[pair])
        planned = Reminder.objects.filter(state=Reminder.State.PLANNED, recipient=person)
        return {it.kind for it in ahead if it.recipient_id == person.pk} | set(planned.values_list("kind", flat=True))

    assert kinds_of(ada) == {"invitation"}
    assert {"did_you_meet", "session_brief", "commitment_due", "calendar_invite"} <= kinds_of(sam)
    assert invited.enrollments[0].accept()
    assert {"status_update", "commitment_due", "calendar_invite"} <= kinds_of(ada)
