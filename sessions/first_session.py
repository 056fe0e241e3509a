"""Then and now: the words of session 1, shown beside today's when a pair looks back (docs/rules.md, then and now)."""

from dataclasses import dataclass
from datetime import timedelta

from goals.models import Goal
from mentoring.models import Pair
from sessions.models import Session

SOON_AFTER = timedelta(days=1)  # what was typed in the evening after the first session still belongs to it


@dataclass(frozen=True)
class Then:
    """The first challenges, and the goals as they were at the first session: their first wording."""

    challenges: str
    goals: list[str]

    def __bool__(self) -> bool:
        return bool(self.challenges or self.goals)


def then(pair: Pair) -> Then:
    """In three queries. Without a held session, the goals that were there on the first day."""
    card = pair.still_right.order_by("number").first()
    first = Session.objects.filter(pair=pair).held().order_by("starts_at").first()
    goals = Goal.objects.filter(pair=pair).order_by("pk").prefetch_related("pivots")
    if first:
        goals = goals.filter(made_at__lte=(first.closed_at or first.ends_at) + SOON_AFTER)
    return Then(card.challenges if card else "", [first_wording(goal) for goal in goals[:6]])


def first_wording(goal: Goal) -> str:
    """As it read before anybody changed it."""
    changes = sorted((p for p in goal.pivots.all() if p.kind == p.Kind.CHANGED), key=lambda pivot: pivot.pk)
    return changes[0].was if changes else goal.title
