"""Tests the queue of pairs to plan: each change is planned once, by any number of workers, and none is lost."""

import logging
import threading
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connections
from django.utils import timezone

from accounts.models import User
from mentoring.models import Pair
from reminders import planner
from reminders.models import PlannedPair, Reminder, Watermark
from tests import make
from tests.reminders.test_planner import kinds_planned

pytestmark = pytest.mark.usefixtures("only_always_sent")


@pytest.fixture
def closed(pair):
    return make.closed_session(pair)


def touched_a_while_ago() -> None:
    User.objects.update(touched_at=timezone.now() - timedelta(seconds=20))
    Pair.objects.update(touched_at=timezone.now() - timedelta(seconds=10))


@pytest.fixture
def changed_at_once(pair, monkeypatch):
    """Seven pairs, each with a closed session, that changed at one instant; two are planned at a time."""
    monkeypatch.setattr(planner, "BATCH", 2)
    pairs = [pair, *(make.pair() for _ in range(6))]
    for one in pairs:
        make.closed_session(one)
    touched_a_while_ago()
    return sorted(one.pk for one in pairs)


@pytest.fixture
def planned(monkeypatch):
    """The keys of the pairs that are planned, each time they are."""
    keys, plan_pairs = [], planner.plan_pairs

    def noting(pks, *args):
        keys.extend(pks)
        plan_pairs(pks, *args)

    monkeypatch.setattr(planner, "plan_pairs", noting)
    return keys


def test_changes_at_one_instant_are_planned_over_several_ticks(changed_at_once):
    for ticks in range(1, 4):
        planner.plan(seconds=-1)
        assert Reminder.objects.count() == 4 * ticks, "the time limit was reached after two pairs"
    planner.plan(seconds=-1)
    assert Reminder.objects.count() == 14
    assert not PlannedPair.objects.exclude(next_try_at=None).exists()


def test_a_planned_pair_is_planned_again_only_after_a_change(closed, planned):
    now = timezone.now()
    for seconds in (2, 62, 122):
        planner.plan(now + timedelta(seconds=seconds))
    assert planned == [closed.pair_id]
    closed.pair.touch()
    planner.plan(now + timedelta(seconds=182))
    assert planned == [closed.pair_id] * 2


def test_a_second_change_within_the_same_moment_is_planned(pair):
    with time_machine.travel(timezone.now(), tick=False):
        pair.touch()
        planner.plan()
        make.closed_session(pair)
        planner.plan()
    assert kinds_planned() == ["recap", "recap"]


def test_a_pair_changed_while_it_is_planned_is_planned_again(closed, monkeypatch):
    plan_pairs = planner.plan_pairs

    def while_it_changes(pks, *args):
        plan_pairs(pks, *args)
        monkeypatch.setattr(planner, "plan_pairs", plan_pairs)
        make.closed_session(closed.pair)
        planner.queue(pks, timezone.now())

    monkeypatch.setattr(planner, "plan_pairs", while_it_changes)
    planner.plan()
    assert Reminder.objects.count() == 2
    planner.plan_waiting()
    assert Reminder.objects.count() == 4


def test_pairs_of_a_killed_planner_are_planned_after_its_lease(closed):
    touched_a_while_ago()
    now = timezone.now()
    Watermark.objects.create(pk=1, planned_until=now)
    planner.queue([closed.pair_id], now)
    assert planner.claim(uuid.uuid4(), now) == [closed.pair_id]
    planner.plan(now)
    assert kinds_planned() == []
    planner.plan(now + planner.LEASE)
    assert kinds_planned() == ["recap", "recap"]


def test_pairs_that_failed_are_planned_a_minute_later(closed, monkeypatch, caplog):
    touched_a_while_ago()
    now = timezone.now()
    Watermark.objects.create(pk=1, planned_until=now)
    with monkeypatch.context() as patch, caplog.at_level(logging.CRITICAL):
        patch.setattr(planner, "save_intents", lambda intents: (_ for _ in ()).throw(OperationalError("deadlock")))
        planner.plan(now)
    planner.plan(now + timedelta(seconds=59))
    assert kinds_planned() == []
    planner.plan(now + timedelta(seconds=60))
    assert kinds_planned() == ["recap", "recap"]


def test_a_change_of_a_person_right_after_one_of_the_pair_is_planned(closed, planned, ada):
    planner.plan()
    type(ada).objects.filter(pk=ada.pk).update(touched_at=timezone.now())
    planner.plan()
    assert planned == [closed.pair_id] * 2


def test_several_workers_plan_each_pair_once(changed_at_once, transactional_db, planned):
    planner.queue(changed_at_once, timezone.now())
    start, errors = threading.Barrier(3), []

    def planning():
        start.wait()
        try:
            planner.plan_waiting()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=planning) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sorted(planned) == changed_at_once
    assert Reminder.objects.count() == 14
