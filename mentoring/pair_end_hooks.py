"""Hooks for other apps when a pair ends and when that is undone (docs/rules.md, ending)."""

from datetime import datetime
from typing import NamedTuple

from core.hooks import Hook


class PlannedSessions(NamedTuple):
    """The sessions that ending a pair cancels: their number, and when the first one starts."""

    count: int
    next_at: datetime | None


# (pair): the sessions that `cancel_sessions` would cancel now.
planned_sessions = Hook(lambda pair: PlannedSessions(0, None))
# (pair, by, at): cancel the planned sessions of the pair, all at the same moment `at`.
cancel_sessions = Hook()
# (pair, at): restore the sessions that `cancel_sessions` canceled at the moment `at`, and no others.
restore_sessions = Hook()
# (pair): True if a message about the end of the pair may have reached anybody.
was_noticed = Hook(lambda pair: False)
