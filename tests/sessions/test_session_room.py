"""Tests the session room, from its start to the wrap-up."""

import gzip
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from goals.models import Commitment
from mentoring.models import Agreement
from sessions import topics
from sessions.models import AgendaItem, ItemOutcome, Session, SessionVisit, StatusUpdate, StillRight
from sessions.session_room import actions, timer
from sessions.session_room.page import Room
from sessions.texts import piece_of
from tests import make

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 12, 4, 10, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clock():
    with time_machine.travel(TEN, tick=False) as traveler:
        yield traveler


@pytest.fixture
def session(clock, pair):
    """Plan session 2 of Sam and Ada for now, two weeks after the first."""
    past = TEN - timedelta(days=14)
    first = make.session(pair, datetime(2026, 11, 20, 10, 0), kind="first")
    Session.objects.filter(pk=first.pk).update(held_at=past, closed_at=past)
    return make.session(pair, datetime(2026, 12, 4, 10, 0))


@pytest.fixture
def running(session, sam):
    timer.start(session)
    return session


def page(client, session) -> str:
    response = client.get(reverse("session_detail", args=[session.pk]))
    assert response.status_code == 200
    return response.content.decode()


def at(session, role: str) -> None:
    Session.objects.filter(pk=session.pk).update(current_block=session.blocks.get(role=role).position)


def post(client, name: str, pk: int, data=None, **more):
    return client.post(reverse(name, args=[pk]), data or {}, **more)


# --- The page ---------------------------------------------------------------------------------------------


def test_the_room_is_only_for_the_pair(as_, session, sam, ada):
    for person, partner in ((sam, "Ada"), (ada, "Sam")):
        assert f"Session 2 with {partner}" in page(as_(person), session)
    assert as_(make.user()).get(reverse("session_detail", args=[session.pk])).status_code == 404


def test_the_head_shows_the_time_in_both_zones_and_the_number(as_, running, sam):
    Session.objects.filter(pk=running.pk).update(place="https://meet.example.org/x")
    html = page(as_(sam), running)
    assert "Today, 10:00–11:00" in html
    assert "15:30 for Ada" in html
    assert f"2 of {running.expected_total}" in html
    assert 'href="https://meet.example.org/x"' in html


def test_a_place_is_a_link_only_if_it_is_a_web_address(as_, running, sam):
    Session.objects.filter(pk=running.pk).update(place="javascript:alert(1)")
    html = page(as_(sam), running)
    assert 'href="javascript' not in html and "javascript:alert(1)" in html


def test_before_the_start_there_is_one_action(as_, session, sam):
    StatusUpdate.objects.create(session=session, author=session.pair.mentee, wins="Lin agreed.", shared_at=TEN)
    make.topic(session.pair)
    html = page(as_(sam), session)
    assert html.count("btn-primary") == 1
    assert "Start" in html and "Lin agreed." in html and "The board presentation" in html
    post(as_(sam), "session_start", session.pk)
    assert Session.objects.get(pk=session.pk).started_at == TEN


def test_a_session_that_is_not_next_shows_a_notice(as_, session, sam):
    later = make.session(session.pair, datetime(2026, 12, 18, 10, 0))
    make.topic(session.pair)
    html = page(as_(sam), later)
    assert "You have another session before this one" in html
    assert "The board presentation" not in html


def test_a_draft_is_visible_only_to_the_mentee(as_, running, sam, ada):
    StatusUpdate.objects.create(session=running, author=ada, wins="Not ready to say.")
    at(running, "status")
    assert "Not ready to say." not in page(as_(sam), running)
    assert "hasn’t shared it yet" in page(as_(sam), running)
    assert "Not ready to say." in page(as_(ada), running)
    assert "Only you can see this so far" in page(as_(ada), running)


@pytest.mark.parametrize("how", ["cancel", "skip"])
def test_a_canceled_session_shows_who_and_the_next_step(as_, session, sam, ada, how):
    getattr(session, how)(sam, "Board week")
    html = page(as_(ada), session)
    assert "Sam" in html and "Board week" in html and "carry over to your next session" in html


