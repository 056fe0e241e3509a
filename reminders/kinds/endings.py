"""Reminders about the end of a pair: planning it, notice of it and looking back (docs/rules.md, reminders, N20)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.working_hours import DAY
from mentoring.models import Pair
from reminders.intents import Intent, others, reads
from reminders.kinds.planning import OF_PAIRS, at_morning
from reminders.kinds.sessions import SOON, TIME_TO_UNDO
from reminders.models import Delivery, Reminder, Topic
from sessions.models import AgendaTemplate, Session

CLOSING = Session.objects.filter(
    pair=OuterRef("pk"), kind=AgendaTemplate.Kind.CLOSING, canceled_at=None, skipped_at=None
)
RUNNING = Pair.objects.active().with_people().annotate(closing=Exists(CLOSING))
OVER = Pair.objects.filter(ended_at__isnull=False).with_people().prefetch_related("exit_answers")
KEPT = OVER.filter(content_deleted_at=None)
WHY = _("You get this because your time together ends.")
READS = {"rows": RUNNING, "touched": "touched_at", "moment": "ends_on", "ahead": timedelta(days=32), "pair": "pk"}
READS |= {"stays": timedelta(days=40), "topic": Topic.PLANNING, "people": ("mentor", "mentee")}


# Ending a pair is a bigger step than moving a session, so there is more time to undo it, unless a session is near.
TIME_TO_UNDO_END = timedelta(minutes=15)
ENDED = KEPT.filter(ended_by__isnull=False).select_related("ended_by")
ABOUT_THE_END = ("pair_ended", "calendar_cancel", "calendar_series", "calendar_series_end")


def end_notice_at(pair: Pair) -> datetime:
    """Return when people are notified of the end of the pair, by email and in their calendars."""
    soon = Session.objects.filter(pair=pair, canceled_at=pair.ended_at, starts_at__lte=pair.ended_at + SOON)
    return pair.ended_at + (TIME_TO_UNDO if soon.exists() else TIME_TO_UNDO_END)


def was_noticed(pair: Pair) -> bool:
    """Return True if an email about the end of the pair was sent, or its recipient visited after it was due."""
    about = Reminder.objects.filter(pair=pair, kind__in=ABOUT_THE_END, due_at__gt=pair.ended_at)
    left = Q(state__in=(Reminder.State.SENT, Reminder.State.UNKNOWN)) | Q(delivery__copies_sent__gt=0)
    left |= Q(delivery__state=Delivery.State.SENDING)
    seen = Q(due_at__lte=timezone.now(), recipient__seen_at__gt=F("due_at")) & ~Q(recipient=pair.ended_by_id)
    return about.filter(left | seen).exists()


@reads(ENDED, says=_("Your pair has ended"), moment="ended_at", stays=7 * DAY, **OF_PAIRS)
def pair_ended(pair: Pair) -> Iterator[Intent]:
    """Notify both people that the pair has ended, except the one who ended it."""
    why = _("You get this because somebody else ended your pair.")
    for person_id in others(pair, pair.ended_by_id):
        due_at, occasion = end_notice_at(pair), pair.ended_at.isoformat()
        yield Intent(
            "pair_ended", person_id, f"pair:{pair.pk}", occasion, due_at, pair.ended_at + 7 * DAY, why, pair.pk
        )


def to_both(pair: Pair, kind: str, on, until) -> Iterator[Intent]:
    for person in pair.people:
        due_at, gone_at = at_morning(person, on), at_morning(person, until)
        yield Intent(kind, person.pk, f"pair:{pair.pk}", pair.ends_on.isoformat(), due_at, gone_at, WHY, pair.pk)


@reads(**READS, says=_("Plan the ending"))
def ending_plan(pair: Pair) -> Iterator[Intent]:
    """N20: remind both people to plan the ending, four weeks before it."""
    yield from to_both(pair, "ending_plan", pair.ends_on - 28 * DAY, pair.ends_on - 14 * DAY)


@reads(**READS, says=_("Schedule the closing session"))
def ending_closing(pair: Pair) -> Iterator[Intent]:
    """N20: remind both people to schedule the closing session, two weeks before the end."""
    if not pair.closing:
        yield from to_both(pair, "ending_closing", pair.ends_on - 14 * DAY, pair.ends_on + DAY)


@reads(
    KEPT,
    says=_("Pair archived"),
    moment="ended_at",
    stays=timedelta(days=60),
    topic=Topic.PLANNING,
    **OF_PAIRS,
)
def archived(pair: Pair) -> Iterator[Intent]:
    """N20: notify both people thirty days after the end that the pair is archived."""
    for person in pair.people:
        due_at = at_morning(person, person.local(pair.ended_at).date() + 30 * DAY)
        yield Intent("archived", person.pk, f"pair:{pair.pk}", "", due_at, due_at + 14 * DAY, WHY, pair.pk)


@reads(
    KEPT.filter(kept_until__isnull=False),
    says=_("Your content will be deleted"),
    moment="kept_until",
    ahead=timedelta(days=62),
    stays=timedelta(),
    in_window=True,
    **OF_PAIRS,
)
def deletion_near(pair: Pair) -> Iterator[Intent]:
    """Notify both people sixty days before their content is deleted; this cannot be turned off."""
    why = _("You get this because the content of a pair is kept for a limited time.")
    for person in pair.people:
        due_at, gone_at = (at_morning(person, pair.kept_until - days) for days in (60 * DAY, DAY))
        occasion = pair.kept_until.isoformat()
        yield Intent("deletion_near", person.pk, f"pair:{pair.pk}", occasion, due_at, gone_at, why, pair.pk)


@reads(
    KEPT,
    says=_("Looking back"),
    moment="ended_at",
    stays=timedelta(days=30),
    topic=Topic.PLANNING,
    confidential=True,
    **OF_PAIRS,
)
def exit_answer(pair: Pair) -> Iterator[Intent]:
    """N20: ask each person to look back, the day after the end and once more a week later."""
    said = {row.user_id for row in pair.exit_answers.all()}
    for person in pair.people:
        ended_on = person.local(pair.ended_at).date()
        for days in (1, 8) if person.pk not in said else ():
            due_at = at_morning(person, ended_on + days * DAY)
            yield Intent("exit_answer", person.pk, f"pair:{pair.pk}", str(days), due_at, due_at + 7 * DAY, WHY, pair.pk)
