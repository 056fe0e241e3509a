"""Progress of one pair: what they watch, as charts, and the figure that nobody has to enter."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.charts import Chart, Line
from goals.indicator_values import charts, pulse_chart
from goals.models import Indicator
from mentoring.models import Pair
from sessions.indicator_values import Speed, speed

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Watched:
    """An indicator with its chart; `speed` for the one that is computed."""

    indicator: Indicator
    chart: Chart
    speed: list[Speed] | None = None

    @property
    def latest(self) -> Speed | None:
        return next((one for one in reversed(self.speed or []) if one.done), None)


def watched(pair: Pair, today: date, most: int | None = None) -> list[Watched]:
    """What the pair watches now, in the order in which it was begun."""
    indicators = list(pair.indicators.current())
    for one in indicators:
        one.pair = pair
    drawn = charts(pair, indicators, *([] if most is None else [most]))
    return [watch(pair, one, drawn, today) for one in indicators]


def watch(pair: Pair, one: Indicator, drawn: dict[int, Chart], today: date) -> Watched:
    if one.preset == Indicator.Preset.STAKEHOLDERS:
        return Watched(one, pulse_chart(pair, today))
    if one.preset == Indicator.Preset.SPEED:
        figures = speed(pair, today)
        points = [(figure.until, float(figure.days)) for figure in figures if figure.days is not None]
        target = None if one.target is None else float(one.target)
        return Watched(one, Chart([Line("", points)], target, least=0), figures)
    return Watched(one, drawn[one.pk])
