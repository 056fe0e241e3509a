"""The self-review of a quarter: who is offered it, and what the quarter held for them (docs/rules.md, self-awareness).

What the quarter held is read again each time, from what its author may see anyway, and shown to nobody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from goals.models import Commitment, Goal, Milestone, Outcome
from mentoring.models import Pair
from practice.kinds import EVIDENCE, EntryKind
from practice.mentoring_feedback import held_sessions
from practice.models import Entry, InventoryPick, SelfReview
from practice.quarters import Quarter
from sessions.models import Feedback

MOST = 100  # rows of each part that are read
SHOWN = 4
AHEAD = timedelta(days=2)  # that a reminder is planned before its quarter is over


@dataclass(frozen=True)
class Fact:
    """One thing that the quarter held, with its page."""

    title: str
    url: str


@dataclass(frozen=True)
class Part:
    """What the quarter held of one kind."""

    label: Promise
    icon: str
    facts: list[Fact]

    @property
    def shown(self) -> list[Fact]:
        return self.facts[:SHOWN]

    @property
    def more(self) -> int:
        return len(self.facts[SHOWN:])


@dataclass(frozen=True)
class QuarterPage:
    """A quarter with what it held for one person, and their pairs that are running now."""

    quarter: Quarter
    parts: list[Part]
    pairs: list[Pair]


def quarter_page(user, quarter: Quarter) -> QuarterPage:
    """Return what this person may see of the quarter: of their pairs, also ended ones, and their own entries."""
    since, until = quarter.bounds(user)
    pairs = Pair.objects.visible_to(user).order_by("pk").for_reader(user)
    by_pk = {pair.pk: pair for pair in pairs}
    own = Entry.objects.filter(author=user, created_at__gte=since, created_at__lt=until).written().newest_first()
    texts = list(own.filter(kind__in=(EntryKind.LESSON, EntryKind.INVENTORY)).with_texts()[:MOST])
    done = Commitment.objects.filter(owner=user, state=Commitment.State.DONE, settled_at__gte=since)
    done = list(done.filter(pair__in=by_pk, settled_at__lt=until).select_related("competency").order_by("-settled_at"))
    reached = {"reached_at__gte": since, "reached_at__lt": until}
    goals = Goal.objects.filter(pair__in=by_pk, **reached).order_by("-reached_at")
    steps = Milestone.objects.filter(goal__pair__in=by_pk, **reached).select_related("goal").order_by("-reached_at")
    outcomes = Outcome.objects.filter(pair__in=by_pk, happened_on__range=(quarter.first, quarter.last)).current()
    outcomes = list(outcomes.select_related("competency")[:MOST])
    feedback = Feedback.objects.written().filter(pair__in=by_pk, shared_at__gte=since, shared_at__lt=until)
    feedback = list(feedback.exclude(created_by=user).select_related("competency").order_by("-shared_at")[:MOST])
    sessions = held_sessions().filter(pair__in=by_pk, starts_at__gte=since, starts_at__lt=until).order_by("starts_at")

    def with_whom(at, pair: int) -> str:
        on = date_format(user.local(at), "DAY_FORMAT")
        return _("%(day)s with %(name)s") % {"day": on, "name": by_pk[pair].other(user).first_name}

    def named(rows: Iterable) -> list[Fact]:
        return [Fact(str(row), row.get_absolute_url()) for row in rows]

    evidence = [row.competency for row in (*done, *outcomes, *feedback) if row.competency]
    evidence += competencies_of_entries(user, own, since, until)
    parts = (
        Part(
            gettext_lazy("Sessions"),
            "calendar-days",
            [
                Fact(with_whom(row.starts_at, row.pair_id), reverse("session_detail", args=[row.pk]))
                for row in sessions[:MOST]
            ],
        ),
        Part(gettext_lazy("Commitments you completed"), "check-circle", named(done[:MOST])),
        Part(
            gettext_lazy("Goals and milestones reached"),
            "flag",
            [
                *(Fact(row.title, f"{reverse('goal_list', args=[row.pair_id])}#goal-{row.pk}") for row in goals[:MOST]),
                *named(steps[:MOST]),
            ],
        ),
        Part(gettext_lazy("Outcomes"), "arrow-trending-up", named(outcomes)),
        Part(
            gettext_lazy("Lessons"),
            "light-bulb",
            [Fact(row.title, row.get_absolute_url()) for row in texts if row.kind == EntryKind.LESSON],
        ),
        Part(
            gettext_lazy("Feedback you received"),
            "chat-bubble-bottom-center-text",
            [Fact(with_whom(row.shared_at, row.pair_id), row.get_absolute_url()) for row in feedback],
        ),
        Part(
            gettext_lazy("Competencies with new evidence"),
            "academic-cap",
            [Fact(title, "") for title in sorted({one.title for one in evidence})],
        ),
        Part(
            gettext_lazy("Inventories"),
            "clipboard-document-list",
            [Fact(row.title, row.get_absolute_url()) for row in texts if row.kind == EntryKind.INVENTORY],
        ),
    )
    return QuarterPage(quarter, [part for part in parts if part.facts], [pair for pair in pairs if not pair.ended_at])


def competencies_of_entries(user, own, since, until) -> list:
    """Return the competencies that the person's entries of the quarter, and statements they picked in it, are for."""
    entries = own.filter(kind__in=[kind.name for kind in EVIDENCE], competency__isnull=False).concluded()
    picks = InventoryPick.objects.filter(run__entry__author=user, created_at__gte=since, created_at__lt=until)
    rows = [*entries.select_related("competency")[:MOST], *picks.select_related("competency")[:MOST]]
    return [row.competency for row in rows]


