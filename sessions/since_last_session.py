"""Since last time: what became of the commitments between two sessions (docs/rules.md, since last time)."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from goals.models import Commitment, CommitmentEvent
from sessions.models import Session, SessionCommitment


def commitments_around(session: Session, since: datetime | None) -> list[Commitment]:
    """Return the commitments that a session's page shows, in one query: open ones, and those settled since.

    `is_new`: captured in this session. `counted` and `was_kept`: came due since last time, and was done in time
    (defined in goals). `moved_note` and `moved_to`: the last new date since then.
    """
    today = session.pair.mentee.today()
    since = since or session.created_at
    moves = CommitmentEvent.objects.filter(
        commitment=OuterRef("pk"), kind=CommitmentEvent.Kind.MOVED, created_at__gte=since, undone_at=None
    ).order_by("-pk")
    here = SessionCommitment.objects.filter(commitment=OuterRef("pk"), session=session)
    return (
        Commitment.objects.filter(pair=session.pair_id)
        .with_kept_state(session.pair.mentee.local(since).date(), today)
        .annotate(
            is_new=Exists(here),
            moved_note=Subquery(moves.values("note")[:1]),
            moved_to=Subquery(moves.values("new_due_on")[:1]),
        )
        .filter(Q(state=Commitment.State.OPEN) | Q(settled_at__gte=since) | Q(is_new=True))
        .soonest_first()
        .as_lines([session.pair])
    )


@dataclass(frozen=True)
class SinceLastTime:
    """The figures of the panel, from rows of `commitments_around`."""

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
