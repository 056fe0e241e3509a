"""Things along: what a mentee takes from an earlier pair into a new one, item by item (S69, docs/rules.md, handover).

Copies, so that an ended pair stays as it was. Goals, events and plans belong to the pair, whoever of the two typed
them: she sees the words that the new mentor will read. Feedback, notes, and topics and commitments of the earlier
mentor are never offered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.models import Commitment, Goal, Milestone, Plan, WorkItem
from goals.models.goal import ACTIVE_GOALS
from mentoring.models import Pair
from records.models import HandedOver
from sessions.models import AgendaItem

EARLIER_PAIRS = 10
WAITING = (AgendaItem.State.OPEN, AgendaItem.State.PARKED)


class TooManyGoals(Exception):
    """More active goals than a pair has at once."""


@dataclass
class Taking:
    """One press: into which pair, by whom, and which copies there are of what, those of earlier presses included."""

    pair: Pair
    by: object
    today: date
    made: dict[tuple[str, int], int | None] = field(default_factory=dict)

    def copy_of(self, kind: str, pk: int | None) -> int | None:
        return self.made.get((kind, pk)) if pk else None


@dataclass(frozen=True)
class Kind:
    """What can come along: which rows of ended pairs, in which words, and how one is copied."""

    name: str
    says: Promise
    rows: Callable[[Iterable[Pair], object, date], QuerySet]  # of these pairs, of this mentee, as of this day
    words: Callable[[object], list[str]]
    copy: Callable[[object, Taking], object]


def copy_goal(goal: Goal, taking: Taking) -> Goal:
    """With its milestones, reached ones too. Priorities and abilities only within the same program."""
    words = {name: getattr(goal, name) for name in ("title", "why", "measure")}
    copy = Goal.objects.create(pair=taking.pair, made_by=taking.by, **words)
    if goal.pair.program_id == taking.pair.program_id:
        copy.priorities.set(goal.priorities.all())
        copy.competencies.set(goal.competencies.all())
    for step in goal.milestones.filter(dropped_at=None):
        facts = {name: getattr(step, name) for name in ("title", "by_on", "reached_at")}
        taking.made["milestone", step.pk] = Milestone.objects.create(goal=copy, made_by=taking.by, **facts).pk
    return copy


def copy_event(event: WorkItem, taking: Taking) -> WorkItem:
    words = {name: getattr(event, name) for name in ("title", "on", "stakeholders", "needs")}
    return WorkItem.objects.create(pair=taking.pair, made_by=taking.by, **words)


def copy_commitment(row: Commitment, taking: Taking) -> Commitment:
    """Her own, and open. A day that has passed becomes one interval from today: a new word, not a broken one."""
    due_on = row.due_on if row.due_on >= taking.today else taking.today + taking.pair.interval
    words = {name: getattr(row, name) for name in ("text", "done_when", "if_then", "size")}
    linked = ("goal", "milestone", "work_item")
    links = {f"{name}_id": taking.copy_of(name, getattr(row, f"{name}_id")) for name in linked}
    return Commitment.make(taking.by, pair=taking.pair, owner=taking.by, due_on=due_on, **words, **links)


def copy_topic(item: AgendaItem, taking: Taking) -> AgendaItem:
    """Its title alone: what was written about it was written with the earlier mentor."""
    return AgendaItem.bring_up(taking.pair, taking.by, item.title, item.kind)


def copy_plan(plan: Plan, taking: Taking) -> Plan:
    """As it stands now, as the first version of a new one."""
    return Plan.make(taking.pair, taking.by, **{name: getattr(plan.newest, name) for name in plan.newest.WORDS})


def words_of_goal(goal: Goal) -> list[str]:
    steps = [step.title for step in goal.milestones.all() if step.dropped_at is None]
    return [goal.title, goal.why, goal.measure, *steps]


def words_of_plan(plan: Plan) -> list[str]:
    return [plan.newest.in_words(), plan.newest.gap, plan.newest.resources]


# Goals and events come first, so that what is linked to them finds their copies.
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "goal",
            _("Goals"),
            lambda pairs, mentee, today: (
                Goal.objects.filter(pair__in=pairs).active().prefetch_related("milestones").select_related("pair")
            ),
            words_of_goal,
            copy_goal,
        ),
        Kind(
            "work_item",
            _("What is coming up at work"),
            lambda pairs, mentee, today: WorkItem.objects.filter(pair__in=pairs).coming(today),
            lambda event: [event.title, event.stakeholders, event.needs],
            copy_event,
        ),
        Kind(
            "commitment",
            _("Open commitments of mine"),
            lambda pairs, mentee, today: (
                Commitment.objects.filter(pair__in=pairs).open().owned_by(mentee).soonest_first()
            ),
            lambda row: [row.text, row.done_when, row.if_then],
            copy_commitment,
        ),
        Kind(
            "topic",
            _("Topics and questions that I brought up"),
            lambda pairs, mentee, today: AgendaItem.objects.filter(
                pair__in=pairs, raised_by=mentee, state__in=WAITING
            ).order_by("position", "pk"),
            lambda item: [item.title],
            copy_topic,
        ),
        Kind(
            "plan",
            _("Plans"),
            lambda pairs, mentee, today: Plan.objects.filter(pair__in=pairs).current().with_versions(),
            words_of_plan,
            copy_plan,
        ),
    )
}


@dataclass(frozen=True)
class Item:
    """One thing that can come along. `taken` says that it did."""

    kind: Kind
    row: object

    @property
    def taken(self) -> bool:
        return self.row.taken

    @property
    def key(self) -> str:
        return f"{self.kind.name}-{self.row.pk}"

    @property
    def words(self) -> list[str]:
        return [text for text in self.kind.words(self.row) if text]


def earlier_pairs(pair: Pair) -> QuerySet:
    """The ended pairs of this pair's mentee, as mentee, newest first."""
    return Pair.objects.filter(mentee=pair.mentee_id, ended_at__isnull=False).exclude(pk=pair.pk).order_by("-ended_at")


