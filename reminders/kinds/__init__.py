"""Kinds of reminders, in one module per group; importing this package registers them (reminders/intents.py)."""

from reminders.kinds import (  # noqa: F401 - importing registers them
    calendar,
    checkins,
    commitments,
    debriefs,
    endings,
    feedback,
    huddle,
    indicators,
    introductions,
    invitations,
    matching,
    mentoring_feedback,
    planning,
    practice,
    programs,
    pulses,
    resources,
    self_review,
    sessions,
    snoozed,
)
