"""Dates and times as people say them, in the reader's zone: "tomorrow 10:00", "Thu 17 Dec"."""

from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

clock_24 = ContextVar("clock_24", default=True)  # set for each request by accounts.middleware.personal


def local_day(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime) -> str:
    """ "today", "tomorrow", "yesterday", "Thu 17 Dec", with the year when it is not this one."""
    on, today = local_day(value), timezone.localdate()
    if abs(on - today) <= timedelta(days=1):
        return _("today") if on == today else _("tomorrow") if on > today else _("yesterday")
    return date_format(on, "D j M" if on.year == today.year else "D j M Y")


def full_date(value: date | datetime) -> str:
    """ "Thu 17 Dec 2026": for history and periods, where a date must read the same on every day."""
    return date_format(local_day(value), "D j M Y")


def full_time(value: datetime) -> str:
    """ "Thu 17 Dec 2026 16:00", for history."""
    return f"{full_date(value)} {clock(value)}"


def clock(value: datetime, zone: ZoneInfo | None = None) -> str:
    """The time of day: 16:00, or 4:00 p.m. for those who prefer it."""
    return date_format(timezone.localtime(value, zone), "H:i" if clock_24.get() else "g:i a")


def time_of_day(value: time) -> str:
    """A plain time as `clock` shows it."""
    return time_format(value, "H:i" if clock_24.get() else "g:i a")


def when(value: datetime) -> str:
    return f"{day(value)} {clock(value)}"


def elsewhere(value: datetime, zone: ZoneInfo) -> str:
    """The same instant on another person's wall, or nothing where both walls show the same."""
    here, there = timezone.localtime(value), timezone.localtime(value, zone)
    if here.replace(tzinfo=None) == there.replace(tzinfo=None):
        return ""
    return clock(value, zone) if here.date() == there.date() else f"{date_format(there, 'D')} {clock(value, zone)}"
