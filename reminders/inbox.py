"""The inbox of a person: what they have to act on, and the other reminders that are due.

The bell, the inbox and the home page count the same lines, so that their numbers always agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from dashboard.open_tasks import open_tasks
from reminders.emails import EmailPart, part_of
from reminders.intents import Intent, bundled_kinds, current_intents
from reminders.models import Reminder, ReminderQuerySet, Snooze
from reminders.windows import morning
from sessions.models import Session

MAX_LINES = 30
SNOOZES = {"1": timedelta(days=1), "3": timedelta(days=3)}
UNTIL_NEXT_SESSION = "session"


@dataclass
class Line:
    """One line of the inbox; its `reminder` can be snoozed, and dismissed unless `stays` is true."""

    title: str
    page: str
    at: date | datetime | None
    why: str = ""
    reminder: Reminder | None = None
    stays: bool = False  # until the person has done it
    subject: str = ""  # of a task


def reminders_for(user: User) -> ReminderQuerySet:
    """Return the unread reminders of this person."""
    return Reminder.objects.visible_to(user).unread().filter(kind__in=bundled_kinds())


def current_parts(user: User, rows: list[Reminder]) -> list[tuple[Reminder, EmailPart, Intent]]:
    """Return those of these reminders that are still true with their texts, newest first, then by title.

    Keys of rows as the order would show how many confidential reminders lie between them.
    """
    intents = current_intents(rows)
    parts = [(row, part_of(user, intent), intent) for row in rows if (intent := intents.get(row.key))]
    return sorted(parts, key=lambda found: (-found[0].due_at.timestamp(), found[1].title, found[1].page))


def reminder_lines(user: User, pks: Sequence[int]) -> list[Line]:
    """Return a line for each of these reminders that is still true."""
    rows = list(reminders_for(user).filter(pk__in=pks)) if pks else []
    return [
        Line(part.title, part.page, row.due_at, str(intent.why), row) for row, part, intent in current_parts(user, rows)
    ]


def lines(user: User) -> list[Line]:
    """Return what stays until it is done, then the other reminders that are still true, newest first.

    A reminder about something that already has a line is merged into it. Snoozed subjects are left out.
    """
    rows = list(reminders_for(user).order_by("-due_at", "key")[:MAX_LINES])
    parts = current_parts(user, rows)
    by_page = {part.page.removeprefix(settings.SITE_URL): row for row, part, _intent in parts}
    snoozed = {snooze.subject for snooze in Snooze.objects.filter(user=user, ends_at__gt=timezone.now())}
    tasks = [task for task in open_tasks(user) if task.subject not in snoozed]
    pages = {task.url for task in tasks}
    return [
        *(
            Line(task.title, task.url, task.since, reminder=by_page.get(task.url), stays=True, subject=task.subject)
            for task in tasks
        ),
        *(
            Line(part.title, part.page, row.due_at, str(intent.why), row)
            for row, part, intent in parts
            if part.page.removeprefix(settings.SITE_URL) not in pages
        ),
    ]


def snooze_until(reminder: Reminder, choice: str, now: datetime) -> tuple[datetime, bool] | None:
    """Return the end of the snooze and whether to remind again then, or None if the choice is not available."""
    if choice in SNOOZES:
        person = reminder.recipient
        return morning(person, (person.local(now) + SNOOZES[choice]).date()), True
    if choice == UNTIL_NEXT_SESSION and reminder.pair_id:
        session = Session.objects.filter(pair=reminder.pair_id, starts_at__gt=now).upcoming().first()
        return (session.starts_at, False) if session else None
    return None
