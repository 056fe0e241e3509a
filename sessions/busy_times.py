"""Busy times: when people are busy by their own calendars, for suggested times (docs/rules.md, busy times).

A process claims a calendar for a lease, reads it outside any transaction, and stores the result only while it holds it.
Nothing but the times is kept: no titles, no people, no places.
"""

import json
import logging
import signal
import subprocess  # nosec B404
import sys
import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from core import outgoing
from mentoring.models import Pair
from sessions.models import BusyCalendar

WEEKS = timedelta(weeks=9)  # that are read: what a monthly rhythm needs
OFTEN, SELDOM = timedelta(minutes=20), timedelta(hours=6)  # while one of the pair is here, and otherwise
HERE = timedelta(hours=1)  # the time of a visit is stored to the hour
RETRY_DELAYS = [timedelta(minutes=15), timedelta(hours=1), SELDOM]
LEASE = timedelta(seconds=120)
MAX_SECONDS = 10  # see WAITS_FOR_OTHERS in the settings; one slow answer may come on top
MOST_BYTES = 5 * 1024 * 1024
READING_SECONDS = 4  # of a processor
READER = Path(__file__).with_name("calendar_process.py")

Problem = BusyCalendar.Problem
logger = logging.getLogger(__name__)


class Unreadable(Exception):
    """The calendar cannot be read; the argument is one of `Problem`."""


def of(people) -> list[tuple[datetime, datetime]]:
    """Return when any of these people is busy, as far as it is known."""
    calendars = BusyCalendar.objects.filter(user__in=people).only("user", "busy")
    return [times for calendar in calendars for times in calendar.times]


# --- Reading calendars ----------------------------------------------------------------------------------------


def read_due(seconds: float = MAX_SECONDS) -> None:
    """Read the calendars that are due, for about `seconds` at most."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (calendar := claim()):
        read(calendar)


def due(now: datetime) -> QuerySet:
    """Return the calendars to be read now: more often while somebody of a running pair may plan a session."""
    here = now - HERE
    in_use = Pair.objects.active().filter(Q(mentor__seen_at__gt=here) | Q(mentee__seen_at__gt=here))
    may_plan = Q(user__in=in_use.values("mentor")) | Q(user__in=in_use.values("mentee"))
    stale = Q(failures=0, tried_at__lte=now - OFTEN) & may_plan
    return BusyCalendar.objects.filter(Q(next_read_at__lte=now) | stale, user__is_active=True)


def claim() -> BusyCalendar | None:
    """Claim the next calendar for a lease; no two processes get the same one."""
    now, token = timezone.now(), uuid.uuid4()
    with transaction.atomic():
        rows = due(now).order_by("next_read_at", "pk").select_for_update(skip_locked=True, of=("self",))
        pk = rows.values_list("pk", flat=True).first()
        claimed = due(now).filter(pk=pk)
        if pk is None or not claimed.update(lease_token=token, next_read_at=now + LEASE, tried_at=now):
            return None
    return BusyCalendar.objects.select_related("user").get(pk=pk)


def read(calendar: BusyCalendar) -> None:
    """Read one calendar. Every outcome is recorded, and nothing is raised."""
    try:
        busy = busy_in(fetch(calendar.address), calendar.user, timezone.now())
    except Unreadable as problem:
        failed(calendar, str(problem))
    except Exception as error:
        logger.info("calendar %s: %s", calendar.pk, type(error).__name__)
        failed(calendar, Problem.NO_CALENDAR)
    else:
        now, text = timezone.now(), BusyCalendar._meta.get_field("busy").seal(json.dumps(busy), calendar)
        changes = {"failures": 0, "failing_since": None, "problem": "", "read_at": now, "next_read_at": now + SELDOM}
        held(calendar).update(busy=text, lease_token=None, **changes)


def fetch(address: str) -> bytes:
    try:
        headers, private = {"Accept": "text/calendar, text/plain;q=0.5, */*;q=0.1"}, settings.CONNECTIONS_TO_PRIVATE
        status, content = outgoing.get(address, MOST_BYTES, headers, private=private)
    except outgoing.Refused as error:
        raise Unreadable(Problem.REFUSED) from error
    except outgoing.TooLarge as error:
        raise Unreadable(Problem.LARGE) from error
    except OSError as error:
        raise Unreadable(Problem.NO_ANSWER) from error
    if status != 200:
        raise Unreadable(Problem.STATUS)
    return content


def busy_in(content: bytes, person, now: datetime) -> list[list[int]]:
    """Return when a person is busy by this calendar, which is read in a separate process with limits."""
    about = {
        "seconds": READING_SECONDS,
        "zone": person.tzinfo.key,
        "addresses": [person.email],
        "host": settings.SITE.hostname,
        "since": int(now.timestamp()),
        "until": int((now + WEEKS).timestamp()),
    }
    command, text = [sys.executable, "-I", str(READER)], json.dumps(about).encode() + b"\n" + content
    try:
        # Without the environment, which has the keys of the installation.
        done = subprocess.run(
            command, input=text, capture_output=True, timeout=4 * READING_SECONDS, env={}, check=False
        )  # nosec
    except subprocess.TimeoutExpired as error:
        raise Unreadable(Problem.LARGE) from error
    if done.returncode:
        ended = (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGABRT)
        raise Unreadable(Problem.LARGE if done.returncode in ended else Problem.NO_CALENDAR)
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise Unreadable(Problem.LARGE if answer["error"] == "large" else Problem.NO_CALENDAR)
    return answer["busy"]


def held(calendar: BusyCalendar) -> QuerySet:
    """Return the row while this process holds it: not after its lease was lost or its address replaced."""
    return BusyCalendar.objects.filter(pk=calendar.pk, lease_token=calendar.lease_token)


def failed(calendar: BusyCalendar, problem: str) -> None:
    """Store what is wrong and try again later; what was read before is still used."""
    now, delay = timezone.now(), RETRY_DELAYS[min(calendar.failures, len(RETRY_DELAYS) - 1)]
    changes = {"problem": problem, "failures": F("failures") + 1, "next_read_at": now + delay}
    changes["failing_since"] = calendar.failing_since or now
    held(calendar).update(lease_token=None, **changes)
