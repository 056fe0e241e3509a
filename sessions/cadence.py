"""Dates and times of sessions: local times across time zones and clock changes, agreed and kept rhythm.

Pure functions over dates, no database access (docs/rules.md, cadence).
"""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from mentoring.models import Cadence

DAY = timedelta(days=1)
LONGEST_MONTH = timedelta(days=35)  # the third Tuesday comes 28 or 35 days after the last one
TWO_MONTHS = timedelta(days=63)  # two such steps: never 35 twice in a row


# --- Local times ------------------------------------------------------------------------------------------


def at_wall_clock(local: datetime, zone: str) -> datetime:
    """Return the instant (UTC) at which a clock in `zone` shows the naive `local`.

    A time that does not exist (the clock skips it) moves forward by the gap: 02:30 becomes 03:30.
    A time that occurs twice is taken as its first occurrence.
    """
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def occurs(local: datetime, zone: str) -> str:
    """Return how often a local time occurs: "once", "never" (a clock change skips it) or "twice"."""
    tz = ZoneInfo(zone)
    first, second = local.replace(tzinfo=tz, fold=0), local.replace(tzinfo=tz, fold=1)
    if first.utcoffset() == second.utcoffset():
        return "once"
    back = first.astimezone(UTC).astimezone(tz).replace(tzinfo=None)
    return "twice" if back == local else "never"


