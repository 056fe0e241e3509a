"""Since last time: what became of the commitments between two sessions (docs/rules.md, since last time)."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from goals.models import Commitment, CommitmentEvent
from mentoring.models import attach_pairs
from sessions.models import Feedback, Session, SessionCommitment


def commitments_around(session: Session, since: datetime | None) -> list[Commitment]:
    """Return the commitments that a session's page shows: open ones, and those settled since.

    `is_new`: captured in this session.
    """
    new = set(SessionCommitment.objects.filter(session=session).values_list("commitment", flat=True))
    shown = Q(state=Commitment.State.OPEN) | Q(settled_at__gte=since or session.created_at) | Q(pk__in=new)
    rows = Commitment.objects.filter(shown, pair=session.pair_id).soonest_first()
    for commitment in (found := attach_pairs(rows, [session.pair], "owner")):
        commitment.is_new = commitment.pk in new
    return found


@dataclass(frozen=True)
class SinceLastTime:
    """The figures of the panel. Each commitment has `counted`, `was_kept`, `moved_to` and `moved_note`."""

    at: datetime  # when the last session ended
    commitments: list[Commitment]
    feedback: int

    @property
    def days(self) -> int:
        return max(0, (timezone.localdate() - timezone.localdate(self.at)).days)

    @cached_property
    def due(self) -> list[Commitment]:
        return [c for c in self.commitments if c.counted]

    @cached_property
    def kept(self) -> list[Commitment]:
        return [c for c in self.due if c.was_kept]

    @cached_property
    def missed(self) -> list[Commitment]:
        return [c for c in self.due if not c.was_kept]

    @cached_property
    def moved(self) -> list[Commitment]:
        return [c for c in self.commitments if c.moved_to]


def since_last_time(session: Session, since: datetime, commitments: list[Commitment]) -> SinceLastTime:
    """Return what became of these commitments, all from before the session.

    `counted` and `was_kept`: came due since last time, and was done in time (defined in goals). `moved_to` and
    `moved_note`: the last new date since then.
    """
    today, first_on = session.pair.mentee.today(), session.pair.mentee.local(since).date()
    moved = CommitmentEvent.Kind.MOVED
    told = Q(late=True) | Q(kind=moved, created_at__gte=since)
    rows = CommitmentEvent.objects.filter(told, commitment__in=commitments, undone_at=None).order_by("pk")
    slipped, moves = set(), {}
    for pk, kind, late, at, *move in rows.values_list("commitment", "kind", "late", "created_at", "new_due_on", "note"):
        slipped |= {pk} if late else set()
        if kind == moved and at >= since:
            moves[pk] = move
    for c in commitments:
        c.slipped = c.pk in slipped
        c.counted, c.was_kept = c.has_come_due(first_on, today), c.is_kept(today)
        c.moved_to, c.moved_note = moves.get(c.pk, (None, ""))
    feedback = Feedback.objects.written().filter(pair=session.pair_id, created_at__gte=since)
    return SinceLastTime(since, commitments, feedback.exclude(session__isnull=False, session=session.pk).count())