def test_the_first_visit_is_stored_once(as_, session, clock, sam):
    page(as_(sam), session)
    clock.shift(600)
    page(as_(sam), session)
    assert SessionVisit.objects.get().opened_at == TEN


def test_a_closed_session_leads_to_its_recap(as_, running, sam):
    Session.objects.filter(pk=running.pk).update(closed_at=TEN)
    response = as_(sam).get(reverse("session_detail", args=[running.pk]))
    assert response.url == reverse("session_recap", args=[running.pk])


def test_wrap_up_is_the_primary_button_of_a_running_session(as_, running, clock, sam):
    html = page(as_(sam), running)
    assert 'class="btn btn-primary" id="wrap-up"' in html and html.count("btn-primary") == 1
    assert "Ten minutes left" in html  # read aloud when they begin
    clock.shift(50 * 60)
    assert "Ten minutes left" not in page(as_(sam), running)


def test_a_topic_is_the_title_of_its_block_and_listed_once(as_, running, sam):
    make.topic(running.pair)
    make.topic(running.pair, title="A review that felt unfair")
    at(running, "topic")
    rail = page(as_(sam), running).split('class="rail"')[1].split('class="focus"')[0]
    assert rail.count("The board presentation") == 1 and "A review that felt unfair" not in rail
    at(running, "arrive")
    rail = page(as_(sam), running).split('class="rail"')[1].split('class="focus"')[0]
    assert rail.count("The board presentation") == rail.count("A review that felt unfair") == 1


def test_an_ended_pair_can_only_read(as_, running, sam):
    running.pair.end()
    html = page(as_(sam), running)
    assert "<textarea" not in html and 'form="press"' not in html and "Wrap up" not in html


def test_the_agenda_is_one_line_and_shows_extra_minutes(as_, running, sam):
    assert "Open 15 · Work 38 · Close 7" in " ".join(page(as_(sam), running).split())
    timer.extend(running, 0, 3, minutes=5)
    assert "5 min over" in page(as_(sam), running)


def test_the_hour_line_has_a_part_for_each_block(as_, running, clock, sam):
    clock.shift(15 * 60)
    html = page(as_(sam), running)
    line = html[html.index('class="hour"') : html.index("</svg>", html.index('class="hour"'))]
    assert line.count('class="h-') == running.blocks.count() + 2
    assert 'class="h-left" x="25.00%" width="75.00%"' in line


def test_the_room_has_its_own_bar(as_, running, sam):
    html = page(as_(sam), running)
    assert html.count("<h1") == 1 and 'aria-label="Main"' not in html
    assert "Leave the session room" in html and 'aria-label="In this session"' in html


def test_the_notes_of_other_blocks_show_who_wrote_them(as_, running, sam, ada):
    block = running.blocks.get(position=1)
    piece = piece_of(block, "note")
    piece.write(ada, "Can we trust the new date?", piece.fingerprint)
    at(running, "topic")
    html = " ".join(page(as_(sam), running).split())
    assert "Can we trust the new date?" in html and "Status update, written by Ada" in html


# --- Topics -----------------------------------------------------------------------------------------------


def test_talking_through_the_obstacle_opens_the_ideas(as_, running, sam, ada):
    topic = make.topic(running.pair)
    at(running, "topic")
    assert "Opens once you have named the obstacle." in page(as_(sam), running)
    html = post(as_(ada), "room_item_talk_through", topic.pk, headers=HTMX).content.decode()
    assert "gate is-open" in html
    assert "gate is-open" in page(as_(sam), running)


def test_a_written_obstacle_opens_the_ideas(as_, running, sam):
    make.topic(running.pair, obstacle="They interrupt me.")
    at(running, "topic")
    assert "gate is-open" in page(as_(sam), running)


def focus(session, user):
    return Room(Session.objects.get(pk=session.pk), user).focus


