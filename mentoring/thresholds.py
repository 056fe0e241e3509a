"""When a rule speaks: the numbers that a program may set for itself, with the usual ones (docs/rules.md, health).

What protects people is not here: how an answer to "How is it going?" counts, and how many make a figure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Threshold:
    """One number: its name in files, what it means, the usual value, and what it may be."""

    name: str
    says: str
    usual: int
    least: int = 1
    most: int = 365


THRESHOLDS = {
    one.name: one
    for one in (
        Threshold("A1_amber", _("No first session planned, days after pairing: amber"), 10),
        Threshold("A1_red", _("No first session held, days after pairing: red"), 21),
        Threshold("A2_amber", _("A gap with nothing booked, percent of the agreed interval: amber"), 150, 100, 1000),
        Threshold("A2_red", _("A gap with nothing booked, percent of the agreed interval: red"), 200, 100, 1000),
        Threshold("A2_booked", _("A gap although one is booked, percent of the agreed interval: red"), 300, 100, 2000),
        Threshold("A3_amber", _("Canceled or moved in a row: amber"), 2, 1, 20),
        Threshold("A3_red", _("Canceled or moved in a row: red"), 3, 1, 20),
        Threshold("A4_amber", _("Somebody did not come, in a row: amber"), 1, 1, 20),
        Threshold("A4_red", _("Somebody did not come, in a row: red"), 2, 1, 20),
        Threshold("A5_amber", _("Commitments kept, below so many percent: amber, for the pair alone"), 40, 1, 100),
        Threshold("A6_amber", _("Sessions in a row without a commitment: amber"), 2, 1, 20),
        Threshold("A9_amber", _("Not agreed how they work together, days after pairing: amber"), 21),
        Threshold("A10_none", _("No goal, days after pairing: amber"), 30),
        Threshold("A10_old", _("No goal looked at, for so many days: amber"), 75),
        Threshold("A11_amber", _("One of the two silent, days at least: amber"), 21),
        Threshold("A11_red", _("One of the two silent, days at least: red"), 35),
        Threshold("A12_amber", _("No closing session planned, days before the end: amber"), 14),
        Threshold("A12_red", _("No closing session planned, days after the end: red"), 14),
    )
}
USUAL = {name: one.usual for name, one in THRESHOLDS.items()}
# The second of each must not speak before the first.
IN_ORDER = (
    *(("A1_amber", "A1_red"), ("A2_amber", "A2_red"), ("A2_red", "A2_booked"), ("A3_amber", "A3_red")),
    *(("A4_amber", "A4_red"), ("A11_amber", "A11_red")),
)


def in_force(own: dict) -> dict[str, int]:
    """A program's numbers: its own, and the usual ones for the others."""
    return USUAL | {name: value for name, value in own.items() if name in USUAL}


def out_of_order(values: dict[str, int]) -> Iterable[tuple[str, str]]:
    """Pairs of names of which the second would speak before the first."""
    return [(first, then) for first, then in IN_ORDER if values[first] > values[then]]


def own_of(values: dict[str, int]) -> dict[str, int]:
    """Of these, what differs from the usual: what a program stores."""
    return {name: value for name, value in values.items() if value != USUAL[name]}
