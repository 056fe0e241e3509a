"""Tests live updates of the session room: 304 if unchanged, else the changed fragments, never with inputs."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from html5lib import parseFragment

from mentoring import revisions
from sessions.models import AgendaItem, Session, StatusUpdate
from sessions.session_room import actions, presence, timer
from tests import make

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 12, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(TEN, tick=False) as traveler:
        yield traveler


@pytest.fixture
def session(clock, pair):
    first = make.session(pair, datetime(2026, 11, 20, 10, 0), kind="first")
    past = TEN - timedelta(days=14)
    Session.objects.filter(pk=first.pk).update(held_at=past, closed_at=past)
    return make.session(pair, datetime(2026, 12, 4, 10, 0))


@pytest.fixture
def running(session, sam):
    timer.start(session)
    return session


def ask(client, session, etag: str = "", background: bool = False):
    url = reverse("session_live", args=[session.pk]) + ("?background" if background else "")
    headers = {"HX-Request": "true"} | ({"If-None-Match": etag} if etag else {})
    return client.get(url, headers=headers)


def current_mark(client, session) -> str:
    """Return the current ETag of the room, after presence is known."""
    ask(client, session)
    return ask(client, session)["ETag"]


def test_an_unchanged_room_needs_no_query(as_, running, sam):
    client = as_(sam)
    etag = current_mark(client, running)
    with CaptureQueriesContext(connection) as queries:
        response = ask(client, running, etag)
    assert (response.status_code, response.content) == (304, b"")
    assert not list(queries)
    assert {"Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options"} <= set(response.headers)
    assert "no-store" in response["Cache-Control"]


def test_polling_keeps_a_person_present(as_, running, sam, ada, clock):
    client = as_(sam)
    etag = current_mark(client, running)
    clock.shift(timedelta(seconds=8))
    assert ask(client, running, etag).status_code == 304
    clock.shift(timedelta(seconds=8))
    assert presence.is_here(running.pk, sam.pk)


def test_the_sign_in_is_checked_again_after_half_a_minute(local_cache, as_, running, sam, clock):
    client = as_(sam)
    etag = current_mark(client, running)
    type(sam).objects.filter(pk=sam.pk).update(is_active=False)
    clock.shift(timedelta(seconds=31))
    assert ask(client, running, etag).status_code != 304


def signed_out_elsewhere(user, copy):
    copy.post(reverse("account_logout"))


def deactivated(user, copy):
    user.is_active = False
    user.save()


def password_changed(user, copy):
    user.set_password("another one, and a long one")
    user.save()


@pytest.mark.parametrize("change", [signed_out_elsewhere, deactivated, password_changed])
def test_an_ended_sign_in_ends_the_polls_of_its_cookie_at_once(local_cache, as_, running, sam, change):
    client, copy, other_browser = as_(sam), Client(), as_(sam)
    copy.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    etag = current_mark(client, running)
    assert ask(client, running, etag).status_code == 304
    change(sam, copy)
    ask(other_browser, running)  # a new permission of the same person does not renew the old one
    cache.delete(presence.cache_key(running.pk, sam.pk))
    assert ask(client, running, etag).status_code == 204
    assert not presence.is_here(running.pk, sam.pk)


@pytest.mark.parametrize("change", ["sign out", "other browser", "pair ended", "cache away"])
def test_a_poll_is_checked_again_after_a_change(change, as_, running, sam, ada, monkeypatch):
    client = as_(sam)
    etag = current_mark(client, running)
    if change == "sign out":
        client.logout()
    elif change == "other browser":
        client = as_(ada)
    elif change == "pair ended":
        running.pair.end(ada)
    else:
        monkeypatch.setattr(cache, "get", lambda *args, **kwargs: None)
    with CaptureQueriesContext(connection) as queries:
        response = ask(client, running, etag)
    assert len(queries) or response.status_code == 204
    assert response.status_code == {"sign out": 204, "cache away": 304}.get(change, 200)


def test_an_uncommitted_change_is_not_served(running, django_capture_on_commit_callbacks):
    pair = running.pair
    with django_capture_on_commit_callbacks(execute=True):
        pair.touch()
        revisions.remember(pair.pk, 1)  # a reader that saw the previous number
    pair.refresh_from_db()
    assert cache.get(revisions.cache_key(pair.pk)) == pair.revision


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda s, ada: timer.next_block(s, 0), "room-agenda"),
        (lambda s, ada: AgendaItem.add(s.pair, ada, "How did you say no?"), "How did you say no?"),
        (lambda s, ada: actions.capture_commitment(s, ada, ada, TEN.date(), None, text="Call Noor"), "Call Noor"),
        (lambda s, ada: s.pair.commitments.get().complete(ada, 1), "room-since"),
    ],
)
def test_actions_appear_for_the_other_person(as_, running, sam, ada, change, seen):
    make.commitment(running.pair, ada)
    client = as_(sam)
    etag = current_mark(client, running)
    change(running, ada)
    response = ask(client, running, etag)
    assert response.status_code == 200
    assert seen in response.content.decode()


def test_texts_appear_for_the_other_person(as_, running, sam, ada):
    etag = current_mark(as_(sam), running)
    block = running.blocks.get(position=0)
    words = {"text": "We go through the figures first.", "started_from": ""}
    page = as_(ada).get(reverse("text_edit", args=[f"block-{block.pk}-note"]), headers={"HX-Request": "true"})
    words["started_from"] = page.content.decode().split('data-started-from="')[1].split('"')[0]
    url = reverse("text_edit", args=[f"block-{block.pk}-note"])
    assert as_(ada).post(url, words, headers={"HX-Request": "true"}).status_code == 200
    html = ask(as_(sam), running, etag).content.decode()
    assert f'id="text-block-{block.pk}-note"' in html and "We go through the figures first." in html


def every_block(session, sam):
    """Go through all blocks of the session, each with content."""
    make.topic(session.pair, title="Saying no", block_type="apply", obstacle="I owe them.")
    make.topic(session.pair, title="The delay")
    make.topic(session.pair, title="Who decides?", kind="question", block_type="reflect")
    make.topic(session.pair, title="Later", state="parked")
    make.commitment(session.pair)
    StatusUpdate.objects.create(session=session, author=session.pair.mentee, wins="A win", shared_at=TEN)
    actions.start_feedback(session, sam)
    actions.capture_commitment(session, sam, sam, TEN.date(), None, text="Introduce Ada")
    for position in range(session.blocks.count()):
        Session.objects.filter(pk=session.pk).update(current_block=position)
        yield session.blocks.get(position=position).role


def elements(html: str):
    return parseFragment(html, treebuilder="etree", namespaceHTMLElements=False).iter()


def test_live_fragments_have_no_inputs(as_, running, sam):
    client = as_(sam)
    for role in every_block(running, sam):
        html = ask(client, running).content.decode()
        found = {element.tag for element in elements(html)} & {"input", "textarea", "select", "form"}
        assert not found, f"{role}: {found}"


def test_only_a_changed_fragment_gets_a_new_mark(as_, running, sam, ada):
    def marks():
        html = ask(as_(sam), running).content.decode()
        return {e.get("id"): e.get("data-live") for e in elements(html) if e.get("data-live")}

    before = marks()
    assert marks() == before
    AgendaItem.add(running.pair, ada, "How did you say no?")
    after = marks()
    assert {name for name in before if before[name] != after[name]} == {"room-parked"}


def test_page_and_live_response_have_the_same_fragments(as_, running, sam):
    client = as_(sam)
    for role in every_block(running, sam):
        page = client.get(reverse("session_detail", args=[running.pk])).content.decode()
        shown = {e.get("id"): e.get("data-live") for e in elements(page) if e.get("data-live")}
        sent = {e.get("id"): e.get("data-live") for e in elements(ask(client, running).content.decode())}
        sent = {name: mark for name, mark in sent.items() if mark}
        sent.pop("room-presence"), shown.pop("room-presence")
        assert shown == sent, role


def test_a_change_of_the_current_block_is_announced(as_, running, sam, ada):
    def cue(html):
        return next(e.get("data-cue") for e in elements(html) if e.get("data-cue"))

    page = as_(sam).get(reverse("session_detail", args=[running.pk])).content.decode()
    now = next(e.get("data-mark") for e in elements(page) if e.get("id") == "now")
    assert cue(ask(as_(sam), running).content.decode()) == now
    timer.next_block(running, 0)
    assert cue(ask(as_(sam), running).content.decode()) != now


def test_presence_is_shown_and_expires(as_, running, clock, sam, ada):
    assert "Ada is not here" in ask(as_(sam), running).content.decode()
    ask(as_(ada), running)
    html = ask(as_(sam), running).content.decode()
    assert "Ada is here" in html
    presence.cache.clear()
    assert "Ada is not here" in ask(as_(sam), running).content.decode()


def test_a_background_tab_stays_present_until_its_next_poll(monkeypatch, running, sam):
    kept = {}
    monkeypatch.setattr(presence.cache, "set", lambda key, value, seconds: kept.setdefault(key, seconds))
    presence.arrive(running.pk, 1)
    presence.arrive(running.pk, 2, in_background=True)
    assert kept == {f"here:{running.pk}:1": 10, f"here:{running.pk}:2": 45}


def test_an_arriving_partner_updates_the_room(as_, running, sam, ada):
    client = as_(sam)
    etag = current_mark(client, running)
    presence.arrive(running.pk, ada.pk)
    assert ask(client, running, etag).status_code == 200
    cache.clear()


def test_a_closed_session_is_reported(as_, running, sam):
    Session.objects.filter(pk=running.pk).update(closed_at=TEN)
    html = ask(as_(sam), running).content.decode()
    assert 'data-state="closed"' in html
    assert "Read the recap" in html


def test_live_updates_are_only_for_the_pair(as_, running, sam):
    assert ask(as_(make.user()), running).status_code == 404
    assert as_(sam).post(reverse("session_live", args=[running.pk])).status_code == 405


def test_the_current_block_redirects_to_the_room_without_htmx(as_, running, sam):
    url = reverse("session_current_block", args=[running.pk])
    assert as_(sam).get(url).url == reverse("session_detail", args=[running.pk])
    html = as_(sam).get(url, headers={"HX-Request": "true"}).content.decode()
    assert 'id="now"' in html and "<h1" not in html
