"""A chart as numbers on a plane: what the drawing needs, and what a reader who cannot see it is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

WIDTH, HEIGHT = 320, 120  # units of the drawing
TREND_FROM = 3  # points (docs/rules.md, indicators)

Point = tuple[date, float]


@dataclass(frozen=True)
class Line:
    """The values of one person, or of nobody in particular (an empty name), oldest first."""

    name: str
    points: Sequence[Point]

    @property
    def trend(self) -> tuple[float, float] | None:
        """The least-squares line through the points: its value on the first and on the last day.

        None below three points, and where all lie on one day.
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
class Drawn:
    """A line in units of the drawing."""

    name: str
    path: str  # for a polyline
    dots: list[tuple[float, float]]
    trend: tuple[float, float, float, float] | None  # x1, y1, x2, y2


@dataclass(frozen=True)
class Chart:
    """`least` and `most` are the ends of a scale that has them; else the values say."""

    lines: list[Line]
    target: float | None = None
    least: float | None = None
    most: float | None = None
    unit: str = ""
    words: dict[int, str] = field(default_factory=dict)  # of the steps of a scale

    @cached_property
    def is_empty(self) -> bool:
        return not any(line.points for line in self.lines)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value on the plane; they never fall together."""
        values = [value for line in self.lines for _on, value in line.points]
        values += [value for value in (self.target, self.least, self.most) if value is not None]
        low, high = min(values, default=0.0), max(values, default=1.0)
        return (low, high) if high > low else (low - 1, high + 1)

    @cached_property
    def days(self) -> tuple[date, date]:
        on = [on for line in self.lines for on, _value in line.points]
        return min(on), max(on)

    def x(self, on: date) -> float:
        """One day alone stands in the middle."""
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
    def drawn(self) -> list[Drawn]:
        found = []
        for line in self.lines:
            if line.points:
                dots = [(self.x(on), self.y(value)) for on, value in line.points]
                first, last, trend = line.points[0][0], line.points[-1][0], line.trend
                ends = trend and (self.x(first), self.y(trend[0]), self.x(last), self.y(trend[1]))
                found.append(Drawn(line.name, " ".join(f"{x},{y}" for x, y in dots), dots, ends))
        return found

    @property
    def rows(self) -> list[tuple[date, list[str]]]:
        """The table behind the drawing, newest first: a day, and each line's value or nothing."""
        said = [dict(line.points) for line in self.lines]
        days = sorted({on for line in said for on in line}, reverse=True)
        return [(on, [self.say(line[on]) if on in line else "" for line in said]) for on in days]

    @property
    def newest(self) -> list[tuple[str, str, date]]:
        """Each line's last word: name, value, day."""
        return [(line.name, self.say(line.points[-1][1]), line.points[-1][0]) for line in self.lines if line.points]

    @property
    def target_said(self) -> str:
        return "" if self.target is None else self.say(self.target)

    @property
    def ends_said(self) -> tuple[str, str]:
        low, high = self.ends
        return number(low), number(high)

    def say(self, value: float) -> str:
        """A value with its words or its unit."""
        step = self.words.get(int(value)) if value == int(value) else None
        return str(step) if step else f"{number(value)} {self.unit}".strip()


def number(value: float) -> str:
    """At most two places, and none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
