"""A pair's evidence for each competency of its program."""

from dataclasses import dataclass, field

from goals.models import Commitment, Competency, Goal, Outcome
from mentoring.models import Pair
from practice.kinds import EVIDENCE
from practice.models import Entry, InventoryPick, OpportunityApplication, PairResource
from practice.models.entry import EntryQuerySet
from practice.models.inventory import with_wording
from sessions.models import Feedback


@dataclass
class CompetencyEvidence:
    """A competency and the rows that name it, feedback newest first."""

    competency: Competency
    goals: list[Goal] = field(default_factory=list)
    open: list[Commitment] = field(default_factory=list)
    done: list[Commitment] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    practice: list[Entry] = field(default_factory=list)
    statements: list[InventoryPick] = field(default_factory=list)
    opportunities: list[OpportunityApplication] = field(default_factory=list)  # that the mentee has done
    resources: list[PairResource] = field(default_factory=list)  # in use; they prove nothing yet

    @property
    def is_empty(self) -> bool:
        kinds = (self.goals, self.open, self.done, self.feedback, self.outcomes, self.practice, self.statements)
        return not (self.opportunities or any(kinds))


MOST = 12  # rows of each kind per competency
MOST_ALONE = 100  # on the page of one


def evidence(pair: Pair, reader, only: int | None = None) -> list[CompetencyEvidence]:
    """Return the listed competencies, and removed ones that have evidence, in twelve queries; with `only`, the one.

    Practice entries are those of the mentee in this pair that `reader` may read.
    """
    listed = Competency.objects.filter(program=pair.program_id)
    found = {one.pk: CompetencyEvidence(one) for one in (listed if only is None else listed.filter(pk=only))}
    most = MOST if only is None else MOST_ALONE
    for goal in pair.goals.filter(dropped_at=None).prefetch_related("competencies"):
        for one in goal.competencies.all():
            if one.pk in found:
                found[one.pk].goals.append(goal)
    done = pair.commitments.filter(state=Commitment.State.DONE).order_by("-settled_at")
    for rows, name in (
        (pair.commitments.open().order_by("due_on", "pk"), "open"),
        (done, "done"),
        (pair.feedback.written().order_by("-pk"), "feedback"),
        (pair.outcomes.current(), "outcomes"),
        (practice_of_mentee(pair, reader), "practice"),
    ):
        person = "author" if name == "practice" else "created_by"
        for row in pair.attach_people(rows.filter(competency__in=found)[: most * len(found)], person):
            shown = getattr(found[row.competency_id], name)
            if len(shown) < most:
                shown.append(row)
    picks = InventoryPick.objects.filter(competency__in=found, run__entry__author=pair.mentee_id)
    rows = list(picks.select_related("run__entry").order_by("-created_at", "-pk")[: most * len(found)])
    with_wording(pick.run for pick in rows)
    entries = Entry.objects.visible_to(reader).filter(pk__in={pick.run.entry_id for pick in rows})
    readable = set(entries.values_list("pk", flat=True)) if rows else set()
    for pick in rows:
        shown = found[pick.competency_id].statements
        if pick.run.entry_id in readable and len(shown) < most and pick.text:
            shown.append(pick)
    for row in OpportunityApplication.objects.evidence_in(pair)[: most * MOST]:
        if row.opportunity.competency_id in found:
            found[row.opportunity.competency_id].opportunities.append(row)
    for row in pair.resources.in_use().with_facts()[: most * MOST]:
        if row.facts.competency_id in found:
            found[row.facts.competency_id].resources.append(row)
    return [row for row in found.values() if not (row.competency.dropped_at and row.is_empty)]


def practice_of_mentee(pair: Pair, reader) -> EntryQuerySet:
    """Return the practice entries of the mentee that are about this pair, as far as `reader` may read them."""
    own = Entry.objects.visible_to(reader).filter(author=pair.mentee_id, pair=pair)
    return own.filter(kind__in=[kind.name for kind in EVIDENCE]).written().concluded().with_texts().newest_first()
