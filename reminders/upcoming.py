"""Upcoming emails: who gets what, when and why, predicted with the same functions that the sender uses."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.models import User
from mentoring.models import Pair
from reminders.emails import LETTERS, Entry, on_the_wall_of
from reminders.intents import KINDS, Intent, Rest, confidential, foreseen
from reminders.models import Reminder
from reminders.packing import books_of
from reminders.windows import foresee

AHEAD = timedelta(days=14)


@dataclass
class Foreseen:
    """One upcoming email."""

    at: datetime
    person: User
    intents: list[Intent]

    @property
    def kinds(self) -> list[str]:
        """Return the names of its kinds, each once."""
        return list(dict.fromkeys(KINDS[intent.kind].says for intent in self.intents))

    @property
    def entries(self) -> list[tuple[Entry, str]]:
        """Return its entries with their reasons, one per page; shown only to the recipient."""
        with on_the_wall_of(self.person):
            said = {}
            for intent in self.intents:
                entry = LETTERS[intent.kind](self.person, replace(intent, sent_at=self.at))
                said.setdefault(entry.page if isinstance(entry, Entry) else entry.url, (entry, str(intent.why)))
            return list(said.values())


def coming_to(person: User, now: datetime) -> list[Foreseen]:
    """Return the emails this person will get in the next 14 days if nothing changes, soonest first."""
    return _mails({person.pk: person}, foreseen(now, AHEAD, person=person), now)


def coming_in(pairs: Iterable[Pair], now: datetime, but: Iterable[int] = ()) -> list[Foreseen]:
    """Return the upcoming emails to the people in these pairs, except `but`, for a program admin.

    Confidential kinds are removed before anything is put into emails, so that no line depends on who has answered.
    """
    pairs = list(pairs)
    people = {person.pk: person for pair in pairs for person in pair.people if person.pk not in set(but)}
    intents = foreseen(now, AHEAD, pairs=[pair.pk for pair in pairs])
    hidden = confidential()
    return _mails(people, (intent for intent in intents if intent.kind not in hidden), now, hidden)


def _mails(
    people: dict[int, User], intents: Iterable[Intent], now: datetime, hidden: Iterable[str] = ()
) -> list[Foreseen]:
    intents, until = [it for it in intents if it.recipient_id in people], now + AHEAD
    gone = Reminder.objects.filter(key__in=[it.key for it in intents]).exclude(
        state__in=(Reminder.State.PLANNED, Reminder.State.CANCELED)
    )
    gone = set(gone.values_list("key", flat=True))
    mine = defaultdict(list)
    for intent in intents:
        if intent.key not in gone:
            mine[intent.recipient_id].append(intent)
    books, rest = books_of(mine, now, hidden), Rest.of(it for it in intents if KINDS[it.kind].topic)
    mails = [
        Foreseen(at, people[pk], going)
        for pk, theirs in mine.items()
        for at, going in foresee(people[pk], theirs, now, until, books[pk], rest)
    ]
    return sorted(mails, key=lambda mail: (mail.at, mail.person.pk))
