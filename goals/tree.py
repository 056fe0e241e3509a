"""Goal, milestone, commitment: what leads where, for one pair (docs/rules.md, goals)."""

from dataclasses import dataclass

from django.db.models import Count, Q

from goals.models import Commitment, Goal, Milestone, Priority
from mentoring.models import Pair


@dataclass(frozen=True)
class Branch:
    """A goal with its milestones, each with the open commitments that serve it, and the goal's other open ones.

    `done` counts every commitment for the goal that was done, under a milestone or not.
    """

    goal: Goal
    steps: list[tuple[Milestone, list[Commitment]]]
    others: list[Commitment]
    done: int


@dataclass(frozen=True)
class Tree:
    branches: list[Branch]  # active goals first, then those reached, then those let go
    loose: list[Commitment]  # open, and named for no goal


def tree(pair: Pair) -> Tree:
    """In four queries, however much there is. What was let go comes last."""
    done = Count("commitments", filter=Q(commitments__state=Commitment.State.DONE))
    goals = pair.goals.annotate(done=done).prefetch_related("milestones", "priorities")
    rows = pair.commitments.open().soonest_first().as_lines([pair])
    branches = [
        Branch(
            goal,
            [
                (step, [row for row in rows if row.milestone_id == step.pk])
                for step in sorted(goal.milestones.all(), key=lambda step: step.dropped_at is not None)
            ],
            [row for row in rows if row.goal_id == goal.pk and row.milestone_id is None],
            goal.done,
        )
        for goal in goals
    ]
    branches.sort(key=lambda branch: (branch.goal.dropped_at is not None, branch.goal.reached_at is not None))
    return Tree(branches, [row for row in rows if row.goal_id is None])


@dataclass(frozen=True)
class PriorityMap:
    """What the program needs, each with the pair's active goals that serve it, and those that name nothing."""

    priorities: list[tuple[Priority, list[Goal]]]
    unlinked: list[Goal]


def priority_map(pair: Pair, grown: Tree) -> PriorityMap:
    """The pair's goals against the program's priorities; empty where the program names none."""
    goals = [branch.goal for branch in grown.branches if branch.goal.is_active]
    wanted = Priority.objects.filter(program=pair.program_id).current()
    rows = [(one, [goal for goal in goals if one in goal.priorities.all()]) for one in wanted]
    return PriorityMap(rows, [goal for goal in goals if not goal.priorities.all()] if rows else [])
