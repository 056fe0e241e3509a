"""Tables of facts for all pairs: a row per mentee, a column per mentor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from core.folding import folded
from core.lazy import lazy_module
from mentoring.matching.people import Person, common_hours

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy_module("numpy")


def shared_hours(mentors: Sequence[Person], mentees: Sequence[Person]) -> np.ndarray:
    """Return `common_hours` for all pairs, NaN if unknown; equal working days are compared only once."""

    def days(people: Sequence[Person]) -> tuple[list, np.ndarray]:
        kinds = sorted({person.hours for person in people}, key=lambda kind: kind or (-99, -99))
        at = {kind: n for n, kind in enumerate(kinds)}
        return kinds, np.array([at[person.hours] for person in people], dtype=int)

    their_kinds, theirs = days(mentees)
    our_kinds, ours = days(mentors)
    table = np.full((len(their_kinds), len(our_kinds)), np.nan)
    for row, their_day in enumerate(their_kinds):
        for column, our_day in enumerate(our_kinds):
            both = common_hours(Person(0, "", hours=their_day), Person(0, "", hours=our_day))
            table[row, column] = np.nan if both is None else both
    return table[np.ix_(theirs, ours)]


def overlap(rows: Sequence[Iterable[str]], columns: Sequence[Iterable[str]]) -> np.ndarray:
    """Return how many words each row shares with each column."""
    known = sorted({folded(word) for words in (*rows, *columns) for word in words})
    at = {word: n for n, word in enumerate(known)}

    def marks(lists: Sequence[Iterable[str]]) -> np.ndarray:
        table = np.zeros((len(lists), max(len(known), 1)))
        for n, words in enumerate(lists):
            for word in words:
                table[n, at[folded(word)]] = 1
        return table

    return marks(rows) @ marks(columns).T
