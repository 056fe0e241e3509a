"""The tree of a pair's goals, milestones and commitments (docs/rules.md, goals)."""

from dataclasses import dataclass

from django.db.models import Count, Q

from goals.models import Commitment, Goal, Milestone, Priority
from mentoring.models import Pair


@dataclass(frozen=True)
class Branch:
    """A goal, its milestones each with their open commitments, and its other open commitments.

    `done` counts all completed commitments of the goal, including those of milestones.
    """

    goal: Goal
    milestones: list[tuple[Milestone, list[Commitment]]]
    others: list[Commitment]
    done: int

    @property
    def standing(self) -> int:
        """Return the number of milestones that were not dropped."""
        return sum(milestone.dropped_at is None for milestone, _commitments in self.milestones)

    @property
    def reached(self) -> int:
        return sum(bool(one.reached_at and not one.dropped_at) for one, _commitments in self.milestones)


@dataclass(frozen=True)
class Tree:
    branches: list[Branch]  # active goals first, then reached ones, then dropped ones
    without_goal: list[Commitment]  # open


def goal_tree(pair: Pair) -> Tree:
    """Return the pair's goal tree in four queries, dropped goals and milestones last."""
    done = Count("commitments", filter=Q(commitments__state=Commitment.State.DONE))
    goals = pair.goals.annotate(done=done).prefetch_related("milestones", "priorities")
    rows = pair.commitments.open().soonest_first().as_lines([pair])
    branches = [
        Branch(
            goal,
            [
                (milestone, [row for row in rows if row.milestone_id == milestone.pk])
                for milestone in sorted(goal.milestones.all(), key=lambda milestone: milestone.dropped_at is not None)
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
    """The program's priorities, each with the pair's active goals that support it, and the goals without a priority."""

    priorities: list[tuple[Priority, list[Goal]]]
    unlinked: list[Goal]


def priority_map(pair: Pair, tree: Tree) -> PriorityMap:
    """Return which of the pair's goals support which priority; empty if the program has no priorities."""
    goals = [branch.goal for branch in tree.branches if branch.goal.is_active]
    priorities = Priority.objects.filter(program=pair.program_id).current()
    rows = [(one, [goal for goal in goals if one in goal.priorities.all()]) for one in priorities]
    return PriorityMap(rows, [goal for goal in goals if not goal.priorities.all()] if rows else [])
