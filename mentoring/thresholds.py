"""The thresholds that a program can change, with their defaults (docs/rules.md, attention rules).

Thresholds that protect people cannot be changed: for pulse answers, and for the size of a group in a figure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Threshold:
    """One threshold: its name in files, the rule it belongs to, its label, its default and its range."""

    name: str
    rule: str
    label: str
    default: int
    minimum: int = 1
    maximum: int = 365


FIRST, GAP, OFF = _("No first session"), _("A long gap"), _("Canceled or moved repeatedly")
MISSED, LITTLE, SILENT = _("No-show"), _("Commitments"), _("One person is inactive")
PAPER, END = _("Agreement and goals, amber"), _("No closing session")
THRESHOLDS = {
    one.name: one
    for one in (
        Threshold("A1_amber", FIRST, _("amber, days after pairing, if none is planned"), 10),
        Threshold("A1_red", FIRST, _("red, days after pairing, if none was held"), 21),
        Threshold("A2_amber", GAP, _("amber, percent of the agreed interval, nothing booked"), 150, 100, 1000),
        Threshold("A2_red", GAP, _("red, percent of the agreed interval, nothing booked"), 200, 100, 1000),
        Threshold("A2_booked", GAP, _("red, percent of the agreed interval, even if one is booked"), 300, 100, 2000),
        Threshold("A3_amber", OFF, _("amber, times in a row"), 2, 1, 20),
        Threshold("A3_red", OFF, _("red, times in a row"), 3, 1, 20),
        Threshold("A4_amber", MISSED, _("amber, times in a row"), 1, 1, 20),
        Threshold("A4_red", MISSED, _("red, times in a row"), 2, 1, 20),
        Threshold("A5_amber", LITTLE, _("amber, below this percentage of those due"), 40, 1, 100),
        Threshold("A6_amber", LITTLE, _("amber, sessions in a row without any commitment"), 2, 1, 20),
        Threshold("A11_amber", SILENT, _("amber, at least this many days"), 21),
        Threshold("A11_red", SILENT, _("red, at least this many days"), 35),
        Threshold("A9_amber", PAPER, _("not agreed, days after pairing"), 21),
        Threshold("A10_none", PAPER, _("no goal, days after pairing"), 30),
        Threshold("A10_old", PAPER, _("no goal reviewed, days"), 75),
        Threshold("A12_amber", END, _("amber, days before the end"), 14),
        Threshold("A12_red", END, _("red, days after the end"), 14),
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
