"""What is due to whom, and why: derived from the facts, never asked for.

One function per kind, in reminders/kinds/, turns one row of facts into intents. The planner, the sender's last look,
the page of what will be sent and the tests all read the same functions, so that a new kind of reminder is one function
there and one letter of the same name in reminders/letters/.
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
    """One person is due one message about one row, once for this occasion."""

    kind: str
    recipient_id: int
    subject: str
    occasion: str
    due_at: datetime
    expires_at: datetime | None
    why: str
    pair_id: int | None = None
    row: Model | None = field(default=None, compare=False, repr=False)  # the facts it was read from
    sent_at: datetime | None = field(default=None, compare=False)  # when it is foreseen to be sent; None: now

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.recipient_id}:{self.subject}:{self.occasion}"

    @property
    def subject_pk(self) -> int:
        return int(self.subject.rpartition(":")[2])

    def sent_on(self, person: User) -> date:
        """The day on which its words are read in an email, or now on a page."""
        return person.local(self.sent_at or timezone.now()).date()


@dataclass(frozen=True)
class Kind:
    """One kind of reminder: which rows hold its facts, and what it makes of one row."""

    name: str
    rows: QuerySet
    touched: str  # the time of the last change that may matter
    moment: str  # the time its intents are counted from
    ahead: timedelta | None  # they fall due at most this long before the moment; None: never before it
    stays: timedelta  # this long after the moment none of them is worth sending
    topic: str  # what a person may turn off (Topic); empty: a message that is always sent, at once and by itself
    by_mail: bool  # False: shown on the person's own pages only
    says: str  # what it is, in a few words
    people: tuple[str, ...]  # the ways from a row to those it may be about; none: nobody foresees it
    pair: str  # the way from a row to its pair; empty: it has none
    of: Callable[[Model], Iterable[Intent]]
    early: bool = False  # an email that leaves before it is due may take it along: it is about a day to come
    in_window: bool = False  # without a topic: sent by itself, but only in a window
    urgent: bool = False  # the other person is asking or answering: the limits on the number of emails do not apply
    confidential: bool = False  # when it goes out depends on an answer that no admin may learn of

    def changed(self, since: datetime, until: datetime, now: datetime) -> QuerySet:
        """Rows touched after `since`, up to `until`, whose intents lie between now and the horizon."""
        return self.in_reach(now).filter(**{f"{self.touched}__gt": since, f"{self.touched}__lte": until})

    def coming_up(self, since: datetime, now: datetime) -> QuerySet:
        """Rows whose intents came into the horizon after `since` merely because time passed."""
        if self.ahead is None:
            return self.rows.none()
        return self.in_reach(now).filter(**{f"{self.moment}__gt": since + HORIZON + self.ahead})

    def in_reach(self, now: datetime, horizon: timedelta = HORIZON) -> QuerySet:
        """Rows of which something may fall due before `horizon` is over."""
        rows = self.rows.filter(**{f"{self.moment}__gt": now - self.stays})
        if self.ahead is not None:
            rows = rows.filter(**{f"{self.moment}__lte": now + horizon + self.ahead})
        return rows

    def read(self, rows: Iterable[Model]) -> Iterator[Intent]:
        """What these rows say. One that cannot be read is logged and left out."""
        for row in rows:
            try:
                yield from [replace(intent, row=row) for intent in self.of(row)]
            except Exception:
                logger.exception("Intents of %s %s cannot be derived", row._meta.label, row.pk)

    def about(self, pks: Iterable[int]) -> dict[str, Intent]:
        """What is true of these rows at this moment, by key."""
        return allowed(self.read(self.rows.filter(pk__in=pks)))


@dataclass
class Rest:
    """When nothing is said: pauses of pairs, what a program leaves out, and what somebody asked to hear about later."""

    pauses: dict[int, list[Pause]] = field(default_factory=dict)
    silent: dict[int, list[str]] = field(default_factory=dict)  # kinds that a pair's program leaves out
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
        """Whether nothing may be sent about it at this moment, or at the moment when it falls due."""
        if intent.kind in self.silent.get(intent.pair_id, ()):
            return True
        days = {person.local(moment).date() for moment in (intent.due_at, at)}
        paused = any(pause.covers(on) for pause in self.pauses.get(intent.pair_id, ()) for on in days)
        snoozes = self.snoozes.get((intent.recipient_id, intent.subject), ())
        return paused or any(snooze.covers(min(intent.due_at, at)) for snooze in snoozes)


def allowed(intents: Iterable[Intent], leaving: bool = False) -> dict[str, Intent]:
    """Of these, those that may be sent, by key.

    Nobody whose account is closed is due anything, and nothing about a pair is sent to somebody who has not accepted
    the invitation to it: they get the invitation only.
    Reminders that may be turned off rest during a pause of the pair, where its program leaves them out, and as long as
    their person asked for rest: on the day on which they fall due, and on the day on which they leave, because they had
    to wait or (`leaving`) leave now, before they are due.
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
    """Of these pairs, (pair, person) for each person who has not accepted the invitation to it yet."""
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
    """Declare an intent function: the rows it reads, and when one of them has to be looked at again."""

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
    """The kinds that wait for their window and count against the budget."""
    return [kind.name for kind in KINDS.values() if kind.topic]


def confidential() -> list[str]:
    """The kinds whose emails depend on answers given in confidence; what admins see never counts them."""
    return [kind.name for kind in KINDS.values() if kind.confidential]


def sent_early() -> list[Kind]:
    """The kinds that an email may take along before they are due."""
    return [kind for kind in KINDS.values() if kind.early]


def first_things_first(intent: Intent) -> tuple:
    """The order within one mail: sessions, commitments, the rest; what is pointless soonest before what can wait."""
    topic = KINDS[intent.kind].topic
    return list(Topic).index(topic) if topic else -1, intent.expires_at or FOREVER, intent.key


def others(pair, by_id: int | None) -> Iterator[int]:
    """The people of the pair who did not do it themselves."""
    return (pk for pk in (pair.mentor_id, pair.mentee_id) if pk != by_id)


def still_true(reminders: Iterable, leaving: bool = False) -> dict[str, Intent]:
    """Of these ledger rows, the intents that the facts bear out at this moment, by key."""
    subjects: dict[str, set[int]] = {}
    for reminder in reminders:
        subjects.setdefault(reminder.kind, set()).add(reminder.subject_pk)
    read = (KINDS[name].read(KINDS[name].rows.filter(pk__in=pks)) for name, pks in subjects.items() if name in KINDS)
    return allowed(itertools.chain.from_iterable(read), leaving)


def alike_kinds(kinds: Iterable[Kind]) -> list[list[Kind]]:
    """Kinds that read the same rows at the same times, together."""
    groups: dict[tuple, list[Kind]] = {}
    for kind in kinds:
        groups.setdefault((id(kind.rows), kind.touched, kind.moment, kind.ahead), []).append(kind)
    return list(groups.values())


def foreseen(
    now: datetime, horizon: timedelta, *, person: User | None = None, pairs: Iterable[int] = ()
) -> list[Intent]:
    """What falls due within the horizon to one person, or to all people of some pairs: mails that can be foreseen.

    Kinds that read the same rows share one reading of them.
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
