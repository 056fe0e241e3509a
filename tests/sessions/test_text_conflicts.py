"""Tests that every submitted text is current, in the history, or returned in a conflict."""

import re
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils.text import normalize_newlines
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.optimistic_locking import Conflict, fingerprint
from sessions.models import TextVersion
from sessions.models.texts import SMALL_EDIT, is_small_edit
from sessions.texts import piece_for
from tests import make
from tests.examples import slow_examples

HTMX = {"HX-Request": "true"}


@pytest.fixture
def what(pair):
    return f"block-{make.session(pair).blocks.first().pk}-note"


def post(client, what: str, text: str, started_from: str, **headers):
    data = {"text": text, "started_from": fingerprint(started_from)}
    return client.post(reverse("text_edit", args=[what]), data, headers=headers)


def test_a_conflict_is_answered_with_both_texts(as_, sam, ada, what):
    post(as_(ada), what, "What Ada wrote", "")
    answer = post(as_(sam), what, "What Sam wrote", "", **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Ada changed this while you were typing. Both versions are below." in page
    assert "What Ada wrote" in page
    assert f'data-fingerprint="{fingerprint("What Ada wrote")}"' in page
    assert all(choice in page for choice in ("Keep my version", "Keep Ada’s version", "Put both in the field"))
    assert piece_for(sam, what).text == "What Ada wrote"


def test_without_javascript_both_texts_are_on_the_page(as_, sam, ada, what):
    post(as_(ada), what, "What Ada wrote", "")
    answer = post(as_(sam), what, "What Sam wrote", "")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What Ada wrote" in page and re.search(r"<textarea[^>]*>\s*What Sam wrote</textarea>", page)
    # Saving the form again is based on Ada's text.
    started_from = re.search(r'name="started_from" value="(\w+)"', page)[1]
    again = as_(sam).post(
        reverse("text_edit", args=[what]), {"text": "Both, in Sam's words", "started_from": started_from}
    )
    assert again.status_code == 302
    assert [version.text for version in TextVersion.objects.all()] == ["Both, in Sam's words", "What Ada wrote"]


def test_changes_in_another_field_are_no_conflict(as_, sam, ada, pair):
    item = make.topic(pair)
    post(as_(sam), f"item-{item.pk}-tried", "Tried twice", "", **HTMX)
    assert post(as_(ada), f"item-{item.pk}-obstacle", "The interruptions", "", **HTMX).status_code == 200
    item.refresh_from_db()
    assert item.obstacle == "The interruptions"


def test_a_refused_save_leaves_no_history(sam, ada, what):
    piece_for(ada, what).write(ada, "Ada", fingerprint(""))
    with pytest.raises(Conflict):
        piece_for(sam, what).write(sam, "Sam", fingerprint(""))
    assert [version.text for version in TextVersion.objects.all()] == ["Ada"]


@pytest.mark.parametrize(
    "before, after, on",
    [
        ("", "A first word", True),
        ("One", "One two", True),
        ("One three", "One two three", True),
        ("One too", "One two", True),
        ("Only " + "x" * SMALL_EDIT, "Only ", True),
        ("Only " + "x" * (SMALL_EDIT + 1), "Only ", False),
        ("A" * 60, "B" * 60, False),
    ],
)
def test_small_edits_are_recognized(before, after, on):
    assert is_small_edit(before, after) is on


PIECES = st.sampled_from(["block", "item", "feedback"])
WRITERS = st.sampled_from(["sam", "ada"])
TEXTS = st.text(alphabet="ab \n\r\N{SNOWMAN}א", max_size=90) | st.sampled_from(["", "x" * 80, "y" * 80])


class TwoWriters(RuleBasedStateMachine):
    """Two people read, write, clear, merge and save several texts in any order, each based on their last view."""

    @initialize()
    def open_pair(self):
        pair = make.pair()
        self.people = {"sam": pair.mentor, "ada": pair.mentee}
        item = make.topic(pair)
        feedback = make.feedback(pair)
        block = make.session(pair).blocks.first()
        self.keys = {
            "block": f"block-{block.pk}-note",
            "item": f"item-{item.pk}-obstacle",
            "feedback": f"feedback-{feedback.pk}-happened",
        }
        self.seen = {(name, piece): "" for name in self.people for piece in self.keys}
        self.stored = {piece: [] for piece in self.keys}  # (who, text) in the order the server confirmed them

    @rule(who=WRITERS, piece=PIECES)
    def read(self, who, piece):
        self.seen[who, piece] = piece_for(self.people[who], self.keys[piece]).text

    @rule(who=WRITERS, piece=PIECES, text=TEXTS)
    def write(self, who, piece, text):
        self.submit(who, piece, text)

    @rule(who=WRITERS, piece=PIECES, more=TEXTS)
    def continue_writing(self, who, piece, more):
        self.submit(who, piece, self.seen[who, piece] + more)

    @rule(who=WRITERS, piece=PIECES)
    def clear(self, who, piece):
        self.submit(who, piece, "")

    @rule(who=WRITERS, piece=PIECES, text=TEXTS)
    def send_twice(self, who, piece, text):
        before = self.seen[who, piece]
        self.submit(who, piece, text)
        self.seen[who, piece] = before  # the first response was lost
        self.submit(who, piece, text)

    def submit(self, who, piece, text):
        """Save, and check the response."""
        what, by = piece_for(self.people[who], self.keys[piece]), self.people[who]
        stored_text, text = what.text, normalize_newlines(text)
        try:
            what.write(by, text, fingerprint(self.seen[who, piece]))
        except Conflict as conflict:
            assert what.as_of(conflict.current).text == stored_text, "the conflict returns the stored text"
        else:
            assert stored_text in (self.seen[who, piece], text), "a text that nobody had read was overwritten"
            if stored_text != text:
                self.stored[piece].append((who, text))
        self.read(who, piece)

    @invariant()
    def no_text_is_lost(self):
        for piece, stored in getattr(self, "stored", {}).items():
            kept = set(TextVersion.objects.filter(key=self.keys[piece]).values_list("text", flat=True))
            kept.add(piece_for(self.people["sam"], self.keys[piece]).text)
            for (who, text), (next_who, next_text) in pairwise([*stored, (None, "")]):
                own_small_change = next_who == who and len(text) - common(text, next_text) <= SMALL_EDIT
                assert text in kept or not text.strip() or own_small_change, f"{who}'s {text!r} was lost"


def common(before: str, after: str) -> int:
    """Count the characters of `before` that are unchanged at both ends of `after`, the slow way."""
    most = 0
    for start in range(min(len(before), len(after)) + 1):
        if before[:start] != after[:start]:
            break
        rest_before, rest_after = before[start:], after[start:]
        end = 0
        while end < min(len(rest_before), len(rest_after)) and rest_before[-1 - end] == rest_after[-1 - end]:
            end += 1
        most = max(most, start + end)
    return most


class TestTwoWriters(TwoWriters.TestCase, TestCase):
    settings = settings(
        max_examples=slow_examples(500),
        stateful_step_count=20,
        deadline=None,
        phases=[Phase.generate],  # shrinking takes minutes; a history of 20 steps can be read as it is
        suppress_health_check=list(HealthCheck),
    )
