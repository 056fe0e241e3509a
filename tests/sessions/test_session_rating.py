"""Tests the mentee's rating of a session, and the trend that the mentor sees."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from sessions.models import SessionRating
from tests import make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def second(pair):
    """A second session, closed two minutes ago."""
    make.past_session(pair, days=9, held_at=timezone.now(), closed_at=timezone.now())
    session = make.closed_session(pair)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        yield session


def rate(client, session, question="heard", value=3, **more):
    return client.post(reverse("session_rate", args=[session.pk]), {"question": question, "value": value}, **more)


def asks(client, session) -> bool:
    return 'id="rating"' in client.get(reverse("session_recap", args=[session.pk])).content.decode()


def test_both_questions_are_answered_in_any_order(as_, second, ada):
    client = as_(ada)
    assert rate(client, second, "useful", 4).url.endswith("/recap/#rating")
    html = rate(client, second, "heard", 2, headers=HTMX).content.decode()
    assert 'id="rate-heard-2"' in html
    assert (second.rating.heard, second.rating.useful) == (2, 4)


def test_a_second_answer_replaces_the_first(as_, second, ada):
    rate(as_(ada), second, "heard", 1)
    rate(as_(ada), second, "heard", 4)
    assert SessionRating.objects.get().heard == 4


def test_the_mentor_is_not_asked_and_cannot_answer(as_, second, sam):
    assert not asks(as_(sam), second)
    assert rate(as_(sam), second).status_code == 404
    assert not SessionRating.objects.exists()


def test_the_rating_is_asked_for_only_after_the_recap_is_sent(as_, pair, ada):
    make.past_session(pair, days=9, held_at=timezone.now(), closed_at=timezone.now())
    session = make.closed_session(pair)
    assert not asks(as_(ada), session)
    assert rate(as_(ada), session).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert asks(as_(ada), session)


def test_a_first_session_is_not_rated(as_, pair, ada):
    session = make.closed_session(pair)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert not asks(as_(ada), session)
        assert rate(as_(ada), session).status_code == 404


@pytest.mark.parametrize(("question", "value"), [("heard", 5), ("heard", ""), ("session_id", 1), ("heard", "x")])
def test_only_these_questions_can_be_answered(as_, second, ada, question, value):
    assert rate(as_(ada), second, question, value, headers=HTMX).status_code == 422
    assert not SessionRating.objects.exists()


# --- What the mentor sees ---------------------------------------------------------------------------------------


def given(pair, *answers: tuple[int | None, int | None]):
    for heard, useful in answers:
        SessionRating.objects.create(session=make.past_session(pair), heard=heard, useful=useful)


def trend(pair):
    found = SessionRating.objects.trend(pair)
    return found and ([int(word) for word in found.heard], [int(word) for word in found.useful])


@pytest.mark.parametrize(
    ("answers", "seen"),
    [
        ([], None),
        ([(4, 4)] * 2, None),
        ([(4, 1), (4, 2), (3, 2)], ([4], [2])),
        ([(4, 4)] * 3 + [(1, 1)] * 2, ([4], [4])),
        ([(4, 4)] * 3 + [(1, 1)] * 3, ([4, 1], [4, 1])),
        ([(4, None), (3, None), (4, 2)], ([4], [])),
    ],
)
def test_each_group_of_three_ratings_gets_one_trend(pair, answers, seen):
    given(pair, *answers)
    assert trend(pair) == seen


def test_a_trend_does_not_reveal_a_single_answer(pair):
    """Two different sets of answers have the same trend."""
    given(pair, (4, 4), (4, 4), (4, 4))
    other = make.pair()
    given(other, (4, 4), (4, 4), (3, 3))
    assert trend(pair) == trend(other)


def test_only_the_mentor_sees_the_trend(as_, pair, sam, ada, second):
    given(pair, (4, 4), (4, 3), (4, 4))
    html = as_(sam).get(reverse("session_recap", args=[second.pk])).content.decode()
    assert "How it has been for Ada" in html
    assert "fully" in html
    assert "How it has been" not in as_(ada).get(reverse("session_recap", args=[second.pk])).content.decode()
