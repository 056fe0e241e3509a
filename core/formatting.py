"""Format dates, times and numbers for people, in their language and time zone: "tomorrow, 10:00 AM", "Thu, Dec 17"."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format, get_format, time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# The choice of a person, or None: then the language decides. Set by accounts.middleware.PreferencesMiddleware.
clock_24: ContextVar[bool | None] = ContextVar("clock_24", default=None)


def local_day(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


@lru_cache(maxsize=2000)  # a page shows the same few dates again and again
def _date_text(on: date, pattern: str, language: str) -> str:
    return date_format(on, pattern)


@lru_cache(maxsize=2000)
def _time_text(at: time, pattern: str, language: str) -> str:
    return time_format(at, pattern)


def uses_24_hours() -> bool:
    chosen = clock_24.get()
    return get_format("CLOCK") == "24" if chosen is None else chosen


def _to_the_minute(at: time, pattern: str) -> str:
    return _time_text(at.replace(second=0, microsecond=0), pattern, get_language())


def day(value: date | datetime) -> str:
    """Return "today", "tomorrow", "yesterday" or "Thu, Dec 17"; with the year if it is not the current one."""
    zone = timezone.get_current_timezone()
    on = value.astimezone(zone).date() if isinstance(value, datetime) else value
    today = timezone.now().astimezone(zone).date()
    if abs((on - today).days) <= 1:
        return _("today") if on == today else _("tomorrow") if on > today else _("yesterday")
    return _date_text(on, "DAY_FORMAT" if on.year == today.year else "DAY_AND_YEAR_FORMAT", get_language())


def weekday(value: date | datetime) -> str:
    """Return the short name of the weekday: "Thu"."""
    return _date_text(local_day(value), "D", get_language())


def full_date(value: date | datetime) -> str:
    """Return an absolute date such as "Thu, Dec 17, 2026", for history and periods."""
    return _date_text(local_day(value), "DAY_AND_YEAR_FORMAT", get_language())


def short_day(on: date) -> str:
    """Return "Dec 17", with the year if it is not the current one."""
    shape = "SHORT_DAY_FORMAT" if on.year == timezone.localdate().year else "SHORT_DATE_FORMAT"
    return _date_text(on, shape, get_language())


def period(start: date, end: date) -> str:
    """Return a short period: "Aug 22 – Feb 27, 2027", with each year that the reader could not guess."""
    years = start.year != timezone.localdate().year and start.year != end.year, end.year != timezone.localdate().year
    shapes = ["SHORT_DAY_AND_YEAR_FORMAT" if year else "SHORT_DAY_FORMAT" for year in years]
    return " – ".join(_date_text(on, shape, get_language()) for on, shape in zip((start, end), shapes, strict=True))


def full_time(value: datetime) -> str:
    """Return an absolute date and time such as "Thu, Dec 17, 2026, 4:00 PM", for history."""
    return with_time(full_date(value), clock(value))


def with_time(on: str, at: str) -> str:
    """Return a formatted date and time of day as one phrase: "Thu, Dec 17, 4:00 PM"."""
    return _("%(day)s, %(time)s") % {"day": on, "time": at}


def clock(value: datetime, zone: ZoneInfo | None = None) -> str:
    """Return the time of day: 4:00 PM, or 16:00 for people who chose the 24-hour clock."""
    return time_of_day(value.astimezone(zone or timezone.get_current_timezone()).time())


def time_of_day(value: time) -> str:
    """Return a time object in the format of `clock`."""
    return _to_the_minute(value, "H:i" if uses_24_hours() else "g:i A")


def when(value: datetime) -> str:
    return with_time(day(value), clock(value))


def clock_range(start: datetime, end: datetime, zone: ZoneInfo | None = None) -> str:
    """Return a range of times: 9:30–10:30 AM, 11:30 AM–12:30 PM, or 16:00–17:00 with the 24-hour clock."""
    zone = zone or timezone.get_current_timezone()
    here, until = start.astimezone(zone), end.astimezone(zone)
    same_half = here.date() == until.date() and (here.hour < 12) == (until.hour < 12)
    first = _to_the_minute(here.time(), "g:i") if same_half and not uses_24_hours() else time_of_day(here.time())
    return f"{first}–{time_of_day(until.time())}"


def when_range(start: datetime, end: datetime) -> str:
    return with_time(day(start), clock_range(start, end))


def clock_in_zone(value: datetime, zone: ZoneInfo) -> str:
    """Return the time in another time zone; empty if both zones agree."""
    return _in_zone(value, zone, lambda: clock(value, zone))


def clock_range_in_zone(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Return a range of times in another time zone; empty if both zones agree at its start."""
    return _in_zone(start, zone, lambda: clock_range(start, end, zone))


def _in_zone(value: datetime, zone: ZoneInfo, text: Callable[[], str]) -> str:
    """Return the text, with the weekday before it if the date differs in that zone; empty if both zones agree."""
    here, there = timezone.localtime(value), value.astimezone(zone)
    if here.utcoffset() == there.utcoffset():
        return ""
    return text() if here.date() == there.date() else f"{date_format(there, 'D')} {text()}"


def number(value: float, places: int = 2) -> str:
    """Return a number with at most `places` decimal places and no trailing zeros: 2.5, or 2,5 in German."""
    whole, _point, rest = f"{value:.{places}f}".partition(".")
    return f"{whole}{get_format('DECIMAL_SEPARATOR')}{rest.rstrip('0')}" if rest.strip("0") else whole


def percent(value: float, places: int = 2) -> str:
    """Return a share of 100 with its sign: 82%."""
    return _("%(number)s%%") % {"number": number(value, places)}
