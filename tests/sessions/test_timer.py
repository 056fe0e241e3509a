"""Tests the shared session timer, and that late clicks change nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from sessions.models import Session, SessionVisit
from sessions.session_room import timer
from tests import make

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 12, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(TEN, tick=False) as traveler:
        yield traveler


@pytest.fixture
def session(clock, pair):
    return make.session(pair, datetime(2026, 12, 4, 10, 0))


@pytest.fixture
def running(session, sam):
    assert timer.start(session)
    return session


def now(session) -> Session:
    return Session.objects.get(pk=session.pk)


def seconds(session, position: int) -> int:
    return session.blocks.get(position=position).actual_seconds


def test_starting_runs_the_first_block_and_a_second_start_changes_nothing(clock, running, ada):
    clock.shift(60)
    assert not timer.start(now(running))
    assert (now(running).started_at, now(running).current_block) == (TEN, 0)


def test_simultaneous_clicks_on_next_advance_once(clock, running, sam, ada):
    mine, theirs = now(running), now(running)
    clock.shift(180)
    assert timer.next_block(mine, expected=0)
    assert not timer.next_block(theirs, expected=0)
    assert now(running).current_block == 1
    assert seconds(running, 0) == 180


def test_the_last_block_has_no_next_block(clock, running, sam):
    last = running.blocks.count() - 1
    assert timer.go_to_block(running, 0, last)
    assert not timer.next_block(running, last)
    assert now(running).current_block == last


def test_paused_time_is_not_counted(clock, running, sam):
    clock.shift(100)
    timer.next_block(running, 0)
    clock.shift(50)
    assert timer.pause(now(running), 1)
    clock.shift(500)
    assert timer.resume(now(running), 1)
    clock.shift(30)
    timer.go_to_block(now(running), 1, 0)
    clock.shift(20)
    timer.go_to_block(now(running), 0, 2)
    assert (seconds(running, 0), seconds(running, 1)) == (120, 80)


def test_changing_the_block_ends_a_pause(clock, running, sam):
    clock.shift(60)
    timer.pause(now(running), 0)
    clock.shift(600)
    assert timer.next_block(now(running), 0)
    assert now(running).paused_at is None
    assert seconds(running, 0) == 60


def test_a_second_pause_and_a_second_resume_change_nothing(clock, running, sam, ada):
    clock.shift(60)
    assert timer.pause(now(running), 0)
    clock.shift(5)
    assert not timer.pause(now(running), 0)
    assert now(running).paused_at == TEN + timedelta(seconds=60)
    assert timer.resume(now(running), 0)
    assert not timer.resume(now(running), 0)
    assert timer.elapsed(now(running)) == timedelta(seconds=60)


def test_extending_by_both_at_once_extends_once(running, sam, ada):
    planned = running.blocks.get(position=0).planned_minutes
    assert timer.extend(running, 0, planned)
    assert not timer.extend(now(running), 0, planned)
    assert running.blocks.get(position=0).planned_minutes == planned + timer.EXTEND_BY


def test_extending_a_past_block_changes_nothing(running, sam):
    timer.next_block(running, 0)
    assert not timer.extend(now(running), 0, running.blocks.get(position=0).planned_minutes)


def test_stopping_keeps_the_time_of_the_running_block(clock, running, sam):
    clock.shift(90)
    assert timer.stop(now(running))
    assert not timer.stop(now(running))
    assert seconds(running, 0) == 90


def test_the_timer_is_fixed_once_the_session_is_closed(clock, running, sam):
    Session.objects.filter(pk=running.pk).update(closed_at=TEN)
    closed = now(running)
    assert not timer.next_block(closed, 0)
    assert not timer.pause(closed, 0)
    assert not timer.extend(closed, 0, 3)


def test_every_action_updates_the_other_page(running, sam):
    for verb, more in ((timer.pause, ()), (timer.resume, ()), (timer.next_block, ())):
        before = running.pair.__class__.objects.get(pk=running.pair_id).revision
        assert verb(now(running), 0, *more)
        assert running.pair.__class__.objects.get(pk=running.pair_id).revision > before


def test_planned_and_actual_minutes_are_summed_by_block_type(clock, running, sam):
    timer.go_to_block(running, 0, 3)
    clock.shift(8 * 60)
    timer.go_to_block(now(running), 3, 5)
    shares = {share.type: (share.planned, share.actual) for share in timer.balance(running.blocks.all())}
    assert shares == {"learn": (12, 8), "reflect": (13, 0), "apply": (13, 0)}
    clock.shift(60)
    assert timer.balance(running.blocks.all(), now(running))[2].actual == 1


def press(client, session, name: str, expected: int, *more):
    return client.post(reverse(name, args=[session.pk, *more]), {"expected": expected})


def test_without_javascript_a_click_leads_back_to_the_room(as_, running, sam):
    response = press(as_(sam), running, "session_next_block", 0)
    assert response.status_code == 302
    assert response.url == reverse("session_detail", args=[running.pk])
    assert now(running).current_block == 1


def test_a_late_click_returns_the_current_room(as_, running, sam, ada):
    press(as_(sam), running, "session_next_block", 0)
    url = reverse("session_next_block", args=[running.pk])
    response = as_(ada).post(url, {"expected": 0}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert 'value="1"' in response.content.decode()
    assert now(running).current_block == 1


@pytest.mark.parametrize("nonsense", ["", "x", "-1", "99999999999999999999"])
def test_a_request_without_a_block_changes_nothing(as_, running, sam, nonsense):
    url = reverse("session_next_block", args=[running.pk])
    assert as_(sam).post(url, {"expected": nonsense}).status_code == 302
    assert now(running).current_block == 0


def test_the_timer_is_hidden_for_one_person_only(as_, running, sam, ada):
    url = reverse("session_toggle_timer", args=[running.pk])
    before = running.pair.__class__.objects.get(pk=running.pair_id).revision
    as_(sam).post(url, {"timer": "hide"})
    page = reverse("session_detail", args=[running.pk])
    assert "data-clock" not in as_(sam).get(page).content.decode()
    assert "data-clock" in as_(ada).get(page).content.decode()
    assert SessionVisit.objects.get(session=running, user=sam).timer_hidden_at
    assert running.pair.__class__.objects.get(pk=running.pair_id).revision == before
    as_(sam).post(url, {"timer": "show"})
    assert "data-clock" in as_(sam).get(page).content.decode()


@pytest.mark.parametrize("verb", ["start", "next_block", "pause", "resume", "toggle_timer"])
def test_strangers_and_ended_pairs_cannot_use_the_timer(as_, running, sam, verb):
    url = reverse(f"session_{verb}", args=[running.pk])
    assert as_(make.user()).post(url).status_code == 404
    assert as_(sam).get(url).status_code == 405
    running.pair.end()
    assert as_(sam).post(url).status_code == 404


def test_a_huge_extension_changes_nothing(as_, running, sam):
    answer = as_(sam).post(f"/sessions/{running.pk}/extend/{'9' * 30}/", {"expected": "0"})
    assert answer.status_code == 302
    assert running.blocks.get(position=0).extended_minutes == 0


def test_a_timer_left_running_is_cut_off_and_reported(clock, as_, running, sam):
    """After twenty hours, the session took its planned hour and one more, over all blocks."""
    clock.shift(10 * 60)
    timer.go_to_block(now(running), 0, 3)
    clock.shift(20 * 60 * 60)
    timer.stop(now(running))
    blocks = list(running.blocks.all())
    assert sum(block.actual_minutes for block in blocks) == 60 + 60 and blocks[0].actual_minutes == 10
    assert timer.was_left_running(running, blocks)
    assert timer.minutes_met(60, 0, sum(block.actual_seconds for block in blocks)) == 60
    assert timer.minutes_met(60, 0, 48 * 60) == 48 and timer.minutes_met(60, 0, 0) == 60


def test_an_extended_session_can_take_longer(clock, running, sam):
    timer.extend(running, 0, running.blocks.get(position=0).planned_minutes, minutes=30)
    clock.shift(140 * 60)
    timer.stop(now(running))
    assert running.blocks.get(position=0).actual_minutes == 140
    assert not timer.was_left_running(running, running.blocks.all())


def test_starting_days_early_asks_and_moves_the_session(as_, pair, sam):
    with time_machine.travel(datetime(2026, 12, 4, 10, 0, tzinfo=UTC), tick=False) as clock:
        session = make.session(pair, datetime(2026, 12, 10, 10, 0))
        url = reverse("session_start", args=[session.pk])
        page = as_(sam).post(url).content.decode()
        assert "Start this session now?" in page and not now(session).started_at
        as_(sam).post(url, {"now": "1"})
        held = now(session)
        assert held.started_at and held.planned_date == date(2026, 12, 4) and held.moves.count() == 1
        clock.shift(30)
        as_(sam).post(reverse("session_start_undo", args=[session.pk]))
        assert not now(session).started_at and now(session).planned_date == date(2026, 12, 10)


def test_a_start_cannot_be_undone_after_a_minute(clock, as_, running, sam):
    clock.shift(61)
    as_(sam).post(reverse("session_start_undo", args=[running.pk]))
    assert now(running).started_at
