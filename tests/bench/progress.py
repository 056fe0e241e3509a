"""Measures five years of one pair in `make bench`: its timeline, its charts, and its growth record as a PDF.

260 weekly sessions and about 2,000 entries, in a transaction that is rolled back. The PDF is created in a separate
process, so that its memory can be measured: by VmHWM, since ru_maxrss of a new process begins at that of its parent.
"""

import gzip
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path
from statistics import median

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions.time_slot import TimeSlot

WEEKS = 260
PDF = """
import pathlib, sys, time
import django; django.setup()
from records import growth
html = open(sys.argv[1]).read()
growth.as_html = lambda made: html
start = time.perf_counter()
made = growth.as_pdf({})
took = time.perf_counter() - start
peak = int(pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
print(f"{took:.2f} {peak / 1024:.0f} {len(made)}")
"""


def run() -> None:
    from mentoring.models import Pair

    with transaction.atomic():
        small = Pair.objects.active().order_by("-pk").first()
        long = Pair.objects.active().order_by("pk").first()
        fill(long)
        timelines(small, long)
        charts(long)
        record(long)
        transaction.set_rollback(True)


def fill(pair) -> None:
    """Create five years of sessions, commitments with their events, feedback and values."""
    from goals.models import Commitment, CommitmentEvent, Indicator, Reading
    from sessions.models import Feedback, Session

    now = timezone.now()
    moments = [now - timedelta(weeks=n, days=1) for n in range(WEEKS)]
    sessions = []
    for at in moments:
        row = Session(pair=pair, uid=uuid.uuid4(), kind="standard", place="Room 4", takeaway="Decision first")
        row.set_time(TimeSlot(at.replace(tzinfo=None, second=0, microsecond=0), "UTC", 60))
        row.held_at = row.closed_at = row.started_at = at
        sessions.append(row)
    Session.objects.bulk_create(sessions)
    rows = [
        Commitment(pair=pair, owner=pair.mentee, text=f"Try it in week {n}", due_on=at.date(), created_at=at, **done)
        for n, at in enumerate(moments)
        for done in ({"state": "done", "settled_at": at + timedelta(days=5)}, {})
    ]
    Commitment.objects.bulk_create(rows)
    CommitmentEvent.objects.bulk_create(
        CommitmentEvent(
            commitment=row,
            kind=kind,
            created_by=pair.mentee,
            created_at=row.created_at,
            effective_on=row.due_on,
            new_due_on=row.due_on,
        )
        for row in rows
        for kind in (["made", "done"] if row.state == "done" else ["made"])
    )
    Feedback.objects.bulk_create(
        Feedback(pair=pair, created_by=pair.mentor, created_at=at, differently="Say the decision first, and stop.")
        for at in moments
    )
    one, two = (Indicator.objects.create(pair=pair, title=f"Figure {n}", entered_by="both") for n in range(2))
    Reading.objects.bulk_create(
        Reading(indicator=indicator, created_by=by, measured_on=at.date(), value=1 + n % 5, updated_at=at)
        for n, at in enumerate(moments)
        for indicator, by in ((one, pair.mentee), (one, pair.mentor), (two, pair.mentee))
    )


def timelines(small, long) -> None:
    from records.timeline import timeline

    for name, pair, start in (("small pair", small, 0), ("five years, first page", long, 0), ("page 50", long, 1470)):
        with CaptureQueriesContext(connection) as queries:
            found = timeline(pair, "", start, 30)
        took = []
        for _ in range(15):
            before = time.perf_counter()
            timeline(pair, "", start, 30)
            took.append(time.perf_counter() - before)
        ms = median(took) * 1000
        print(f"timeline, {name}: {len(found.groups)} groups, {len(queries)} query, {ms:.1f} ms")


def charts(pair) -> None:
    from django.template.loader import render_to_string

    from goals.indicator_charts import indicator_chart

    for indicator in pair.indicators.all():
        html = render_to_string(
            "components/_chart.html", {"chart": indicator_chart(indicator), "title": indicator.title}
        )
        print(f"chart of {indicator.title}: {len(gzip.compress(html.encode(), 6))} bytes gzipped (goal: 3072)")


def record(pair) -> None:
    from records import growth

    before = time.perf_counter()
    html = growth.as_html(growth.build_record(pair, growth.SECTIONS))
    print(f"growth record as a page: {time.perf_counter() - before:.2f} s, {len(html) / 1024:.0f} KB")
    with tempfile.NamedTemporaryFile("w", suffix=".html") as file:
        file.write(html)
        file.flush()
        made = subprocess.run([sys.executable, "-c", PDF, file.name], capture_output=True, text=True, cwd=Path.cwd())
    if made.returncode:
        print(f"growth record as a PDF: not made ({made.stderr.strip().splitlines()[-1]})")
        return
    seconds, peak, size = made.stdout.split()
    print(f"growth record as a PDF: {seconds} s (goal: 5), peak {peak} MB (goal: 200), {int(size) / 1024:.0f} KB")
