"""The sessions of one month by weeks, as the reader's week begins."""

import re
from calendar import Calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR

from mentoring.models import Pair, attach_pairs
from sessions.models import Session

FIRST_YEAR, LAST_YEAR = 2000, 2100
SHOWN = ("pair", "kind", "starts_at", "ends_at", "started_at", "closed_at", "held_at", "canceled_at", "skipped_at")


@dataclass(frozen=True)
class Day:
    on: date
    is_in_month: bool
    is_today: bool
    sessions: list[Session]


@dataclass(frozen=True)
class Month:
    first: date
    weekdays: list[tuple[str, str]]  # short and full names
    weeks: list[list[Day]]
    is_current: bool

    @property
    def days(self) -> list[Day]:
        """The days of the month that have sessions."""
        return [day for week in self.weeks for day in week if day.is_in_month and day.sessions]

    @property
    def previous(self) -> date | None:
        month = (self.first - timedelta(days=1)).replace(day=1)
        return month if month.year >= FIRST_YEAR else None

    @property
    def next(self) -> date | None:
        month = (self.first + timedelta(days=31)).replace(day=1)
        return month if month.year <= LAST_YEAR else None


def month_of(text: str, today: date) -> date:
    """Return the first day of the month "2026-12", or of the current month if the text names none."""
    named = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text, re.ASCII)
    if not named or not FIRST_YEAR <= int(named[1]) <= LAST_YEAR:
        return today.replace(day=1)
    return date(int(named[1]), int(named[2]), 1)


def read_month(user, pairs: list[Pair], first: date) -> Month:
    """Return the month that begins on `first`, in whole weeks, with the sessions of these pairs that take place."""
    weekdays = Calendar(user.week_start - 1)
    weeks, today = weekdays.monthdatescalendar(first.year, first.month), user.today()
    on = defaultdict(list)
    for session in attach_pairs(sessions_between(user, pairs, weeks[0][0], weeks[-1][-1]), pairs):
        on[timezone.localdate(session.starts_at, user.tzinfo)].append(session)
    return Month(
        first,
        [(WEEKDAYS_ABBR[number], WEEKDAYS[number]) for number in weekdays.iterweekdays()],
        [[Day(day, day.month == first.month, day == today, on[day]) for day in week] for week in weeks],
        first == today.replace(day=1),
    )


def sessions_between(user, pairs: list[Pair], first: date, last: date):
    """Return the sessions on these dates in the reader's time zone, without canceled and skipped ones."""
    start = datetime.combine(first, time.min, user.tzinfo)
    end = datetime.combine(last + timedelta(days=1), time.min, user.tzinfo)
    rows = Session.objects.filter(pair__in=pairs, canceled_at=None, skipped_at=None)
    return rows.filter(starts_at__gte=start, starts_at__lt=end).only(*SHOWN).order_by("starts_at", "pk")
