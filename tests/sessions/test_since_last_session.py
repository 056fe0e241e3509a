"""Tests the summary of commitments and feedback since the last session."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from goals.models import Commitment
from sessions.models import Session
from sessions.session_room import timer
from sessions.session_room.page import Room
from tests import make

pytestmark = pytest.mark.django_db
LAST = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NOW = LAST + timedelta(days=12)


@pytest.fixture
def session(pair):
    """Plan the second session twelve days after the first; one commitment is done, one moved, one missed."""
    with time_machine.travel(LAST, tick=False):
        first = make.session(pair, datetime(2026, 11, 22, 10, 0), kind="first")
        Session.objects.filter(pk=first.pk).update(held_at=LAST, closed_at=LAST)
        kept = make.commitment(pair, text="Rehearse twice", due_on=date(2026, 11, 27))
        moved = make.commitment(pair, text="Draft to Lin", due_on=date(2026, 11, 28))
        make.commitment(pair, text="Call Noor", due_on=date(2026, 11, 30))
        make.commitment(pair, text="Finish the deck", due_on=date(2026, 12, 20))
        second = make.session(pair, datetime(2026, 12, 4, 10, 0))
    with time_machine.travel(LAST + timedelta(days=3), tick=False):
        kept.complete(pair.mentee, 1)
        moved.renegotiate(pair.mentee, 1, date(2026, 12, 8), "waiting for figures")
        pair.feedback.create(created_by=pair.mentor, happened="Short answers.")
    with time_machine.travel(NOW, tick=False):
        timer.start(second)
        yield second


def since(session):
    return Room(Session.objects.get(pk=session.pk), session.pair.mentor).since


def texts(commitments) -> list[str]:
    return [commitment.text for commitment in commitments]


def test_done_moved_and_missed_commitments_are_counted(session):
    found = since(session)
    assert texts(found.kept) == ["Rehearse twice"]
    assert texts(found.missed) == ["Call Noor"]
    assert texts(found.moved) == ["Draft to Lin"]
    assert (found.days, found.feedback) == (12, 1)


def test_additions_in_this_session_are_not_counted(session, ada):
    made = make.commitment(session.pair, ada, "Made today", due_on=NOW.date())
    session.session_commitments.create(commitment=made)
    session.feedback.create(pair=session.pair, created_by=ada)
    found = since(session)
    assert "Made today" not in texts(found.commitments)
    assert found.feedback == 1


def test_an_undone_move_is_not_counted(session, ada):
    row = Commitment.objects.get(text="Finish the deck")
    row.undo(ada, row.renegotiate(ada, 1, date(2027, 1, 8)))
    assert "Finish the deck" not in texts(since(session).moved)


def test_the_page_shows_the_summary(as_, session, sam):
    html = as_(sam).get(reverse("session_detail", args=[session.pk])).content.decode()
    for words in (
        "Since last time",
        "12 days",
        "1 of 2",
        "not done yet, was due Mon, Nov 30",
        "moved to Tue, Dec 8: “waiting for figures”",
    ):
        assert words in html


def test_the_first_session_has_no_summary(as_, pair, sam):
    first = make.session(pair, kind="first")
    timer.start(first)
    assert since(first) is None
    assert "Since last time" not in as_(sam).get(reverse("session_detail", args=[first.pk])).content.decode()


def test_with_nothing_due_the_summary_is_short(as_, pair, sam):
    with time_machine.travel(NOW, tick=False):
        first = make.session(pair, datetime(2026, 11, 22, 10, 0), kind="first")
        Session.objects.filter(pk=first.pk).update(held_at=LAST, closed_at=LAST)
        second = make.session(pair, datetime(2026, 12, 4, 10, 0))
        timer.start(second)
        assert "Nothing was due." in as_(sam).get(reverse("session_detail", args=[second.pk])).content.decode()
