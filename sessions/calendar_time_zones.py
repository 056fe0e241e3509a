"""Time zones for calendar apps, as recurring rules ("the last Sunday of March") instead of lists of dates.

Outlook reads rules only. A zone whose clock changes follow no rule gets a list of dates.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

YEARS = 12  # a pattern that holds this long is a rule
DAY = timedelta(days=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
UTC = ZoneInfo("UTC")


class Shift(NamedTuple):
    """A clock change: the local time at which it happens, and both offsets."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def nth(self) -> int:
        return (self.at.day - 1) // 7 + 1

    @property
    def is_last(self) -> bool:
        return (self.at + 7 * DAY).month != self.at.month


def zone_by_rule(zone: str, first: date) -> Timezone | None:
    """Return the zone from `first` on, or None if its clock changes follow no rule."""
    years = [shifts(zone, year) for year in range(first.year - 1, first.year + YEARS)]
    if len({len(year) for year in years}) != 1:
        return None
    timezone = Timezone()
    timezone.add("tzid", zone)
    rules = [_rule(list(alike)) for alike in zip(*years, strict=True)]
    if None in rules:
        return None
    if not rules:
        offset = datetime(first.year, 1, 1, tzinfo=ZoneInfo(zone)).utcoffset()
        rules = [(Shift(datetime(first.year - 1, 1, 1), offset, offset), {})]
    for shift, rule in rules:
        part = TimezoneDaylight() if shift.after > shift.before else TimezoneStandard()
        part.add("dtstart", shift.at)
        part.add("tzoffsetfrom", shift.before)
        part.add("tzoffsetto", shift.after)
        if rule:
            part.add("rrule", rule)
        timezone.add_component(part)
    return timezone


def _rule(alike: list[Shift]) -> tuple[Shift, dict] | None:
    """Return the first of the yearly changes and the rule they all follow, or None."""
    first = alike[0]
    same = {(s.at.month, s.at.weekday(), s.at.time(), s.before, s.after) for s in alike}
    nth = -1 if all(s.is_last for s in alike) else first.nth
    if len(same) > 1 or (nth > 0 and any(s.nth != nth for s in alike)):
        return None
    byday = f"{nth}{WEEKDAYS[first.at.weekday()]}"
    return first, {"freq": "yearly", "bymonth": first.at.month, "byday": byday}


@lru_cache(maxsize=1000)
def shifts(zone: str, year: int) -> tuple[Shift, ...]:
    """Return the clock changes in a year."""
    tz, found = ZoneInfo(zone), []
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        before, after = (moment.astimezone(tz).utcoffset() for moment in (at, at + DAY))
        if before != after:
            low, high = at, at + DAY
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if middle.astimezone(tz).utcoffset() == before else (low, middle)
            instant = (high + timedelta(seconds=0.5)).replace(microsecond=0)
            found.append(Shift((instant + before).replace(tzinfo=None), before, after))
        at += DAY
    return tuple(found)