def page_of(entry: Entry) -> QuarterPage | None:
    """Return the quarter that an own entry looks back on; None for an entry of another kind."""
    review = getattr(entry, "self_review", None) if entry.kind == EntryKind.REVIEW else None
    return quarter_page(entry.author, Quarter(review.quarter_on)) if review else None


def is_settled(review: SelfReview) -> bool:
    """Return True if nobody needs to ask again: it was skipped, written, or deleted."""
    return bool(review.skipped_at or review.entry is None or review.entry.written_at)


def offered_to(user, pairs: Iterable[Pair]) -> Quarter | None:
    """Return the quarter that this person is asked to look back on now; `pairs` are their running ones.

    It needs one query, and none after the four weeks.
    """
    today = user.today()
    quarter = Quarter.finished(today)
    if today > quarter.offered_until or not any(pair.started_on <= quarter.joined_until for pair in pairs):
        return None
    review = SelfReview.objects.filter(user=user, quarter_on=quarter.first).select_related("entry").first()
    return None if review and is_settled(review) else quarter


def to_remind(person: User) -> Quarter | None:
    """Return the quarter whose reminder is due to this person now or within two days."""
    today = person.today()
    for quarter in (Quarter.finished(today), Quarter.of(today)):
        if quarter.last - AHEAD <= today <= quarter.offered_until:
            return quarter
    return None


def reminded_in(people: Iterable[User]) -> dict[tuple[int, int], Quarter]:
    """Return the quarter that each of these people is reminded of, by (pair, person), in two queries.

    A person with several pairs is reminded in the oldest that is running, once. Outside of the weeks in which reviews
    are offered there is no query.
    """
    quarters = {person.pk: quarter for person in people if (quarter := to_remind(person))}
    if not quarters:
        return {}
    found: dict[int, int] = {}
    rows = Pair.objects.active().filter(Q(mentor__in=quarters) | Q(mentee__in=quarters)).order_by("-pk")
    for pk, on, *sides in rows.values_list("pk", "started_on", "mentor", "mentor_joined", "mentee", "mentee_joined"):
        for person, joined in (sides[:2], sides[2:]):
            if joined and person in quarters and on <= quarters[person].joined_until:
                found[person] = pk
    reviews = SelfReview.objects.filter(user__in=found, quarter_on__in={quarter.first for quarter in quarters.values()})
    settled = {(row.user_id, row.quarter_on) for row in reviews.select_related("entry") if is_settled(row)}
    return {
        (pk, person): quarters[person]
        for person, pk in found.items()
        if (person, quarters[person].first) not in settled
    }


def start(user, quarter: Quarter) -> Entry:
    """Start the review of a quarter, or return the one that exists."""
    with transaction.atomic():
        pk = SelfReview.objects.get_or_create(user=user, quarter_on=quarter.first)[0].pk
        review = SelfReview.objects.select_for_update(of=("self",)).select_related("entry").get(pk=pk)
        if review.entry is None:
            entry = Entry.start(user, EntryKind.REVIEW)  # perhaps one that stayed empty
            SelfReview.objects.filter(entry=entry).update(entry=None)
            SelfReview.objects.filter(pk=pk).update(entry=entry)
            return entry
    return review.entry


def skip(user, quarter: Quarter, undo: bool = False) -> None:
    """Stop asking about this quarter, or with `undo` ask again."""
    with transaction.atomic():
        review, _new = SelfReview.objects.get_or_create(user=user, quarter_on=quarter.first)
        if undo:
            SelfReview.objects.filter(pk=review.pk, entry=None).delete()
            SelfReview.objects.filter(pk=review.pk).update(skipped_at=None)
        else:
            SelfReview.objects.filter(pk=review.pk, skipped_at=None).update(skipped_at=timezone.now())
    for pair in Pair.objects.editable_by(user):
        pair.replan()


def quarter_named(text: str, today: date) -> Quarter | None:
    """Return the newest finished quarter if `text` is its first day, or empty."""
    quarter = Quarter.finished(today)
    return quarter if text in ("", quarter.first.isoformat()) else None
