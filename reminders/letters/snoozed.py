from dataclasses import replace

from accounts.models import User
from reminders.emails import LETTERS, Entry, letter
from reminders.intents import KINDS, Intent
from reminders.models import Snooze


@letter
def snoozed(person: User, intent: Intent) -> Entry:
    """The words of the kind it was about."""
    snooze: Snooze = intent.row
    about = replace(intent, kind=snooze.kind, subject=snooze.subject)
    return LETTERS[snooze.kind](person, replace(about, row=KINDS[snooze.kind].rows.get(pk=about.subject_pk)))
