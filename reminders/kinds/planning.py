"""Reminders about planning: no first or next session, no working agreement, inactivity, and the end of a pause."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Exists, Max, OuterRef, Prefetch, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.working_hours import DAY, working_day
from dashboard.models import REMIND_AGAIN_AFTER, Flag
from goals.models import CommitmentEvent
from mentoring.models import Pair, Pause
from reminders.intents import Intent, reads
from reminders.models import Topic
from reminders.windows import morning
from sessions.models import Session

NO_FIRST_DATE = {"mentee": 2, "mentor": 5}  # days after pairing
NO_NEXT_DATE = {"mentee": 2, "mentor": 7}  # days after the last session; the mentee gets both
NO_AGREEMENT = (7, 14)
STAYS = timedelta(days=14)
PAUSE_TOLD_BEFORE = 2 * DAY
# Arguments shared by the kinds that read pairs.
OF_PAIRS = {"touched": "touched_at", "people": ("mentor", "mentee"), "pair": "pk"}

OF_PAIR = Session.objects.filter(pair=OuterRef("pk"))
ACTIVE = Pair.objects.active().with_people()


def at_morning(person: User, on: date):
    """Return 08:30 on that day, or on the next working day if it is a day off."""
    return morning(person, working_day(person, on))


def _intent(kind: str, person: User, subject: str, occasion: str, on: date, why, pair_id: int) -> Intent:
    due_at = at_morning(person, on)
    return Intent(kind, person.pk, subject, occasion, due_at, due_at + STAYS, why, pair_id)


NEVER_MET = ACTIVE.filter(~Exists(OF_PAIR.filter(canceled_at=None, skipped_at=None)))


@reads(
    NEVER_MET,
    says=_("No first session yet"),
    moment="started_on",
    stays=timedelta(days=30),
    topic=Topic.PLANNING,
    **OF_PAIRS,
)
def first_date(pair: Pair) -> Iterator[Intent]:
    """N14: remind a pair to schedule its first session, the mentee after two days and the mentor after five."""
    why = _("You get this because you have not scheduled a session yet.")
    for role, days in NO_FIRST_DATE.items():
        on = pair.started_on + timedelta(days=days)
        yield _intent("first_date", getattr(pair, role), f"pair:{pair.pk}", str(days), on, why, pair.pk)


LATER = Session.objects.filter(pair=OuterRef("pair"), starts_at__gt=OuterRef("starts_at"))
LAST_HELD = (
    Session.objects.with_people()
    .filter(pair__ended_at=None, held_at__isnull=False, closed_at__isnull=False)
    .exclude(kind=Session.Kind.CLOSING)
    .filter(~Exists(LATER.held()), ~Exists(Session.objects.live().filter(pair=OuterRef("pair"))))
    .annotate(called_off_at=Subquery(LATER.order_by().values("pair").annotate(at=Max("canceled_at")).values("at")[:1]))
)


@reads(
    LAST_HELD,
    says=_("No next session"),
    touched="pair__touched_at",
    moment="starts_at",
    stays=timedelta(days=60),
    topic=Topic.PLANNING,
)
def next_date(session: Session) -> Iterator[Intent]:
    """N15: remind the mentee after two days and both after seven to schedule a next session.

    Days count from the last session, or from when a later one was canceled.
    """
    pair, why = session.pair, _("You get this because you have no next session.")
    since = max(filter(None, (session.starts_at, session.called_off_at)))
    for days in sorted(set(NO_NEXT_DATE.values())):
        for person in [pair.mentee] if days == NO_NEXT_DATE["mentee"] else [pair.mentor, pair.mentee]:
            on = person.local(since).date() + timedelta(days=days)
            occasion = f"{days}:{since.date()}"
            yield _intent("next_date", person, f"session:{session.pk}", occasion, on, why, pair.pk)


NOT_AGREED = ACTIVE.with_agreement()


@reads(
    NOT_AGREED,
    says=_("Working agreement"),
    moment="touched_at",
    stays=timedelta(days=30),
    topic=Topic.PLANNING,
    **OF_PAIRS,
)
def agreement(pair: Pair) -> Iterator[Intent]:
    """N17: remind anyone who has not agreed, 7 and 14 days after the pairing or the newest version."""
    why = _("You get this because you have not agreed to your working agreement yet.")
    for person, agreed_at in ((pair.mentor, pair.mentor_agreed_at), (pair.mentee, pair.mentee_agreed_at)):
        if agreed_at:
            continue
        newest = pair.newest_agreement
        start = max(pair.started_on, person.local(newest.created_at).date()) if newest else pair.started_on
        for days in NO_AGREEMENT:
            on = start + timedelta(days=days)
            yield _intent("agreement", person, f"pair:{pair.pk}", f"{days}:{start}", on, why, pair.pk)


IDLE = timedelta(days=90)
LAST_HELD_AT = OF_PAIR.held().order_by("-starts_at").values("starts_at")[:1]
LAST_WORD_AT = (
    CommitmentEvent.objects.filter(commitment__pair=OuterRef("pk")).order_by("-created_at").values("created_at")[:1]
)
# This query is built at import, so still_going() compares the end of the last session with the current time.
LAST_PLANNED = OF_PAIR.live().order_by("-ends_at").values("ends_at")[:1]
IDLE_PAIRS = ACTIVE.filter(~Exists(OF_PAIR.live().filter(started_at__isnull=False))).annotate(
    last_held_at=Subquery(LAST_HELD_AT), last_word_at=Subquery(LAST_WORD_AT), planned_until=Subquery(LAST_PLANNED)
)


@reads(
    IDLE_PAIRS,
    says=_("Are you still meeting?"),
    moment="started_on",
    stays=timedelta(days=3650),
    topic=Topic.PLANNING,
    **OF_PAIRS,
)
def still_going(pair: Pair) -> Iterator[Intent]:
    """Ask both people if they are still meeting, after three months without activity; a pair never ends by itself."""
    if pair.planned_until and pair.planned_until > timezone.now():
        return
    why = _("You get this because there was no activity between you for three months.")
    for person in pair.people:
        seen = [person.local(at).date() for at in (pair.last_held_at, pair.last_word_at) if at]
        since = max([pair.started_on, *seen])
        yield _intent("still_going", person, f"pair:{pair.pk}", since.isoformat(), since + IDLE, why, pair.pk)


WITH_REMINDER = Flag.objects.open().filter(reminded_at__isnull=False)
REMINDED = ACTIVE.filter(Exists(WITH_REMINDER.filter(pair=OuterRef("pk")))).prefetch_related(
    Prefetch("flags", WITH_REMINDER, to_attr="flags_with_reminder")
)


@reads(
    REMINDED,
    says=_("A reminder from a program admin"),
    moment="touched_at",
    stays=timedelta(days=30),
    topic=Topic.PLANNING,
    **OF_PAIRS,
)
def nudge(pair: Pair) -> Iterator[Intent]:
    """Remind both people at the next window of what is still missing, when an admin has asked for it."""
    for flag in pair.flags_with_reminder:
        for person in pair.people:
            occasion, until = f"{flag.rule}:{flag.reminded_at.isoformat()}", flag.reminded_at + REMIND_AGAIN_AFTER
            why = _("You get this because a program admin reminded every pair for whom this is open.")
            yield Intent("nudge", person.pk, f"pair:{pair.pk}", occasion, flag.reminded_at, until, why, pair.pk)


PAUSED = Pause.objects.filter(pair__ended_at=None).select_related("pair__mentor", "pair__mentee")


@reads(
    PAUSED,
    says=_("The end of a pause"),
    touched="pair__touched_at",
    moment="resume_on",
    ahead=timedelta(days=7),
    stays=timedelta(),
    in_window=True,
)
def pause_ends(pause: Pause) -> Iterator[Intent]:
    """Notify both people two days before the end of a pause of a week or more."""
    if pause.resume_on - pause.from_on < timedelta(days=7):
        return
    for person in (pause.pair.mentor, pause.pair.mentee):
        due_at = morning(person, working_day(person, pause.resume_on - PAUSE_TOLD_BEFORE, -DAY))
        yield Intent(
            "pause_ends",
            person.pk,
            f"pause:{pause.pk}",
            pause.resume_on.isoformat(),
            due_at,
            morning(person, pause.resume_on + DAY),
            _("You get this because your pause ends soon."),
            pause.pair_id,
        )
