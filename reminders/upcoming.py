"""Upcoming emails: who gets what, when and why, predicted with the same functions that the sender uses."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.localization import localized_for
from accounts.models import User
from mentoring.models import Pair
from reminders.emails import Email, EmailPart
from reminders.intents import KINDS, Intent, Suppressions, confidential_kinds, upcoming_intents
from reminders.models import Reminder
from reminders.packing import email_histories
from reminders.windows import predict_emails

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PERIOD = timedelta(days=14)


@dataclass
class UpcomingEmail:
    """One upcoming email."""

    at: datetime
    person: User
    intents: list[Intent]

    @property
    def kinds(self) -> list["StrOrPromise"]:
        """Return the names of its kinds, each once."""
        return list(dict.fromkeys(KINDS[intent.kind].label for intent in self.intents))

    @property
    def parts(self) -> list[tuple[Email | EmailPart, str]]:
        """Return its parts with their reasons, one per page; shown only to the recipient."""
        with localized_for(self.person):
            found: dict[str, tuple[Email | EmailPart, str]] = {}
            for intent in self.intents:
                part = KINDS[intent.kind].email(self.person, replace(intent, sent_at=self.at))
                found.setdefault(part.page if isinstance(part, EmailPart) else part.url, (part, str(intent.why)))
            return list(found.values())


def upcoming_for(person: User, now: datetime) -> list[UpcomingEmail]:
    """Return the emails this person will get in the next 14 days if nothing changes, soonest first."""
    pairs = Pair.objects.filter(Q(mentor=person) | Q(mentee=person)).with_people()
    return _emails({person.pk: person}, *upcoming_intents(now, PERIOD, pairs, person), now)


def upcoming_in(pairs: Iterable[Pair], now: datetime, excluded: Iterable[int] = ()) -> list[UpcomingEmail]:
    """Return the upcoming emails to the people in these pairs, except `excluded`, for a program admin.

    Confidential kinds are removed before anything is put into emails, so that no line depends on who has answered.
    """
    pairs = list(pairs)
    people = {person.pk: person for pair in pairs for person in pair.people if person.pk not in set(excluded)}
    intents, suppressions = upcoming_intents(now, PERIOD, pairs)
    hidden_kinds = confidential_kinds()
    shown = (intent for intent in intents if intent.kind not in hidden_kinds)
    return _emails(people, shown, suppressions, now, hidden_kinds)


def _emails(
    people: dict[int, User],
    intents: Iterable[Intent],
    suppressions: Suppressions,
    now: datetime,
    hidden_kinds: Iterable[str] = (),
) -> list[UpcomingEmail]:
    intents, until = [it for it in intents if it.recipient_id in people], now + PERIOD
    done = Reminder.objects.filter(key__in=[it.key for it in intents]).exclude(
        state__in=(Reminder.State.PLANNED, Reminder.State.CANCELED)
    )
    finished = set(done.values_list("key", flat=True))
    by_recipient = defaultdict(list)
    for intent in intents:
        if intent.key not in finished:
            by_recipient[intent.recipient_id].append(intent)
    histories = email_histories(by_recipient, now, hidden_kinds)
    emails = [
        UpcomingEmail(at, people[pk], sent)
        for pk, for_person in by_recipient.items()
        for at, sent in predict_emails(people[pk], for_person, now, until, histories[pk], suppressions)
    ]
    return sorted(emails, key=lambda email: (email.at, email.person.pk))
