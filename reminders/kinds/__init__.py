"""The kinds of reminders, one intent function each. Importing this package makes them known (reminders/intents.py)."""

from reminders.kinds import (
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
