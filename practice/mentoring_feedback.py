"""The question how the mentoring goes: when it is asked, its answer, and what the mentor will try.

The rules are in docs/rules.md, feedback on the mentoring.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from goals.default_due_dates import default_due_on
from goals.models import Commitment
from mentoring.models import Pair
from practice.kinds import EntryKind
from practice.models import Entry, MentoringFeedback
from sessions.models import Session

EVERY = 3  # sessions
ASKED_FOR = timedelta(days=14)


def held_sessions() -> QuerySet[Session]:
    """Return the sessions that count: held ones, without check-ins."""
    return Session.objects.held().exclude(kind=Session.Kind.CHECK_IN)


def due_round(held: list[datetime], settled: set[int], now: datetime) -> int:
    """Return after how many sessions the mentee is asked now, or 0.

    That is the number of held sessions if it is three, six …, the last of them was in the last 14 days, and the
    question was neither answered nor skipped (`settled`).
    """
    count = len(held)
    is_due = count and count % EVERY == 0 and max(held) > now - ASKED_FOR
    return count if is_due and count not in settled else 0


def settled_rounds(rows: Iterable[MentoringFeedback]) -> set[int]:
    """Return the rounds that were skipped, or whose answer is shared; prefetch `entry__shares`."""
    return {row.after_sessions for row in rows if row.skipped_at or (row.entry and row.entry.shares.all())}


def asked_in(pks: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """Return those of these pairs whose mentee is asked now, unless they ended, in two plain queries.

    Each comes with the number of its held sessions and the time of the last one.
    """
    held: dict[int, list[datetime]] = {}
    for pk, starts_at in (
        held_sessions().filter(pair__in=pks, pair__ended_at=None).order_by().values_list("pair", "starts_at")
    ):
        held.setdefault(pk, []).append(starts_at)
    now = timezone.now()
    due = {pk: number for pk, times in held.items() if (number := due_round(times, set(), now))}
    rows = MentoringFeedback.objects.filter(pair__in=due).prefetch_related("entry__shares") if due else ()
    settled = {(row.pair_id, number) for row in rows for number in settled_rounds([row])}
    return {pk: (number, max(held[pk])) for pk, number in due.items() if (pk, number) not in settled}


def newest_round(pair: Pair) -> int:
    """Return the newest number of held sessions after which the mentee is asked; 0: before the third session."""
    return held_sessions().filter(pair=pair).count() // EVERY * EVERY


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
