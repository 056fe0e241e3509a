"""What is said of each kind: to each intent function in reminders/kinds/ one function of the same name."""

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
