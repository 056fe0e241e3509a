"""Hooks for other apps when a pair ends and when that is undone (docs/rules.md, ending)."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

_sessions: dict[str, Callable] = {}
_notices: list[Callable] = []


class PlannedSessions(NamedTuple):
    """The sessions that ending a pair cancels: their number, and when the first one starts."""

    count: int
    next_at: datetime | None


def register_sessions(planned: Callable, cancel: Callable, restore: Callable) -> None:
    """Register the functions that list, cancel and restore planned sessions, from AppConfig.ready()."""
    _sessions.update(planned=planned, cancel=cancel, restore=restore)


def register_notices(was_noticed: Callable) -> None:
    """Register the function that checks whether anybody may have been notified that a pair ended."""
    _notices[:] = [was_noticed]


def planned_sessions(pair) -> PlannedSessions:
    """Return the sessions that `cancel_sessions` would cancel now."""
    return _sessions["planned"](pair) if _sessions else PlannedSessions(0, None)


def cancel_sessions(pair, by, at: datetime) -> None:
    """Cancel the planned sessions of the pair, all at the same moment `at`."""
    if _sessions:
        _sessions["cancel"](pair, by, at)


def restore_sessions(pair, by, at: datetime) -> None:
    """Restore the sessions that `cancel_sessions` canceled at the moment `at`, and no others."""
    if _sessions:
        _sessions["restore"](pair, by, at)


def was_noticed(pair) -> bool:
    """Return True if a message about the end of the pair may have reached anybody."""
    return any(asked(pair) for asked in _notices)
