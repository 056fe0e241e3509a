"""Handover: what a mentee carries over from an earlier pair into a new one, item by item (docs/rules.md, handover).

Items are copied, so that an ended pair stays as it was. Goals, work events and plans belong to both people of a pair;
the mentee sees the text that the new mentor will read. Practice entries stay private. Feedback, notes, and what the
earlier mentor wrote alone (topics, commitments, why a resource was recommended) are never offered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.models import Commitment, Goal, Milestone, Plan, WorkEvent
from goals.models.goal import ACTIVE_GOALS
from mentoring.models import Pair
from practice.kinds import EVIDENCE
from practice.models import Entry, Introduction, PairResource
from records.models import HandoverCopy
from sessions.models import AgendaItem

EARLIER_PAIRS = 10
OPEN_STATES = (AgendaItem.State.OPEN, AgendaItem.State.PARKED)


class TooManyGoals(Exception):
    """More active goals than a pair has at once."""


@dataclass
class Handover:
    """A handover into `pair`. `copies` maps each source to its copy, including the copies of earlier handovers."""

    pair: Pair
    by: object
    today: date
    copies: dict[tuple[str, int], int | None] = field(default_factory=dict)

    def copy_of(self, kind: str, pk: int | None) -> int | None:
        return self.copies.get((kind, pk)) if pk else None


@dataclass(frozen=True)
class HandoverKind:
    """A kind of item: which rows of ended pairs are offered, what is shown of them, and how one is copied."""

    name: str
    label: Promise
    rows: Callable[[Iterable[Pair], object, date], QuerySet]  # of (pairs, mentee, today)
    texts: Callable[[object], list[str]]
    copy: Callable[[object, Handover], object]


def copy_goal(goal: Goal, handover: Handover) -> Goal:
    """Copy a goal with its milestones; priorities and competencies only within the same program."""
    fields = {name: getattr(goal, name) for name in ("title", "why", "measure")}
    copy = Goal.objects.create(pair=handover.pair, created_by=handover.by, **fields)
    if goal.pair.program_id == handover.pair.program_id:
        copy.priorities.set(goal.priorities.all())
        copy.competencies.set(goal.competencies.all())
    for step in goal.milestones.filter(dropped_at=None):
        facts = {name: getattr(step, name) for name in ("title", "due_on", "reached_at")}
        handover.copies["milestone", step.pk] = Milestone.objects.create(goal=copy, created_by=handover.by, **facts).pk
    return copy


def copy_work_event(event: WorkEvent, handover: Handover) -> WorkEvent:
    fields = {name: getattr(event, name) for name in ("title", "happens_on", "stakeholders", "needs")}
    return WorkEvent.objects.create(pair=handover.pair, created_by=handover.by, **fields)


def copy_commitment(row: Commitment, handover: Handover) -> Commitment:
    """Copy an open commitment of the mentee; one that is overdue becomes due one interval from today."""
    due_on = row.due_on if row.due_on >= handover.today else handover.today + handover.pair.interval
    fields = {name: getattr(row, name) for name in ("text", "done_when", "if_then", "size")}
    linked = ("goal", "milestone", "work_event")
    links = {f"{name}_id": handover.copy_of(name, getattr(row, f"{name}_id")) for name in linked}
    return Commitment.create(handover.by, pair=handover.pair, owner=handover.by, due_on=due_on, **fields, **links)


def copy_topic(item: AgendaItem, handover: Handover) -> AgendaItem:
    """Copy the title only, because the notes were written with the earlier mentor."""
    return AgendaItem.add(handover.pair, handover.by, item.title, item.kind)


def copy_plan(plan: Plan, handover: Handover) -> Plan:
    """Copy the newest version as the first version of a new plan."""
    return Plan.create(handover.pair, handover.by, **{name: getattr(plan.newest, name) for name in plan.newest.CONTENT})


def copy_entry(entry: Entry, handover: Handover) -> Entry:
    """Copy an own entry. It stays private: the new mentor reads it only if the mentee shares it there."""
    links = {f"{name}_id": handover.copy_of(name, getattr(entry, f"{name}_id")) for name in ("goal", "work_event")}
    return entry.copy_to(handover.pair, **links)


def copy_introduction(row: Introduction, handover: Handover) -> Introduction:
    """Copy an introduction as far as it came, without its commitment; nobody is asked about it for two weeks."""
    fields = ("whom", "why", "learned", "created_at", "made_at", "talked_at", "learned_at")
    facts = {name: getattr(row, name) for name in fields}
    return Introduction.objects.create(pair=handover.pair, created_by=handover.by, **facts)


def copy_resource(row: PairResource, handover: Handover) -> PairResource:
    """Copy a resource with how it went; of another program's library its facts. One that is there stays as it is."""
    facts = {name: getattr(row, name) for name in ("status", "usefulness", "created_at")}
    facts["why"] = own_reason(row)
    if row.pair.program_id == handover.pair.program_id:
        facts |= {"resource": row.resource, "competency": row.competency}
        there = PairResource.objects.filter(pair=handover.pair, resource=row.resource_id).current()
        if row.resource_id and (found := there.first()):
            return found
    if not facts.get("resource"):
        facts |= {name: getattr(row.facts, name) for name in ("title", "url", "kind")}
    return PairResource.objects.create(pair=handover.pair, created_by=handover.by, **facts)


