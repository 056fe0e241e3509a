"""Parts of an SVG drawing: x is a share of the width, y is in pixels, so that labels keep their size at every width.

Only curves are stretched (templates/components/_chart.html). Color and shape are classes of the style sheet.
"""

from dataclasses import dataclass, replace
from datetime import date
from math import ceil, floor, log10

from django.utils.formats import date_format

from core import formatting
from core.formatting import number

UNITS = 1000  # width of the drawing that is stretched
PERCENT = "%"


# --- Parts of a drawing ---


@dataclass(frozen=True)
class Mark:
    """A point, label or bar of a drawing. `at` is a share of the width, `top` is in pixels."""

    at: float
    top: float
    text: str = ""
    css: str = ""

    @property
    def x(self) -> str:
        """The position in percent."""
        return percent(self.at)

    @property
    def units(self) -> str:
        """The position in units of the stretched drawing."""
        return pixels(self.at * UNITS)

    @property
    def y(self) -> str:
        return pixels(self.top)

    @property
    def anchor(self) -> str:
        """Where the text begins, as an attribute of SVG, for drawings without the style sheet."""
        return {"mid": "middle", "end": "end"}.get(self.css.partition(" ")[0], "start")


@dataclass(frozen=True)
class Bar(Mark):
    """A bar from `top` down to the axis."""

    share: float = 0  # of the width
    down: float = 0  # pixels

    @property
    def width(self) -> str:
        return percent(self.share)

    @property
    def height(self) -> str:
        return pixels(self.down)


@dataclass(frozen=True)
class Curve:
    """A line in units of the stretched drawing."""

    css: str
    points: str


@dataclass(frozen=True)
class Step:
    """A step of the vertical axis."""

    y: str
    text: str
    short: str = ""  # instead of the text where there is little room
    is_axis: bool = False

    @property
    def text_y(self) -> str:
        return pixels(float(self.y) + 4)


# --- Numbers ---


def round_steps(low: float, high: float, most: int = 5) -> list[float]:
    """Return at most `most` + 1 round values, from at or below `low` to at or above `high`."""
    if high <= low:
        low, high = (low - 1, low + 1) if low else (0.0, 1.0)
    rough = (high - low) / (most - 1)
    size = 10 ** floor(log10(rough))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if size * n >= rough * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(n * step, 6) for n in range(first, last + 1)]


def spread(labels: list[Mark], lowest: float, apart: float) -> list[Mark]:
    """Move labels apart that would overlap, keeping their order."""
    found: list[Mark] = []
    for label in sorted(labels, key=lambda one: one.top):
        top = max(label.top, found[-1].top + apart) if found else label.top
        found.append(replace(label, top=top))
    for n in reversed(range(len(found))):
        limit = lowest if n == len(found) - 1 else found[n + 1].top - apart
        found[n] = replace(found[n], top=min(found[n].top, limit))
    return [replace(label, top=label.top + 4) for label in found]


def short_date(on: date) -> str:
    """Return the date below a chart: "Dec 4"."""
    return date_format(on, "SHORT_DAY_FORMAT")


def without_unit(value: float, unit: str) -> str:
    """Return the number alone, or with the sign of a percentage."""
    return formatting.percent(value) if unit == PERCENT else number(value)


def with_unit(value: float, unit: str) -> str:
    return formatting.percent(value) if unit == PERCENT else f"{number(value)} {unit}".strip()


def pixels(value: float) -> str:
    """Format a length with at most one decimal place."""
    return f"{value:.1f}".removesuffix(".0")


def percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"
