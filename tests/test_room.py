"""The session room: one page for two people, from Start to Wrap up."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from sessions import timer
from sessions.models import Session
from tests import make

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 12, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def session(clock, pair):
    """Session 2 of Sam and Ada, starting now, after one that was held two weeks ago."""
    first = make.session(pair, datetime(2026, 11, 20, 10, 0), kind="first", held_at=TEN - timedelta(days=14))
    Session.objects.filter(pk=first.pk).update(closed_at=TEN - timedelta(days=14))
    return make.session(pair, datetime(2026, 12, 4, 10, 0))


@pytest.fixture
def running(session, sam):
    timer.start(session, sam)
    return session


def page(client, session) -> str:
    response = client.get(reverse("session_detail", args=[session.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_both_find_the_room_and_a_stranger_finds_nothing(as_, session, sam, ada):
    for person, partner in ((sam, "Ada"), (ada, "Sam")):
        assert f"Session 2 with {partner}" in page(as_(person), session)
    assert as_(make.user()).get(reverse("session_detail", args=[session.pk])).status_code == 404


def test_before_it_starts_there_is_one_thing_to_do(as_, session, sam):
    html = page(as_(sam), session)
    assert html.count("btn-primary") == 1
    assert "Start" in html
