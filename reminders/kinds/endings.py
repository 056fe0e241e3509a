"""No pair ends by silence (docs/rules.md, reminders, N20)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.working_days import DAY
from mentoring.models import Pair
from reminders.intents import Intent, reads
from reminders.kinds.planning import OF_PAIRS, at_morning
from reminders.models import Topic
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


def to_both(pair: Pair, kind: str, on, until) -> Iterator[Intent]:
    for person in pair.people:
        due_at, gone_at = at_morning(person, on), at_morning(person, until)
        yield Intent(kind, person.pk, f"pair:{pair.pk}", pair.ends_on.isoformat(), due_at, gone_at, WHY, pair.pk)


@reads(**READS, says=_("Plan the ending"))
def ending_plan(pair: Pair) -> Iterator[Intent]:
    """N20: four weeks before the end."""
    yield from to_both(pair, "ending_plan", pair.ends_on - 28 * DAY, pair.ends_on - 14 * DAY)


@reads(**READS, says=_("A date for the closing session"))
def ending_closing(pair: Pair) -> Iterator[Intent]:
    """N20: two weeks before, unless it has a date."""
    if not pair.closing:
        yield from to_both(pair, "ending_closing", pair.ends_on - 14 * DAY, pair.ends_on + DAY)


@reads(
    KEPT,
    says=_("In the archive"),
    moment="ended_at",
    stays=timedelta(days=60),
    topic=Topic.PLANNING,
    **OF_PAIRS,
)
def archived(pair: Pair) -> Iterator[Intent]:
    """N20: thirty days after the end, with the way to what is kept."""
    for person in pair.people:
        due_at = at_morning(person, person.local(pair.ended_at).date() + 30 * DAY)
        yield Intent("archived", person.pk, f"pair:{pair.pk}", "", due_at, due_at + 14 * DAY, WHY, pair.pk)


@reads(
    KEPT.filter(kept_until__isnull=False),
    says=_("What you wrote will be deleted"),
    moment="kept_until",
    ahead=timedelta(days=62),
    stays=timedelta(),
    in_window=True,
    **OF_PAIRS,
)
def deletion_near(pair: Pair) -> Iterator[Intent]:
    """Sixty days before the content of an ended pair is deleted; always sent, on a working day's morning."""
    why = _("You get this because what the two of you wrote is kept for a limited time.")
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
    """N20: the day after, and once more a week later."""
    said = {row.user_id for row in pair.exit_answers.all()}
    for person in pair.people:
        ended_on = person.local(pair.ended_at).date()
        for days in (1, 8) if person.pk not in said else ():
            due_at = at_morning(person, ended_on + days * DAY)
            yield Intent("exit_answer", person.pk, f"pair:{pair.pk}", str(days), due_at, due_at + 7 * DAY, WHY, pair.pk)
