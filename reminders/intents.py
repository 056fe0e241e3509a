"""Kinds of reminders and their intents: what is due to whom and why, always derived from current data.

Each kind is one class in reminders/kinds/. The planner, the sender's final check, the page of upcoming emails and the
tests all use the same classes.
"""

import logging
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import User
from mentoring.models import Pair, Pause
from reminders.models import Snooze, Topic

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from reminders.emails import Email, EmailPart

Row = TypeVar("Row", bound=Model)  # what reminders of a kind are about

HORIZON = timedelta(hours=48)
FOREVER = datetime.max.replace(tzinfo=UTC)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Intent(Generic[Row]):
    """A reminder due to one person about one row, once per occasion."""

    kind: str
    recipient_id: int
    subject: str  # "session:12"
    occasion: str
    due_at: datetime
    expires_at: datetime | None
    pair_id: int | None
    row: Row = field(compare=False, repr=False)  # the row it was derived from
    sent_at: datetime | None = field(default=None, compare=False)  # when it is expected to be sent; None means now

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.recipient_id}:{self.subject}:{self.occasion}"

    @property
    def subject_pk(self) -> int:
        return int(self.subject.rpartition(":")[2])

    @property
    def why(self) -> "StrOrPromise":
        """Return why the person gets it."""
        return KINDS[self.kind].why

    def sent_on(self, person: User) -> date:
        """Return the recipient's date when the email is sent, or today for a page."""
        return person.local(self.sent_at or timezone.now()).date()