def test_both_see_the_same_topic_the_mentees_first(running, sam, ada):
    make.topic(running.pair, sam, "Who decides?")
    hers = make.topic(running.pair, ada, "The delay")
    at(running, "topic")
    assert focus(running, sam) == focus(running, ada) == hers


def test_topics_are_discussed_one_after_the_other(as_, running, sam, ada):
    first, second, third = (make.topic(running.pair, ada, title, position=n) for n, title in enumerate("abc"))
    at(running, "topic")
    post(as_(sam), "room_item_carry_over", first.pk)
    assert focus(running, ada) == second
    post(as_(ada), "room_item_discuss", second.pk)
    assert focus(running, sam) == third
    post(as_(sam), "room_item_park", third.pk)
    assert focus(running, sam) is None
    states = dict(AgendaItem.objects.values_list("title", "state"))
    assert states == {"a": "open", "b": "discussed", "c": "parked"}
    outcomes = dict(ItemOutcome.objects.values_list("title", "outcome"))
    assert outcomes == {"a": "carried", "b": "discussed", "c": "parked"}


def test_a_carried_over_topic_can_be_reopened_the_same_day(as_, running, sam, ada):
    first, _second = (make.topic(running.pair, ada, title, position=n) for n, title in enumerate("ab"))
    at(running, "topic")
    post(as_(sam), "room_item_carry_over", first.pk)
    post(as_(sam), "room_item_focus", first.pk)
    assert focus(running, ada) == first
    assert not ItemOutcome.objects.exists()


def test_discussing_twice_or_after_parking_loses_nothing(as_, running, sam, ada):
    topic = make.topic(running.pair)
    assert post(as_(sam), "room_item_discuss", topic.pk).status_code == 302
    assert post(as_(ada), "room_item_discuss", topic.pk).status_code == 302
    assert ItemOutcome.objects.count() == 1
    post(as_(ada), "room_item_reopen", topic.pk)
    topic.refresh_from_db()
    assert topic.state == "open"
    assert not ItemOutcome.objects.exists()


def test_parking_lot_and_questions_are_shown_with_every_block(as_, running, sam, ada):
    make.topic(running.pair, ada, "Switching teams", state="parked")
    make.topic(running.pair, ada, "How did you say no?", kind="question", block_type="reflect")
    html = page(as_(sam), running)
    assert "Switching teams" in html and "Question from Ada" in html


def test_every_item_is_on_the_agenda_once(running, sam):
    room = Room(Session.objects.get(pk=running.pk), sam)
    for kind in AgendaItem.Kind:
        for block_type in ("open", "learn", "reflect", "apply", "close"):
            make.topic(running.pair, kind=kind, block_type=block_type)
    room = Room(Session.objects.get(pk=running.pk), sam)
    placed = [item.pk for _block, items in room.agenda for item in items]
    assert sorted(placed) == sorted(AgendaItem.objects.values_list("pk", flat=True))
    assert len(placed) == len(set(placed))


@pytest.mark.parametrize("verb", ["discuss", "park", "reopen", "carry_over", "focus", "talk_through"])
def test_only_the_pair_can_change_topics(as_, running, sam, verb):
    name = f"room_item_{verb}"
    topic = make.topic(running.pair)
    assert post(as_(make.user()), name, topic.pk).status_code == 404
    assert as_(sam).get(reverse(name, args=[topic.pk])).status_code == 405
    running.pair.end()
    assert post(as_(sam), name, topic.pk).status_code == 404


# --- Texts ------------------------------------------------------------------------------------------------


def test_a_missing_update_can_be_written_by_either_person(as_, running, sam, ada):
    at(running, "status")
    assert "Write it now" in page(as_(sam), running)
    html = post(as_(sam), "status_open", running.pk, headers=HTMX).content.decode()
    assert "Recent wins" in html
    update = StatusUpdate.objects.get()
    assert (update.author, update.shared_at) == (ada, TEN)
    for person in (sam, ada):
        url = reverse("text_edit", args=[f"status-{running.pk}-wins"])
        assert as_(person).get(url).status_code == 200
    post(as_(ada), "status_open", running.pk)
    assert StatusUpdate.objects.count() == 1


