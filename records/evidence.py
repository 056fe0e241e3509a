"""What a pair has to show for each of its program's competencies."""

from dataclasses import dataclass, field

from goals.models import Commitment, Competency, Goal, Outcome
from mentoring.models import Pair
from sessions.models import Feedback


@dataclass
class Ability:
    """A competency with what names it; feedback newest first, so that one time stands beside the time before."""

    competency: Competency
    goals: list[Goal] = field(default_factory=list)
    done: list[Commitment] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.goals or self.done or self.feedback or self.outcomes)


MOST = 12  # rows of a kind under one ability


def evidence(pair: Pair) -> list[Ability]:
    """In five queries. What is on the program's list, and what was taken off it but has something to show."""
    found = {one.pk: Ability(one) for one in Competency.objects.filter(program=pair.program_id)}
    for goal in pair.goals.filter(dropped_at=None).prefetch_related("competencies"):
        for one in goal.competencies.all():
            found[one.pk].goals.append(goal)
    done = pair.commitments.filter(state=Commitment.State.DONE).order_by("-settled_at")
    for rows, name in (
        (done, "done"),
        (pair.feedback.written().select_related("by").order_by("-pk"), "feedback"),
        (pair.outcomes.current(), "outcomes"),
    ):
        for row in rows.exclude(competency=None)[: MOST * len(found)]:
            kept = getattr(found[row.competency_id], name)
            kept += [row] * (len(kept) < MOST)
    return [ability for ability in found.values() if not (ability.competency.dropped_at and ability.is_empty)]
