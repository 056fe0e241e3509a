"""The priorities of a program with the number of pairs that work toward each, hidden below five pairs."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from goals.models import Goal, Priority
from mentoring.models import Pair, Program

SMALLEST_GROUP = 5  # a smaller count could identify a person (docs/rules.md, visibility)


@dataclass(frozen=True)
class PriorityCount:
    """A priority, and how many pairs have an active goal for it: None for one to four."""

    priority: Priority
    pairs: int | None


def hide_small(count: int) -> int | None:
    """Return None for a count of one to four."""
    return None if 0 < count < SMALLEST_GROUP else count


def priority_counts(program: Program) -> tuple[list[PriorityCount], int | None]:
    """Return each priority with its number of pairs, and the number of pairs whose goals name none."""
    active = Q(goals__reached_at=None, goals__dropped_at=None, goals__pair__ended_at=None)
    rows = Priority.objects.filter(program=program).current()
    rows = rows.annotate(n=Count("goals__pair", filter=active, distinct=True))
    goals = Goal.objects.filter(pair=OuterRef("pk")).active()
    pairs = Pair.objects.filter(program=program).active().filter(Exists(goals))
    unlinked = pairs.filter(~Exists(goals.filter(priorities__dropped_at=None, priorities__isnull=False))).count()
    return [PriorityCount(row, hide_small(row.n)) for row in rows], hide_small(unlinked)
