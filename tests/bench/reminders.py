"""Measures reminders in `make bench`: planning, ticks, delivery, and the memory of worker and scheduler.

Everything happens in a transaction that is rolled back, so that the data set does not change.
"""

import os
import resource
import smtplib
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import transaction
from django.utils import timezone

FEW, MANY = 10_000, 200_000  # reminders that are due in the future
MESSAGES = 400


def run() -> None:
    from tests.sink import running_sink

    with transaction.atomic():
        _planning()
        _ticking()
        transaction.set_rollback(True)
    with transaction.atomic(), running_sink(settings):
        _delivering()
        transaction.set_rollback(True)
    _memory()


def _planning() -> None:
    """Plan all pairs, as if each was touched since the last tick."""
    from mentoring.models import Pair
    from reminders import planner
    from reminders.models import Reminder

    pairs = Pair.objects.active().update(touched_at=timezone.now())
    before = time.perf_counter()
    planner.plan()
    took = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"planning {pairs} touched pairs: {took:.1f} s, {Reminder.objects.count()} reminders, peak {peak:.0f} MB")
    print(f"  100,000 pairs at this rate on one core: {100_000 / pairs * took / 60:.1f} min (goal: 3 min on two)")


def _ticking() -> None:
    """Compare ticks with few and many future reminders, none of them due."""
    from accounts.models import User
    from mentoring.models import Pair
    from reminders.models import Reminder

    person, far = User.objects.first(), timezone.now() + timedelta(days=30)
    Pair.objects.update(touched_at=timezone.now() - timedelta(days=1))
    User.objects.update(touched_at=timezone.now() - timedelta(days=1))
    pairs, costs = list(Pair.objects.values_list("pk", flat=True)), []
    for start, end in ((0, FEW), (FEW, MANY)):
        rows = (
            Reminder(
                key=f"bench:{n}",
                kind="commitment_due",
                recipient=person,
                subject="commitment:0",
                pair_id=pairs[n % len(pairs)],
                due_at=far,
            )
            for n in range(start, end)
        )
        Reminder.objects.bulk_create(rows, batch_size=5000)
        costs.append(median(tick() for _ in range(9)))
    few, many = costs
    print(f"tick, {FEW:,} and {MANY:,} future rows: {few:.1f} ms and {many:.1f} ms, ratio {many / few:.2f} (goal 1.2)")


def tick() -> float:
    from reminders import packing, planner, sender

    before = time.process_time()
    planner.plan()
    packing.pack()
    sender.claim()
    return (time.process_time() - before) * 1000


def _delivering() -> None:
    """Compare the sender with Python's SMTP client, both with the same local server."""
    from reminders import emails, packing, planner, sender
    from reminders.intents import KINDS
    from reminders.models import Delivery, Reminder
    from sessions.models import Session

    Reminder.objects.all().delete(), Delivery.objects.all().delete()
    now = timezone.now()
    sessions = list(Session.objects.filter(closed_at__isnull=False).order_by("-closed_at")[: MESSAGES // 2])
    Session.objects.filter(pk__in=[s.pk for s in sessions]).update(closed_at=now - timedelta(minutes=2))
    planner.save_intents(KINDS["recap"].intents_about([s.pk for s in sessions]))
    packing.pack()
    first = Delivery.objects.select_related("recipient").first()
    message = emails.compose(first, sender.recheck([first])[first.pk]).message().as_bytes(linesep="\r\n")
    before = time.perf_counter()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as client:
        for _ in range(MESSAGES):
            client.sendmail("a@bench.example", ["b@bench.example"], message)
    plain = MESSAGES / (time.perf_counter() - before)
    before = time.perf_counter()
    sent = sender.send_due(seconds=60)
    ours = sent / (time.perf_counter() - before)
    print(f"delivery: {ours:.0f} a second, Python's SMTP client {plain:.0f}, {100 * ours / plain:.0f} % (goal 50 %)")


def _memory() -> None:
    """Measure the memory of an idle worker, with its child process, and of the scheduler."""
    celery = [sys.executable, "-m", "celery", "--quiet", "--app", "config.celery"]
    programs = {
        "worker": [*celery, "worker", "--concurrency", "1", "--loglevel", "critical"],
        "scheduler": [*celery, "beat", "--pidfile", "", "--loglevel", "critical"],
    }
    for name, command in programs.items():
        process = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(8)
            print(f"memory, {name}: {sum(map(_pss, _family(process.pid))) / 1024:.0f} MB")
        finally:
            process.terminate()
            process.wait()


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _pss(pid: int) -> int:
    """Return the memory in kilobytes, with shared pages counted proportionally."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
