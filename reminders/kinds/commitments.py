"""Reminders about a commitment: two days before, on the day, and twice after it, softer each time (docs/rules.md)."""

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
LATE = 5  # working days from the due date to the last reminder

LAST_MOVE = SessionMove.objects.filter(session=OuterRef("pk")).order_by("-pk").values("created_at")[:1]
NEXT = (
    Session.objects.live()
    .filter(pair=OuterRef("pair"), started_at=None, starts_at__gte=OuterRef("due_on"))
    .annotate(planned_at=Coalesce(Subquery(LAST_MOVE), "created_at"))
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
        dated_at=Coalesce(Subquery(MOVED.values("created_at")[:1]), "created_at"),  # when the current due date was set
    )
)


def steps(commitment: Commitment) -> list[tuple[str, datetime]]:
    """Return when each of the four reminders is due, on the owner's working days; cached on the row.

    A day off is replaced by the working day before it up to the due date, and by the next working day after it.
    """
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
    """Return True if the email before a session (N1) asks about it: the mentee's, due in the three days before."""
    owner = commitment.owner
    if owner.pk != commitment.pair.mentee_id or not commitment.next_at:
        return False
    in_time = commitment.due_on >= owner.local(commitment.next_at).date() - ASKED_WITH_THE_UPDATE
    return in_time and max(commitment.dated_at, commitment.next_planned_at) < update_asked_at(owner, commitment.next_at)


def step(commitment: Commitment, kind: str, why) -> Iterator[Intent]:
    """Yield the reminder of this kind, which expires when the next one is due.

    Yield nothing if the due date was set after the reminder would have been due, because the owner has just seen it.
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
    """N7: remind the owner two days before the due date, if it was set at least four days ahead."""
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
    """N8: remind the owner on the due date, unless the email before a session asks about it."""
    if not asked_with_the_update(commitment):
        yield from step(commitment, "commitment_due", BEFORE)


@of_commitments(_("A commitment overdue by one working day"), AWAY)
def commitment_overdue(commitment: Commitment) -> Iterator[Intent]:
    """N9: remind the owner one working day after the due date, more softly."""
    yield from step(commitment, "commitment_overdue", AFTER)


@of_commitments(_("A commitment overdue by five working days"), AWAY)
def commitment_last(commitment: Commitment) -> Iterator[Intent]:
    """N10: ask the owner for the last time, after five working days, to set a new date or drop it."""
    yield from step(commitment, "commitment_last", _("You get this once. It is the last reminder about this."))
