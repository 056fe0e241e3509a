"""Reminders about check-ins: the question, a call for help and the mentor's reply."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.working_hours import DAY
from mentoring.models import Pair
from reminders.intents import Intent, reads
from reminders.kinds.planning import at_morning
from reminders.kinds.sessions import TIME_TO_UNDO
from reminders.models import Topic
from reminders.windows import window_from
from sessions.checkins import due_on
from sessions.models import CheckIn, Session

STAYS = 5 * DAY
OF_PAIR = Session.objects.filter(pair=OuterRef("pk"))
SWITCHED_ON = (
    Pair.objects.active()
    .with_people()
    .filter(check_ins_since__isnull=False)
    .filter(~Exists(CheckIn.objects.filter(pair=OuterRef("pk")).since_last_session()))
    .annotate(
        last_held=Subquery(OF_PAIR.held().order_by("-starts_at").values("starts_at")[:1]),
        next_at=Subquery(
            OF_PAIR.live().filter(started_at=None, held_at=None).order_by("starts_at").values("starts_at")[:1]
        ),
    )
)


@reads(
    SWITCHED_ON,
    says=_("Check-in between sessions"),
    touched="touched_at",
    moment="touched_at",
    stays=timedelta(days=60),
    topic=Topic.CHECK_INS,
    early=True,
    people=("mentee",),
    pair="pk",
)
def check_in(pair: Pair) -> Iterator[Intent]:
    """N11: ask the mentee for a check-in halfway between two sessions, if the pair has turned it on."""
    mentee = pair.mentee
    last = mentee.local(pair.last_held).date() if pair.last_held else pair.started_on
    on = due_on(last, mentee.local(pair.next_at).date() if pair.next_at else None, pair.interval)
    if on is None or on < mentee.local(pair.check_ins_since).date():
        return
    due_at = at_morning(mentee, on)
    yield Intent(
        "check_in",
        mentee.pk,
        f"pair:{pair.pk}",
        on.isoformat(),
        due_at,
        min(due_at + STAYS, pair.next_at) if pair.next_at else due_at + STAYS,
        _("You get this because the two of you check in between sessions."),
        pair.pk,
    )


CURRENT = (
    CheckIn.objects.asking_for_help()
    .current()
    .filter(pair__ended_at=None)
    .select_related("pair__mentor", "pair__mentee")
    .prefetch_related("pair__pauses")
)
ANSWERABLE = 14 * DAY  # as long as the link in the email is valid
BETWEEN_TWO = {
    "touched": "pair__touched_at",
    "stays": timedelta(days=200),  # long enough for a long pause in between
    "topic": Topic.CHECK_INS,
    "urgent": True,
    "confidential": True,
}


@reads(
    CURRENT.filter(answer=CheckIn.Answer.HELP, replied_at=None),
    says=_("Your mentee needs help"),
    moment="created_at",
    people=("pair__mentor",),
    **BETWEEN_TWO,
)
def help_wanted(check_in: CheckIn) -> Iterator[Intent]:
    """Notify the mentor at the next window that the mentee needs help, until it is answered or they meet."""
    why = _("You get this because your mentee chose “I need help” in a check-in.")
    yield told_next(check_in, "help_wanted", check_in.pair.mentor, check_in.created_at, why)


@reads(
    CURRENT.filter(replied_at__isnull=False),
    says=_("An answer to your check-in"),
    moment="replied_at",
    people=("pair__mentee",),
    **BETWEEN_TWO,
)
def check_in_answered(check_in: CheckIn) -> Iterator[Intent]:
    """Notify the mentee of the mentor's reply at the next window."""
    why = _("You get this because your mentor answered your check-in.")
    yield told_next(check_in, "check_in_answered", check_in.pair.mentee, check_in.replied_at, why)


def told_next(check_in: CheckIn, kind: str, person: User, at: datetime, why: str) -> Intent:
    """Return an intent due a minute later, or when the pause is over if that or the next window is in one."""
    due_at = at + TIME_TO_UNDO
    for pause in sorted(check_in.pair.pauses.all(), key=lambda pause: pause.from_on):
        if any(pause.covers(person.local(moment).date()) for moment in (due_at, window_from(person, due_at))):
            due_at = at_morning(person, pause.resume_on)
    return Intent(
        kind, person.pk, f"check_in:{check_in.pk}", at.isoformat(), due_at, due_at + ANSWERABLE, why, check_in.pair_id
    )
