from dataclasses import replace

from accounts.models import User
from reminders.emails import LETTERS, Entry, letter
from reminders.intents import KINDS, Intent
from reminders.models import Snooze


@letter
def snoozed(person: User, intent: Intent) -> Entry:
    """Compose the snoozed reminder as the entry of its original kind."""
    snooze: Snooze = intent.row
    about = replace(intent, kind=snooze.kind, subject=snooze.subject)
    return LETTERS[snooze.kind](person, replace(about, row=KINDS[snooze.kind].rows.get(pk=about.subject_pk)))
