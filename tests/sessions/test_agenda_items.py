"""Tests topics and questions of a pair: permissions, order and outcomes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core.optimistic_locking import Conflict
from goals.models import WorkEvent
from sessions.models import AgendaItem, ItemOutcome
from tests import make

pytestmark = pytest.mark.django_db


def titles(pair) -> list[str]:
    return [item.title for item in AgendaItem.objects.filter(pair=pair).open().in_agenda_order([pair])]


def test_a_question_mark_makes_a_question(pair, ada):
    assert AgendaItem.add(pair, ada, "How did you say no to your first sponsor? ").kind == "question"
    assert AgendaItem.add(pair, ada, "The board presentation").kind == "topic"
    assert AgendaItem.add(pair, ada, "Is this a topic?", kind="topic").kind == "topic"


def test_items_of_near_work_events_come_first_then_the_mentees(pair, sam, ada):
    today = timezone.now().date()
    near = WorkEvent.objects.create(pair=pair, title="Board", happens_on=today + timedelta(days=5))
    past = WorkEvent.objects.create(pair=pair, title="Launch", happens_on=today - timedelta(days=30))
    AgendaItem.add(pair, sam, "Sam's")
    AgendaItem.add(pair, sam, "Sam's about a past event", work_event=past)
    AgendaItem.add(pair, ada, "Ada's")
    AgendaItem.add(pair, sam, "Sam's about the board", work_event=near)
    assert titles(pair) == ["Sam's about the board", "Ada's", "Sam's", "Sam's about a past event"]


def test_moving_up_and_down_swaps_neighbors_and_stops_at_the_ends(pair, ada):
    items = {name: make.topic(pair, title=name) for name in "abc"}  # all at position 0
    items["c"].move_up()
    assert titles(pair) == ["a", "c", "b"]
    items["a"].move_down()
    assert titles(pair) == ["c", "a", "b"]
    items["c"].move_up()
    items["b"].move_down()
    assert titles(pair) == ["c", "a", "b"]


def test_a_mentors_item_never_moves_above_a_mentees(pair, sam):
    make.topic(pair, title="Ada's")
    mine = make.topic(pair, by=sam, title="Sam's")
    mine.move_up()
    assert titles(pair) == ["Ada's", "Sam's"]


def test_a_mentor_can_park_but_not_drop_a_mentees_item(pair, sam, ada):
    item = make.topic(pair, by=ada)
    with pytest.raises(PermissionDenied):
        item.drop(sam)
    assert item not in AgendaItem.objects.droppable_by(sam)
    item.park()
    assert item.state == "parked"
    item.drop(ada)
    assert item.state == "dropped"


def test_either_person_can_drop_a_former_members_item(pair, sam):
    item = make.topic(pair)
    AgendaItem.objects.update(created_by=None)
    item.refresh_from_db()
    assert item in AgendaItem.objects.droppable_by(sam)
    item.drop(sam)


def test_an_action_in_a_session_stores_its_outcome_once(pair, sam):
    session, item = make.session(pair), make.topic(pair)
    item.discuss(session)
    AgendaItem.objects.get(pk=item.pk).discuss(session)
    outcome = session.outcomes.get()
    assert (outcome.outcome, outcome.title) == ("discussed", item.title)


def test_a_stale_action_is_reported(pair, sam, ada):
    item = make.topic(pair)
    stale = AgendaItem.objects.get(pk=item.pk)
    item.drop(ada)
    with pytest.raises(Conflict):
        stale.discuss(make.session(pair))
    assert not ItemOutcome.objects.exists()


def test_reopening_removes_the_outcome_while_the_session_is_open(pair, sam):
    session, item = make.session(pair), make.topic(pair)
    item.park(session)
    item.reopen()
    assert item.state == "open" and not session.outcomes.exists()


def test_reopening_later_keeps_the_outcome_of_a_closed_session(pair, sam):
    session, item = make.session(pair), make.topic(pair)
    item.discuss(session)
    session.closed_at = timezone.now()
    session.save()
    item.reopen()
    assert item.state == "open" and item.settled_at is None
    assert session.outcomes.get().outcome == "discussed"


def test_simultaneous_edits_of_one_item_are_reported(pair, sam, ada):
    item = make.topic(pair)
    item.edit(item.version, title="The board, defended")
    with pytest.raises(Conflict) as lost:
        AgendaItem.objects.get(pk=item.pk).edit(item.version - 1, title="Board")
    assert lost.value.current.title == "The board, defended"
