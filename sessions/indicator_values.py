"""Add indicator values, turn ratings far apart into a topic, and compute the speed of agreed changes.

docs/rules.md, indicators.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from goals.models import Commitment, CommitmentEvent, Indicator, Reading
from mentoring.models import Pair
from sessions.models import AgendaItem, Feedback, SessionCommitment

GAP = 2  # steps of the scale
TOGETHER = timedelta(days=30)  # two ratings further apart in time are not compared
PERIOD, PERIODS = timedelta(days=30), 6  # the chart shows the last six months, thirty days each


def add_value(indicator: Indicator, by, measured_on: date, value: Decimal, note: str = "") -> Reading:
    """Store a value, and add a topic if both ratings are far apart."""
    with indicator.pair.locked():
        reading = Reading.record(indicator, by, measured_on, value, note)
        add_topic_for_gap(indicator, by)
    return reading


def add_topic_for_gap(indicator: Indicator, by) -> None:
    """Add a topic if both ratings are far apart, unless there is an open or parked one already."""
    if indicator.kind != Indicator.Kind.RATING or indicator.entered_by != Indicator.EnteredBy.BOTH:
        return
    of_each = [indicator.readings.filter(created_by=person) for person in indicator.raters]
    newest = [readings.order_by("-measured_on").first() for readings in of_each]
    if None in newest or abs(newest[0].measured_on - newest[1].measured_on) > TOGETHER:
        return
    if abs(newest[0].value - newest[1].value) < GAP:
        return
    unsettled = (AgendaItem.State.OPEN, AgendaItem.State.PARKED)
    if not indicator.topics.filter(state__in=unsettled).exists():
        title = _("We see it differently: %(what)s") % {"what": indicator.title}
        AgendaItem.add(indicator.pair, by, title[:300], AgendaItem.Kind.TOPIC, indicator=indicator)


@dataclass(frozen=True)
class Speed:
    """How fast agreed changes were done in one period."""

    until: date
    done: int
    days: float | None  # the median, from agreed to done; None where nothing was done
    kept: int  # of those done, by the latest agreed date


def speed(pair: Pair, today: date) -> list[Speed]:
    """Return for each of the last periods, oldest first: the median days from agreed to done, and how many on time.

    An agreed change is a commitment that came from feedback or from a topic. Days are counted on its owner's calendar,
    from the day it was made to the day on which it was done ("Done" may set an earlier day). One query.
    """
    since = today - PERIOD * PERIODS
    done = CommitmentEvent.objects.filter(commitment=OuterRef("pk"), kind=CommitmentEvent.Kind.DONE, undone_at=None)
    agreed = Q(Exists(Feedback.objects.filter(commitment=OuterRef("pk")))) | Q(
        Exists(SessionCommitment.objects.filter(commitment=OuterRef("pk"), item__isnull=False))
    )
    rows = (
        Commitment.objects.filter(agreed, pair=pair, state=Commitment.State.DONE)
        .with_kept()
        .annotate(done_on=Subquery(done.order_by("-pk").values("effective_on")[:1]))
        .filter(done_on__gt=since, done_on__lte=today)
        .values_list("created_at", "owner_id", "done_on", "slipped")
    )
    owners = {person.pk: person for person in pair.people}
    took = [
        (done_on, max(0, (done_on - owners[owner].local(created_at).date()).days), late)
        for created_at, owner, done_on, late in rows
    ]
    found = []
    for back in reversed(range(PERIODS)):
        until = today - PERIOD * back
        here = [(days, late) for on, days, late in took if until - PERIOD < on <= until]
        middle = median(days for days, _late in here) if here else None
        found.append(Speed(until, len(here), middle, sum(not late for _days, late in here)))
    return found
