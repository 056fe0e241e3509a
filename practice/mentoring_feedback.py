"""The question how the mentoring goes: when it is asked, its answer, and what the mentor will try.

The rules are in docs/rules.md, feedback on the mentoring.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from goals.default_due_dates import default_due_on
from goals.models import Commitment
from mentoring.models import Pair
from practice.kinds import EntryKind
from practice.models import Entry, MentoringFeedback, Share
from sessions.models import Session

EVERY = 3  # sessions
ASKED_FOR = timedelta(days=14)


def asked(pairs: QuerySet[Pair], now: datetime) -> QuerySet[Pair]:
    """Return those of these pairs whose mentee is asked now, with `held_count` and `last_met_at`.

    The number of held sessions is three, six …, the last of them was in the last 14 days, and the question was neither
    answered nor skipped. An answer counts once it is shared.
    """
    held = Session.objects.filter(pair=OuterRef("pk")).held().exclude(kind=Session.Kind.CHECK_IN)
    held = held.order_by().values("pair")
    settled = MentoringFeedback.objects.filter(pair=OuterRef("pk"), after_sessions=OuterRef("held_count"))
    settled = settled.filter(Q(skipped_at__isnull=False) | Exists(Share.objects.filter(entry=OuterRef("entry"))))
    rows = pairs.filter(ended_at=None).annotate(
        held_count=Coalesce(Subquery(held.annotate(n=Count("pk")).values("n")), 0),
        last_met_at=Subquery(held.annotate(at=Max("starts_at")).values("at")),
    )
    rows = rows.alias(over=F("held_count") % EVERY).filter(over=0, last_met_at__gt=now - ASKED_FOR)
    return rows.filter(~Exists(settled))


def newest_round(pair: Pair) -> int:
    """Return the newest number of held sessions after which the mentee is asked; 0: before the third session."""
    held = pair.sessions.held().exclude(kind=Session.Kind.CHECK_IN).count()
    return held // EVERY * EVERY


def start(pair: Pair, number: int) -> Entry:
    """Start the answer after this number of sessions, or return the one that exists."""
    with pair.locked():
        row, _new = MentoringFeedback.objects.get_or_create(pair=pair, after_sessions=number)
        if row.entry is None:
            row.entry = Entry.start(pair.mentee, EntryKind.MENTORING, pair)  # perhaps one that stayed empty
            MentoringFeedback.objects.filter(entry=row.entry).update(entry=None)
            row.save(update_fields=["entry"])
    return row.entry


def skip(pair: Pair, number: int) -> None:
    """Stop asking after this number of sessions."""
    with pair.locked():
        MentoringFeedback.objects.get_or_create(pair=pair, after_sessions=number)
        rows = MentoringFeedback.objects.filter(pair=pair, after_sessions=number, skipped_at=None)
        rows.update(skipped_at=timezone.now())
        pair.replan()


def earlier_answer(pair: Pair, before: datetime | None = None) -> Commitment | None:
    """Return what the mentor last promised to try, in answer to feedback that was started before then."""
    rows = Entry.objects.filter(pair=pair, kind=EntryKind.MENTORING, commitment__isnull=False)
    rows = rows.filter(created_at__lt=before) if before else rows
    entry = rows.select_related("commitment").order_by("-created_at", "-pk").first()
    return entry.commitment if entry else None


def answer(entry: Entry, text: str) -> Commitment:
    """Make what the mentor will try their commitment. There is one for each feedback: later ones return the first."""
    pair = entry.pair
    with pair.locked():
        entry.refresh_from_db(fields=["commitment"])
        if entry.commitment is None:
            due_on = default_due_on.ask(pair, pair.mentor.today())
            entry.commitment = Commitment.create(pair.mentor, pair=pair, owner=pair.mentor, text=text, due_on=due_on)
            Entry.objects.filter(pk=entry.pk).update(commitment=entry.commitment)
    return entry.commitment


@dataclass(frozen=True)
class MentoringPage:
    """What the page of one feedback shows beside its answers."""

    answer: Commitment | None  # what the mentor will try because of it
    earlier: Commitment | None  # and because of the feedback before
    may_answer: bool


def mentoring_page(entry: Entry, user) -> MentoringPage | None:
    """Return what belongs to feedback on the mentoring; None for an entry of another kind."""
    if entry.kind != EntryKind.MENTORING or entry.pair is None:
        return None
    may_answer = entry.pair.is_mentor(user) and not entry.pair.ended_at
    return MentoringPage(entry.commitment, earlier_answer(entry.pair, entry.created_at), may_answer)
