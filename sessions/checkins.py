"""When a check-in is due between sessions, and what a mentee who is stuck sees (docs/rules.md, check-ins)."""

from datetime import date, timedelta

from django.db.models import Max, QuerySet

from goals.models import Commitment
from mentoring.models import Pair
from sessions.models import CheckIn

SHORTEST = timedelta(days=5)  # sessions closer than this need no check-in in between
WINS = 3


def due_on(last_on: date, next_on: date | None, interval: timedelta) -> date | None:
    """Return the day halfway between two sessions; without a next date, half the agreed interval after the last one.

    None if the sessions are less than five days apart.
    """
    gap = next_on - last_on if next_on else interval
    return last_on + gap // 2 if gap >= SHORTEST else None


def check_ins_since_last_session(pair: Pair) -> QuerySet[CheckIn]:
    """Return the pair's check-ins since it last met, newest first."""
    met_at = pair.sessions.held().aggregate(at=Max("starts_at"))["at"]
    return pair.check_ins.filter(created_at__gte=met_at) if met_at else pair.check_ins.all()


def wins_of(pair: Pair, mentee) -> list[Commitment]:
    """Return the mentee's last three completed commitments, newest first."""
    done = Commitment.objects.filter(pair=pair, owner=mentee, state=Commitment.State.DONE)
    return list(done.order_by("-settled_at", "-pk")[:WINS])
