"""Tests the recap: its content, the answers of both people, and undo within a minute."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from sessions import closing
from sessions.models import Session
from tests import make


@pytest.fixture
def closed(pair):
    return make.closed_session(pair)


def recap(client, session) -> str:
    return client.get(reverse("session_recap", args=[session.pk])).content.decode()


def answer(client, session, met="met", note=""):
    return client.post(reverse("session_answer", args=[session.pk]), {"met": met, "note": note})


def test_the_recap_lists_commitments_topics_and_notes(as_, pair, sam, ada):
    session = make.running_session(pair, takeaway="Ask first")
    closing.create_commitment(
        session, ada, owner=ada, text="Send the draft", due_on=timezone.now().date(), done_when="It is there"
    )
    make.topic(pair, title="Talked about", obstacle="They interrupt me").discuss(session)
    make.topic(pair, title="Left over")
    make.block(session, note="Start from the decision", position=99)
    make.session(pair)
    closing.close(session, sam)
    for person, sentence in ((ada, "You will send the draft"), (sam, "Ada will send the draft")):
        html = recap(as_(person), session)
        for words in (
            sentence,
            "It is there",
            "Ask first",
            "They interrupt me",
            "Left over",
            "Start from the decision",
        ):
            assert words in html


def test_the_recap_is_readable_after_the_pair_ended(as_, closed, ada):
    closed.pair.end()
    assert "What you agreed" in recap(as_(ada), closed)
    assert answer(as_(ada), closed).status_code == 404


def test_undo_is_offered_for_a_minute_to_the_person_who_closed(as_, closed, sam, ada):
    assert "The recap will be sent in a minute" in recap(as_(sam), closed)
    assert "The recap will be sent in a minute" not in recap(as_(ada), closed)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert "The recap will be sent in a minute" not in recap(as_(sam), closed)


def test_undo_leads_back_to_the_wrap_up(as_, closed, sam):
    response = as_(sam).post(reverse("session_reopen", args=[closed.pk]))
    assert response.url == reverse("session_wrap_up", args=[closed.pk])
    assert Session.objects.get(pk=closed.pk).is_live


def test_a_late_undo_is_refused_with_a_message(as_, closed, sam):
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        response = as_(sam).post(reverse("session_reopen", args=[closed.pk]), follow=True)
    assert "stays closed" in response.content.decode()
    assert Session.objects.get(pk=closed.pk).closed_at


def test_a_different_recollection_is_shown_to_both(as_, closed, sam, ada):
    answer(as_(ada), closed, note="The draft goes to Kim, not to Lin.")
    assert "The draft goes to Kim" in recap(as_(sam), closed)
    closed.refresh_from_db()
    assert closed.held_at


def test_contradicting_answers_are_both_shown(as_, closed, sam, ada):
    answer(as_(ada), closed, met="not_held")
    html = recap(as_(sam), closed)
    assert "unconfirmed" in html
    assert "remembers that you met" in html
    assert "remembers that you did not meet" in html
    closed.refresh_from_db()
    assert closed.held_at is None


def test_did_you_meet_yes_closes_or_asks_for_the_next_date(as_, pair, sam):
    past = make.past_session(pair)
    assert answer(as_(sam), past).url == reverse("session_wrap_up", args=[past.pk])
    make.session(pair)
    assert answer(as_(sam), past).url == reverse("session_recap", args=[past.pk])
    past.refresh_from_db()
    assert past.closed_by == sam


def test_did_you_meet_no_is_stored(as_, pair, sam):
    past = make.past_session(pair)
    assert answer(as_(sam), past, met="not_held").url == reverse("session_recap", args=[past.pk])
    assert "did not take place" in recap(as_(sam), past)


def test_future_and_canceled_sessions_cannot_be_answered(as_, pair, sam):
    coming, off = make.session(pair), make.past_session(pair)
    off.cancel(sam)
    for session in (coming, off):
        answer(as_(sam), session)
        assert not session.answers.exists()


def test_an_invalid_answer_is_refused_and_keeps_the_note(as_, closed, ada):
    response = answer(as_(ada), closed, met="perhaps", note="Kim, not Lin")
    assert response.status_code == 422
    assert "Kim, not Lin" in response.content.decode()


def test_minutes_are_compared_from_the_fourth_session(as_, pair, sam):
    for number in range(1, 5):
        session = make.running_session(pair, next_left_open_at=timezone.now())
        make.Session.objects.filter(pk=session.pk).update(
            starts_at=timezone.now() - timedelta(days=10 - number), ends_at=timezone.now() - timedelta(days=9 - number)
        )
        make.block(session, position=99, minutes=12, actual_seconds=600)
        closing.close(session, sam)
        assert ("Planned and actual minutes" in recap(as_(sam), session)) == (number == 4)


def test_many_rows_need_at_most_forty_queries(as_, pair, sam, ada, django_assert_max_num_queries):
    session = make.running_session(pair, next_left_open_at=timezone.now())
    for n in range(6):
        closing.create_commitment(session, ada, owner=ada, text=f"Step {n}", due_on=timezone.now().date())
        make.topic(pair, title=f"Topic {n}")
    closing.close(session, sam)
    client = as_(sam)
    with django_assert_max_num_queries(40):
        recap(client, session)


def test_a_timer_left_running_is_marked(as_, pair, sam):
    for days in (40, 30, 20):
        make.past_session(pair, days=days).answer(sam, met=True)
    session = make.running_session(
        pair, current_block=0, block_started_at=timezone.now(), next_left_open_at=timezone.now()
    )
    with time_machine.travel(timezone.now() + timedelta(hours=20)):
        closing.close(session, sam)
        html = recap(as_(sam), session)
    assert "Timer left running" in html and sum(block.actual_minutes for block in session.blocks.all()) == 120


def test_each_item_is_listed_under_its_outcome(as_, sam, pair):
    make.session(pair)
    session = make.running_session(pair)
    make.topic(pair, sam, title="Talked").discuss(session)
    make.topic(pair, sam, title="Parked one").park(session)
    make.topic(pair, sam, title="Dropped one").drop(sam, session)
    make.topic(pair, sam, title="Left")
    closing.close(session, sam)
    html = as_(sam).get(reverse("session_recap", args=[session.pk])).content.decode()
    order = ["What you talked about", "Talked", ">Parked<", "Parked one", "Carried over to next time", "Left"]
    order += [">Dropped<", "Dropped one"]
    places = [html.index(text) for text in order]
    assert places == sorted(places)
