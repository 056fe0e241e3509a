"""Charts of values over time and of counts by date, which the server draws as SVG of the parts in core/drawing.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from math import ceil

from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from core import formatting
from core.drawing import (
    PERCENT,
    UNITS,
    Bar,
    Curve,
    Mark,
    Step,
    pixels,
    round_steps,
    short_date,
    spread,
    with_unit,
    without_unit,
)
from core.formatting import full_date, number

HEIGHT, TOP, BOTTOM = 200, 18, 26  # pixels
MINI_HEIGHT, MINI_TOP, MINI_BOTTOM = 96, 8, 24
LONGEST_LABEL = 12  # characters
TREND_FROM = 3  # points of a line, for its trend (docs/rules.md, indicators)
LINE_FROM = 2  # points that are joined; where no line has as many, its value is text
LABEL_HEIGHT = 15  # between two labels at the end of lines, in pixels
LABELS_APART = 0.2  # of the width, between two dates below a chart
SHORT = 8  # characters of a label

Point = tuple[date, float]


@dataclass(frozen=True)
class Line:
    """The values of one person, oldest first; the name is empty if they belong to no one in particular."""

    name: str
    points: Sequence[Point]

    @property
    def label(self) -> str:
        """Return the name, shortened to the space beside a chart; text in a drawing does not wrap."""
        return Truncator(self.name).chars(LONGEST_LABEL)

    @property
    def trend(self) -> tuple[float, float] | None:
        """Return the values of the least-squares line on the first and the last day.

        None with fewer than three points, or if all have the same date.
        """
        if len(self.points) < TREND_FROM:
            return None
        days = [on.toordinal() for on, _value in self.points]
        values = [value for _on, value in self.points]
        middle, mean = sum(days) / len(days), sum(values) / len(values)
        spread = sum((day - middle) ** 2 for day in days)
        if spread == 0:
            return None
        slope = sum((day - middle) * (value - mean) for day, value in zip(days, values, strict=True)) / spread
        return mean + slope * (days[0] - middle), mean + slope * (days[-1] - middle)


class Plot:
    """What all charts with axes have in common. Subclasses are frozen dataclasses with these fields."""

    height: int
    top: int
    bottom: int
    unit: str
    least: float | None
    most: float | None
    words: dict[int, str]

    @property
    def values(self) -> list[float]:
        """Return all values that are drawn."""
        raise NotImplementedError

    @cached_property
    def steps(self) -> list[float]:
        """Return the values of the steps of the vertical axis, from its low end to its high end."""
        if self.least is not None and self.most is not None:
            low, high = self.least, self.most
            if high - low <= 5:
                return [low + n for n in range(int(high - low) + 1)]
        else:
            low, high = min(self.values, default=0.0), max(self.values, default=1.0)
            low = self.least if self.least is not None else low
            high = self.most if self.most is not None else high
            if 0 <= low < high / 2:
                low = 0
        return round_steps(low, high)

    @property
    def ends(self) -> tuple[float, float]:
        """Return the lowest and highest value of the vertical axis, which always differ."""
        return self.steps[0], self.steps[-1]

    def y(self, value: float) -> float:
        low, high = self.ends
        return self.top + (self.height - self.top - self.bottom) * (high - value) / (high - low)

    @property
    def grid(self) -> list[Step]:
        low, found = self.ends[0], []
        for value in self.steps:
            word = str(self.words.get(int(value), "")) if value == int(value) else ""
            short = without_unit(value, self.unit)
            found.append(Step(pixels(self.y(value)), word or short, short if word else "", value == low))
        return found

    @property
    def kind(self) -> str:
        """The class of the drawing, by the room that the steps of its axis need."""
        if self.has_words:
            return "plot-words"
        return "plot-narrow" if all(len(step.text) <= 2 for step in self.grid) else ""

    @property
    def has_words(self) -> bool:
        return any(step.short for step in self.grid)

    @property
    def unit_above(self) -> str:
        """The unit, if the steps of the axis do not name it."""
        return "" if self.unit == PERCENT else self.unit

    @property
    def foot(self) -> str:
        """The position of the dates."""
        return pixels(self.height - 6)

    def text_of(self, value: float) -> str:
        """Return the label of a value on the scale, or the value with its unit."""
        label = self.words.get(int(value)) if value == int(value) else None
        return str(label) if label else with_unit(value, self.unit)

    def short_text(self, value: float) -> str:
        """Return the same for a sentence: a long label by its number."""
        text = self.text_of(self.rough(value))
        return text if len(text) <= SHORT or not self.words else number(value)

    def rough(self, value: float) -> float:
        """Return a mean of ratings with one decimal place, any other value as it is."""
        return value if self.most is None else round(value, 1)


@dataclass(frozen=True)
class Chart(Plot):
    """Values over time. `least` and `most` fix the ends of the scale; without them, the values set the range."""

    lines: list[Line]
    target: float | None = None
    least: float | None = None
    most: float | None = None
    unit: str = ""
    words: dict[int, str] = field(default_factory=dict)  # labels of the values of a scale
    target_name: str = ""
    with_trend: bool = True
    height: int = HEIGHT
    top: int = TOP
    bottom: int = BOTTOM

    @cached_property
    def is_empty(self) -> bool:
        return not any(line.points for line in self.lines)

    @cached_property
    def values(self) -> list[float]:
        values = [value for line in self.lines for _on, value in line.points]
        return values if self.target is None else [*values, self.target]

    @cached_property
    def days(self) -> tuple[date, date]:
        on = [on for line in self.lines for on, _value in line.points]
        return min(on), max(on)

    def x(self, on: date) -> float:
        """Return the horizontal position of a date as a share of the width; a single date is centered."""
        first, last = self.days
        span = (last - first).days
        return (on - first).days / span if span else 0.5

    @property
    def is_short(self) -> bool:
        """Return True if no line has enough values for a drawing; then they are text."""
        return all(len(line.points) < LINE_FROM for line in self.lines)

    @property
    def short_rows(self) -> list[tuple[str, str, str]]:
        """Return the name, the only value and the date of each line: ("Ada", "3.3", "Nov 3")."""
        ends = [(line.name, *line.points[-1]) for _css, line in self.drawn]
        return [(name, self.short_text(value), short_date(on)) for name, on, value in ends]

    @property
    def drawn(self) -> list[tuple[str, Line]]:
        """Return the lines that have values, each with its class: s1 for the first, s2 for the second."""
        return [(f"s{n}", line) for n, line in enumerate(self.lines, start=1) if line.points]

    @cached_property
    def curves(self) -> list[Curve]:
        """Return the line of each person, and its trend from three values on."""
        found = []
        for css, line in self.drawn:
            if len(line.points) >= LINE_FROM:
                found.append(Curve(css, self.path(line.points)))
            if self.with_trend and line.trend:
                ends = zip((line.points[0][0], line.points[-1][0]), line.trend, strict=True)
                found.append(Curve(f"{css} trend", self.path(list(ends))))
        return found

    def path(self, points: Sequence[Point]) -> str:
        return " ".join(f"{pixels(self.x(on) * UNITS)},{pixels(self.y(value))}" for on, value in points)

    @property
    def dots(self) -> list[Mark]:
        """Return a point for each value; in a chart of weeks and a small one, only for the newest value of a line.

        The first line comes last: where two have the same value, its circle covers the middle of the larger diamond.
        """
        found = []
        for css, line in reversed(self.drawn):
            every = self.with_trend or len(line.points) < TREND_FROM
            for on, value in line.points if every else line.points[-1:]:
                tip = f"{short_date(on)}: {self.text_of(value)}"
                tip = f"{line.name}, {tip}" if line.name else tip
                found.append(Mark(self.x(on), self.y(value), tip, css))
        return found

    @property
    def target_y(self) -> str:
        return "" if self.target is None else pixels(self.y(self.target))

    @property
    def target_text(self) -> str:
        return "" if self.target is None else self.text_of(self.target)

    @property
    def labels(self) -> list[Mark]:
        """Return the labels at the right of the chart: name and newest value of each line, and the target."""
        found = []
        for css, line in self.drawn:
            value = line.points[-1][1]
            found.append(
                Mark(
                    1,
                    self.y(value),
                    f"{line.label} {without_unit(self.rough(value), self.unit)}".strip(),
                    f"label {css}",
                )
            )
        if self.target is not None:
            name = self.target_name or _("Target")
            found.append(Mark(1, self.y(self.target), f"{name} {without_unit(self.target, self.unit)}", "target-label"))
        return spread(found, self.height - self.bottom, LABEL_HEIGHT * max(1, self.height / HEIGHT))

    @property
    def dates(self) -> list[Mark]:
        """Return the first and the last date, and those between that have room."""
        first, last = self.days
        if first == last:
            return [Mark(0.5, 0, short_date(first), "mid")]
        found, places = [Mark(0, 0, short_date(first), "start")], [0.0]
        for on in sorted({on for line in self.lines for on, _value in line.points}):
            if self.x(on) - places[-1] >= LABELS_APART and self.x(on) <= 1 - LABELS_APART:
                places.append(self.x(on))
                found.append(Mark(self.x(on), 0, short_date(on), "mid alt"))
        return [*found, Mark(1, 0, short_date(last), "end")]

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Return the class and name of each line, if there are two to tell apart."""
        return [(css, line.name) for css, line in self.drawn] if len(self.drawn) > 1 else []

    @property
    def has_trend(self) -> bool:
        return any("trend" in curve.css for curve in self.curves)

    @property
    def sentence(self) -> str:
        """Say what to read in the chart: the change of each line, and the target."""
        found = []
        for _css, line in self.drawn:
            (since, first), (on, last) = line.points[0], line.points[-1]
            facts = {"first": self.short_text(first), "last": self.short_text(last), "name": line.name}
            facts |= {"day": short_date(on if len(line.points) == 1 else since)}
            if len(line.points) == 1:
                text = _("%(name)s: %(last)s on %(day)s.") if line.name else _("%(last)s on %(day)s.")
            elif first == last:
                text = _("%(name)s: %(last)s, the same as on %(day)s.") if line.name else _("%(last)s, as on %(day)s.")
            elif last > first:
                named = _("%(name)s: up from %(first)s to %(last)s since %(day)s.")
                text = named if line.name else _("Up from %(first)s to %(last)s since %(day)s.")
            elif line.name:
                text = _("%(name)s: down from %(first)s to %(last)s since %(day)s.")
            else:
                text = _("Down from %(first)s to %(last)s since %(day)s.")
            found.append(capfirst(text % facts))
        return " ".join(found)

    @property
    def headings(self) -> list[str]:
        return [_("Day"), *(line.name or _("Value") for line in self.lines)]

    @property
    def rows(self) -> list[list[str]]:
        """Return the table of values, newest first: a date and the value of each line, or an empty string."""
        lines = [dict(line.points) for line in self.lines]
        days = sorted({on for values in lines for on in values}, reverse=True)
        return [[full_date(on), *(self.text_of(values[on]) if on in values else "" for values in lines)] for on in days]

    @property
    def mini(self) -> "Chart":
        """The same chart beside other things: the ends of its scale, its lines, and the newest values."""
        return replace(self, height=MINI_HEIGHT, top=MINI_TOP, bottom=MINI_BOTTOM, with_trend=False)

    @property
    def end_dates(self) -> list[Mark]:
        """The first and the last date."""
        return [mark for mark in self.dates if "alt" not in mark.css]

    @property
    def end_steps(self) -> list[Step]:
        """The lowest and the highest step of the vertical axis."""
        return [self.grid[0], self.grid[-1]]

    @property
    def newest(self) -> Mark:
        """The label of a small chart: the newest value of its first line."""
        css, line = self.drawn[0]
        on, value = line.points[-1]
        text = without_unit(round(value, 1), self.unit)
        return Mark(self.x(on), self.y(value) + 4, text, css)

    @property
    def for_file(self) -> "Chart":
        """The same chart for a file, in which the whole drawing is scaled."""
        return replace(self, height=400, bottom=52)