def test_the_mentor_cannot_open_a_draft_of_the_mentee(as_, running, sam, ada):
    StatusUpdate.objects.create(session=running, author=ada, wins="Not ready to say.")
    post(as_(sam), "status_open", running.pk)
    assert StatusUpdate.objects.get().shared_at is None
    post(as_(ada), "status_open", running.pk)
    assert StatusUpdate.objects.get().shared_at == TEN


def test_still_right_takes_one_click(as_, running, sam, ada):
    running.pair.still_right.create(number=1, challenges="Interruptions", created_by=ada)
    goal, event = make.goal(running.pair), make.work_event(running.pair)
    html = page(as_(sam), running)
    assert "Interruptions" in html and goal.title in html and event.title in html
    html = post(as_(sam), "session_still_right", running.pk, headers=HTMX).content.decode()
    assert "checked today" in html
    assert StillRight.objects.count() == 1


def test_changed_challenges_are_a_new_version(as_, running, ada):
    post(as_(ada), "session_still_right", running.pk, {"challenges": "Interruptions", "number": "0"})
    post(as_(ada), "session_still_right", running.pk, {"challenges": "Deadlines", "number": "1"})
    assert list(StillRight.objects.order_by("number").values_list("challenges", flat=True)) == [
        "Interruptions",
        "Deadlines",
    ]


