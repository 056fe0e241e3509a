"""Tests closing a session: once, with a next date, and with one minute to undo it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from django.utils.translation import override

from core.optimistic_locking import Conflict
from sessions import closing
from sessions.models import ItemOutcome, Session
from sessions.planning import propose_next
from tests import make


@pytest.fixture
def running(pair):
    make.session(pair)  # the next date is known
    return make.running_session(pair)


def test_closing_stores_who_and_when_and_that_it_was_held(running, sam):
    assert closing.close(running, sam)
    running.refresh_from_db()
    assert running.closed_by == sam
    assert running.closed_at
    assert running.held_at
    assert [(answer.user, answer.met) for answer in running.answers.all()] == [(sam, True)]


def test_closing_by_both_people_closes_once(running, sam, ada):
    other_page = Session.objects.get(pk=running.pk)
    assert closing.close(running, sam)
    assert not closing.close(other_page, ada)
    running.refresh_from_db()
    assert running.closed_by == sam
    assert running.answers.count() == 1


def test_closing_needs_a_next_date_or_leaving_it_open(pair, sam):
    session = make.running_session(pair)
    with pytest.raises(closing.NoNextDate):
        closing.close(session, sam)
    session.refresh_from_db()
    assert session.closed_at is None
    closing.leave_next_open(session)
    assert closing.close(session, sam)


def test_a_session_canceled_meanwhile_is_not_closed(running, sam, ada):
    Session.objects.get(pk=running.pk).cancel(ada)
    with pytest.raises(Conflict):
        closing.close(running, sam)
    assert Session.objects.get(pk=running.pk).closed_at is None


def test_open_items_are_carried_over(running, pair, sam):
    left, talked = make.topic(pair, title="Left"), make.topic(pair, title="Talked about")
    talked.discuss(running)
    closing.close(running, sam)
    outcomes = {outcome.title: outcome.outcome for outcome in running.outcomes.all()}
    assert outcomes == {"Left": ItemOutcome.Outcome.CARRIED, "Talked about": ItemOutcome.Outcome.DISCUSSED}
    left.refresh_from_db()
    assert left.state == "open"


def test_the_timer_stops_and_keeps_the_time_of_the_block(running, sam):
    first = running.blocks.first()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        Session.objects.filter(pk=running.pk).update(current_block=first.position, block_started_at=timezone.now())
        clock.shift(timedelta(minutes=7))
        closing.close(running, sam)
    first.refresh_from_db()
    running.refresh_from_db()
    assert first.actual_seconds == 7 * 60
    assert running.current_block is None


def test_the_person_who_closed_can_undo_within_a_minute(running, pair, sam):
    make.topic(pair)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        closing.close(running, sam)
        clock.shift(timedelta(seconds=59))
        assert closing.may_reopen(running, sam)
        assert closing.reopen(running, sam)
    running.refresh_from_db()
    assert running.is_live
    assert running.held_at is None
    assert running.closed_by is None
    assert not running.answers.exists()
    assert not running.outcomes.exists()


def test_after_a_minute_closing_cannot_be_undone(running, sam):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        closing.close(running, sam)
        clock.shift(timedelta(seconds=60))
        assert not closing.may_reopen(running, sam)
        assert not closing.reopen(running, sam)
    running.refresh_from_db()
    assert running.closed_at


def test_only_the_person_who_closed_can_undo(running, sam, ada):
    closing.close(running, sam)
    assert not closing.reopen(running, ada)
    assert Session.objects.get(pk=running.pk).closed_at


def test_undoing_keeps_the_answer_of_the_other_person(running, sam, ada):
    closing.close(running, sam)
    running.answer(ada, met=True, note="It was Tuesday.")
    closing.reopen(running, sam)
    running.refresh_from_db()
    assert [answer.user for answer in running.answers.all()] == [ada]
    assert running.held_at


def test_a_proposal_accepted_by_both_plans_one_session(pair, sam, ada):
    session = make.running_session(pair)
    proposal = propose_next(pair, sam)
    first, second = closing.plan_next(session, sam, proposal), closing.plan_next(session, ada, proposal)
    assert first == second
    assert pair.sessions.count() == 2


def test_a_session_cannot_be_closed_before_it_begins(pair):
    assert not closing.may_close(make.session(pair))
    assert closing.may_close(make.past_session(pair))
    assert closing.may_close(make.running_session(pair))


def test_answering_met_closes_an_open_session(pair, sam):
    make.session(pair)
    item = make.topic(pair)
    past = make.past_session(pair)
    assert closing.record_answer(past, sam, met=True)
    past.refresh_from_db()
    assert past.closed_by == sam
    assert past.held_at
    assert past.outcomes.get().item == item
    assert closing.record_answer(past, sam, met=True)
    assert past.outcomes.count() == 1


def test_met_without_a_next_date_counts_and_asks_for_one(pair, sam):
    past = make.past_session(pair)
    assert not closing.record_answer(past, sam, met=True)
    past.refresh_from_db()
    assert past.held_at
    assert past.closed_at is None


@pytest.mark.parametrize(
    ("answers", "counts", "unconfirmed"),
    [([], False, True), ([True], True, False), ([True, True], True, False), ([True, False], False, True)],
)
def test_sessions_that_count_as_held(pair, answers, counts, unconfirmed):
    past = make.past_session(pair)
    for person, met in zip(pair.people, answers, strict=False):
        past.answer(person, met)
    past.refresh_from_db()
    assert bool(past.held_at) == counts
    assert closing.meeting_answers(past).unconfirmed == unconfirmed


def test_a_session_that_both_deny_was_not_held(pair):
    past = make.past_session(pair)
    for person in pair.people:
        assert closing.record_answer(past, person, met=False)
    past.refresh_from_db()
    answers = closing.meeting_answers(past)
    assert past.held_at is None
    assert past.closed_at is None
    assert not answers.unconfirmed
    assert answers.confirmed_by == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Send the draft to Lin.", "Ada will send the draft to Lin by Thu, Dec 17"),
        ("CV to Lin", "Ada will CV to Lin by Thu, Dec 17"),
        ("a", "Ada will a by Thu, Dec 17"),
    ],
)
def test_a_commitment_is_shown_as_a_sentence(pair, ada, text, sentence):
    commitment = make.commitment(pair, ada, text, due_on=timezone.datetime(2026, 12, 17).date())
    assert closing.as_sentence(commitment) == sentence
    assert closing.as_sentence(commitment, to=ada).startswith("You will ")
    assert closing.as_sentence(commitment, to=pair.mentor) == sentence


def test_a_commitment_keeps_its_capitals_in_other_languages(pair, ada):
    commitment = make.commitment(pair, ada, "Entwurf an Lin schicken")
    with override("de"):
        assert "Entwurf an Lin schicken" in closing.as_sentence(commitment)
