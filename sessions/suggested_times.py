"""Suggest three times that suit both people, from their working hours, planned sessions and busy times.

Pure functions over wall clocks and instants (docs/rules.md, suggested times).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.working_hours import DAY, instant, works_on
from sessions.cadence import at_wall_clock

MAX_SUGGESTED = 3
LOOK_AHEAD = 28  # days
STEP = timedelta(minutes=30)
OFFICE = time(9), time(17)

Busy = Sequence[tuple[datetime, datetime]]


def hours_of(person) -> tuple[time, time]:
    """Return the person's working hours; nine to five if they have set none."""
    hours = person.works_from, person.works_until
    return hours if hours[0] < hours[1] else OFFICE


def time_outside_hours(person, start: datetime, minutes: int) -> timedelta:
    """Return how much of a meeting is outside the person's working hours; on a day off it is a whole day."""
    here = person.local(start).date()
    if not works_on(person, here):
        return DAY
    first, last = (instant(person, here, at) for at in hours_of(person))
    return max(timedelta(), first - start) + max(timedelta(), start + timedelta(minutes=minutes) - last)


def suggest(
    people: Iterable, busy: Busy, minutes: int, first_on: date, zone: str, like: datetime | None, now: datetime
) -> tuple[list[datetime], bool]:
    """Return up to three instants on different days from `first_on` on, soonest first, and whether they suit both.

    `like` is when they last met, naive and in `zone`: that hour and weekday are preferred. If their working hours do
    not overlap, the closest time is returned, and the second value is False.
    """
    people = list(people)
    days = [first_on + timedelta(days=n) for n in range(LOOK_AHEAD)]
    found, nearest, costs = [], [], {}
    for on in days:
        starts = _starts(on, zone)
        taken = [(since, until) for since, until in busy if since < starts[-1] + DAY and until > starts[0]]
        free = [at for at in starts if at > now and not _clashes(at, minutes, taken)]
        cost = {at: sum((time_outside_hours(person, at, minutes) for person in people), timedelta()) for at in free}
        costs |= cost
        fits = [at for at in free if not cost[at]]
        if fits:
            found.append(min(fits, key=lambda at: (_distance_from_last_hour(at, on, zone, like), at)))
        elif free:
            nearest.append(min(free, key=lambda at: (cost[at], at)))
        if len(found) == 2 * MAX_SUGGESTED + 1:
            break
    if not found:
        return sorted(nearest, key=costs.get)[:1], False
    same_weekday = [at for at in found if like and at.astimezone(ZoneInfo(zone)).weekday() == like.weekday()]
    chosen = [*same_weekday[:1], *(at for at in found if at not in same_weekday[:1])]
    return sorted(chosen[:MAX_SUGGESTED]), True


def _starts(on: date, zone: str) -> list[datetime]:
    """Return every full and half hour of a day in `zone`."""
    midnight = datetime.combine(on, time.min)
    return sorted({at_wall_clock(midnight + n * STEP, zone) for n in range(DAY // STEP)})


def _clashes(start: datetime, minutes: int, busy: Busy) -> bool:
    end = start + timedelta(minutes=minutes)
    return any(start < until and end > since for since, until in busy)


def _distance_from_last_hour(start: datetime, on: date, zone: str, like: datetime | None) -> timedelta:
    """Return the distance from the hour at which they last met."""
    return abs(start - at_wall_clock(datetime.combine(on, like.time()), zone)) if like else timedelta()