class Kind(ABC, Generic[Row]):
    """A kind of reminder: its rows, when it is due, why the person gets it, and its email.

    A new kind is one subclass with @register in a module of reminders/kinds/. Classes without @register hold what
    several kinds share. What rows() and derive() add to a model, or make sure of, is named in a subclass of the model,
    which only the type checker sees.
    """

    name: str  # in the ledger, in keys and in the settings of programs; never changes
    label: "StrOrPromise"  # on pages
    why: "StrOrPromise"  # why the person gets it, as emails and the inbox say
    topic: str = ""  # the Topic that a person may turn off; empty: always sent, at once, in an email of its own
    label_for_programs: "StrOrPromise" = ""  # in the settings of a program, which may turn it off; empty: it may not

    # What it is about. Kinds with the same subject are snoozed together.
    subject: str  # the name before the key of the row: "session" in "session:12"
    pair: str = "pair"  # lookup from a row to its pair; empty: it has none
    about_ended_pairs: bool = False
    recipients: tuple[str, ...] = ("pair__mentor", "pair__mentee")  # lookups; empty: never listed in upcoming emails

    # When rows are read.
    changed: str = "pair__touched_at"  # lookup of the time of the last relevant change
    anchor: str  # lookup of the time or date that due times are counted from
    max_lead: timedelta | None = None  # intents fall due at most this long before the anchor; None: never before it
    max_age: timedelta  # no intent is worth sending this long after the anchor

    # How it is sent.
    by_email: bool = True  # False: shown in the inbox only
    may_be_early: bool = False  # may go into an email sent before it is due, because it is about a day to come
    joins: str = ""  # the kind whose email includes this one, if one about the same pair is due within a minute
    window_only: bool = False  # for kinds without a topic: sent in an email of its own, but only in a window
    urgent: bool = False  # the other person asks or answers, so the limits on emails do not apply
    backs_off: bool = True  # becomes weekly after three in a row were ignored; False: it has a rule of its own
    confidential: bool = False  # its timing depends on an answer that must stay hidden from admins

    @staticmethod
    @abstractmethod
    def rows() -> QuerySet:
        """Return the rows that may have intents. Kinds that share this function share its query."""

    @abstractmethod
    def intents(self, row: Row) -> Iterable[Intent]:
        """Return what is due about this row, to whom and when."""

    @abstractmethod
    def email(self, person: User, intent: Intent[Row]) -> "Email | EmailPart":
        """Return the email of its own, or for kinds with a topic the part of a bundled email."""

    def intent(
        self, row: Row, recipient_id: int, occasion: str, due_at: datetime, expires_at: datetime | None
    ) -> Intent[Row]:
        subject = f"{self.subject}:{row.pk}"
        return Intent(self.name, recipient_id, subject, occasion, due_at, expires_at, self.pair_id(row), row)

    def pair_id(self, row: Row) -> int | None:
        if not self.pair:
            return None
        *relations, last = self.pair.split("__")
        for relation in relations:
            row = getattr(row, relation)
        return getattr(row, last if last == "pk" else f"{last}_id")

    # --- Reading, used by the planner and the sender ---

    @property
    def changes_with_pair(self) -> bool:
        """Return True if its rows are read when their pair was touched."""
        return bool(self.pair) and self.changed.rpartition("__")[2] == "touched_at"

    def derive(self, rows: Iterable[Row]) -> Iterator[Intent[Row]]:
        """Yield the intents of these rows; log and skip a row that raises an error.

        What would fall due after the last day of the calendar never does.
        """
        for row in rows:
            try:
                yield from list(self.intents(row))
            except OverflowError:
                continue
            except Exception:
                logger.exception("Intents of %s %s cannot be derived", row._meta.label, row.pk)

    def changed_between(self, since: datetime, until: datetime, now: datetime) -> QuerySet:
        """Return rows touched after `since`, up to `until`, whose intents may fall due before the horizon."""
        return self.in_reach(now).filter(**{f"{self.changed}__gt": since, f"{self.changed}__lte": until})

    def newly_in_reach(self, since: datetime, now: datetime) -> QuerySet:
        """Return rows whose intents came within the horizon after `since` only because time passed."""
        return self.in_reach(now).filter(**{f"{self.anchor}__gt": since + HORIZON + (self.max_lead or timedelta())})

    def in_reach(self, now: datetime, horizon: timedelta = HORIZON) -> QuerySet:
        """Return rows whose intents may fall due within `horizon`."""
        rows = self.rows().filter(**{f"{self.anchor}__gt": now - self.max_age})
        if self.max_lead is not None:
            rows = rows.filter(**{f"{self.anchor}__lte": now + horizon + self.max_lead})
        return rows

    # --- Reading what is about a few known pairs, for the pages of upcoming emails ---

    @property
    def is_to_roles(self) -> bool:
        """Return True if its recipients are the mentor or mentee of its pair, not people named in the row itself."""
        return bool(self.pair) and {lookup.rpartition("__")[2] for lookup in self.recipients} <= {"mentor", "mentee"}

    def concerns(self, pair: Pair, person: User | None, now: datetime, horizon: timedelta) -> bool:
        """Return False if the pair itself shows that nothing is due about it to this person, or to anyone."""
        roles = {lookup.rpartition("__")[2] for lookup in self.recipients}
        to_person = person is None or any(getattr(pair, f"{role}_id") == person.pk for role in roles)
        return to_person and (pair.ended_at is not None) == self.about_ended_pairs

    def attach(self, row: Row, pair: Pair) -> None:
        """Use a pair that is already loaded, with its people and program, as the pair of the row."""
        row.pair = pair  # type: ignore[attr-defined]  # other kinds override this

    def intents_about(self, pks: Iterable[int]) -> dict[str, Intent]:
        """Return the intents that are true for these rows now, by key."""
        return sendable(self.derive(self.rows().filter(pk__in=pks)))


# --- All kinds ----------------------------------------------------------------------------------------------

KINDS: dict[str, Kind] = {}


def register(kind: type[Kind]) -> type[Kind]:
    """Add a kind to KINDS, as a decorator of its class."""
    KINDS[kind.name] = kind()
    return kind


def bundled_kinds() -> list[str]:
    """Return the kinds that wait for a window and count toward the limits on emails."""
    return [kind.name for kind in KINDS.values() if kind.topic]


def confidential_kinds() -> list[str]:
    """Return the kinds whose emails depend on confidential answers; figures for admins exclude them."""
    return [kind.name for kind in KINDS.values() if kind.confidential]


def joining_kinds() -> dict[str, str]:
    """Return the kinds that are sent with the email of another kind, each with that kind."""
    return {kind.name: kind.joins for kind in KINDS.values() if kind.joins}


def early_kinds() -> list[Kind]:
    """Return the kinds that an email may include before they are due."""
    return [kind for kind in KINDS.values() if kind.may_be_early]


def optional_reminders() -> dict[str, "StrOrPromise"]:
    """Return the kinds that a program may turn off for all of its pairs, each with its label, by topic."""
    topics: list[str] = list(Topic)
    kinds = [kind for kind in KINDS.values() if kind.label_for_programs]
    return {kind.name: kind.label_for_programs for kind in sorted(kinds, key=lambda kind: topics.index(kind.topic))}


