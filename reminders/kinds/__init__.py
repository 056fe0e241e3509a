"""Kinds of reminders, in one module per group; importing this package registers them (reminders/intents.py)."""

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