def own_reason(row: PairResource) -> str:
    """Return why the mentee chose it; the reason of the earlier mentor stays with them."""
    return row.why if row.created_by_id == row.pair.mentee_id else ""


def goal_texts(goal: Goal) -> list[str]:
    steps = [step.title for step in goal.milestones.all() if step.dropped_at is None]
    return [goal.title, goal.why, goal.measure, *steps]


def plan_texts(plan: Plan) -> list[str]:
    return [plan.newest.summary(), plan.newest.gap, plan.newest.resources]


# Goals and work events come first, so that rows that link to them find their copies.
KINDS = {
    kind.name: kind
    for kind in (
        HandoverKind(
            "goal",
            _("Goals"),
            lambda pairs, mentee, today: (
                Goal.objects.filter(pair__in=pairs).active().prefetch_related("milestones").select_related("pair")
            ),
            goal_texts,
            copy_goal,
        ),
        HandoverKind(
            "work_event",
            _("Work events"),
            lambda pairs, mentee, today: WorkEvent.objects.filter(pair__in=pairs).coming(today),
            lambda event: [event.title, event.stakeholders, event.needs],
            copy_work_event,
        ),
        HandoverKind(
            "commitment",
            _("Your open commitments"),
            lambda pairs, mentee, today: (
                Commitment.objects.filter(pair__in=pairs).open().owned_by(mentee).soonest_first()
            ),
            lambda row: [row.text, row.done_when, row.if_then],
            copy_commitment,
        ),
        HandoverKind(
            "topic",
            _("Your topics and questions"),
            lambda pairs, mentee, today: AgendaItem.objects.filter(
                pair__in=pairs, created_by=mentee, state__in=OPEN_STATES
            ).order_by("position", "pk"),
            lambda item: [item.title],
            copy_topic,
        ),
        HandoverKind(
            "plan",
            _("Plans"),
            lambda pairs, mentee, today: Plan.objects.filter(pair__in=pairs).current().with_versions(),
            plan_texts,
            copy_plan,
        ),
        HandoverKind(
            "practice",
            _("Your reflections and lessons, still private"),
            lambda pairs, mentee, today: (
                Entry.objects.filter(pair__in=pairs, author=mentee, kind__in=[kind.name for kind in EVIDENCE])
                .written()
                .with_texts()
                .newest_first()
            ),
            lambda entry: [entry.title, entry.excerpt],
            copy_entry,
        ),
        HandoverKind(
            "introduction",
            _("Introductions"),
            lambda pairs, mentee, today: Introduction.objects.filter(pair__in=pairs).current(),
            lambda row: [row.whom, row.why, row.learned],
            copy_introduction,
        ),
        HandoverKind(
            "resource",
            _("Resources"),
            lambda pairs, mentee, today: (
                PairResource.objects.filter(pair__in=pairs)
                .current()
                .exclude(status=PairResource.Status.NOT_FOR_ME)
                .with_facts()
                .select_related("pair", "resource__competency", "competency")
            ),
            lambda row: [row.facts.title, own_reason(row)],
            copy_resource,
        ),
    )
}


