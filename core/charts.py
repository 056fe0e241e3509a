"""Charts as data: the coordinates for the SVG, and the same values as text for screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

WIDTH, HEIGHT = 320, 120  # SVG user units
TREND_FROM = 3  # points (docs/rules.md, indicators)

Point = tuple[date, float]


@dataclass(frozen=True)
class Line:
    """The values of one person, oldest first; the name is empty if they belong to no one in particular."""

    name: str
    points: Sequence[Point]

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


@dataclass(frozen=True)
class DrawnLine:
    """A line of the chart in SVG user units."""

    name: str
    path: str  # points of an SVG polyline
    dots: list[tuple[float, float]]
    trend: tuple[float, float, float, float] | None  # x1, y1, x2, y2


@dataclass(frozen=True)
class Chart:
    """Values over time. `least` and `most` fix the ends of the scale; without them, the values set the range."""

    lines: list[Line]
    target: float | None = None
    least: float | None = None
    most: float | None = None
    unit: str = ""
    words: dict[int, str] = field(default_factory=dict)  # labels of the values of a scale

    @cached_property
    def is_empty(self) -> bool:
        return not any(line.points for line in self.lines)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Return the lowest and highest value of the vertical axis, which always differ."""
        values = [value for line in self.lines for _on, value in line.points]
        values += [value for value in (self.target, self.least, self.most) if value is not None]
        low, high = min(values, default=0.0), max(values, default=1.0)
        return (low, high) if high > low else (low - 1, high + 1)

    @cached_property
    def days(self) -> tuple[date, date]:
        on = [on for line in self.lines for on, _value in line.points]
        return min(on), max(on)

    def x(self, on: date) -> float:
        """Return the horizontal position of a date; a single date is centered."""
        first, last = self.days
        span = (last - first).days
        return round(WIDTH * (on - first).days / span, 1) if span else WIDTH / 2

    def y(self, value: float) -> float:
        low, high = self.ends
        return round(HEIGHT * (high - value) / (high - low), 1)

    @property
    def target_y(self) -> float | None:
        return None if self.target is None else self.y(self.target)

    @cached_property
    def drawn_lines(self) -> list[DrawnLine]:
        found = []
        for line in self.lines:
            if line.points:
                dots = [(self.x(on), self.y(value)) for on, value in line.points]
                first, last, trend = line.points[0][0], line.points[-1][0], line.trend
                ends = trend and (self.x(first), self.y(trend[0]), self.x(last), self.y(trend[1]))
                found.append(DrawnLine(line.name, " ".join(f"{x},{y}" for x, y in dots), dots, ends))
        return found

    @property
    def rows(self) -> list[tuple[date, list[str]]]:
        """Return the table of values, newest first: a date and the value of each line, or an empty string."""
        lines = [dict(line.points) for line in self.lines]
        days = sorted({on for values in lines for on in values}, reverse=True)
        return [(on, [self.text_of(values[on]) if on in values else "" for values in lines]) for on in days]

    @property
    def newest(self) -> list[tuple[str, str, date]]:
        """Return the name, newest value and date of each line."""
        return [(line.name, self.text_of(line.points[-1][1]), line.points[-1][0]) for line in self.lines if line.points]

    @property
    def target_text(self) -> str:
        return "" if self.target is None else self.text_of(self.target)

    @property
    def end_texts(self) -> tuple[str, str]:
        low, high = self.ends
        return number(low), number(high)

    def text_of(self, value: float) -> str:
        """Return the label of a value on the scale, or the value with its unit."""
        label = self.words.get(int(value)) if value == int(value) else None
        return str(label) if label else f"{number(value)} {self.unit}".strip()


def number(value: float) -> str:
    """Format a number with at most two decimal places and no trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
