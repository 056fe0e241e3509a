"""What happens to a pair's sessions when the pair ends (docs/rules.md, ending)."""

from datetime import datetime

from mentoring.models import Pair
from mentoring.pair_end_hooks import PlannedSessions
from sessions.models import Session
from sessions.models.session import SessionQuerySet


def ahead(pair: Pair) -> SessionQuerySet:
    """Return the pair's sessions that have not started and are not over, by date."""
    return Session.objects.filter(pair=pair).to_come().filter(started_at=None).order_by("starts_at", "pk")


def planned(pair: Pair) -> PlannedSessions:
    """Return how many sessions the end of the pair would cancel, and when the first of them starts."""
    starts = list(ahead(pair).values_list("starts_at", flat=True))
    return PlannedSessions(len(starts), starts[0] if starts else None)


def cancel(pair: Pair, by, at: datetime) -> None:
    """Cancel the planned sessions as one change, so that they are listed and restored together."""
    for session in list(ahead(pair)):
        session.pair = pair
        session.cancel(by, at=at)


def restore(pair: Pair, at: datetime) -> None:
    """Restore the sessions that the end of the pair canceled. Nobody was notified, so no calendar is updated."""
    if canceled := Session.objects.filter(pair=pair, canceled_at=at).first():
        canceled.restore_together(unnoticed=True)
