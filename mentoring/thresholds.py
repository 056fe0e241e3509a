"""The thresholds that a program can change, with their defaults (docs/rules.md, attention rules).

Thresholds that protect people cannot be changed: for pulse answers, and for the size of a group in a figure.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Threshold:
    """One threshold: its name in files, its label and unit on pages, its default and its range.

    The name begins with the code of its rule. `red`: it decides what needs attention, not what to watch.
    """

    name: str
    label: str
    unit: Callable[[int], str]  # of a value
    default: int
    minimum: int = 1
    maximum: int = 365
    red: bool = False

    @property
    def rule(self) -> str:
        return self.name.partition("_")[0]


def days(n: int) -> str:
    return ngettext("day", "days", n)


def times(n: int) -> str:
    return ngettext("time in a row", "times in a row", n)


def percent(_n: int) -> str:
    return gettext("% of the interval")


def percent_unscheduled(_n: int) -> str:
    return gettext("% with none scheduled")


THRESHOLDS = {
    one.name: one
    for one in (
        Threshold("A1_amber", _("First session, watch: days after pairing, if none is scheduled"), days, 10),
        Threshold(
            "A1_red", _("First session, needs attention: days after pairing, if none was held"), days, 21, red=True
        ),
        Threshold(
            "A2_amber", _("Gap, watch: percent of the agreed interval, nothing scheduled"), percent, 150, 100, 1000
        ),
        Threshold(
            *("A2_red", _("Gap, needs attention: percent of the agreed interval, nothing scheduled")),
            *(percent_unscheduled, 200, 100, 1000, True),
        ),
        Threshold(
            *("A2_booked", _("Gap, needs attention: percent of the agreed interval, even if one is scheduled")),
            *(lambda n: gettext("% even if one is scheduled"), 300, 100, 2000, True),
        ),
        Threshold("A3_amber", _("Canceled or moved, watch: times in a row"), times, 2, 1, 20),
        Threshold("A3_red", _("Canceled or moved, needs attention: times in a row"), times, 3, 1, 20, True),
        Threshold("A4_amber", _("No-shows, watch: times in a row"), times, 1, 1, 20),
        Threshold("A4_red", _("No-shows, needs attention: times in a row"), times, 2, 1, 20, True),
        Threshold(
            *("A5_amber", _("Commitments kept, watch: below this percentage of those due")),
            *(lambda n: gettext("% kept"), 40, 1, 100),
        ),
        Threshold(
            *("A6_amber", _("Sessions without a commitment, watch: in a row")),
            *(lambda n: ngettext("session in a row", "sessions in a row", n), 2, 1, 20),
        ),
        Threshold("A11_amber", _("One person inactive, watch: at least this many days"), days, 21),
        Threshold("A11_red", _("One person inactive, needs attention: at least this many days"), days, 35, red=True),
        Threshold("A9_amber", _("Agreement missing, watch: days after pairing"), days, 21),
        Threshold(
            *("A10_none", _("No goal, watch: days after pairing")),
            *(lambda n: ngettext("day without a goal", "days without a goal", n), 30),
        ),
        Threshold(
            *("A10_old", _("No goal reviewed, watch: days")),
            *(lambda n: ngettext("day without a review", "days without a review", n), 75),
        ),
        Threshold(
            *("A12_amber", _("No closing session, watch: days before the end")),
            *(lambda n: ngettext("day before", "days before", n), 14),
        ),
        Threshold(
            *("A12_red", _("No closing session, needs attention: days after the end")),
            *(lambda n: ngettext("day after", "days after", n), 14),
            red=True,
        ),
    )
}
DEFAULTS = {name: one.default for name, one in THRESHOLDS.items()}
# The second of each must not apply before the first.
IN_ORDER = (
    *(("A1_amber", "A1_red"), ("A2_amber", "A2_red"), ("A2_red", "A2_booked"), ("A3_amber", "A3_red")),
    *(("A4_amber", "A4_red"), ("A11_amber", "A11_red")),
)


def with_defaults(own: dict) -> dict[str, int]:
    """Return the thresholds of a program: its own, and the defaults for the others."""
    return DEFAULTS | {name: value for name, value in own.items() if name in DEFAULTS}


def out_of_order(values: dict[str, int]) -> Iterable[tuple[str, str]]:
    """Return pairs of names whose second threshold would apply before the first."""
    return [(first, then) for first, then in IN_ORDER if values[first] > values[then]]


def without_defaults(values: dict[str, int]) -> dict[str, int]:
    """Return the values that differ from the defaults, which a program stores."""
    return {name: value for name, value in values.items() if value != DEFAULTS[name]}
