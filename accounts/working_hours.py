"""A person's own week: working days, days off, and instants on their wall clock (docs/rules.md, reminders)."""

from datetime import UTC, date, datetime, time, timedelta

from accounts.models.user import MONDAY_TO_FRIDAY

DAY = timedelta(days=1)
LONGEST_BREAK = 400  # days; whoever is away for longer is taken to work again


def works_on(person, on: date) -> bool:
    """Whether this is a working day of theirs. Who marked no day of the week works Monday to Friday."""
    return on.isoweekday() in (person.workdays or MONDAY_TO_FRIDAY) and not person.is_off(on)


def working_day(person, on: date, step: timedelta = DAY) -> date:
    """`on`, or the first working day after it; with `-DAY` before it."""
    day = on
    for _ in range(LONGEST_BREAK):
        if works_on(person, day):
            return day
        day += step
    return on


def working_days_later(person, on: date, days: int) -> date:
    """The n-th working day after `on`; before it for a negative number."""
    step = DAY if days >= 0 else -DAY
    for _ in range(abs(days)):
        on = working_day(person, on + step, step)
    return on


def instant(person, on: date, at: time) -> datetime:
    """When the clock on their wall shows `at` on that date: a time jumped over moves on, a doubled one is the first."""
    return datetime.combine(on, at, person.tzinfo).astimezone(UTC)