def adjusted_local_time(local: datetime, zone: str) -> datetime:
    """Return the local time used for `local` in `zone`; it differs if `local` does not exist there."""
    return at_wall_clock(local, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


# --- The agreed rhythm ------------------------------------------------------------------------------------


def occurrences(rule: str, first_on: date, local_time: time, until: date) -> Iterator[datetime]:
    """Yield the naive local times of a series from `first_on` to `until`, both included.

    A monthly series keeps the weekday: the second Tuesday of each month; a fifth one becomes the last.
    """
    step = 0
    while (on := _nth_date(rule, first_on, step)) <= until:
        yield datetime.combine(on, local_time)
        step += 1


def next_date(rule: str, dates: Sequence[date], not_before: date) -> date:
    """Return the first date of the rhythm after the newest of `dates` (newest first), from `not_before` on.

    The older dates show whether a monthly session is on the fourth such weekday of the month or on the last.
    """
    step, is_last = 1, _is_last_weekday(dates)
    while (on := _nth_date(rule, dates[0], step, is_last)) < not_before:
        step += 1
    return on


def _is_last_weekday(dates: Sequence[date]) -> bool:
    """Return True if these dates, newest first, are the last such weekday of a month. A fourth may be either."""
    for on in dates:
        if on.weekday() != dates[0].weekday() or on.day <= 21:
            return False
        if on.day > 28:
            return True
        if on.day + 7 <= calendar.monthrange(on.year, on.month)[1]:
            return False
    return False


def sessions_in(rule: str, starts_on: date, ends_on: date) -> int:
    """Return how many sessions the rhythm has between two dates, at least one: "session 4 of 12"."""
    return max(1, (ends_on - starts_on) // Cadence(rule).interval)


def due_before(next_on: date, today: date) -> date:
    """Return the default due date of a commitment: the day before the next session, tomorrow at the earliest."""
    return max(next_on - DAY, today + DAY)


def _nth_date(rule: str, first_on: date, step: int, is_last: bool = False) -> date:
    if rule != Cadence.MONTHLY:
        return first_on + step * Cadence(rule).interval
    years, month = divmod(first_on.month - 1 + step, 12)
    n = 4 if is_last else (first_on.day - 1) // 7
    return _nth_weekday(first_on.year + years, month + 1, first_on.weekday(), n)


def _nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """Return the n-th (from 0) such weekday of a month; a fifth means the last."""
    first, days = calendar.monthrange(year, month)
    day = 1 + (weekday - first) % 7 + 7 * n
    if n == 4:
        day = max(d for d in range(day - 7, days + 1, 7))
    return date(year, month, day)


# --- The kept rhythm --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Meeting:
    """What the rhythm needs to know about a session. `on` is its date in the zone in which it was planned."""

    on: date
    held: bool = False
    moved: bool = False
    called_off: str = ""  # "canceled" or "skipped"


@dataclass(frozen=True)
class Tick:
    """One mark on the cadence strip."""

    on: date
    kind: str  # held, moved (held on another day than first planned), missed, next
    label: str
    is_scheduled: bool = False  # of the next one


@dataclass(frozen=True)
class Adherence:
    """Held and expected sessions in the last two intervals, and the latest missed one if there are fewer."""

    held: int
    expected: int
    since: date
    reason: Tick | None = None

    @property
    def percent(self) -> int:
        return min(100, 100 * self.held // self.expected)


Pauses = Sequence[tuple[date, date]]  # first day of each pause, and the day on which the pair resumes


def ticks(
    rule: str, meetings: Sequence[Meeting], started_on: date, today: date, pauses: Pauses = (), most: int = 8
) -> list[Tick]:
    """Return the last `most` marks of the strip: sessions, gaps where the rhythm expects one, and the next one."""
    past = [_tick(m) for m in sorted(meetings, key=lambda m: m.on) if m.on < today or m.held]
    planned = sorted(m.on for m in meetings if m.on >= today and not m.held and not m.called_off)
    dates, marks = [started_on], []  # newest first
    for tick in past:
        marks += [*_gaps(rule, dates, tick.on, today, pauses), tick]
        dates = [tick.on, *dates]
    coming = planned[0] if planned else next_date(rule, dates, today)
    marks += _gaps(rule, dates, coming, today, pauses)
    word = _("scheduled") if planned else _("expected, not scheduled yet")
    marks.append(Tick(coming, "next", word, bool(planned)))
    return marks[-most:]


def adherence(
    rule: str, meetings: Sequence[Meeting], started_on: date, today: date, pauses: Pauses = ()
) -> Adherence | None:
    """Return held and expected sessions in the last two intervals (docs/rules.md, cadence), or None if none was due.

    Paused days do not count. A session due today is missed only when the day is over.
    """
    held = sorted(m.on for m in meetings if m.held)
    interval = _longest(rule)
    if held:
        expected = 1 + _days_between(held[0], today, pauses) // interval.days
    else:
        expected = _days_between(started_on, today, pauses) // interval.days
    if expected < 1:
        return None
    since = _days_back(today, TWO_MONTHS if rule == Cadence.MONTHLY else 2 * interval, pauses)
    in_time = sum(on >= since for on in held)
    expected = min(2, expected)
    missed = []
    if in_time < expected:
        marks = ticks(rule, meetings, started_on, today, pauses)
        missed = [tick for tick in marks if tick.kind == "missed" and tick.on >= since]
    since = min(today, max(since, started_on))
    return Adherence(min(in_time, expected), expected, since, missed[-1] if missed else None)


def _tick(meeting: Meeting) -> Tick:
    if meeting.held:
        return (
            Tick(meeting.on, "moved", _("held on another day"))
            if meeting.moved
            else Tick(meeting.on, "held", _("held"))
        )
    label = {"canceled": _("canceled"), "skipped": _("skipped")}.get(meeting.called_off, _("not confirmed"))
    return Tick(meeting.on, "missed", label)


def _gaps(rule: str, dates: Sequence[date], until: date, today: date, pauses: Pauses) -> list[Tick]:
    """Return the dates after the newest of `dates` on which a session was expected and none was planned."""
    tolerance, longest, missing, dates = Cadence(rule).interval * 3 / 2, _longest(rule), [], list(dates)
    while until - dates[0] > tolerance and dates[0] + longest < min(until, today):
        dates.insert(0, next_date(rule, dates, dates[0]))
        if not any(first <= dates[0] < resumes_on for first, resumes_on in pauses):
            missing.append(Tick(dates[0], "missed", _("nothing scheduled")))
    return missing


def _longest(rule: str) -> timedelta:
    """Return the longest time between two dates of a rhythm: the last Monday may be the fourth, then the fifth."""
    return LONGEST_MONTH if rule == Cadence.MONTHLY else Cadence(rule).interval


def _days_between(start: date, end: date, pauses: Pauses) -> int:
    """Return the days from `start` to `end` without paused ones; 0 if `start` is still in the future."""
    if start >= end:
        return 0
    paused = sum(max(0, (min(resumes_on, end) - max(first, start)).days) for first, resumes_on in pauses)
    return (end - start).days - paused


def _days_back(today: date, span: timedelta, pauses: Pauses) -> date:
    """Return the day `span` before today, not counting paused days."""
    start = today - span
    while (missing := span.days - _days_between(start, today, pauses)) > 0:
        start -= timedelta(days=missing)
    return start
