"""Dates and times of sessions: wall clocks across zones and clock changes, rhythm agreed and kept.

Pure functions over dates, no rows (docs/rules.md, cadence).
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


# --- Wall clocks ------------------------------------------------------------------------------------------


def at_wall_clock(local: datetime, zone: str) -> datetime:
    """The instant (UTC) at which the clock in `zone` shows the naive `local`.

    A time that does not exist (the clock jumps over it) moves forward by the gap: 02:30 becomes 03:30.
    A time that exists twice is its first occurrence.
    """
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def exists_once(local: datetime, zone: str) -> str:
    """ "once", "never" (skipped by a clock change) or "twice" (repeated by one)."""
    tz = ZoneInfo(zone)
    first, second = local.replace(tzinfo=tz, fold=0), local.replace(tzinfo=tz, fold=1)
    if first.utcoffset() == second.utcoffset():
        return "once"
    back = first.astimezone(UTC).astimezone(tz).replace(tzinfo=None)
    return "twice" if back == local else "never"


def shown_as(local: datetime, zone: str) -> datetime:
    """What the clock in `zone` really shows at the instant taken for `local`; differs where that does not exist."""
    return at_wall_clock(local, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


# --- The agreed rhythm ------------------------------------------------------------------------------------


def occurrences(rule: str, first_on: date, local_time: time, until: date) -> Iterator[datetime]:
    """Naive local times of a series from `first_on` to `until`, both included; one per date.

    Monthly keeps the weekday: the second Tuesday stays the second Tuesday, a fifth one becomes the last.
    """
    step = 0
    while (on := _nth_date(rule, first_on, step)) <= until:
        yield datetime.combine(on, local_time)
        step += 1


def next_date(rule: str, dates: Sequence[date], not_before: date) -> date:
    """The first date of the rhythm after the newest of `dates` (newest first) and not before `not_before`.

    The older ones tell whether a monthly session is on the fourth weekday of the month or on the last.
    """
    step, is_last = 1, _is_last_weekday(dates)
    while (on := _nth_date(rule, dates[0], step, is_last)) < not_before:
        step += 1
    return on


def _is_last_weekday(dates: Sequence[date]) -> bool:
    """Whether these dates, newest first, keep to the last such weekday of a month. The fourth may be either."""
    for on in dates:
        if on.weekday() != dates[0].weekday() or on.day <= 21:
            return False
        if on.day > 28:
            return True
        if on.day + 7 <= calendar.monthrange(on.year, on.month)[1]:
            return False
    return False


def sessions_in(rule: str, starts_on: date, ends_on: date) -> int:
    """How many sessions the rhythm gives between two dates, at least one: "session 4 of 12"."""
    return max(1, (ends_on - starts_on) // Cadence(rule).interval)


def due_before(next_on: date, today: date) -> date:
    """When a commitment is due unless somebody says otherwise: the day before the next session, from tomorrow on."""
    return max(next_on - DAY, today + DAY)


def _nth_date(rule: str, first_on: date, step: int, is_last: bool = False) -> date:
    if rule != Cadence.MONTHLY:
        return first_on + step * Cadence(rule).interval
    years, month = divmod(first_on.month - 1 + step, 12)
    n = 4 if is_last else (first_on.day - 1) // 7
    return _nth_weekday(first_on.year + years, month + 1, first_on.weekday(), n)


def _nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th (from 0) such weekday of a month; a fifth means the last."""
    first, days = calendar.monthrange(year, month)
    day = 1 + (weekday - first) % 7 + 7 * n
    if n == 4:
        day = max(d for d in range(day - 7, days + 1, 7))
    return date(year, month, day)


# --- The kept rhythm --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Meeting:
    """What the rhythm needs to know of a session. Dates are those of the place where it was planned."""

    on: date
    held: bool = False
    moved: bool = False
    called_off: str = ""  # "canceled" or "skipped"


