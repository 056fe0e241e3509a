"""Dates and times of sessions: wall clocks across zones and clock changes. Pure functions, no rows."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


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
