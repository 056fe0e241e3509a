"""What the apps above do when a pair ends, and when that is undone (docs/rules.md, ending)."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

_sessions: dict[str, Callable] = {}
_notices: list[Callable] = []


class PlannedSessions(NamedTuple):
    """The sessions that the end of a pair cancels: how many, and when the first of them starts."""

    count: int
    next_at: datetime | None


def register_sessions(planned: Callable, cancel: Callable, restore: Callable) -> None:
    """The app that plans sessions registers its three functions here, from AppConfig.ready()."""
    _sessions.update(planned=planned, cancel=cancel, restore=restore)


def register_notices(was_noticed: Callable) -> None:
    """The app that sends emails registers whether anybody may know of the end of a pair."""
    _notices[:] = [was_noticed]


def planned_sessions(pair) -> PlannedSessions:
    """Return what `cancel_sessions` would cancel now."""
    return _sessions["planned"](pair) if _sessions else PlannedSessions(0, None)


def cancel_sessions(pair, by, at: datetime) -> None:
    """Cancel the planned sessions of the pair, all at the same moment `at`."""
    if _sessions:
        _sessions["cancel"](pair, by, at)


def restore_sessions(pair, by, at: datetime) -> None:
    """Plan the sessions again that `cancel_sessions` canceled at the moment `at`, and no others."""
    if _sessions:
        _sessions["restore"](pair, by, at)


def was_noticed(pair) -> bool:
    """Return True if a message about the end of the pair may have reached anybody."""
    return any(asked(pair) for asked in _notices)
