"""Tests that killed workers, an emptied broker and a failing mail server lose no email and send no third copy."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from operations import broker
from operations.supervisor import end_with_parent
from reminders import planner
from reminders.models import Delivery, Reminder
from sessions.models import Session
from tests import make

pytestmark = pytest.mark.usefixtures("only_always_sent")

State = Delivery.State
MESSAGES, WORKERS, KILLS = 80, 2, 5
WITHIN = 60  # seconds after the last fault


@pytest.fixture
def broker_url(tmp_path):
    """The Redis of this run, or an embedded broker as in `make run`."""
    if os.environ.get("REDIS_URL"):
        yield django_settings.CACHES["default"]["LOCATION"]
        return
    at = broker.socket_path_in(tmp_path)
    broker.prepare_socket(at)
    server = subprocess.Popen(broker.server_command(broker.find_server(), at))
    try:
        while not broker.is_running(at):
            time.sleep(0.02)
        yield f"unix://{at}"
    finally:
        server.kill()
        server.wait()


@contextmanager
def workers(port: int, broker_url: str, folder: Path):
    """Start WORKERS workers, each with its own scheduler; replace() kills one and starts another."""
    address = broker_url.replace("unix://", "redis+socket://", 1)
    command = [sys.executable, "-m", "tests.worker", str(connection.settings_dict["NAME"]), str(port), address, folder]
    ours = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}

    def start() -> subprocess.Popen:
        ends = end_with_parent(os.getpid())  # also when the tests are killed
        return subprocess.Popen(
            command, env=ours, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=ends
        )

    running = [start() for _ in range(WORKERS)]

    def replace() -> None:
        """Kill a worker, but not while a second copy is sent: there is no third, so two kills could lose a message."""
        victim = running.pop(0)
        victim.send_signal(signal.SIGSTOP)
        while second_copies():
            victim.send_signal(signal.SIGCONT)
            time.sleep(0.02)
            victim.send_signal(signal.SIGSTOP)
        victim.kill()
        victim.wait()
        running.append(start())

    try:
        yield replace
    finally:
        for process in running:
            process.kill()
            process.wait()


def second_copies() -> bool:
    """Return True while a message is sent for the second time."""
    return Delivery.objects.filter(state=State.SENDING, copies_sent__gt=1).exists()


def unfinished() -> int:
    return Reminder.objects.filter(state=Reminder.State.PLANNED).count()


@pytest.mark.slow
def test_every_email_arrives_and_none_three_times(transactional_db, sink, settings, broker_url, tmp_path):
    """Two workers with schedulers; five kills, each emptying the broker; 5% refusals, 2% lost responses."""
    program = make.program()
    for _ in range(MESSAGES // 2):
        make.closed_session(make.pair(program))
    Session.objects.update(closed_at=timezone.now() - timedelta(seconds=61))
    planner.plan()
    chance, sink.delay = random.Random(7), 0.2  # slow enough for a kill to hit a message being sent
    sink.replies = [
        "451 later" if chance.random() < 0.05 else "drop after" if chance.random() < 0.02 else "250 OK"
        for _ in range(MESSAGES * 3)
    ]
    drops, line = sink.replies.count("drop after"), redis.from_url(broker_url)
    with workers(settings.EMAIL_PORT, broker_url, tmp_path) as replace:
        for _ in range(KILLS):
            received, patience = len(sink.received), time.monotonic() + WITHIN
            while len(sink.received) == received and unfinished() and time.monotonic() < patience:
                time.sleep(0.01)
            line.flushall()
            replace()
        ends = time.monotonic() + WITHIN
        while unfinished() and time.monotonic() < ends:
            time.sleep(0.2)
    copies = sink.message_ids()
    assert not unfinished()
    assert len(copies) == MESSAGES
    assert max(copies.values()) <= 2
    assert sum(copies.values()) - MESSAGES <= KILLS + drops
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert set(states) <= {State.SENT, State.UNKNOWN}
    assert states[State.UNKNOWN] <= 2
