"""Intents: which reminders are due to whom and why, always derived from current data.

One function per kind, in reminders/kinds/, turns one row into intents. The planner, the sender's final check, the page
of upcoming emails and the tests all call the same functions, so a new kind of reminder needs one function there and
one composer of the same name, registered with @letter.
"""

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from mentoring.models import Pair, Pause
from reminders.models import Snooze, Topic

HORIZON = timedelta(hours=48)
FOREVER = datetime.max.replace(tzinfo=UTC)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Intent:
    """A reminder due to one person about one row, once per occasion."""

    kind: str
    recipient_id: int
    subject: str
    occasion: str
    due_at: datetime
    expires_at: datetime | None
    why: str
    pair_id: int | None = None
    row: Model | None = field(default=None, compare=False, repr=False)  # the row it was derived from
    sent_at: datetime | None = field(default=None, compare=False)  # when it is expected to be sent; None means now

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.recipient_id}:{self.subject}:{self.occasion}"

    @property
    def subject_pk(self) -> int:
        return int(self.subject.rpartition(":")[2])

    def sent_on(self, person: User) -> date:
        """Return the recipient's date when the email is sent, or today for a page."""
        return person.local(self.sent_at or timezone.now()).date()


@dataclass(frozen=True)
class Kind:
    """A kind of reminder: the rows it reads, when to read them again, and the function that derives its intents."""

    name: str
    rows: QuerySet
    touched: str  # field with the time of the last relevant change
    moment: str  # field with the time that its due times are counted from
    ahead: timedelta | None  # intents fall due at most this long before the moment; None: never before it
    stays: timedelta  # no intent is worth sending this long after the moment
    topic: str  # the Topic that a person may turn off; empty: always sent, at once, in an email of its own
    by_mail: bool  # False: shown in the inbox only
    says: str  # its name on pages
    people: tuple[str, ...]  # lookups from a row to its possible recipients; empty: never listed in upcoming emails
    pair: str  # lookup from a row to its pair; empty: it has none
    of: Callable[[Model], Iterable[Intent]]
    early: bool = False  # may go into an email sent before it is due, because it is about a day to come
    in_window: bool = False  # for kinds without a topic: sent in an email of its own, but only in a window
    urgent: bool = False  # the other person asks or answers, so the limits on emails do not apply
    confidential: bool = False  # its timing depends on an answer that must stay hidden from admins

    def changed(self, since: datetime, until: datetime, now: datetime) -> QuerySet:
        """Return rows touched after `since`, up to `until`, whose intents may fall due before the horizon."""
        return self.in_reach(now).filter(**{f"{self.touched}__gt": since, f"{self.touched}__lte": until})

    def coming_up(self, since: datetime, now: datetime) -> QuerySet:
        """Return rows whose intents came within the horizon after `since` only because time passed."""
        if self.ahead is None:
            return self.rows.none()
        return self.in_reach(now).filter(**{f"{self.moment}__gt": since + HORIZON + self.ahead})

    def in_reach(self, now: datetime, horizon: timedelta = HORIZON) -> QuerySet:
        """Return rows whose intents may fall due within `horizon`."""
        rows = self.rows.filter(**{f"{self.moment}__gt": now - self.stays})
        if self.ahead is not None:
            rows = rows.filter(**{f"{self.moment}__lte": now + horizon + self.ahead})
        return rows

    def read(self, rows: Iterable[Model]) -> Iterator[Intent]:
        """Yield the intents of these rows; log and skip a row that raises an error."""
        for row in rows:
            try:
                yield from [replace(intent, row=row) for intent in self.of(row)]
            except Exception:
                logger.exception("Intents of %s %s cannot be derived", row._meta.label, row.pk)

    def about(self, pks: Iterable[int]) -> dict[str, Intent]:
        """Return the intents that are true for these rows now, by key."""
        return allowed(self.read(self.rows.filter(pk__in=pks)))


@dataclass
class Rest:
    """What suppresses reminders: pauses of pairs, kinds turned off by a program, and snoozes."""

    pauses: dict[int, list[Pause]] = field(default_factory=dict)
    silent: dict[int, list[str]] = field(default_factory=dict)  # kinds that a pair's program has turned off
    snoozes: dict[tuple[int, str], list[Snooze]] = field(default_factory=dict)

    @classmethod
    def of(cls, intents: Iterable[Intent]) -> "Rest":
        intents, rest = list(intents), cls()
        for pause in Pause.objects.filter(pair__in={i.pair_id for i in intents if i.pair_id}):
            rest.pauses.setdefault(pause.pair_id, []).append(pause)
        quiet = Pair.objects.filter(pk__in={i.pair_id for i in intents if i.pair_id}).exclude(program__silent_kinds=[])
        rest.silent = dict(quiet.values_list("pk", "program__silent_kinds"))
        people = {i.recipient_id for i in intents}
        for snooze in Snooze.objects.filter(user__in=people, subject__in={i.subject for i in intents}):
            rest.snoozes.setdefault((snooze.user_id, snooze.subject), []).append(snooze)
        return rest

    def covers(self, intent: Intent, person: User, at: datetime) -> bool:
        """Return True if the intent is suppressed now or when it falls due."""
        if intent.kind in self.silent.get(intent.pair_id, ()):
            return True
        days = {person.local(moment).date() for moment in (intent.due_at, at)}
        paused = any(pause.covers(on) for pause in self.pauses.get(intent.pair_id, ()) for on in days)
        snoozes = self.snoozes.get((intent.recipient_id, intent.subject), ())
        return paused or any(snooze.covers(min(intent.due_at, at)) for snooze in snoozes)


