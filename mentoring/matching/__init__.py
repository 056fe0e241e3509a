"""Matching of mentors and mentees: hard rules, a score from 0 to 100 with reasons, and the best assignment.

It works on plain values without a database, and the same input always gives the same result. Weights and rules:
docs/rules.md, pairing.
"""

from mentoring.matching.assignment import Fairness, Match, best_assignment, candidates, fairness
from mentoring.matching.conflicts import conflicts, forbidden, in_reporting_line
from mentoring.matching.people import MatchingInput, Person
from mentoring.matching.scoring import Fit, fit
from mentoring.matching.weights import WEIGHTS

__all__ = [
    "WEIGHTS",
    "Fairness",
    "Fit",
    "Match",
    "MatchingInput",
    "Person",
    "best_assignment",
    "candidates",
    "conflicts",
    "fairness",
    "fit",
    "forbidden",
    "in_reporting_line",
]
