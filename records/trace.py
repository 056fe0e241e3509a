"""The throughline of a row: the topic, feedback, commitments and outcomes that are linked to it.

The links come from the work; nobody enters them. Feedback is linked to the next one on the same competency. Goals
and other shared rows are shown but not followed, because otherwise everything would be linked to everything.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from goals.models import Commitment, Outcome
from mentoring.models import Pair
from sessions.models import AgendaItem, Feedback, SessionCommitment

Node = tuple[str, int]  # "item", "feedback", "commitment" or "outcome", and its key
KINDS = {
    "item": _("Topic"),
    "question": _("Question"),
    "feedback": _("Feedback"),
    "commitment": _("Commitment"),
    "outcome": _("Outcome"),
}
ORDER = ("item", "feedback", "commitment", "outcome")


@dataclass(frozen=True)
class Step:
    """A row of the throughline, with the goal or competency it served and, once it is settled, its state."""

    kind: str
    label: str
    text: str
    at: datetime
    url: str
    serves: str = ""
    here: bool = False
    state: str = ""


def throughline(pair: Pair, kind: str, pk: int) -> list[Step]:
    """Return all rows linked to this row of the pair, oldest first; empty if the pair has no such row."""
    if not ROWS[kind](pair).filter(pk=pk).exists():
        return []
    links = read_links(pair)
    found, newest = {(kind, pk)}, [(kind, pk)]
    while newest:
        newest = [linked for node in newest for linked in links[node] if linked not in found]
        found |= set(newest)
    steps = []
    for name in ORDER:
        steps += read_steps(pair, name, [key for kind_, key in found if kind_ == name], (kind, pk))
    return sorted(steps, key=lambda step: step.at)


def read_links(pair: Pair) -> dict[Node, list[Node]]:
    """Return the links between the pair's rows, in both directions; six queries for keys only."""
    pairs: list[tuple[Node, Node]] = []

    def link(a: str, b: str, rows: Iterable[tuple]) -> None:
        pairs.extend(((a, one), (b, other)) for one, other in rows)

    items = AgendaItem.objects.filter(pair=pair)
    link("item", "item", items.exclude(from_item=None).values_list("from_item", "pk"))
    made_in_sessions = SessionCommitment.objects.filter(commitment__pair=pair).exclude(item=None)
    link("item", "commitment", made_in_sessions.values_list("item", "commitment"))
    feedback = Feedback.objects.filter(pair=pair).exclude(commitment=None)
    link("feedback", "commitment", feedback.values_list("pk", "commitment"))
    link("feedback", "feedback", next_on_competency(pair))
    steps = Commitment.objects.filter(pair=pair).exclude(parent=None)
    link("commitment", "commitment", steps.values_list("parent", "pk"))
    outcomes = Outcome.objects.filter(pair=pair).current().exclude(commitment=None)
    link("commitment", "outcome", outcomes.values_list("commitment", "pk"))
    found = defaultdict(list)
    for one, other in pairs:
        found[one].append(other)
        found[other].append(one)
    return found


def next_on_competency(pair: Pair) -> list[tuple[int, int]]:
    """Return each feedback with the next one on the same competency, so that a trace shows the whole loop."""
    rows = Feedback.objects.written().filter(pair=pair).exclude(competency=None).order_by("created_at", "pk")
    by_competency = defaultdict(list)
    for competency, pk in rows.values_list("competency", "pk"):
        by_competency[competency].append(pk)
    return [link for pks in by_competency.values() for link in pairwise(pks)]


def read_steps(pair: Pair, kind: str, pks: list[int], start: Node) -> list[Step]:
    if not pks:
        return []
    return [STEPS[kind](row, here=(kind, row.pk) == start) for row in ROWS[kind](pair).filter(pk__in=pks)]


ROWS = {
    "item": lambda pair: AgendaItem.objects.filter(pair=pair).select_related("work_event"),
    "feedback": lambda pair: Feedback.objects.written().filter(pair=pair).select_related("work_event", "competency"),
    "commitment": lambda pair: Commitment.objects.filter(pair=pair).select_related("goal", "competency"),
    "outcome": lambda pair: Outcome.objects.filter(pair=pair).current().select_related("goal", "competency"),
}


def item_step(row: AgendaItem, here: bool) -> Step:
    label = KINDS["question" if row.kind == AgendaItem.Kind.QUESTION else "item"]
    return Step(
        "item", label, row.title, row.created_at, reverse("item_edit", args=[row.pk]), titles(row.work_event), here
    )


def feedback_step(row: Feedback, here: bool) -> Step:
    serves = titles(row.work_event, row.competency)
    return Step("feedback", KINDS["feedback"], row.gist, row.created_at, row.get_absolute_url(), serves, here)


def commitment_step(row: Commitment, here: bool) -> Step:
    return Step(
        "commitment",
        KINDS["commitment"],
        row.text,
        row.created_at,
        row.get_absolute_url(),
        titles(row.goal, row.competency),
        here,
        "" if row.state == Commitment.State.OPEN else str(row.get_state_display()),
    )


def outcome_step(row: Outcome, here: bool) -> Step:
    return Step(
        "outcome",
        KINDS["outcome"],
        row.title,
        row.created_at,
        row.get_absolute_url(),
        titles(row.goal, row.competency),
        here,
    )


STEPS = {"item": item_step, "feedback": feedback_step, "commitment": commitment_step, "outcome": outcome_step}


def titles(*rows) -> str:
    return " · ".join(row.title for row in rows if row)
