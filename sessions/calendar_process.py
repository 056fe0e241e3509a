"""Reads someone's calendar in a separate process with limits on memory and time, as files from outside need it.

Run as a script: the first line on stdin is JSON with the limits and the person, the rest is the calendar. It prints the
times at which the person is busy, as pairs of seconds since 1970. Titles, people and places are not even parsed.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

MEMORY = 512 * 1024 * 1024
MOST_PERIODS = 3_000  # distinct ones, within the weeks that are read
DAY = timedelta(days=1)
LONGEST = timedelta(days=60)  # before the window, an event without a rule that began earlier is left out unread
# All that is read of a calendar. What declines is kept of the people, to know whether its owner is one of them.
KEPT = {
    *("BEGIN", "END", "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE"),
    *("STATUS", "TRANSP", "ATTENDEE", "X-MICROSOFT-CDO-BUSYSTATUS", "FREEBUSY"),
    *("TZID", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME"),
}
READ = {"VCALENDAR", "VEVENT", "VFREEBUSY", "VTIMEZONE", "STANDARD", "DAYLIGHT"}
NAME = re.compile(r"[A-Za-z0-9-]+")
DAY_OF = re.compile(r":(\d{8})")
UNTIL = re.compile(r"UNTIL=(\d{8})")
ADDRESS = re.compile(r"[^@\s:]+@[^@\s:]+\.[^@\s:]+")


def limit(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # no such limits on Windows; there the caller's timeout is left
        return
    for kind, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        _soft, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


# --- Reducing the file to what is needed ----------------------------------------------------------------------


def reduced(text: str, since: datetime, until: datetime) -> str:
    """Return the calendar without what is not needed: other components, other lines, and events outside the window."""
    kept, component, skipped = [], [], 0
    for line in re.split(r"\r?\n|\r", re.sub(r"\r?\n[ \t]", "", text)):
        name = (NAME.match(line) or [""])[0].upper()
        value = line.partition(":")[2].strip().upper()
        if name == "BEGIN" and (skipped or value not in READ):
            skipped += 1
        elif name == "END" and skipped:
            skipped -= 1
        elif skipped or name not in KEPT or (name == "ATTENDEE" and "DECLINED" not in line.upper()):
            continue
        elif name == "BEGIN" and value == "VEVENT":
            component = [line]
        elif component:
            component.append(line)
            if name == "END":
                kept += component if may_matter(component, since, until) else ()
                component = []
        else:
            kept.append(line)
    return "\r\n".join([*kept, ""])


def may_matter(event: list[str], since: datetime, until: datetime) -> bool:
    """Return False if the lines of an event show that it is over before the window or begins after it."""
    first, last = f"{since - LONGEST:%Y%m%d}", f"{until + DAY:%Y%m%d}"
    start = next(
        (found[1] for line in event if line.upper().startswith("DTSTART") and (found := DAY_OF.search(line))), ""
    )
    if not start or start > last:
        # A change of a series may have moved one of its dates away from the window.
        return any(line.upper().startswith("RECURRENCE-ID") for line in event)
    rules = [line for line in event if line.upper().startswith(("RRULE", "RDATE", "RECURRENCE-ID"))]
    if not rules:
        return start >= first
    ends = [UNTIL.search(line.upper()) for line in rules]
    return not all(ends) or any(found[1] >= first for found in ends)


# --- Reading when the person is busy --------------------------------------------------------------------------


def busy_times(text: str, person: dict, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times within the window at which the owner of the calendar is busy."""
    zone, me = ZoneInfo(person["zone"]), {address.lower() for address in person["addresses"]}
    for calendar in Calendar.from_ical(reduced(text, since, until), multiple=True):
        # A day more on both sides, because floating times are read in the person's zone.
        query = recurring_ical_events.of(calendar, skip_bad_series=True)
        for event in query.between(since - DAY, until + DAY):
            # One that cannot be read is left out. Sessions that were planned here are known without the calendar.
            with suppress(ValueError, TypeError, AttributeError, OverflowError):
                if is_busy(event, me) and not str(event.get("UID", "")).endswith(f"@{person['host']}"):
                    yield instant(event.start, zone), instant(event.end, zone)
        for free_busy in calendar.walk("VFREEBUSY"):
            with suppress(ValueError, TypeError, AttributeError, OverflowError):
                yield from busy_periods(free_busy, zone)


def is_busy(event, me: set[str]) -> bool:
    """Return True unless the event is canceled, declined or free; whole days are free unless marked otherwise."""
    shown = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or shown in ("FREE", "WORKINGELSEWHERE"):
        return False
    attendees = event.get("ATTENDEE", [])
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        declined = str(getattr(attendee, "params", {}).get("PARTSTAT", "")).upper() == "DECLINED"
        if declined and str(attendee).lower().removeprefix("mailto:") in me:
            return False
    whole_days = not isinstance(event.start, datetime)
    usual = "TRANSPARENT" if whole_days and shown not in ("BUSY", "OOF", "TENTATIVE") else "OPAQUE"
    return str(event.get("TRANSP", usual)).upper() != "TRANSPARENT"


def busy_periods(free_busy, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    found = free_busy.get("FREEBUSY", [])
    for period in found if isinstance(found, list) else [found]:
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            yield instant(period.start, zone), instant(period.end, zone)


def instant(at: date | datetime, zone: ZoneInfo) -> datetime:
    """Return the moment; a day begins at midnight, and a time without a zone is in that of the person."""
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def merged(times: Iterable[tuple[datetime, datetime]], since: datetime, until: datetime) -> list[list[int]]:
    """Return the times within the window, earliest first, those that touch as one."""
    found: list[list[int]] = []
    inside = ((max(start, since), min(end, until)) for start, end in times)
    for start, end in sorted((int(a.timestamp()), int(b.timestamp())) for a, b in inside if a < b):
        if found and start <= found[-1][1]:
            found[-1][1] = max(end, found[-1][1])
        else:
            found.append([start, end])
    return found


def read(person: dict, content: bytes) -> dict:
    text = content.decode("utf-8-sig", errors="replace")
    if "BEGIN:VCALENDAR" not in text[:5_000].upper():
        return {"error": "no calendar"}
    since, until = (datetime.fromtimestamp(person[name], UTC) for name in ("since", "until"))
    if own := re.search(r"^X-WR-CALNAME[^:]*:(.*)$", text, re.MULTILINE):  # Google names a calendar after its owner
        person = person | {"addresses": [*person["addresses"], *ADDRESS.findall(own[1])[:1]]}
    try:
        busy = merged(busy_times(text, person, since, until), since, until)
    except MemoryError:
        return {"error": "large"}
    except Exception:  # whatever a broken file makes the libraries raise
        return {"error": "broken"}
    return {"error": "large"} if len(busy) > MOST_PERIODS else {"busy": busy}


if __name__ == "__main__":
    about = json.loads(sys.stdin.buffer.readline())
    limit(about["seconds"])
    json.dump(read(about, sys.stdin.buffer.read()), sys.stdout)