@dataclass(frozen=True)
class BarChart(Plot):
    """Counts by date, each drawn on what was expected."""

    name: str  # of the counts
    expected_name: str
    points: list[tuple[date, float, float]]  # the first day of each step, the count, and what was expected
    unit: str = ""
    height: int = HEIGHT
    top: int = TOP
    bottom: int = BOTTOM
    least: float | None = 0
    most: float | None = None
    words: dict[int, str] = field(default_factory=dict)
    width = 0.72  # of the room of a bar
    kind = "plot-bars"

    @property
    def is_empty(self) -> bool:
        return not any(count or expected for _on, count, expected in self.points)

    @property
    def values(self) -> list[float]:
        return [value for _on, *values in self.points for value in values]

    def x(self, n: int) -> float:
        return (n + 0.5) / len(self.points)

    @property
    def bars(self) -> list[Bar]:
        share, floor_y, found = self.width / len(self.points), self.y(0), []
        for css in ("bar-expected", "bar-held"):
            for n, (on, count, expected) in enumerate(self.points):
                facts = {"day": short_date(on), "n": number(count), "expected": number(expected)}
                tip = _("%(day)s: %(n)s of %(expected)s") % facts
                top = self.y(count if css == "bar-held" else expected)
                found.append(Bar(self.x(n) - share / 2, top, tip, css, share, floor_y - top))
        return found

    @property
    def dates(self) -> list[Mark]:
        last = len(self.points) - 1
        every = max(1, ceil(len(self.points) / 4))
        shown = [n for n in range(0, last, every) if n == 0 or last - n >= every / 2]
        found = [Mark(self.x(n), 0, short_date(self.points[n][0]), "mid alt" if n else "mid") for n in shown]
        return [*found, Mark(self.x(last), 0, short_date(self.points[last][0]), "mid")] if last else found

    @property
    def legend(self) -> list[tuple[str, str]]:
        return [("bar-held", self.name), ("bar-expected", self.expected_name)]

    @property
    def headings(self) -> list[str]:
        return [_("Week of"), self.name, _("Expected"), _("Share")]

    @property
    def rows(self) -> list[list[str]]:
        return [
            [
                full_date(on),
                number(count),
                number(expected),
                formatting.percent(100 * count / expected, 0) if expected else "",
            ]
            for on, count, expected in reversed(self.points)
        ]
