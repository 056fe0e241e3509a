"""The reminder at the end of a snooze (docs/rules.md, reminders)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from reminders.emails import Email, EmailPart
from reminders.intents import KINDS, Intent, Kind, register
from reminders.models import Snooze, Topic


@register
class Snoozed(Kind[Snooze]):
    """Remind the person once more of what they snoozed, if it is still true."""

    name = "snoozed"
    label = gettext_lazy("A reminder that you snoozed")
    why = gettext_lazy("You get this because you snoozed this reminder.")
    topic = Topic.COMMITMENTS
    subject = "snooze"
    recipients = ("user",)
    changed, anchor = "snoozed_at", "ends_at"
    max_age = timedelta(days=7)

    @staticmethod
    def rows() -> QuerySet[Snooze]:
        return Snooze.objects.filter(remind_again=True)

    def intents(self, snooze: Snooze) -> Iterator[Intent]:
        pk = int(snooze.subject.rpartition(":")[2])
        if snooze.kind in KINDS and KINDS[snooze.kind].rows().filter(pk=pk).exists():
            expires_at = snooze.ends_at + self.max_age
            yield self.intent(snooze, snooze.user_id, snooze.ends_at.isoformat(), snooze.ends_at, expires_at)

    def email(self, person: User, intent: Intent[Snooze]) -> Email | EmailPart:
        """Return the part of the original kind."""
        snooze: Snooze = intent.row
        original = KINDS[snooze.kind]
        about = replace(intent, kind=snooze.kind, subject=snooze.subject)
        return original.email(person, replace(about, row=original.rows().get(pk=about.subject_pk)))