def test_simultaneous_changes_of_the_challenges_show_both(as_, running, sam, ada):
    post(as_(ada), "session_still_right", running.pk, {"challenges": "Interruptions", "number": "0"})
    response = post(as_(sam), "session_still_right", running.pk, {"challenges": "Deadlines", "number": "0"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "Interruptions" in html and "Deadlines" in html and 'name="number" value="1"' in html
    assert StillRight.objects.count() == 1


def test_the_same_challenges_saved_twice_are_one_version(as_, running, ada):
    for _press in range(2):
        post(as_(ada), "session_still_right", running.pk, {"challenges": "Interruptions", "number": "0"})
    assert StillRight.objects.count() == 1


def test_too_long_challenges_are_kept_with_their_length(as_, running, ada):
    response = post(as_(ada), "session_still_right", running.pk, {"challenges": "x" * 20_003, "number": "0"})
    assert response.status_code == 422
    assert "3 characters too long" in response.content.decode()
    assert "x" * 20_003 in response.content.decode()


def test_the_opening_shows_one_norm(as_, running, sam):
    Agreement.objects.create(pair=running.pair, version=1, norms="\n- What is said here stays here.\n- On time.")
    html = page(as_(sam), running)
    assert "What is said here stays here." in html and "On time." not in html


# --- Size -------------------------------------------------------------------------------------------------


def fill(session, times: int) -> None:
    pair = session.pair
    for n in range(times):
        make.topic(pair, title=f"Topic {n}")
        make.topic(pair, pair.mentor, title=f"Work {n}", block_type="apply", work_event=make.work_event(pair))
        make.topic(pair, title=f"Question {n}?", kind="question", block_type="reflect")
        make.topic(pair, title=f"Parked {n}", state="parked")
        make.commitment(pair, text=f"Old {n}", due_on=TEN.date())
        actions.capture_commitment(session, pair.mentor, pair.mentee, TEN.date(), None, text=f"New {n}")
        make.goal(pair, f"Goal {n}")
        session.feedback.create(pair=pair, created_by=pair.mentor, differently="Stop and ask.")


def count(client, url: str, **headers) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url, headers=headers).status_code == 200
    return len(queries)


def test_more_rows_need_no_more_queries(as_, running, sam):
    client = as_(sam)
    url, live = reverse("session_detail", args=[running.pk]), reverse("session_live", args=[running.pk])
    page(client, running)
    asked = {}
    for times in (2, 4):
        fill(running, times)
        for block in running.blocks.all():
            Session.objects.filter(pk=running.pk).update(current_block=block.position)
            client.get(url)  # counts the inbox, once a minute
            asked.setdefault(block.role, []).append((count(client, url), count(client, live, **HTMX)))
    for role, counts in asked.items():
        assert counts[0] == counts[1], role
        assert max(counts[0]) <= 26, (role, counts)


def test_the_page_is_light(as_, running, sam):
    fill(running, 3)
    for block in running.blocks.all():
        Session.objects.filter(pk=running.pk).update(current_block=block.position)
        weight = len(gzip.compress(page(as_(sam), running).encode()))
        assert weight <= 12 * 1024, (block.role, weight)


def test_long_names_and_texts_are_shown_in_full(as_, running, sam, ada):
    type(ada).objects.filter(pk=ada.pk).update(name="W" * 200)
    make.topic(running.pair, title="T" * 300, obstacle="long " * 4000)
    at(running, "topic")
    html = page(as_(sam), running)
    assert "T" * 300 in html and html.count("long ") >= 4000
    assert topics.running_session(running.pair) == running


@pytest.mark.parametrize("number", ["5", "9" * 5000, "-1", ""])
def test_an_invalid_version_number_means_the_first_version(as_, running, ada, number):
    answer = post(as_(ada), "session_still_right", running.pk, {"challenges": "Interruptions", "number": number})
    assert answer.status_code == 302
    assert running.pair.still_right.get().number == 1


def test_done_and_undo_in_the_room_show_the_commitment_once(as_, pair, ada):
    """The area above the list holds forms and undo; a commitment back in the list is not shown there."""
    commitment, client = make.commitment(pair), as_(ada)
    headers, line = {"HX-Request": "true"}, {"line": "answer_only"}
    url = reverse("commitment_complete", args=[commitment.pk])
    done = client.post(url, {"version": commitment.version} | line, headers=headers).content.decode()
    assert "Undo" in done
    event = commitment.events.last()
    undone = client.post(reverse("commitment_undo", args=[event.pk]), line, headers=headers)
    canceled = client.get(reverse("commitment_detail", args=[commitment.pk]), line, headers=headers)
    assert undone.content.strip() == canceled.content.strip() == b""
    assert Commitment.objects.get().is_open


def test_a_conflict_of_challenges_is_resolved_in_the_room(as_, pair, sam, ada):
    session = make.session(pair, kind="first")
    timer.start(session)
    hopes = session.blocks.get(role="hopes")
    timer.go_to_block(session, 0, hopes.position)
    url, htmx = reverse("session_still_right", args=[session.pk]), {"HX-Request": "true"}
    first = as_(sam).post(url, {"challenges": "Saying no", "number": "0"}, headers=htmx)
    assert first.status_code == 200 and 'id="still-right-form"' in first.content.decode()
    late = as_(ada).post(url, {"challenges": "Interruptions", "number": "0"}, headers=htmx)
    page = late.content.decode()
    assert late.status_code == 409 and re.match(r'\s*<form\s[^>]*id="still-right-form"', page)
    assert "Saying no" in page and "Interruptions" in page and "Keep both" in page
    for _press in range(2):
        kept = as_(ada).post(url, {"challenges": "Interruptions", "number": "1", "keep": "both"}, headers=htmx)
    assert kept.status_code == 200
    assert pair.still_right.first().challenges == "Interruptions\n\nSaying no"


def test_keyboard_shortcuts_are_a_preference(as_, pair, ada):
    session = make.session(pair)
    timer.start(session)
    client, url = as_(ada), reverse("session_detail", args=[session.pk])
    assert 'data-keys="1"' in client.get(url).content.decode()
    type(ada).objects.filter(pk=ada.pk).update(single_keys=False)
    assert 'data-keys=""' in client.get(url).content.decode()
