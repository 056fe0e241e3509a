"""A pair's evidence for each competency of its program."""

from dataclasses import dataclass, field

from goals.models import Commitment, Competency, Goal, Outcome
from mentoring.models import Pair
from sessions.models import Feedback


@dataclass
class CompetencyEvidence:
    """A competency and the rows that name it, feedback newest first."""

    competency: Competency
    goals: list[Goal] = field(default_factory=list)
    done: list[Commitment] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.goals or self.done or self.feedback or self.outcomes)


MOST = 12  # rows of each kind per competency


def evidence(pair: Pair) -> list[CompetencyEvidence]:
    """Return the listed competencies, and removed ones that have evidence, in five queries."""
    found = {one.pk: CompetencyEvidence(one) for one in Competency.objects.filter(program=pair.program_id)}
    for goal in pair.goals.filter(dropped_at=None).prefetch_related("competencies"):
        for one in goal.competencies.all():
            found[one.pk].goals.append(goal)
    done = pair.commitments.filter(state=Commitment.State.DONE).order_by("-settled_at")
    for rows, name in (
        (done, "done"),
        (pair.feedback.written().order_by("-pk"), "feedback"),
        (pair.outcomes.current(), "outcomes"),
    ):
        for row in pair.attach_people(rows.exclude(competency=None)[: MOST * len(found)]):
            shown = getattr(found[row.competency_id], name)
            if len(shown) < MOST:
                shown.append(row)
    return [row for row in found.values() if not (row.competency.dropped_at and row.is_empty)]
