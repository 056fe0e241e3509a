"""However two people change a commitment, its history adds up and it has exactly one owner."""

from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from time_machine import travel

from core.optimistic_locking import Conflict
from goals.models import Commitment
from tests import make
from tests.examples import slow_examples

VERBS = ("complete", "complete_partly", "renegotiate", "drop", "reword", "split", "undo")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.booleans(),  # True: by the mentor; False: by the mentee
        st.integers(-1, 0),  # from an old version or the current one
        st.integers(0, 9),  # days: shifts a date or the clock
    ),
    max_size=12,
)


def step(commitment, by, version, verb, days):
    """Take one step as a view would. A conflict must change nothing."""
    today = commitment.owner.today()
    action = {
        "complete": lambda: commitment.complete(by, version, today - timedelta(days=days)),
        "complete_partly": lambda: commitment.complete_partly(by, version, f"{days} pages"),
        "renegotiate": lambda: commitment.renegotiate(by, version, today + timedelta(days=days)),
        "drop": lambda: commitment.drop(by, version, "no need"),
        "reword": lambda: commitment.reword(by, version, owner=commitment.pair.other(commitment.owner)),
        "split": lambda: commitment.split(by, version, [("one", today), ("two", today + timedelta(days=days))]),
        "undo": lambda: commitment.undo(by, commitment.events.last()),
    }[verb]
    before = facts(commitment), commitment.events.count()
    try:
        action()
    except Conflict:
        assert (facts(Commitment.objects.get(pk=commitment.pk)), commitment.events.count()) == before


def facts(commitment) -> tuple:
    return commitment.state, commitment.due_on, commitment.left_to_do, commitment.owner_id


def facts_from_history(commitment, events, owner_id) -> tuple:
    """The same facts, computed from the history alone."""
    state, due_on, left = "open", None, ""
    for event in events:
        if event.undone_at:
            continue
        due_on = event.new_due_on
        if event.kind in ("done", "dropped", "split"):
            state = event.kind
        elif event.kind == "partly":
            left = event.note
        elif event.kind == "reworded":
            owner_id = commitment.pair.mentor_id if owner_id == commitment.pair.mentee_id else commitment.pair.mentee_id
    return state, due_on, left, owner_id


@pytest.mark.django_db
@given(steps=STEPS)
@settings(
    max_examples=slow_examples(5_000, usual=25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_history_adds_up(steps):
    with travel("2026-12-07 10:00Z", tick=False) as clock:
        pair = make.pair()
        commitment = make.commitment(pair)
        owner_id = commitment.owner_id
        for verb, mentor, back, days in steps:
            clock.shift(timedelta(minutes=4 * days))
            commitment = Commitment.objects.get(pk=commitment.pk)
            step(commitment, pair.mentor if mentor else pair.mentee, commitment.version + back, verb, days)
        commitment = Commitment.objects.get(pk=commitment.pk)
        events = list(commitment.events.order_by("pk"))
        assert facts(commitment) == facts_from_history(commitment, events, owner_id)
        assert commitment.owner_id in (pair.mentor_id, pair.mentee_id)
        assert (commitment.settled_at is None) == (commitment.state == "open")
        undone = sum(event.undone_at is not None for event in events)
        assert commitment.version == len(events) + undone  # each step and each undo is one change
        assert events[0].kind == "made"
        if commitment.state != "split":
            assert not commitment.parts.exclude(state="dropped").exists()


@pytest.mark.django_db
@given(days=st.integers(-3, 3), hour=st.integers(0, 23))
@settings(
    max_examples=slow_examples(5_000, usual=20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_commitment_is_late_in_its_owners_time_zone(days, hour):
    with travel("2026-12-01 10:00Z", tick=False):
        pair = make.pair()
        commitment = make.commitment(pair, due_on=pair.mentee.today() + timedelta(days=9))
    with time_machine.travel(f"2026-12-{10 + days} {hour:02}:00Z", tick=False):
        event = commitment.complete(pair.mentor, 1)
        assert event.effective_on == pair.mentee.today()
        assert event.late == (pair.mentee.today() > commitment.due_on)
