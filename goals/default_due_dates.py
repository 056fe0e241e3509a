"""The default due date of a new commitment (docs/rules.md, commitments). The app that plans sessions answers both."""

from datetime import timedelta

from core.hooks import Hook

# (pair): the local date of the pair's next planned session after today, or None.
next_session_on = Hook()
# (pair, today): the day before the next session, or before the date on which the cadence expects one.
default_due_on = Hook(lambda pair, today: today + pair.interval - timedelta(days=1))
