"""Content of the emails of each kind: one function for each intent function in reminders/kinds/, of the same name."""

from reminders.letters import (
    calendar,
    checkins,
    commitments,
    endings,
    indicators,
    invitations,
    matching,
    planning,
    programs,
    pulses,
    sessions,
    snoozed,
)

__all__ = [
    "calendar",
    "checkins",
    "commitments",
    "endings",
    "indicators",
    "invitations",
    "matching",
    "planning",
    "programs",
    "pulses",
    "sessions",
    "snoozed",
]
