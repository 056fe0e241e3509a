"""Tests what an open session room gets after a text was saved: that text and what depends on it, never too little."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from html5lib import parseFragment

from sessions.models import AgendaItem, Session
from sessions.session_room import timer
from sessions.session_room.page import PARTS_OF_TEXTS
from sessions.texts import piece_for
from tests import make
from tests.sessions.test_live_room import ask, current_mark

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(pair):
    """A running session at its first topic, the second one that the pair holds."""
    past = timezone.now() - timedelta(days=14)
    first = make.session(pair, past.replace(tzinfo=None), kind="first")
    Session.objects.filter(pk=first.pk).update(held_at=past, closed_at=past)
    make.topic(pair, title="Saying no")
    make.commitment(pair)
    session = make.session(pair, timezone.now().replace(tzinfo=None))
    timer.start(session)
    at_topics = session.blocks.get(role="topic").position
    Session.objects.filter(pk=session.pk).update(current_block=at_topics)
    session.refresh_from_db()
    return session


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def texts_of(session) -> list[str]:
    item, block = session.pair.items.get(), session.blocks.get(position=session.current_block)
    other = session.blocks.exclude(pk=block.pk).first()
    names = [f"item-{item.pk}-{name}" for name in AgendaItem.NOTES]
    return [*names, f"block-{block.pk}-note", f"block-{other.pk}-note"]


def save(user, key: str, text: str) -> None:
    piece = piece_for(user, key)
    piece.write(user, text, piece.fingerprint)


def fragments(response) -> dict[str, str]:
    """Return the mark of each live fragment, and the fingerprint of each text."""
    found = parseFragment(response.content.decode(), treebuilder="etree", namespaceHTMLElements=False).iter()
    marks = {e.get("id"): e.get("data-live") or e.get("data-fingerprint") for e in found}
    return {name: mark for name, mark in marks.items() if name and mark}


def test_a_saved_text_comes_alone_and_nothing_else_changed(as_, running, sam, ada, commit):
    client = as_(sam)
    for number, key in enumerate(texts_of(running)):
        etag, before = current_mark(client, running), fragments(ask(client, running))
        with commit():
            save(ada, key, f"Words {number}.\nMore words.")
        news, after = fragments(ask(client, running, etag)), fragments(ask(client, running))
        changed = {name: mark for name, mark in after.items() if before.get(name) != mark}
        assert changed and changed.items() <= news.items() <= after.items(), key
        assert {name for name in news if name.startswith("room-")} <= {f"room-{part}" for part in PARTS_OF_TEXTS}
        assert {name for name in news if name.startswith("text-")} <= {f"text-{key}"}


def test_two_saved_texts_come_together(as_, running, sam, ada, commit):
    client, (obstacle, tried, *_others) = as_(sam), texts_of(running)
    etag = current_mark(client, running)
    with commit():
        save(ada, obstacle, "I owe them.")
    with commit():
        save(sam, tried, "Talking.")
    assert {f"text-{obstacle}", f"text-{tried}"} <= fragments(ask(client, running, etag)).keys()


def add_a_topic(session, ada):
    AgendaItem.add(session.pair, ada, "The delay")


def forget_the_texts(session, ada):
    cache.clear()


def save_a_title(session, ada):
    save(ada, f"item-{session.pair.items.first().pk}-title", "Saying no to Noor")


@pytest.mark.parametrize("change", [add_a_topic, forget_the_texts, save_a_title])
@pytest.mark.parametrize("first", [True, False])
def test_any_other_change_brings_everything(as_, running, sam, ada, commit, change, first):
    client, (obstacle, *_others) = as_(sam), texts_of(running)
    etag = current_mark(client, running)
    steps = [lambda: change(running, ada), lambda: save(ada, obstacle, "I owe them.")]
    for step in steps if first and change != forget_the_texts else reversed(steps):
        with commit():
            step()
    assert fragments(ask(client, running, etag)).keys() == fragments(ask(client, running)).keys()


def test_a_text_that_was_not_committed_is_not_announced(as_, running, sam, ada):
    client, (obstacle, *_others) = as_(sam), texts_of(running)
    etag = current_mark(client, running)
    save(ada, obstacle, "I owe them.")  # its callbacks after the commit do not run here
    assert fragments(ask(client, running, etag)).keys() == fragments(ask(client, running)).keys()
