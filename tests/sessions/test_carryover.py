"""Tests that agenda items are never lost or duplicated when a session changes."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from sessions.agendas import ensure_templates
from sessions.carryover import carry_over, items_in, undo_carry_over
from sessions.models import AgendaItem, Session
from sessions.planning import next_session
from sessions.time_slot import TimeSlot
from tests import make
from tests.examples import slow_examples


def day(n: int) -> datetime:
    return datetime.combine(timezone.now().date() + timedelta(days=n), datetime.min.time().replace(hour=10))


def wrap_up(session: Session, by) -> None:
    session.closed_at, session.closed_by = timezone.now(), by
    session.save()
    carry_over(session)


def shown(session: Session) -> list[AgendaItem]:
    return list(items_in(session))


@pytest.fixture
def two_sessions(pair):
    return make.session(pair, day(2)), make.session(pair, day(16))


@pytest.mark.django_db
class TestItemStaysOpenAfter:
    def test_a_canceled_session(self, two_sessions, pair, sam):
        first, second = two_sessions
        item = make.topic(pair)
        assert shown(first) == [item] and shown(second) == []
        first.cancel(sam, "Ill")
        assert shown(first) == [] and shown(second) == [item]

    def test_a_moved_session(self, two_sessions, pair, sam):
        first, second = two_sessions
        item = make.topic(pair)
        first.move(sam, TimeSlot(day(30), "Europe/London", 60))
        assert shown(second) == [item]
        first.move(sam, TimeSlot(day(3), "Europe/London", 60))
        assert shown(Session.objects.get(pk=first.pk)) == [item] and shown(second) == []

    def test_a_skipped_session(self, two_sessions, pair, sam):
        first, second = two_sessions
        item = make.topic(pair)
        first.skip(sam)
        assert shown(second) == [item]

    def test_a_duplicate_session(self, pair, sam):
        one, double = make.session(pair, day(2)), make.session(pair, day(2))
        done, kept = make.topic(pair, title="done"), make.topic(pair, title="kept")
        done.discuss(one)
        wrap_up(one, sam)
        assert shown(double) == [kept]
        assert {(item.title, item.outcome_here) for item in shown(one)} == {("done", "discussed"), ("kept", "carried")}

    def test_no_session_at_all(self, pair, ada):
        item = make.topic(pair)
        assert shown(make.session(pair, day(9))) == [item]

    def test_a_session_left_open(self, pair):
        forgotten = make.session(pair, day(-1))
        item, coming = make.topic(pair), make.session(pair, day(6))
        assert shown(coming) == [item] and shown(forgotten) == [item]


@pytest.mark.django_db
class TestCarryingOver:
    def test_closing_counts_items_carried_over(self, two_sessions, pair, sam):
        item = make.topic(pair)
        for session in two_sessions:
            wrap_up(session, sam)
        third = make.session(pair, day(30))
        [again] = shown(third)
        assert (again, again.carried) == (item, 2)

    def test_closing_twice_counts_once_and_undo_reverts_it(self, two_sessions, pair, sam):
        make.topic(pair)
        wrap_up(two_sessions[0], sam)
        carry_over(two_sessions[0])
        assert shown(two_sessions[1])[0].carried == 1
        undo_carry_over(two_sessions[0])
        assert shown(two_sessions[1])[0].carried == 0

    def test_parked_items_are_not_carried_over(self, two_sessions, pair, sam):
        item = make.topic(pair)
        item.park()
        assert shown(two_sessions[0]) == []
        wrap_up(two_sessions[0], sam)
        assert not item.outcomes.exists()

    def test_a_closed_session_keeps_its_outcomes(self, two_sessions, pair, sam):
        item = make.topic(pair, title="As it was called then")
        wrap_up(two_sessions[0], sam)
        item.discuss(two_sessions[1])
        assert [i.outcome_here for i in shown(two_sessions[0])] == ["carried"]
        assert two_sessions[0].outcomes.get().title == "As it was called then"

    def test_a_longer_agenda_needs_no_more_queries(self, two_sessions, pair, django_assert_num_queries):
        for n in range(10):
            make.topic(pair, title=str(n))
        with django_assert_num_queries(4):
            [(item.title, item.created_by.name, item.carried) for item in items_in(two_sessions[0])]


class AgendaMachine(RuleBasedStateMachine):
    """Two people act in any order over several sessions; every item stays in exactly one place."""

    program = None

    def __init__(self):
        super().__init__()
        self.rows = transaction.atomic()
        self.rows.__enter__()
        self.pair = make.pair(self.program)
        self.sessions = [make.session(self.pair, day(2)), make.session(self.pair, day(16))]
        self.expected: dict[int, str] = {}
        self.carried: dict[int, int] = {}

    def teardown(self):
        transaction.set_rollback(True)
        self.rows.__exit__(None, None, None)

    def person(self, mentor: bool):
        return self.pair.mentor if mentor else self.pair.mentee

    def live(self) -> list[Session]:
        return list(Session.objects.filter(pair=self.pair).live().order_by("pk"))

    def pick(self, n: int) -> AgendaItem:
        items = list(self.pair.items.order_by("pk"))
        return items[n % len(items)]

    @rule(mentor=st.booleans(), question=st.booleans())
    def add(self, mentor, question):
        item = AgendaItem.add(self.pair, self.person(mentor), "Why?" if question else "Because")
        self.expected[item.pk], self.carried[item.pk] = "open", 0

    @precondition(lambda self: self.expected)
    @rule(n=st.integers(0, 20), mentor=st.booleans(), verb=st.sampled_from(["discuss", "park", "drop"]))
    def settle(self, n, mentor, verb):
        item, by, session = self.pick(n), self.person(mentor), next_session(self.pair)
        if item.state in ("discussed", "dropped") or (verb == "drop" and not item.droppable(by)):
            return
        item.drop(by, session) if verb == "drop" else getattr(item, verb)(session)
        self.expected[item.pk] = {"discuss": "discussed", "park": "parked", "drop": "dropped"}[verb]

    @precondition(lambda self: self.expected)
    @rule(n=st.integers(0, 20), mentor=st.booleans())
    def reopen(self, n, mentor):
        item = self.pick(n)
        item.reopen()
        self.expected[item.pk] = "open"

    @precondition(lambda self: self.expected)
    @rule(n=st.integers(0, 20), up=st.booleans())
    def reorder(self, n, up):
        item = self.pick(n)
        (item.move_up if up else item.move_down)()

    @rule(n=st.integers(0, 5), verb=st.sampled_from(["move", "cancel", "skip"]), to=st.integers(1, 60))
    def change_plan(self, n, verb, to):
        live = self.live()
        if not live:
            return
        session = live[n % len(live)]
        if verb == "move":
            session.move(self.pair.mentor, TimeSlot(day(to), "Europe/London", 60))
        else:
            getattr(session, verb)(self.pair.mentee)

    @rule(n=st.integers(1, 60))
    def plan(self, n):
        if len(self.live()) < 4:
            make.session(self.pair, day(n))

    @rule()
    def close(self):
        session = next_session(self.pair)
        if session is None:
            return
        settled_here = set(session.outcomes.values_list("item", flat=True))
        wrap_up(session, self.pair.mentor)
        for pk, state in self.expected.items():
            if state == "open" and pk not in settled_here:
                self.carried[pk] += 1

    @invariant()
    def every_item_is_in_exactly_one_place(self):
        states = dict(self.pair.items.values_list("pk", "state"))
        assert states == self.expected
        session = next_session(self.pair)
        agenda = [item.pk for item in items_in(session)] if session else None
        if session:
            assert len(agenda) == len(set(agenda))
            assert {pk for pk in agenda if states[pk] == "open"} == {pk for pk, s in states.items() if s == "open"}
        carried = {item.pk: item.carried for item in self.pair.items.with_carried()}
        assert carried == self.carried


@pytest.mark.django_db
def test_no_order_of_actions_loses_or_duplicates_items():
    AgendaMachine.program = make.program()
    ensure_templates(AgendaMachine.program)
    run_state_machine_as_test(
        AgendaMachine,
        settings=settings(
            max_examples=slow_examples(500),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
