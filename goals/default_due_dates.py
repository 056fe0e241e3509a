"""The default due date of a new commitment (docs/rules.md, commitments)."""

from collections.abc import Callable
from datetime import date, timedelta

from mentoring.models import Pair

_calendar: dict[str, Callable] = {}


def register_calendar(
    next_session_on: Callable[[Pair], date | None], default_due_on: Callable[[Pair, date], date]
) -> None:
    """Register the functions of the app that plans sessions; it calls this in AppConfig.ready()."""
    _calendar.update(next_session_on=next_session_on, default_due_on=default_due_on)


def next_session_on(pair: Pair) -> date | None:
    """Return the local date of the pair's next planned session after today."""
    return _calendar["next_session_on"](pair) if _calendar else None


def default_due_on(pair: Pair, today: date) -> date:
    """Return the day before the next session, or before the date on which the cadence expects one."""
    return _calendar["default_due_on"](pair, today) if _calendar else today + pair.interval - timedelta(days=1)