def allowed(intents: Iterable[Intent], leaving: bool = False) -> dict[str, Intent]:
    """Return the intents that may be sent, by key.

    Closed accounts get nothing, and people who have not accepted the invitation to a pair get only the invitation.
    Kinds with a topic are suppressed by a pause of the pair, by the program's settings and by a snooze. This is checked
    for the day they fall due and for the day they are sent, which is later if they had to wait, or today if they are
    sent early (`leaving`).
    """
    intents, now = list(intents), timezone.now()
    if not intents:
        return {}
    people = User.objects.filter(pk__in={it.recipient_id for it in intents}, is_active=True).in_bulk()
    closed = closed_to({it.pair_id for it in intents if it.pair_id})
    rest = Rest.of(it for it in intents if KINDS[it.kind].topic)
    return {
        it.key: it
        for it in intents
        if it.recipient_id in people
        and (it.pair_id, it.recipient_id) not in closed
        and not (
            KINDS[it.kind].topic and rest.covers(it, people[it.recipient_id], now if leaving else max(it.due_at, now))
        )
    }


def closed_to(pairs: set[int]) -> set[tuple[int, int]]:
    """Return (pair, person) for each person who has not accepted the invitation to one of these pairs yet."""
    rows = Pair.objects.filter(pk__in=pairs)
    mentors = rows.filter(mentor_joined=False).values_list("pk", "mentor")
    return set(mentors.union(rows.filter(mentee_joined=False).values_list("pk", "mentee"))) if pairs else set()


KINDS: dict[str, Kind] = {}


def reads(
    rows: QuerySet,
    *,
    says: str,
    touched: str,
    moment: str,
    stays: timedelta,
    ahead: timedelta | None = None,
    topic: str = "",
    by_mail: bool = True,
    early: bool = False,
    in_window: bool = False,
    people: tuple[str, ...] = ("pair__mentor", "pair__mentee"),
    pair: str = "pair",
    urgent: bool = False,
    confidential: bool = False,
):
    """Register an intent function with the rows it reads and the fields that tell when to read them again."""

    def declare(function):
        name = function.__name__
        KINDS[name] = Kind(
            name=name,
            rows=rows,
            touched=touched,
            moment=moment,
            ahead=ahead,
            stays=stays,
            topic=topic,
            by_mail=by_mail,
            early=early,
            in_window=in_window,
            says=says,
            people=people,
            pair=pair,
            urgent=urgent,
            confidential=confidential,
            of=function,
        )
        return function

    return declare


def with_topic() -> list[str]:
    """Return the kinds that wait for a window and count toward the limits on emails."""
    return [kind.name for kind in KINDS.values() if kind.topic]


def confidential() -> list[str]:
    """Return the kinds whose emails depend on confidential answers; figures for admins exclude them."""
    return [kind.name for kind in KINDS.values() if kind.confidential]


def sent_early() -> list[Kind]:
    """Return the kinds that an email may include before they are due."""
    return [kind for kind in KINDS.values() if kind.early]


def first_things_first(intent: Intent) -> tuple:
    """Return the sort key within one email: by topic, sessions first, then by expiry."""
    topic = KINDS[intent.kind].topic
    return list(Topic).index(topic) if topic else -1, intent.expires_at or FOREVER, intent.key


def others(pair, by_id: int | None) -> Iterator[int]:
    """Yield the people of the pair other than this one."""
    return (pk for pk in (pair.mentor_id, pair.mentee_id) if pk != by_id)


def still_true(reminders: Iterable, leaving: bool = False) -> dict[str, Intent]:
    """Return the intents of these ledger rows that are still true, by key."""
    subjects: dict[str, set[int]] = {}
    for reminder in reminders:
        subjects.setdefault(reminder.kind, set()).add(reminder.subject_pk)
    read = (KINDS[name].read(KINDS[name].rows.filter(pk__in=pks)) for name, pks in subjects.items() if name in KINDS)
    return allowed(itertools.chain.from_iterable(read), leaving)


def alike_kinds(kinds: Iterable[Kind]) -> list[list[Kind]]:
    """Group the kinds that read the same rows at the same times."""
    groups: dict[tuple, list[Kind]] = {}
    for kind in kinds:
        groups.setdefault((id(kind.rows), kind.touched, kind.moment, kind.ahead), []).append(kind)
    return list(groups.values())


def foreseen(
    now: datetime, horizon: timedelta, *, person: User | None = None, pairs: Iterable[int] = ()
) -> list[Intent]:
    """Return the intents that fall due by email within the horizon, to one person or to everyone in some pairs.

    Kinds that read the same rows share one query.
    """
    mails = (kind for kind in KINDS.values() if kind.by_mail and (kind.topic or kind.ahead is not None))
    read = []
    for alike in alike_kinds(kind for kind in mails if (kind.people if person else kind.pair)):
        widest = max(alike, key=lambda kind: kind.stays)
        rows = list(widest.in_reach(now, horizon).filter(_of(widest, person, pairs)))
        for kind in alike:
            read += kind.read(rows)
    true = allowed(it for it in read if person is None or it.recipient_id == person.pk)
    return list(true.values())


def _of(kind: Kind, person: User | None, pairs: Iterable[int]) -> Q:
    if person is None:
        return Q(**{f"{kind.pair}__in": pairs})
    theirs = Q()
    for way in kind.people:
        theirs |= Q(**{way: person})
    return theirs
