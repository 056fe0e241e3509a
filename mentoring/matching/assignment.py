"""The best assignment of mentees to mentors, candidates for one mentee, and how fair the result is."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from core.lazy import lazy_module
from mentoring.matching.people import MatchingInput, Person
from mentoring.matching.scoring import NEVER, Fit, fit, scores

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy_module("numpy")

CANDIDATES = 3
FURTHER_MENTEE_COST = 15  # points a second mentee must gain while another mentor has none
ENOUGH = 200.0  # more than any two scores can differ, seats counted
EXACT_TRIES = 40


@dataclass(frozen=True)
class Match:
    mentor: int
    mentee: int
    score: float


@dataclass(frozen=True)
class Seat:
    """A place with a mentor (a column of the table), and what taking it costs in points."""

    mentor: int
    cost: float


def seats_of(inputs: MatchingInput) -> list[Seat]:
    """Return one seat per free place; each further mentee of a mentor costs more, so that the load is balanced.

    If every mentor must get a mentee, no score outweighs a mentor without one.
    """
    found = []
    first = -2 * ENOUGH * (len(inputs.mentees) + 1) if inputs.rules.every_mentor else 0.0
    for column, mentor in enumerate(inputs.mentors):
        for number in range(mentor.load, mentor.load + mentor.places):
            found.append(Seat(column, FURTHER_MENTEE_COST * number if number else first))
    return found


def best_assignment(inputs: MatchingInput) -> list[Match]:
    """Return the assignment that gives most mentees a mentor, and among those the one with the highest total score.

    A mentor's second mentee counts FURTHER_MENTEE_COST points less, a third one twice as much less. Two people never
    mentor each other: if the best assignment has both directions, the assignments without either one are compared.
    """
    seats = seats_of(inputs)
    if not seats or not inputs.mentees:
        return []
    table = scores(inputs)
    order = count()
    ways = [(*solved(table, seats, frozenset()), next(order), frozenset())]
    for tried in count(1):
        _cost, found, _order, banned = heapq.heappop(ways)
        reverse = reverse_pairs(inputs, found)
        if not reverse:
            break
        if tried > EXACT_TRIES:
            ways.clear()  # from here on take the better branch each time, so that it ends soon
        for cell in reverse:
            fewer = banned | {cell}
            cost, cells = solved(table, seats, fewer)
            heapq.heappush(ways, (cost, cells, next(order), fewer))
    matches = [Match(inputs.mentors[c].pk, inputs.mentees[r].pk, float(table[r, c])) for r, c in found]
    return sorted(matches, key=lambda match: match.mentee)


def solved(table: np.ndarray, seats: list[Seat], banned: frozenset) -> tuple[float, list[tuple[int, int]]]:
    """Return the cost and cells of the best assignment without banned cells (linear_sum_assignment; Crouse 2016)."""
    from scipy.optimize import linear_sum_assignment

    never = -ENOUGH * 4 * (len(table) + 1) ** 2  # worse than what all others together could gain
    table = table.copy()
    for cell in banned:
        table[cell] = NEVER
    columns = [seat.mentor for seat in seats]
    wide = table[:, columns]
    wide = np.where(wide > NEVER / 2, wide - np.array([seat.cost for seat in seats]), never)
    rows, places = linear_sum_assignment(wide, maximize=True)
    cells = [(int(row), columns[place]) for row, place in zip(rows, places, strict=True) if wide[row, place] > never]
    return -float(wide[rows, places].sum()), cells


def reverse_pairs(inputs: MatchingInput, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the first two cells in which two people mentor each other, or an empty list."""
    cells = {(inputs.mentors[column].pk, inputs.mentees[row].pk): (row, column) for row, column in found}
    return next(([cell, cells[two[::-1]]] for two, cell in cells.items() if two[::-1] in cells), [])


def candidates(inputs: MatchingInput, mentee: Person, most: int = CANDIDATES) -> list[Fit]:
    """Return the best mentors with room for one mentee, best first, then by key."""
    one = replace(inputs, mentors=[mentor for mentor in inputs.mentors if mentor.places], mentees=[mentee])
    if not one.mentors:
        return []
    row = scores(one)[0]
    order = sorted(range(len(row)), key=lambda n: (-row[n], one.mentors[n].pk))
    return [fit(inputs, one.mentors[n], mentee) for n in order[:most] if row[n] > NEVER / 2]


# --- Fairness ---


@dataclass(frozen=True)
class Fairness:
    """How many of the mentees who chose mentors get their first, second or third choice, another mentor, or none."""

    asked: int
    ranks: dict[int, int]
    other: int
    nobody: int


def fairness(inputs: MatchingInput, found: Iterable[tuple[int, int]]) -> Fairness:
    """Return the fairness of an assignment, given as (mentor, mentee)."""
    choosing = {mentee for mentee, _mentor in inputs.choices}
    got = {mentee: inputs.choices.get((mentee, mentor)) for mentor, mentee in found}
    mine = {mentee: got.get(mentee) for mentee in choosing if mentee in got}
    ranks = {rank: sum(r == rank for r in mine.values()) for rank in (1, 2, 3)}
    return Fairness(len(choosing), ranks, sum(r is None for r in mine.values()), len(choosing - set(mine)))
