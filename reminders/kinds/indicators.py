"""Reminders to add an indicator's value: on its day, and two days later (docs/rules.md, reminders, N12)."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import F, Max, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.working_hours import DAY
from goals.models import Indicator
from reminders.intents import Intent, reads
from reminders.kinds.planning import at_morning
from reminders.models import Topic

AGAIN, STAYS = 2 * DAY, 5 * DAY
AHEAD_OF_ITSELF = 6  # reminders stop after this many periods without a value; then it is time to talk
WATCHED = (
    Indicator.objects.current()
    .entered()
    .filter(every_days__isnull=False, pair__ended_at=None)
    .select_related("pair__mentor", "pair__mentee")
    .annotate(
        mentee_last=Max("readings__measured_on", filter=Q(readings__created_by=F("pair__mentee"))),
        mentor_last=Max("readings__measured_on", filter=Q(readings__created_by=F("pair__mentor"))),
    )
)
READS = {
    "rows": WATCHED,
    "touched": "pair__touched_at",
    "moment": "touched_at",
    "stays": timedelta(days=AHEAD_OF_ITSELF * max(Indicator.Rhythm.values)) + 2 * STAYS,
    "topic": Topic.INDICATORS,
}


def due_days(indicator: Indicator, person: User) -> Iterator[date]:
    """Yield the days on which this person's value is due, counted from their last one or from the start."""
    is_mentee = person.pk == indicator.pair.mentee_id
    last = indicator.mentee_last if is_mentee else indicator.mentor_last
    day = last or person.local(indicator.created_at).date()
    for _n in range(AHEAD_OF_ITSELF):
        day += timedelta(days=indicator.every_days)
        yield day


def values(indicator: Indicator, kind: str, after: timedelta) -> Iterator[Intent]:
    why = _("You get this because the two of you agreed to track it.")
    for person in indicator.raters:
        for day in due_days(indicator, person):
            due_at = at_morning(person, day + after)
            gone_at = due_at + (AGAIN if kind == "indicator_due" else STAYS)
            subject = f"indicator:{indicator.pk}"
            yield Intent(kind, person.pk, subject, day.isoformat(), due_at, gone_at, why, indicator.pair_id)


@reads(**READS, says=_("A value to add"), early=True)
def indicator_due(indicator: Indicator) -> Iterator[Intent]:
    """N12: remind each person on the day their value is due."""
    yield from values(indicator, "indicator_due", timedelta(0))


@reads(**READS, says=_("A value to add, second reminder"))
def indicator_again(indicator: Indicator) -> Iterator[Intent]:
    """N12: remind each person once more two days later."""
    yield from values(indicator, "indicator_again", AGAIN)
