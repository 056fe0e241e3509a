"""The indicators that a pair tracks, each with its chart."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from core.charts import Chart, Line
from goals.indicator_charts import feedback_chart, indicator_charts
from goals.models import Indicator
from mentoring.models import Pair
from sessions.indicator_values import Speed, speed

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class TrackedIndicator:
    """An indicator with its chart, and `speed` for the computed indicator of that name."""

    indicator: Indicator
    chart: Chart
    speed: list[Speed] | None = None

    @property
    def latest(self) -> Speed | None:
        return next((one for one in reversed(self.speed or []) if one.done), None)

    @property
    def is_computed(self) -> bool:
        return self.speed is not None

    @property
    def unit(self) -> str:
        """What the values are, beside the title of a small chart."""
        if self.is_computed:
            return _("median days")
        if self.chart.most == 5:
            return _("of 5")
        return self.indicator.unit

    @property
    def is_short(self) -> bool:
        """Return True if it has too few values for a drawing, or none."""
        return self.chart.is_short

    @property
    def awaits_feedback(self) -> bool:
        """Return True if it is drawn from feedback rounds, and none has enough answers yet."""
        return self.chart.is_empty and self.indicator.preset == Indicator.Preset.STAKEHOLDERS

    @property
    def has_chart(self) -> bool:
        """Return True if a chart is drawn; a computed indicator without values has none."""
        return not (self.chart.is_empty and self.is_computed)


def tracked_indicators(pair: Pair, today: date, most: int | None = None) -> list[TrackedIndicator]:
    """Return the indicators that the pair tracks now, oldest first."""
    indicators = list(pair.indicators.current())
    for one in indicators:
        one.pair = pair
    drawn = indicator_charts(pair, indicators, *([] if most is None else [most]))
    return [tracked(pair, one, drawn, today) for one in indicators]


def charted_indicator(pair: Pair) -> TrackedIndicator | None:
    """Return the indicator with the most values that people entered, or None if there are none."""
    indicators = list(pair.indicators.current().entered())
    drawn = indicator_charts(pair, indicators) if indicators else {}
    found = [TrackedIndicator(one, drawn[one.pk]) for one in indicators if not drawn[one.pk].is_empty]
    return max(found, key=lambda row: sum(len(line.points) for line in row.chart.lines), default=None)


def tracked(pair: Pair, one: Indicator, drawn: dict[int, Chart], today: date) -> TrackedIndicator:
    if one.preset == Indicator.Preset.STAKEHOLDERS:
        return TrackedIndicator(one, feedback_chart(pair, today))
    if one.preset == Indicator.Preset.SPEED:
        figures = speed(pair, today)
        points = [(figure.until, float(figure.days)) for figure in figures if figure.days is not None]
        target = None if one.target is None else float(one.target)
        return TrackedIndicator(one, Chart([Line("", points)], target, least=0), figures)
    return TrackedIndicator(one, drawn[one.pk])