def is_offered(today: date) -> Q:
    """Annotation for pairs: something of an earlier one could come along, and nothing was taken yet."""
    earlier = Pair.objects.filter(mentee=OuterRef(OuterRef("mentee")), ended_at__isnull=False)
    something = (Exists(kind.rows(earlier, OuterRef("mentee"), today)) for kind in KINDS.values())
    return reduce(or_, something) & ~Exists(HandedOver.objects.filter(pair=OuterRef("pk")))


def offered(pair: Pair, today: date) -> list[tuple[Pair, list[tuple[Kind, list[Item]]]]]:
    """Each earlier pair with what can come along, by kind; pairs of which nothing can are left out."""
    pairs = list(earlier_pairs(pair).with_people()[:EARLIER_PAIRS])
    found: dict[int, dict[str, list[Item]]] = {one.pk: {} for one in pairs}
    for kind in KINDS.values() if pairs else ():
        taken = HandedOver.objects.filter(pair=pair, kind=kind.name, source=OuterRef("pk"))
        for row in kind.rows(pairs, pair.mentee_id, today).annotate(taken=Exists(taken)):
            found[row.pair_id].setdefault(kind.name, []).append(Item(kind, row))
    return [(one, [(KINDS[name], items) for name, items in found[one.pk].items()]) for one in pairs if found[one.pk]]


def take_along(pair: Pair, by, items: Iterable[Item], today: date) -> int:
    """Copy these into `pair`, all or none; what was taken before is left. How many came along.

    Raises TooManyGoals where the pair would have more active goals than ACTIVE_GOALS.
    """
    order, count = list(KINDS), 0
    with transaction.atomic():
        Pair.objects.select_for_update().get(pk=pair.pk)  # one press at a time
        before = {(row.kind, row.source): row.copy for row in HandedOver.objects.filter(pair=pair)}
        taking = Taking(pair, by, today, dict(before))
        for item in sorted(items, key=lambda item: order.index(item.kind.name)):
            if (item.kind.name, item.row.pk) not in before:
                taking.made[item.kind.name, item.row.pk] = item.kind.copy(item.row, taking).pk
                count += 1
        new = (key for key in taking.made if key not in before)
        HandedOver.objects.bulk_create(HandedOver(pair=pair, kind=k, source=s, copy=taking.made[k, s]) for k, s in new)
        if pair.goals.active().count() > ACTIVE_GOALS:
            raise TooManyGoals
        pair.touch()
    return count
