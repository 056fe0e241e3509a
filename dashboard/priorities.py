"""Which of a program's priorities its pairs work toward: counts of pairs, and never fewer than five of them."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from goals.models import Goal, Priority
from mentoring.models import Pair, Program

FEWEST = 5  # below this a count could point at somebody (docs/rules.md, visibility)


@dataclass(frozen=True)
class Served:
    """A priority, and how many pairs have an active goal for it: None for one to four."""

    priority: Priority
    pairs: int | None


def veiled(count: int) -> int | None:
    return None if 0 < count < FEWEST else count


def served(program: Program) -> tuple[list[Served], int | None]:
    """Each priority of the program with its pairs, and the pairs with goals of which none names a priority."""
    active = Q(goals__reached_at=None, goals__dropped_at=None, goals__pair__ended_at=None)
    rows = Priority.objects.filter(program=program).current()
    rows = rows.annotate(n=Count("goals__pair", filter=active, distinct=True))
    goals = Goal.objects.filter(pair=OuterRef("pk")).active()
    pairs = Pair.objects.filter(program=program).active().filter(Exists(goals))
    unlinked = pairs.filter(~Exists(goals.filter(priorities__dropped_at=None, priorities__isnull=False))).count()
    return [Served(row, veiled(row.n)) for row in rows], veiled(unlinked)
