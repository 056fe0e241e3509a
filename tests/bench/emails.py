"""Measures the emails of one morning: python tests/bench/emails.py --emails 10000 --workers 4

Everyone lives in one time zone and gets one email at 8:30. The database must be empty: without DATABASE_URL a new one
is created. Workers and mail server share the machine; the time of the mail server is shown separately.
"""

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
ZONE, DUE_AT = "Europe/London", datetime(2026, 12, 2, 8, 30, tzinfo=UTC)
MENTEES_OF_A_MENTOR = 10


def fill(emails: int) -> None:
    """Create this number of mentees, each with one commitment that is due today."""
    from accounts.models import Installation, User
    from goals.models import Commitment
    from mentoring.models import Pair, Program
    from tests.bench.seed import bulk

    Installation.objects.create(pk=1, demo=False, operator_name="Bench")
    today, earlier = DUE_AT.date(), DUE_AT - timedelta(days=10)

    def people(role: str, count: int) -> list[User]:
        names = [f"{role} {n:05}" for n in range(count)]
        mail = [f"{name.replace(' ', '').lower()}@bench.example" for name in names]
        people = [User(email=at, name=name, zone=ZONE, password="!") for at, name in zip(mail, names, strict=True)]
        return bulk(people)

    program = Program.objects.create(name="Bench", starts_on=earlier.date(), ends_on=today + timedelta(days=60))
    mentees, mentors = people("Mentee", emails), people("Mentor", emails // MENTEES_OF_A_MENTOR + 1)
    joined = {"program": program, "mentor_joined": True, "mentee_joined": True, "started_on": earlier.date()}
    pairs = bulk(
        [
            Pair(mentee=mentee, mentor=mentors[n // MENTEES_OF_A_MENTOR], ends_on=program.ends_on, **joined)
            for n, mentee in enumerate(mentees)
        ]
    )
    bulk(
        [
            Commitment(pair=pair, owner=pair.mentee, text="Send the draft to Lin", due_on=today, created_at=earlier)
            for pair in pairs
        ]
    )


def work(port: int, first: bool) -> None:
    """Send as a worker does until nothing is waiting; only the first one also packs."""
    from django.conf import settings

    from reminders import sender
    from reminders.models import Reminder

    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "core.smtp.EmailBackend", "127.0.0.1", port
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    print("ready", flush=True)
    sys.stdin.readline()
    before = time.process_time()
    while Reminder.objects.filter(state=Reminder.State.PLANNED, due_at__lte=DUE_AT).exists():
        sender.send_due() if first else sender.send_waiting(seconds=15)
    print(time.process_time() - before)


def plan(emails: int) -> None:
    from reminders import planner
    from reminders.models import Reminder

    before = time.perf_counter()
    while Reminder.objects.filter(due_at=DUE_AT).count() < emails:
        planner.plan()
    print(f"planning {emails:,} pairs: {time.perf_counter() - before:.0f} s")


def measure(emails: int, workers: int) -> None:
    from django.conf import settings

    from reminders.models import Delivery
    from tests.sink import running_sink

    with running_sink(settings) as sink:
        command = [sys.executable, __file__, "--work", str(settings.EMAIL_PORT)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        running = [subprocess.Popen([*command, "--first"][: 5 if n == 0 else 4], **pipes) for n in range(workers)]
        for worker in running:
            worker.stdout.readline()
        before, own = time.perf_counter(), time.process_time()
        for worker in running:
            worker.stdin.write("\n")
            worker.stdin.flush()
        cpu = sum(float(worker.stdout.readline() or "nan") for worker in running)
        took, own = time.perf_counter() - before, time.process_time() - own
    copies = sink.message_ids()
    rate = len(copies) / took
    print(f"{len(copies):,} emails by {workers} workers: {took:.0f} s, {rate:.0f} a second (goal 10,000 in 60 s)")
    each, of_server = cpu / len(copies) * 1000, own / len(copies) * 1000
    print(f"  CPU for each: workers {each:.1f} ms, mail server {of_server:.1f} ms, besides the database")
    print(f"  missing {Delivery.objects.count() - len(copies)}, doubled {sum(copies.values()) - len(copies)}")


def main() -> None:
    import time_machine

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--emails", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.work and "DATABASE_URL" not in os.environ:
        os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="bench-emails-")
    import django

    django.setup()
    if options.work:
        with time_machine.travel(DUE_AT):
            work(options.work, options.first)
        return
    from django.core.management import call_command

    with time_machine.travel(DUE_AT - timedelta(hours=1)):
        call_command("migrate", verbosity=0)
        fill(options.emails)
        plan(options.emails)
    logging.disable(logging.WARNING)
    measure(options.emails, options.workers)


if __name__ == "__main__":
    main()
