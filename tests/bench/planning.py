"""Measures planning by several workers: scripts/with-services .venv/bin/python tests/bench/planning.py --workers 2

All pairs of the data set of `make bench` and of its copies are touched at one instant. Needs PostgreSQL here.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def work() -> None:
    """Plan as a worker does until nothing is waiting, and print what it took."""
    from django.db import connection

    from reminders import planner
    from reminders.models import PlannedPair

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    before, database, plan_pairs, planned = time.process_time(), backend_cpu(), planner.plan_pairs, []
    planner.plan_pairs = lambda pks, *args: (planned.extend(pks), plan_pairs(pks, *args))
    while PlannedPair.objects.exclude(next_try_at=None).exists():
        planner.plan_waiting(seconds=15)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(len(planned), time.process_time() - before, backend_cpu() - database, peak)


def backend_cpu() -> float:
    """Return the processor time that the database took for this connection."""
    from django.db import connection

    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def measure(workers: int) -> None:
    from django.utils import timezone

    from mentoring.models import Pair
    from reminders import planner
    from reminders.models import Reminder

    now = timezone.now()
    pairs = list(Pair.objects.active().order_by("pk").values_list("pk", flat=True))
    Pair.objects.filter(pk__in=pairs).update(touched_at=now)
    before = time.perf_counter()
    for pks in planner.batches(pairs, planner.QUEUED_AT_ONCE):
        planner.queue(pks, now)
    print(f"queueing {len(pairs):,} pairs: {time.perf_counter() - before:.1f} s")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([sys.executable, __file__, "--work"], **pipes) for _ in range(workers)]
    for worker in running:
        worker.stdout.readline()
    before = time.perf_counter()
    for worker in running:
        worker.stdin.write("\n")
        worker.stdin.flush()
    found = [[float(part) for part in worker.stdout.readline().split()] for worker in running]
    took, planned = time.perf_counter() - before, [int(row[0]) for row in found]
    cpu, database, peak = sum(row[1] for row in found), sum(row[2] for row in found), max(row[3] for row in found)
    print(f"planning {planned} of {len(pairs):,} pairs: {took:.1f} s, {Reminder.objects.count():,} reminders")
    each = (cpu + database) / len(pairs)
    print(f"  CPU for each: workers {cpu / len(pairs) * 1e3:.2f} ms, database {database / len(pairs) * 1e3:.2f} ms")
    print(
        f"  100,000 pairs: {took / len(pairs) * 100_000 / 60:.1f} min, by CPU {each * 100_000 / 60 / 2:.1f} min on two"
    )
    print(f"  peak {peak:.0f} MB (goals: 3 min, 300 MB)")


def main() -> None:
    from tests.bench import run

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--copies", type=int, default=19, help="of 500 pairs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    run.set_up(500)
    if options.work:
        work()
        return
    from tests.bench import copies

    copies.add(options.copies)
    copies.analyze()
    measure(options.workers)


if __name__ == "__main__":
    main()