def group_by_rows(kinds: Iterable[Kind]) -> list[list[Kind]]:
    """Group the kinds that read the same rows at the same times."""
    groups: dict[tuple, list[Kind]] = {}
    for kind in kinds:
        groups.setdefault((kind.rows, kind.changed, kind.anchor, kind.max_lead), []).append(kind)
    return list(groups.values())


def order_in_email(intent: Intent) -> tuple:
    """Return the sort key within one email: by topic, sessions first, what joins it last, then by expiry."""
    kind = KINDS[intent.kind]
    topic = list(Topic).index(Topic(kind.topic)) if kind.topic else -1
    return topic, bool(kind.joins), intent.expires_at or FOREVER, intent.key


# --- Which intents may be sent ------------------------------------------------------------------------------


@dataclass
class Suppressions:
    """What suppresses reminders: pauses of pairs, kinds turned off by a program, and snoozes."""

    pauses: dict[int, list[Pause]] = field(default_factory=dict)
    kinds_off: dict[int, list[str]] = field(default_factory=dict)  # kinds that a pair's program has turned off
    snoozes: dict[tuple[int, str], list[Snooze]] = field(default_factory=dict)

    @classmethod
    def of(cls, intents: Iterable[Intent]) -> "Suppressions":
        intents = list(intents)
        pairs = {intent.pair_id for intent in intents if intent.pair_id}
        silent = Pair.objects.filter(pk__in=pairs).exclude(program__silent_kinds=[])
        kinds_off = dict(silent.values_list("pk", "program__silent_kinds"))
        people, subjects = {intent.recipient_id for intent in intents}, {intent.subject for intent in intents}
        return cls.read(pairs, kinds_off, Snooze.objects.filter(user__in=people, subject__in=subjects))

    @classmethod
    def read(cls, pairs: Iterable[int], kinds_off: dict[int, list[str]], snoozes: Iterable[Snooze]) -> "Suppressions":
        found = cls(kinds_off=kinds_off)
        for pause in Pause.objects.filter(pair__in=pairs):
            found.pauses.setdefault(pause.pair_id, []).append(pause)
        for snooze in snoozes:
            found.snoozes.setdefault((snooze.user_id, snooze.subject), []).append(snooze)
        return found

    def cover(self, intent: Intent, person: User, at: datetime) -> bool:
        """Return True if the intent is suppressed now or when it falls due."""
        if intent.kind in self.kinds_off.get(intent.pair_id or 0, ()):
            return True
        snoozes = self.snoozes.get((intent.recipient_id, intent.subject), ())
        return self._is_paused(intent, person, at) or any(snooze.covers(min(intent.due_at, at)) for snooze in snoozes)

    def _is_paused(self, intent: Intent, person: User, at: datetime) -> bool:
        if not (pauses := self.pauses.get(intent.pair_id or 0)):
            return False
        days = {person.local(moment).date() for moment in (intent.due_at, at)}
        return any(pause.covers(on) for pause in pauses for on in days)


@dataclass
class Audience:
    """Who may get intents: the people, by key, who of them has not joined which pair, and what suppresses intents."""

    people: dict[int, User]
    not_joined: set[tuple[int, int]]  # pair and person
    suppressions: Suppressions

    @classmethod
    def of(cls, intents: list[Intent]) -> "Audience":
        pairs = {intent.pair_id for intent in intents if intent.pair_id}
        return cls(
            User.objects.in_bulk({intent.recipient_id for intent in intents}),
            _not_joined(pairs),
            Suppressions.of(intent for intent in intents if KINDS[intent.kind].topic),
        )

    @classmethod
    def of_pairs(cls, pairs: Iterable[Pair]) -> "Audience":
        """Return the people of these pairs, which are loaded with them and their program."""
        pairs = list(pairs)
        people = {person.pk: person for pair in pairs for person in pair.people}
        not_joined = {(pair.pk, person.pk) for pair in pairs for person in pair.not_joined()}
        kinds_off = {pair.pk: pair.program.silent_kinds for pair in pairs}
        snoozes = Snooze.objects.filter(user__in=people)
        return cls(people, not_joined, Suppressions.read([pair.pk for pair in pairs], kinds_off, snoozes))

    def may_get(self, intent: Intent, at: datetime) -> bool:
        """Return True if the recipient may get the intent at this moment."""
        person = self.people.get(intent.recipient_id)
        if person is None or not person.is_active or (intent.pair_id, person.pk) in self.not_joined:
            return False
        return not (KINDS[intent.kind].topic and self.suppressions.cover(intent, person, at))


