"""How often a mentor replies with a question; only that mentor sees it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from sessions.models import AgendaItem
from sessions.question_share import question_share
from tests import make

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)
HEADING = 'id="question-share"'


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


def reply(pair, clock, *texts: str) -> None:
    """Let the mentor answer one question of the mentee with each of these texts, one an hour."""
    for text in texts:
        clock.shift(timedelta(hours=1))
        item = make.topic(pair, pair.mentee, kind="question", title="Who decides?")
        item.add_reply(pair.mentor, item.version, text)


def page(client, pair) -> str:
    return client.get(reverse("pair_detail", args=[pair.pk])).content.decode()


def test_it_counts_the_newest_ten_and_each_ten_before(pair, sam, clock):
    reply(pair, clock, *["Ask Lin"] * 7, *["What would Lin need?"] * 3)
    reply(pair, clock, *["Try the number first"] * 4, *["What did you try?"] * 6)
    found = question_share(pair, sam)
    assert (found.newest, found.earlier) == ((6, 10), [3])


def test_an_incomplete_ten_is_not_shown_beside_the_newest(pair, sam, clock):
    reply(pair, clock, *["Ask Lin"] * 4, *["What did you try?"] * 10)
    assert question_share(pair, sam).figures == [(10, 10)]


def test_nothing_is_shown_below_five_replies(pair, sam, clock):
    reply(pair, clock, *["Ask Lin"] * 4)
    assert question_share(pair, sam) is None
    reply(pair, clock, "What did you try?")
    assert question_share(pair, sam).newest == (1, 5)


def test_check_in_replies_and_own_questions_count(pair, sam, clock):
    reply(pair, clock, "Ask Lin", "Ask Noor", "Ask Kim")
    check_in = make.check_in(pair)
    check_in.add_reply(check_in.version, "What would help most?")
    make.topic(pair, sam, kind="question", title="What did you learn?")
    make.topic(pair, sam, title="A topic does not count")
    assert question_share(pair, sam).newest == (2, 5)


@pytest.mark.parametrize(("text", "expected"), [("What now?", 1), ("ماذا الآن؟", 1), ("何？", 1), ("Ask Lin.", 0)])
def test_question_marks_of_several_scripts_count(pair, sam, clock, text, expected):
    reply(pair, clock, text, "No", "No", "No", "No")
    assert question_share(pair, sam).newest[0] == expected


def test_only_the_mentor_sees_it_and_not_while_sharing_the_screen(as_, pair, ada, sam, clock):
    reply(pair, clock, *["What did you try?"] * 5)
    assert HEADING in page(as_(sam), pair)
    assert HEADING not in page(as_(ada), pair)
    assert question_share(pair, ada) is None
    session = make.session(pair)
    client = as_(sam)
    client.post(reverse("screen_share", args=[session.pk]), {"sharing": "1"})
    assert HEADING not in page(client, pair)


def test_an_answer_that_was_removed_no_longer_counts(pair, sam, clock):
    reply(pair, clock, *["What did you try?"] * 5)
    item = AgendaItem.objects.latest("pk")
    item.add_reply(sam, item.version, "")
    assert question_share(pair, sam) is None
