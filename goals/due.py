"""When a new commitment is due, unless somebody says otherwise (docs/rules.md, commitments)."""

from collections.abc import Callable
from datetime import date, timedelta

from mentoring.models import Pair

NextDate = Callable[[Pair, date], date | None]
_next_date: list[NextDate] = []


def ask_for_next_session(next_date: NextDate) -> None:
    """The room that knows the calendar registers here, from AppConfig.ready(): the pair's next session after a day."""
    _next_date[:] = [next_date]


def next_session_on(pair: Pair, after: date) -> date | None:
    """The day of the pair's next session later than `after`, if one is planned."""
    return _next_date[0](pair, after) if _next_date else None


def default_due(pair: Pair, today: date) -> date:
    """The day before the next session, or before the date the cadence leads to expect."""
    meets = next_session_on(pair, after=today + timedelta(days=1)) or today + pair.interval
    return meets - timedelta(days=1)