def _not_joined(pairs: set[int]) -> set[tuple[int, int]]:
    """Return (pair, person) for each person who has not accepted the invitation to one of these pairs yet."""
    rows = Pair.objects.filter(pk__in=pairs)
    mentors = rows.filter(mentor_joined=False).values_list("pk", "mentor")
    return set(mentors.union(rows.filter(mentee_joined=False).values_list("pk", "mentee"))) if pairs else set()


def sendable(
    intents: Iterable[Intent], sending_now: bool = False, audience: Audience | None = None
) -> dict[str, Intent]:
    """Return the intents that may be sent, by key.

    Closed accounts get nothing, and people who have not accepted the invitation to a pair get only the invitation.
    Kinds with a topic are suppressed by a pause of the pair, by the program's settings and by a snooze. This is checked
    for the day they fall due and for the day they are sent, which is later if they had to wait, or today if they are
    sent early (`sending_now`). The audience is read if it is not passed.
    """
    intents, now = list(intents), timezone.now()
    if not intents:
        return {}
    audience = audience or Audience.of(intents)
    return {
        intent.key: intent
        for intent in intents
        if audience.may_get(intent, now if sending_now else max(intent.due_at, now))
    }


def current_intents(reminders: Iterable, sending_now: bool = False) -> dict[str, Intent]:
    """Return the intents of these ledger rows that are still true, by key."""
    reminders, subjects = list(reminders), defaultdict(set)
    for reminder in reminders:
        subjects[reminder.kind].add(reminder.subject_pk)
    pairs = Pair.objects.with_people().in_bulk({reminder.pair_id for reminder in reminders if reminder.pair_id})
    derived: list[Intent] = []
    for name, pks in subjects.items():
        if kind := KINDS.get(name):
            derived += kind.derive(_with_pairs(kind, kind.rows().filter(pk__in=pks), pairs))
    return sendable(derived, sending_now)


def upcoming_intents(
    now: datetime, horizon: timedelta, pairs: Iterable[Pair], person: User | None = None
) -> tuple[list[Intent], Suppressions]:
    """Return the intents that fall due by email within the horizon, to everyone in these pairs, or to one person.

    The second value is what suppresses them at other times. For one person, pass all pairs they are part of. Kinds
    that read the same rows share one query.
    """
    emailed = (kind for kind in KINDS.values() if kind.by_email and (kind.topic or kind.max_lead is not None))
    by_pk = {pair.pk: pair for pair in pairs}
    derived: list[Intent] = []
    for group in group_by_rows(kind for kind in emailed if (kind.recipients if person else kind.pair)):
        widest = max(group, key=lambda kind: kind.max_age)
        rows = _rows_about(widest, by_pk, person, now, horizon)
        for kind in group:
            derived += kind.derive(rows)
    intents = [intent for intent in derived if person is None or intent.recipient_id == person.pk]
    audience = Audience.of(intents)
    return list(sendable(intents, audience=audience).values()), audience.suppressions


def _rows_about(
    kind: Kind, pairs: dict[int, Pair], person: User | None, now: datetime, horizon: timedelta
) -> list[Model]:
    """Return the rows in reach about these pairs, or addressed to the person, with the pairs that were passed."""
    if not (person and not kind.is_to_roles):
        pairs = {pk: pair for pk, pair in pairs.items() if kind.concerns(pair, person, now, horizon)}
        return rows_about(kind, pairs, now, horizon)
    rows = kind.in_reach(now, horizon).filter(**dict.fromkeys(kind.recipients, person))
    return _with_pairs(kind, rows, pairs)


def rows_about(kind: Kind, pairs: dict[int, Pair], now: datetime, horizon: timedelta = HORIZON) -> list[Model]:
    """Return the rows in reach about these pairs, with the pairs that were passed."""
    return _with_pairs(kind, kind.in_reach(now, horizon).filter(**{f"{kind.pair}__in": pairs}), pairs) if pairs else []


def _with_pairs(kind: Kind, rows: QuerySet, pairs: dict[int, Pair]) -> list[Model]:
    """Return the rows, each with its pair if it is one of these, which are loaded with their people and program."""
    if not kind.pair:
        return list(rows)
    found = list(rows.select_related(None))
    for row in found:
        if pair := pairs.get(kind.pair_id(row) or 0):
            kind.attach(row, pair)
    return found
