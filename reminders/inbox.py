"""What waits for a person on their own pages: the reminders that are due, whether or not a mail says so too."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from reminders.emails import LETTERS, Entry
from reminders.intents import still_true, with_topic
from reminders.models import Reminder
from reminders.windows import morning
from sessions.models import Session

MOST = 30
SNOOZES = {"1": timedelta(days=1), "3": timedelta(days=3)}
UNTIL_NEXT_SESSION = "session"


@dataclass
class Line:
    reminder: Reminder
    entry: Entry
    why: str


def waiting_for(user):
    """Reminders that are due to this person (or to an outer row's)."""
    return Reminder.objects.visible_to(user).unread().filter(kind__in=with_topic())


def lines(user: User) -> list[Line]:
    """Newest first; what the facts no longer bear out is left out."""
    rows = list(waiting_for(user).order_by("-due_at", "-pk")[:MOST])
    true = still_true(rows)
    return [
        Line(row, LETTERS[row.kind](user, true[row.key]), str(true[row.key].why)) for row in rows if row.key in true
    ]


def snooze_until(reminder: Reminder, choice: str, now: datetime) -> tuple[datetime, bool] | None:
    """When it is said again, and whether by a reminder of its own; None for a choice that is not on offer."""
    if choice in SNOOZES:
        person = reminder.recipient
        return morning(person, (person.local(now) + SNOOZES[choice]).date()), True
    if choice == UNTIL_NEXT_SESSION and reminder.pair_id:
        session = Session.objects.filter(pair=reminder.pair_id, starts_at__gt=now).upcoming().first()
        return (session.starts_at, False) if session else None
    return None
