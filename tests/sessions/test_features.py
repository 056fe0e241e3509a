"""Tests which features appear in sessions 1 to 4 of a pair."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from sessions import closing
from sessions.models import Session
from sessions.session_room import timer
from sessions.session_room.features import features_for
from tests import make

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 11, 6, 10, 0, tzinfo=UTC)


def test_features_match_the_table():
    shown = {n: {name for name, yes in vars(features_for(n)).items() if yes} for n in (1, 2, 3, 4, 12)}
    second = {"status_update", "since_last_time", "obstacle_first", "rating"}
    assert shown == {
        1: set(),
        2: second | {"goal_lines"},
        3: second | {"milestones"},
        4: second | {"balance"},
        12: second | {"balance", "milestones"},
    }


@pytest.fixture
def walk(as_, pair, sam):
    """walk() holds sessions in order and yields each number with the pages of its blocks."""

    def sessions():
        make.goal(pair, why="", measure="")
        make.topic(pair, obstacle="")
        make.topic(pair, block_type="apply", title="The launch")
        for number in range(1, 5):
            at = FIRST + timedelta(days=14 * (number - 1))
            with time_machine.travel(at, tick=False):
                session = make.session(pair, at.replace(tzinfo=None), kind="first" if number == 1 else "standard")
                timer.start(session)
                pages = {}
                for block in session.blocks.all():
                    Session.objects.filter(pk=session.pk).update(current_block=block.position)
                    pages[block.role] = as_(sam).get(reverse("session_detail", args=[session.pk])).content.decode()
                yield number, pages
                timer.stop(session)
                Session.objects.filter(pk=session.pk).update(closed_at=at, held_at=at)

    return sessions


def test_each_session_shows_the_features_of_its_number(walk):
    found = {}
    for number, pages in walk():
        every = "".join(pages.values())
        assert f"Session {number} with Ada" in every
        found[number] = {
            "since": "Since last time" in every,
            "gate": "Opens once you have named the obstacle." in every,
            "balance": "room-balance" in every,
            "status": "Write it now" in every,
            "goal lines": "and how you will know" in every,
            "still right": ">Still right?</h3>" in every,
            "hopes": 'name="challenges"' in every,
        }
    later = {"since": True, "gate": True, "status": True, "still right": True, "hopes": False}
    assert found == {
        1: dict.fromkeys(found[1], False) | {"hopes": True},
        2: later | {"balance": False, "goal lines": True},
        3: later | {"balance": False, "goal lines": False},
        4: later | {"balance": True, "goal lines": False},
    }


def test_blocks_of_the_first_session_show_its_forms(walk):
    _number, pages = next(walk())
    assert set(pages) == {"arrive", "hopes", "direction", "agreement", "cadence", "close"}
    assert "Save the challenges" in pages["hopes"]
    assert "A goal, in one line" in pages["direction"] and "What is coming up?" in pages["direction"]
    assert "Propose an agreement" in pages["agreement"]
    assert "every 2 weeks" in pages["cadence"]
    assert "small commitments" in pages["close"]


def test_other_pages_show_the_features_of_the_session(as_, pair, sam, ada):
    """Home, preparation and recap, as both people see them, from session 1 to 4."""
    found = {}
    for number in range(1, 5):
        at = FIRST + timedelta(days=14 * (number - 1))
        with time_machine.travel(at - timedelta(hours=2), tick=False) as clock:
            kind = "first" if number == 1 else "standard"
            session = make.session(pair, at.replace(tzinfo=None), kind=kind, next_left_open_at=at)
            hers, his = (as_(who).get("/").content.decode() for who in (ada, sam))
            homes = hers + his
            prepare = as_(sam).get(reverse("session_prepare", args=[session.pk])).content.decode()
            clock.move_to(at, tick=False)
            timer.start(session)
            clock.shift(timedelta(minutes=9))
            timer.next_block(session, session.blocks.first().position)
            clock.shift(timedelta(minutes=40))
            wrap_up = as_(sam).get(reverse("session_wrap_up", args=[session.pk])).content.decode()
            closing.make_no_commitments(session)
            closing.close(session, sam)
            clock.shift(timedelta(minutes=5))
            hers, his = (
                as_(who).get(reverse("session_recap", args=[session.pk])).content.decode() for who in (ada, sam)
            )
        assert f"Session {number} with Ada" in prepare and f"Session {number} with Ada" in his
        assert 'id="rating"' not in wrap_up + his, "the mentor is never asked for a rating"
        found[number] = {
            "rating": 'id="rating"' in hers,
            "minutes": ("Planned and actual minutes" in hers, "Planned and actual minutes" in his),
            "since": ("Since your last session" in homes, "Your first session." in homes),
            "practice": "Practice" in homes + prepare + hers,
        }
    second = {"rating": True, "minutes": (False, False), "since": (True, False), "practice": True}
    assert found == {
        1: {"rating": False, "minutes": (False, False), "since": (False, True), "practice": False},
        2: second,
        3: second,
        4: second | {"minutes": (True, True)},
    }
