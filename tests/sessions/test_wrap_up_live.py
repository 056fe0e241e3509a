"""Tests live updates of the wrap-up and the recap: 304 if unchanged, else the changed parts."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from goals.models import Commitment
from sessions import closing
from sessions.models import AgendaItem, Session
from sessions.session_room import presence, timer
from tests import make

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 12, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(TEN, tick=False) as clock:
        yield clock


@pytest.fixture
def session(clock, pair, sam):
    session = make.session(pair, datetime(2026, 12, 4, 10, 0))
    timer.start(session)
    return session


def ask(client, session, etag: str = ""):
    headers = {"HX-Request": "true"} | ({"If-None-Match": etag} if etag else {})
    return client.get(reverse("wrap_up_live", args=[session.pk]), headers=headers)


def page(client, session, name: str = "session_wrap_up") -> str:
    answer = client.get(reverse(name, args=[session.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def mark(html: str, part: str) -> str:
    tag = html[html.index(f'id="{part}"') :].partition(">")[0]
    return tag.partition('data-live="')[2].partition('"')[0]


PARTS = ("wrap-up-agreed", "wrap-up-carried-over", "wrap-up-next", "wrap-up-takeaway")


def test_an_unchanged_page_is_304_and_parts_match_the_page(as_, session, sam, django_assert_num_queries):
    make.topic(session.pair)
    client = as_(sam)
    shown, answer = page(client, session), ask(client, session)
    html = answer.content.decode()
    assert answer.status_code == 200 and 'data-state="open"' in html and 'data-state="open"' in shown
    for part in PARTS:
        assert mark(shown, part) == mark(html, part) != "", part
    with django_assert_num_queries(0):
        again = ask(client, session, answer["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    assert not presence.is_here(session.pk, sam.pk)  # only the room shows who is here


@pytest.mark.parametrize(
    ("change", "part", "seen"),
    [
        (lambda s, by: closing.agree(s), "wrap-up-agreed", "✓ Agreed"),
        (
            lambda s, by: closing.create_commitment(s, by, owner=by, text="Call Noor", due_on=TEN.date()),
            "wrap-up-agreed",
            "call Noor",
        ),
        (lambda s, by: Commitment.objects.get().reword(by, 1, text="Ask Lin"), "wrap-up-agreed", "ask Lin"),
        (lambda s, by: AgendaItem.objects.get().discuss(s), "wrap-up-carried-over", 'data-live="'),
        (lambda s, by: AgendaItem.add(s.pair, by, "The launch"), "wrap-up-carried-over", "The launch"),
        (lambda s, by: make.session(s.pair, datetime(2026, 12, 18, 10)), "wrap-up-next", "Dec 18"),
        (
            lambda s, by: closing.save_texts(s, by, "Start with the end", make.EMPTY, ""),
            "wrap-up-takeaway",
            "Start with",
        ),
    ],
)
def test_changes_appear_in_their_part_on_the_other_device(as_, session, sam, ada, change, part, seen):
    make.topic(session.pair)
    closing.create_commitment(session, ada, owner=ada, text="Send the draft", due_on=TEN.date() + timedelta(days=3))
    client = as_(sam)
    before = ask(client, session)
    change(session, ada)
    after = ask(client, session, before["ETag"])
    assert after.status_code == 200 and seen in after.content.decode()
    changed = [name for name in PARTS if mark(before.content.decode(), name) != mark(after.content.decode(), name)]
    assert changed == [part]


def test_none_this_time_appears_too(as_, session, sam, ada):
    before = ask(as_(sam), session)
    closing.make_no_commitments(session)
    after = ask(as_(sam), session, before["ETag"])
    assert "No commitment this time" in after.content.decode()


def test_closing_leads_to_the_recap_and_undo_leads_back(as_, session, sam, ada, clock):
    client = as_(sam)
    etag = ask(client, session)["ETag"]
    closing.make_no_commitments(session)
    closing.wrap_up(session, ada, None, takeaway="", started_from=make.EMPTY, need="")
    answer = ask(client, session, etag)
    html = answer.content.decode()
    assert 'data-state="closed"' in html and f'href="{reverse("session_recap", args=[session.pk])}"' in html
    assert "wrap-up-agreed" not in html and "data-settled" not in html
    recap = page(client, session, "session_recap")
    assert "Ada closed the session." in recap and "js/wrap_up.js" in recap and 'data-state="closed"' in recap
    assert mark(recap, "recap-undo") == mark(html, "recap-undo")
    assert "session-reopen" in page(as_(ada), session, "session_recap")
    closing.reopen(session, ada)
    html = ask(client, session, answer["ETag"]).content.decode()
    assert 'data-state="open"' in html and f'href="{reverse("session_wrap_up", args=[session.pk])}"' in html


def test_polling_stops_once_the_recap_is_sent(as_, session, sam, ada, clock):
    closing.leave_next_open(session)
    closing.close(session, ada)
    client = as_(ada)
    answer = ask(client, session)
    assert "session-reopen" in answer.content.decode()
    clock.shift(timedelta(minutes=2))
    html = ask(client, session, answer["ETag"]).content.decode()
    assert "data-settled" in html and "session-reopen" not in html
    recap = page(client, session, "session_recap")
    assert "live.js" not in recap and "wrap_up.js" not in recap and "session-reopen" not in recap


def test_a_canceled_session_or_ended_pair_is_reported(as_, session, sam, ada):
    etag = ask(as_(sam), session)["ETag"]
    session.pair.end()
    answer = ask(as_(sam), session, etag)
    assert answer.status_code == 200 and 'data-state="over"' in answer.content.decode()
    session.pair.__class__.objects.update(ended_at=None)
    Session.objects.filter(pk=session.pk).update(canceled_at=TEN, called_off_by=ada)
    assert 'data-state="over"' in ask(as_(sam), session).content.decode()


def test_strangers_get_404_and_nothing_changes(as_, session, sam):
    assert ask(as_(make.user()), session).status_code == 404
    assert as_(sam).post(reverse("wrap_up_live", args=[session.pk])).status_code == 405


def test_refused_text_keeps_the_page_open(as_, session, sam):
    data = {"next": "open", "takeaway": "x" * 501}
    answer = as_(sam).post(reverse("session_close", args=[session.pk]), data)
    assert answer.status_code == 422 and "data-refused" in answer.content.decode()
    assert "data-refused" not in page(as_(sam), session)