@dataclass(frozen=True)
class HandoverItem:
    """A row that can be carried over. `is_copied` is True if it already was."""

    kind: HandoverKind
    row: object

    @property
    def is_copied(self) -> bool:
        return self.row.is_copied

    @property
    def key(self) -> str:
        return f"{self.kind.name}-{self.row.pk}"

    @property
    def texts(self) -> list[str]:
        return [text for text in self.kind.texts(self.row) if text]


def earlier_pairs(pair: Pair) -> QuerySet:
    """Return the ended pairs in which this pair's mentee was the mentee, newest first."""
    return Pair.objects.filter(mentee=pair.mentee_id, ended_at__isnull=False).exclude(pk=pair.pk).order_by("-ended_at")


def is_offered(pair: Pair, today: date) -> bool:
    """Return True if an earlier pair has something to carry over, and nothing was carried over yet."""
    earlier = list(earlier_pairs(pair).values_list("pk", flat=True))
    if not earlier or HandoverCopy.objects.filter(pair=pair).exists():
        return False
    return any(kind.rows(earlier, pair.mentee_id, today).exists() for kind in KINDS.values())


def offered_items(pair: Pair, today: date) -> list[tuple[Pair, list[tuple[HandoverKind, list[HandoverItem]]]]]:
    """Return each earlier pair that has something to carry over, with its items by kind."""
    pairs = earlier_pairs(pair)[:EARLIER_PAIRS].for_reader(pair.mentee)
    found: dict[int, dict[str, list[HandoverItem]]] = {one.pk: {} for one in pairs}
    for kind in KINDS.values() if pairs else ():
        is_copied = HandoverCopy.objects.filter(pair=pair, kind=kind.name, source_id=OuterRef("pk"))
        for row in kind.rows(pairs, pair.mentee_id, today).annotate(is_copied=Exists(is_copied)):
            found[row.pair_id].setdefault(kind.name, []).append(HandoverItem(kind, row))
    return [(one, [(KINDS[name], items) for name, items in found[one.pk].items()]) for one in pairs if found[one.pk]]


def carry_over(pair: Pair, by, items: Iterable[HandoverItem], today: date) -> int:
    """Copy all items into `pair`, except those copied before, and return how many were copied.

    Raise TooManyGoals, and copy nothing, if the pair would have more active goals than ACTIVE_GOALS.
    """
    order, count = list(KINDS), 0
    with transaction.atomic():
        Pair.objects.select_for_update().get(pk=pair.pk)  # one handover at a time
        before = {(row.kind, row.source_id): row.copy_id for row in HandoverCopy.objects.filter(pair=pair)}
        handover = Handover(pair, by, today, dict(before))
        for item in sorted(items, key=lambda item: order.index(item.kind.name)):
            if (item.kind.name, item.row.pk) not in before:
                handover.copies[item.kind.name, item.row.pk] = item.kind.copy(item.row, handover).pk
                count += 1
        new = (key for key in handover.copies if key not in before)
        HandoverCopy.objects.bulk_create(
            HandoverCopy(pair=pair, kind=kind, source_id=pk, copy_id=handover.copies[kind, pk]) for kind, pk in new
        )
        if pair.goals.active().count() > ACTIVE_GOALS:
            raise TooManyGoals
        pair.touch()
    return count
