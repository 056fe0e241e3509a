"""Charts of indicator values, limited to the newest values of each person."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from core.charts import Chart, Line
from goals.models import Indicator, Reading
from goals.models.feedback_round import MIN_ANSWERS, FeedbackRound
from mentoring.models import Pair

POINTS = 24  # per line; the growth record has all of them


def indicator_chart(indicator: Indicator) -> Chart:
    """Return the chart of one indicator whose values people enter."""
    return indicator_charts(indicator.pair, [indicator])[indicator.pk]


def indicator_charts(pair: Pair, indicators: Iterable[Indicator], most: int | None = POINTS) -> dict[int, Chart]:
    """Return a chart for each indicator whose values people enter, in one query; all values if `most` is None."""
    indicators = [one for one in indicators if one.is_entered]
    found = Reading.objects.filter(indicator__in=indicators)
    if most is not None:
        newest = Window(RowNumber(), partition_by=[F("indicator"), F("created_by")], order_by=F("measured_on").desc())
        found = found.annotate(nth=newest).filter(nth__lte=most)
    points = defaultdict(list)
    columns = ("indicator", "created_by", "measured_on", "value")
    for indicator_pk, by, on, value in found.order_by("measured_on").values_list(*columns):
        points[indicator_pk, by].append((on, float(value)))
    if most is not None:
        add_earlier_totals(points, [one for one in indicators if one.kind == Indicator.Kind.CUMULATIVE])
    return {one.pk: _chart(pair, one, points) for one in indicators}


def add_earlier_totals(points: dict, cumulative: list[Indicator]) -> None:
    """Add the sum of the values that are not shown to the first point of each cumulative line."""
    for one in cumulative:
        for person in one.raters:
            shown = points.get((one.pk, person.pk))
            if shown and len(shown) == POINTS:
                before = one.readings.filter(created_by=person, measured_on__lt=shown[0][0]).values_list(
                    "value", flat=True
                )
                shown[0] = shown[0][0], shown[0][1] + float(sum(before))


def _chart(pair: Pair, indicator: Indicator, points: dict) -> Chart:
    lines = []
    for person in pair.people[::-1]:  # the mentee first
        values = points.get((indicator.pk, person.pk), [])
        if values or indicator.is_entered_by(person):
            total = indicator.kind == Indicator.Kind.CUMULATIVE
            lines.append(Line(person.first_name, running_total(values) if total else values))
    steps = dict(indicator.steps)
    rated = indicator.kind == Indicator.Kind.RATING
    least, most = (1, 5) if rated else (0, 1) if steps else (None, None)
    words = steps if indicator.preset or indicator.kind == Indicator.Kind.YES_NO else {}
    target = None if indicator.target is None else float(indicator.target)
    return Chart(lines, target, least, most, indicator.unit, words)


def running_total(values: list[tuple[date, float]]) -> list[tuple[date, float]]:
    total, found = 0.0, []
    for on, value in values:
        total += value
        found.append((on, total))
    return found


def feedback_chart(pair: Pair, today: date) -> Chart:
    """Chart the mean of each published feedback round on the day it closed; two queries."""
    points = []
    for feedback_round in FeedbackRound.objects.filter(pair=pair).prefetch_related("answers").order_by("-pk")[:POINTS]:
        answers = feedback_round.published_answers(today)
        if answers and len(answers) >= MIN_ANSWERS:
            mean = sum(answer.frequency for answer in answers) / len(answers)
            points.append((feedback_round.closed_on, mean))
    return Chart([Line("", sorted(points))], least=1, most=5)