@dataclass(frozen=True)
class Tick:
    """One mark on the cadence strip."""

    on: date
    kind: str  # held, moved (held on another day than first planned), missed, next
    says: str


@dataclass(frozen=True)
class Adherence:
    """Held of expected sessions in the last two intervals, and the newest reason why it is not all of them."""

    held: int
    expected: int
    since: date
    reason: Tick | None = None

    @property
    def percent(self) -> int:
        return min(100, 100 * self.held // self.expected)


Pauses = Sequence[tuple[date, date]]  # first day of the break, day on which it goes on


def ticks(
    rule: str, meetings: Sequence[Meeting], started_on: date, today: date, pauses: Pauses = (), most: int = 8
) -> list[Tick]:
    """The last `most` marks of the strip: each session, each gap where the rhythm asks for one, and what is next."""
    past = [_tick(m) for m in sorted(meetings, key=lambda m: m.on) if m.on < today or m.held]
    planned = sorted(m.on for m in meetings if m.on >= today and not m.held and not m.called_off)
    dates, marks = [started_on], []  # newest first
    for tick in past:
        marks += [*_gaps(rule, dates, tick.on, today, pauses), tick]
        dates = [tick.on, *dates]
    coming = planned[0] if planned else next_date(rule, dates, today)
    marks += _gaps(rule, dates, coming, today, pauses)
    marks.append(Tick(coming, "next", _("planned") if planned else _("expected, not planned yet")))
    return marks[-most:]


def adherence(
    rule: str, meetings: Sequence[Meeting], started_on: date, today: date, pauses: Pauses = ()
) -> Adherence | None:
    """Held ÷ expected in the last two intervals (docs/rules.md, cadence). None while nothing is expected yet.

    Pauses do not count. A session that is due today is not missing before the day is over.
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
    missed = [t for t in ticks(rule, meetings, started_on, today, pauses) if t.kind == "missed" and t.on >= since]
    short = in_time < expected
    since = min(today, max(since, started_on))
    return Adherence(min(in_time, expected), expected, since, missed[-1] if missed and short else None)


def _tick(meeting: Meeting) -> Tick:
    if meeting.held:
        return Tick(meeting.on, "moved", _("moved, held")) if meeting.moved else Tick(meeting.on, "held", _("held"))
    says = {"canceled": _("canceled"), "skipped": _("skipped")}.get(meeting.called_off, _("nobody said that you met"))
    return Tick(meeting.on, "missed", says)


def _gaps(rule: str, dates: Sequence[date], until: date, today: date, pauses: Pauses) -> list[Tick]:
    """Dates after the newest of `dates` on which the rhythm asked for a session and none was planned."""
    room, longest, missing, dates = Cadence(rule).interval * 3 / 2, _longest(rule), [], list(dates)
    while until - dates[0] > room and dates[0] + longest < min(until, today):
        dates.insert(0, next_date(rule, dates, dates[0]))
        if not any(first <= dates[0] < goes_on for first, goes_on in pauses):
            missing.append(Tick(dates[0], "missed", _("nothing was planned")))
    return missing


def _longest(rule: str) -> timedelta:
    """The longest time between two dates of a rhythm: a last Monday may be the fourth, and the next one the fifth."""
    return LONGEST_MONTH if rule == Cadence.MONTHLY else Cadence(rule).interval


def _days_between(start: date, end: date, pauses: Pauses) -> int:
    """Days from `start` to `end` without paused ones; none where `start` is still to come on the reader's calendar."""
    if start >= end:
        return 0
    paused = sum(max(0, (min(goes_on, end) - max(first, start)).days) for first, goes_on in pauses)
    return (end - start).days - paused


def _days_back(today: date, span: timedelta, pauses: Pauses) -> date:
    """The day `span` before today, not counting paused days."""
    start = today - span
    while (missing := span.days - _days_between(start, today, pauses)) > 0:
        start -= timedelta(days=missing)
    return start
