"""A small grid that the server draws as SVG: numbered places on two scales from 1 to 5.

The numbers refer to rows of a table beside it, so that names neither overlap nor leave the drawing on a phone.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.drawing import Mark

STEPS = 5
TOP, BOTTOM, ROW = 22, 22, 44  # pixels; above and below the grid is a line of words
APART = 0.055  # of the width, between two places in one cell
ACROSS = 3  # places beside each other in a cell


@dataclass(frozen=True)
class GridChart:
    """Places as (across, up), each from 1 to 5, in the order of their numbers."""

    places: Sequence[tuple[int, int]]

    @property
    def height(self) -> int:
        return TOP + STEPS * ROW + BOTTOM

    @property
    def head(self) -> int:
        """Where the words above the grid are."""
        return TOP - 8

    @property
    def foot(self) -> int:
        """Where the words below the grid are."""
        return self.height - 4

    @property
    def lines(self) -> list[int]:
        """The horizontal lines between the rows."""
        return [TOP + n * ROW for n in range(STEPS + 1)]

    @property
    def columns(self) -> list[str]:
        """The vertical lines between the columns, in percent."""
        return [f"{n * 100 / STEPS:g}%" for n in range(STEPS + 1)]

    @property
    def bottom(self) -> int:
        return self.lines[-1]

    @property
    def marks(self) -> list[Mark]:
        """A numbered mark for each place; several in one cell are beside and then below each other."""
        cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, place in enumerate(self.places, start=1):
            cells[place].append(number)
        found = {}
        for (across, up), numbers in cells.items():
            for n, number in enumerate(numbers):
                row, column = divmod(n, ACROSS)
                wide = min(len(numbers) - row * ACROSS, ACROSS)
                at = (across - 0.5) / STEPS + (column - (wide - 1) / 2) * APART
                rows = (len(numbers) - 1) // ACROSS + 1
                apart = min(20, (ROW - 16) / max(rows - 1, 1))
                top = TOP + (STEPS - up + 0.5) * ROW + (row - (rows - 1) / 2) * apart
                found[number] = Mark(at, top, str(number))
        return [found[number] for number in sorted(found)]
