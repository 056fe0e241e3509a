"""Suggested matches and candidates as sheets of a page: the reasons, the conflicts, and the score with its parts."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.names import initials
from core.drawing import percent
from mentoring.matching import Fit, MatchingInput, fit
from mentoring.models import Enrollment, Program, Proposal
from mentoring.models.program import running_pairs
from mentoring.proposals import is_weak

# The parts of the score in the order in which they are drawn, with short labels (docs/rules.md, pairing).
PARTS = {
    "aims": _("Learning goals"),
    "style": _("Communication style"),
    "hours": _("Shared hours"),
    "wish": _("Choices"),
    "interests": _("Interests"),
}
GAP = 0.002  # between two parts of the bar, as a share of its width


class ScorePart(NamedTuple):
    """One part of a score: what it earned out of what it can earn, and where it is drawn."""

    label: str
    earned: float
    most: float
    x: str
    width: str
    filled: str


@dataclass(frozen=True)
class MatchSheet:
    """Two people who could become a pair. `row` is the stored suggestion, if there is one."""

    fit: Fit
    weights: dict[str, int]
    row: Proposal | None = None

    @property
    def most(self) -> int:
        """How many mentees the mentor takes, with those of now."""
        return self.fit.mentor.most

    @property
    def mentee_initials(self) -> str:
        return initials(self.fit.mentee.name)

    @property
    def mentor_initials(self) -> str:
        return initials(self.fit.mentor.name)

    @cached_property
    def parts(self) -> list[ScorePart]:
        return score_parts(self.fit.parts, self.weights)


class Suggestions:
    """The suggested matches of a program: those that are still possible, and those that are not."""

    def __init__(self, program: Program, inputs: MatchingInput):
        self.inputs = inputs
        self.people = {person.pk: person for person in (*inputs.mentors, *inputs.mentees)}
        self.rows = list(program.proposals.all())
        self.possible = [row for row in self.rows if row.mentor_id in self.people and row.mentee_id in self.people]
        self.stale = [row for row in self.rows if row not in self.possible]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The mentor and the mentee of each."""
        return [(row.mentor_id, row.mentee_id) for row in self.rows]

    def sheets(self, rows: list[Proposal]) -> list[MatchSheet]:
        """Return some of the possible ones with reasons and scores."""
        fits = (fit(self.inputs, self.people[row.mentor_id], self.people[row.mentee_id]) for row in rows)
        return [MatchSheet(found, self.inputs.weights, row) for found, row in zip(fits, rows, strict=True)]

    def weak(self, rows: list[Proposal]) -> set[int]:
        """Return the keys of those of the possible ones that are not selected at first."""
        return {sheet.row.pk for sheet in self.sheets(rows) if is_weak(sheet.fit) and not sheet.row.locked}


def score_parts(parts: dict[str, float], weights: dict[str, int]) -> list[ScorePart]:
    """Return the parts that have a weight. Each takes its weight in width and is filled to what it earned."""
    whole, x, found = sum(weights.values()), 0.0, []
    for name, label in PARTS.items():
        if weights[name]:
            width = weights[name] / whole
            filled = max(0.0, parts.get(name, 0) * width - 2 * GAP)
            place = percent(x + GAP), percent(width - 2 * GAP), percent(filled)
            found.append(ScorePart(label, 100 * parts.get(name, 0) * width, 100 * width, *place))
            x += width
    return found


class Room(NamedTuple):
    """The mentors of a program who can take another mentee: how many, for how many mentees, and the least busy ones."""

    mentors: int
    places: int
    first: list[Enrollment]


def room(program: Program, shown: int) -> Room:
    must_accept = set(program.enrollments.must_accept().values_list("pk", flat=True))
    mentors = program.enrollments.current().with_room().annotate(load=running_pairs(Enrollment.Role.MENTOR))
    mentors = mentors.with_shown_name().order_by("load", "name_here", "pk").values_list("pk", "load", "capacity")
    found = {pk: (load, capacity) for pk, load, capacity in mentors if pk not in must_accept}
    first = Enrollment.objects.select_related("user").in_bulk(list(found)[:shown])
    for pk, row in first.items():
        row.load = found[pk][0]
    places = sum(capacity - load for load, capacity in found.values())
    return Room(len(found), places, [first[pk] for pk in found if pk in first])
