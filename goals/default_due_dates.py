"""When a new commitment is due, unless somebody says otherwise (docs/rules.md, commitments)."""

from collections.abc import Callable
from datetime import date, timedelta

from mentoring.models import Pair

_calendar: dict[str, Callable] = {}


def ask_calendar(next_session_on: Callable[[Pair], date | None], default_due_on: Callable[[Pair, date], date]) -> None:
    """The room that keeps the calendar registers its two answers here, from AppConfig.ready()."""
    _calendar.update(next_session_on=next_session_on, default_due_on=default_due_on)


def next_session_on(pair: Pair) -> date | None:
    """The planned local date of the pair's next session that is later than today."""
    return _calendar["next_session_on"](pair) if _calendar else None


def default_due_on(pair: Pair, today: date) -> date:
    """The day before the next session; without a calendar, before the date the cadence leads to expect."""
    return _calendar["default_due_on"](pair, today) if _calendar else today + pair.interval - timedelta(days=1)
