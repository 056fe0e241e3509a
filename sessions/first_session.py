"""What a pair wrote in its first session, next to today's texts (docs/rules.md, comparison with the first session)."""

from dataclasses import dataclass
from datetime import timedelta

from goals.models import Goal
from mentoring.models import Pair
from sessions.models import Session

SOON_AFTER = timedelta(days=1)  # what was typed in the evening after the first session still belongs to it


@dataclass(frozen=True)
class FirstSession:
    """The first challenges, and the titles of the goals as they were then."""

    challenges: str
    goals: list[str]

    def __bool__(self) -> bool:
        return bool(self.challenges or self.goals)


def first_session_of(pair: Pair) -> FirstSession:
    """Return the pair's first challenges and goals, in three queries."""
    card = pair.still_right.order_by("number").first()
    first = Session.objects.filter(pair=pair).held().order_by("starts_at").first()
    goals = Goal.objects.filter(pair=pair).order_by("pk").prefetch_related("pivots")
    if first:
        goals = goals.filter(created_at__lte=(first.closed_at or first.ends_at) + SOON_AFTER)
    return FirstSession(card.challenges if card else "", [first_title(goal) for goal in goals[:6]])


def first_title(goal: Goal) -> str:
    """Return the title of the goal before its first change."""
    changes = sorted((p for p in goal.pivots.all() if p.kind == p.Kind.CHANGED), key=lambda pivot: pivot.pk)
    return changes[0].text_before if changes else goal.title
