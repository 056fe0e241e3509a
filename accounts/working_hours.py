"""A person's working days, days off and local times (docs/rules.md, reminders)."""

from datetime import UTC, date, datetime, time, timedelta

from accounts.models.user import MONDAY_TO_FRIDAY, User

DAY = timedelta(days=1)
LONGEST_BREAK = 400  # days; a longer absence is ignored


def works_on(person: User, on: date) -> bool:
    """Return True if the person works on this date; the default is Monday to Friday."""
    return on.isoweekday() in (person.workdays or MONDAY_TO_FRIDAY) and not person.is_off(on)


def working_day(person: User, on: date, step: timedelta = DAY) -> date:
    """Return `on`, or the first working day after it; with `-DAY`, before it."""
    day = on
    for _ in range(LONGEST_BREAK):
        if works_on(person, day):
            return day
        day += step
    return on


def working_days_later(person: User, on: date, days: int) -> date:
    """Return the n-th working day after `on`; before it if `days` is negative."""
    step = DAY if days >= 0 else -DAY
    for _ in range(abs(days)):
        on = working_day(person, on + step, step)
    return on


def instant(person: User, on: date, at: time) -> datetime:
    """Return the UTC instant of a local time; a skipped time moves forward, a repeated one is the first."""
    return datetime.combine(on, at, person.tzinfo).astimezone(UTC)
