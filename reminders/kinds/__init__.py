"""The kinds of reminders, one intent function each. Importing this package makes them known (reminders/intents.py)."""

from reminders.kinds import checkins, commitments, invitations, planning, sessions, snoozed

__all__ = ["checkins", "commitments", "invitations", "planning", "sessions", "snoozed"]
