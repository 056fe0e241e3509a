"""Dispatchers that are killed, a server that refuses and hangs up: nothing missing, never a third copy (R2, R3)."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from reminders import planner
from reminders.models import Delivery, Reminder
from sessions.models import Session
from tests import make

pytestmark = pytest.mark.usefixtures("only_always_sent")

State = Delivery.State
MESSAGES, DISPATCHERS, KILLS = 80, 4, 10
WITHIN = 60  # seconds after the last fault


def dispatcher(port: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.dispatcher", str(connection.settings_dict["NAME"]), str(port)]
    ours = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.Popen(command, env=ours, stderr=subprocess.DEVNULL)


def unfinished() -> int:
    return Reminder.objects.filter(state=Reminder.State.PLANNED).count()


@pytest.mark.slow
def test_nothing_is_missing_and_nothing_comes_three_times(transactional_db, sink, settings):
    program = make.program()
    for _ in range(MESSAGES // 2):
        make.closed_session(make.pair(program))
    Session.objects.update(closed_at=timezone.now() - timedelta(seconds=61))
    planner.plan()
    chance, sink.takes = random.Random(7), 0.2  # slow enough for a kill to hit a message on its way
    sink.answers = [
        "451 later" if chance.random() < 0.05 else "drop after" if chance.random() < 0.02 else "250 OK"
        for _ in range(MESSAGES * 3)
    ]
    drops = sink.answers.count("drop after")
    running = [dispatcher(settings.EMAIL_PORT) for _ in range(DISPATCHERS)]
    try:
        while not sink.taken:
            time.sleep(0.01)
        for _ in range(KILLS):
            victim = running.pop(0)
            victim.kill()
            victim.wait()
            running.append(dispatcher(settings.EMAIL_PORT))
            time.sleep(chance.uniform(0.05, 0.5))
        ends = time.monotonic() + WITHIN
        while unfinished() and time.monotonic() < ends:
            time.sleep(0.2)
    finally:
        for process in running:
            process.kill()
            process.wait()
    copies = sink.message_ids()
    assert not unfinished()
    assert len(copies) == MESSAGES
    assert max(copies.values()) <= 2
    assert sum(copies.values()) - MESSAGES <= KILLS + drops
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert set(states) <= {State.SENT, State.UNKNOWN}
    assert states[State.UNKNOWN] <= 2
