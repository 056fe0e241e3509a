"""Commitments: two days before, on the day, and twice afterward, softer each time. Then silence (docs/rules.md)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.working_hours import DAY, working_day, working_days_later
from goals.models import Commitment, CommitmentEvent
from reminders.intents import Intent, reads
from reminders.kinds.sessions import ASKED_WITH_THE_UPDATE, AWAY, update_asked_at
from reminders.models import Topic
from reminders.windows import morning
from sessions.models import Session, SessionMove

EARLY = 2 * DAY
MADE_LONG_BEFORE = 4 * DAY
LAST_WORD_STAYS = 7 * DAY
LATE = 5  # working days after the due date: the last reminder

LAST_MOVE = SessionMove.objects.filter(session=OuterRef("pk")).order_by("-pk").values("at")[:1]
NEXT = (
    Session.objects.live()
    .filter(pair=OuterRef("pair"), started_at=None, starts_at__gte=OuterRef("due_on"))
    .annotate(planned_at=Coalesce(Subquery(LAST_MOVE), "made_at"))
    .order_by("starts_at")
)
MOVED = CommitmentEvent.objects.filter(
    commitment=OuterRef("pk"), kind=CommitmentEvent.Kind.MOVED, undone_at=None
).order_by("-pk")
OPEN = (
    Commitment.objects.open()
    .filter(pair__ended_at=None)
    .select_related("owner", "pair")
    .annotate(
        next_at=Subquery(NEXT.values("starts_at")[:1]),
        next_planned_at=Subquery(NEXT.values("planned_at")[:1]),
        dated_at=Coalesce(Subquery(MOVED.values("at")[:1]), "made_at"),  # when the date in force was set
    )
)


def steps(commitment: Commitment) -> list[tuple[str, datetime]]:
    """When each of the four reminders falls due, on the owner's wall. A day on which they do not work is avoided:
    before the due date by the working day before it, afterwards by the next one. Counted once for each row read."""
    if not hasattr(commitment, "steps"):
        owner, due_on = commitment.owner, commitment.due_on
        days = {
            "commitment_soon": working_day(owner, due_on - EARLY, -DAY),
            "commitment_due": working_day(owner, due_on, -DAY),
            "commitment_overdue": working_days_later(owner, due_on, 1),
            "commitment_last": working_days_later(owner, due_on, LATE),
        }
        commitment.steps = [(kind, morning(owner, on)) for kind, on in days.items()]
    return commitment.steps


def asked_with_the_update(commitment: Commitment) -> bool:
    """Whether the mail before a session (N1) asks about it: due in the three days before, the mentee's."""
    owner = commitment.owner
    if owner.pk != commitment.pair.mentee_id or not commitment.next_at:
        return False
    in_time = commitment.due_on >= owner.local(commitment.next_at).date() - ASKED_WITH_THE_UPDATE
    return in_time and max(commitment.dated_at, commitment.next_planned_at) < update_asked_at(owner, commitment.next_at)


def step(commitment: Commitment, kind: str, why) -> Iterator[Intent]:
    """The one reminder of this kind, worth sending until the next one takes its place.

    None where the date was set only after the reminder would have been due: whoever set it has just looked at it.
    """
    due = dict(steps(commitment))
    if due[kind] <= commitment.dated_at:
        return
    following = [at for name, at in steps(commitment) if at > due[kind]]
    yield Intent(
        kind,
        commitment.owner_id,
        f"commitment:{commitment.pk}",
        commitment.due_on.isoformat(),
        due[kind],
        min(following) if following else due[kind] + LAST_WORD_STAYS,
        why,
        commitment.pair_id,
    )


def of_commitments(says, stays: timedelta, early: bool = False):
    return reads(
        OPEN,
        says=says,
        touched="pair__touched_at",
        moment="due_on",
        ahead=AWAY,
        stays=stays,
        topic=Topic.COMMITMENTS,
        early=early,
        people=("owner",),
    )


BEFORE = _("You get this because you set this date.")
AFTER = _("You get this because the date has passed. Moving or dropping it is fine too.")


@of_commitments(_("A commitment due soon"), DAY, early=True)
def commitment_soon(commitment: Commitment) -> Iterator[Intent]:
    """N7: two days before, if the date was set at least four days before."""
    early, on_the_day = steps(commitment)[:2]
    dated_on = commitment.owner.local(commitment.dated_at).date()
    if (
        commitment.due_on - dated_on >= MADE_LONG_BEFORE
        and early[1] < on_the_day[1]
        and not asked_with_the_update(commitment)
    ):
        yield from step(commitment, "commitment_soon", BEFORE)


@of_commitments(_("A commitment due today"), DAY, early=True)
def commitment_due(commitment: Commitment) -> Iterator[Intent]:
    """N8: on the day, unless the update before a session asks about it."""
    if not asked_with_the_update(commitment):
        yield from step(commitment, "commitment_due", BEFORE)


@of_commitments(_("A commitment overdue by one working day"), AWAY)
def commitment_overdue(commitment: Commitment) -> Iterator[Intent]:
    """N9: one working day after, softer."""
    yield from step(commitment, "commitment_overdue", AFTER)


@of_commitments(_("A commitment overdue by five working days"), AWAY)
def commitment_last(commitment: Commitment) -> Iterator[Intent]:
    """N10: five working days after, the last one: renegotiate or drop? The mentor is never copied."""
    yield from step(commitment, "commitment_last", _("You get this once. It is the last reminder about this."))
