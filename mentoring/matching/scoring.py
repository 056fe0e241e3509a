"""The score of a pair, from 0 to 100, with its reasons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.folding import folded
from core.formatting import number
from core.lazy import lazy_module
from mentoring.matching.conflicts import conflicts, forbidden
from mentoring.matching.people import MatchingInput, Person, common_hours, positions
from mentoring.matching.tables import overlap, shared_hours

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy_module("numpy")

CHOICE_VALUES = {1: 1.0, 2: 0.7, 3: 0.4}  # the value of each rank
ENOUGH_HOURS = 4.0  # shared per working day; more does not score higher
NEVER = -1e6  # worse than any number of bad matches


# --- One pair, in words ---


@dataclass(frozen=True)
class Fit:
    """How well two people fit: the score, its parts from 0 to 1, the reasons, and the conflicts."""

    mentor: Person
    mentee: Person
    score: float
    parts: dict[str, float]
    reasons: list[str]
    conflicts: list[str]
    gaps: list[str]  # why the score is low
    earlier: date | None = None  # when their earlier pair ended


def fit(inputs: MatchingInput, mentor: Person, mentee: Person) -> Fit:
    """Return the fit of one pair, with its reasons."""
    alone = replace(inputs, mentors=[mentor], mentees=[mentee])
    parts = {name: float(table[0, 0]) for name, table in tables(alone).items()}
    score = total(parts, inputs.weights)
    pro, contra = reasons(inputs, mentor, mentee), conflicts(inputs, mentor, mentee)
    return Fit(
        mentor, mentee, score, parts, pro, contra, gaps(mentor, mentee), inputs.earlier.get((mentor.pk, mentee.pk))
    )


def total(parts: dict, weights: dict[str, int]):
    """Return the weighted average from 0 to 100; weights need not add up to 100, and all zeros give 0."""
    whole = sum(weights.values())
    return 100 * sum(weights[name] * part for name, part in parts.items()) / whole if whole else 0 * parts["aims"]


def reasons(inputs: MatchingInput, mentor: Person, mentee: Person) -> list[str]:
    """Return the reasons for a pair, only from what their profiles contain."""
    found = []
    if ended_on := inputs.earlier.get((mentor.pk, mentee.pk)):
        found.append(_("were a pair until %(day)s") % {"day": date_format(ended_on, "SHORT_DATE_FORMAT")})
    if shared := shared_aims(mentor, mentee):
        words = {"mentor": mentor.name, "what": ", ".join(shared), "n": len(shared), "of": len(mentee.wants)}
        found.append(_("%(mentor)s can help with %(n)s of %(of)s learning goals: %(what)s") % words)
    rank = inputs.choices.get((mentee.pk, mentor.pk))
    if rank:
        found.append(_("choice %(rank)s of %(mentee)s") % {"rank": rank, "mentee": mentee.name})
    if mentor.style and mentor.style == mentee.style:
        found.append(_("same communication style"))
    hours = common_hours(mentor, mentee)
    if hours is not None:
        found.append(_("%(n)s shared working hours a day") % {"n": number(hours, 1)})
    both = sorted(set(map(folded, mentor.interests)) & set(map(folded, mentee.interests)))
    if both:
        found.append(_("shared interests: %(what)s") % {"what": ", ".join(both)})
    return found


def shared_aims(mentor: Person, mentee: Person) -> list[str]:
    """Return the learning goals of the mentee with which the mentor can help."""
    return [want for want in mentee.wants if any(similarity(want, offer) >= 0.5 for offer in mentor.offers)]


def gaps(mentor: Person, mentee: Person) -> list[str]:
    """Return why a score is low, if no learning goal is met."""
    if not mentee.wants:
        return [_("no learning goals in the profile of %(mentee)s yet") % {"mentee": mentee.name}]
    if not mentor.offers:
        return [_("no strengths in the profile of %(mentor)s yet") % {"mentor": mentor.name}]
    if shared_aims(mentor, mentee):
        return []
    return [_("no learning goal that %(mentor)s can help with") % {"mentor": mentor.name}]


def similarity(one: str, other: str) -> float:
    """Return 1 for the same words, else the share of common words (Jaccard), from 0 to 1."""
    if not folded(one) or not folded(other):
        return 0.0
    a, b = words_of(one), words_of(other)
    return 1.0 if folded(one) == folded(other) else len(a & b) / len(a | b)


# Function words carry no subject. Short words may: HR, AI, IT, UX, QA, Go, R.
FUNCTION_WORDS = frozenset(
    word
    for words in (
        "a an and as at by for from in of on or the to with",
        "als am an auf bei das dem den der des die ein eine fur im in mit oder und von zu zum zur",
        "con de del el en la las los para por un una y",
        "au aux des du et le les ou pour sur",
    )
    for word in words.split()
)


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text without function words, or all of them if nothing remains."""
    words = frozenset(filter(None, (word.strip(".!?'\"’“”") for word in re.split(r"[\s\-–—/,;:()&]+", folded(text)))))
    return words - FUNCTION_WORDS or words or frozenset([folded(text)])


# --- All pairs at once ---


def tables(inputs: MatchingInput) -> dict[str, np.ndarray]:
    """Return a table per part of the score, from 0 to 1: a row per mentee, a column per mentor."""
    mentors, mentees = inputs.mentors, inputs.mentees
    return {
        "aims": aim_scores(mentors, mentees),
        "style": style_scores(mentors, mentees),
        "hours": hours_scores(mentors, mentees),
        "wish": choice_scores(inputs),
        "interests": np.minimum(overlap([p.interests for p in mentees], [p.interests for p in mentors]) / 2, 1),
    }


def aim_scores(mentors: Sequence[Person], mentees: Sequence[Person]) -> np.ndarray:
    """Return the best offer for each learning goal, averaged over the goals; 0 without goals or offers."""
    wanted = sorted({want for person in mentees for want in person.wants})
    offered = sorted({offer for person in mentors for offer in person.offers})
    if not wanted or not offered:
        return np.zeros((len(mentees), len(mentors)))
    want_at, offer_at = ({text: n for n, text in enumerate(texts)} for texts in (wanted, offered))
    similar = np.array([[similarity(want, offer) for offer in offered] for want in wanted])
    best = np.zeros((len(wanted), len(mentors)))
    for n, mentor in enumerate(mentors):
        if mentor.offers:
            best[:, n] = similar[:, [offer_at[offer] for offer in mentor.offers]].max(axis=1)
    share = np.zeros((len(mentees), len(wanted)))
    for n, mentee in enumerate(mentees):
        for want in mentee.wants:
            share[n, want_at[want]] += 1 / len(mentee.wants)
    return share @ best


def style_scores(mentors: Sequence[Person], mentees: Sequence[Person]) -> np.ndarray:
    """Return 1 for the same style, 0 for different ones, 0.5 if one is unknown."""
    theirs, ours = np.array([p.style for p in mentees])[:, None], np.array([p.style for p in mentors])[None, :]
    return np.where((theirs == "") | (ours == ""), 0.5, (theirs == ours).astype(float))


def hours_scores(mentors: Sequence[Person], mentees: Sequence[Person]) -> np.ndarray:
    """Return the shared hours as a fraction of four hours; 0.5 if one working day is unknown."""
    hours = shared_hours(mentors, mentees)
    return np.where(np.isnan(hours), 0.5, np.minimum(hours / ENOUGH_HOURS, 1))


def choice_scores(inputs: MatchingInput) -> np.ndarray:
    table = np.zeros((len(inputs.mentees), len(inputs.mentors)))
    row, column = positions(inputs)
    for (mentee, mentor), rank in inputs.choices.items():
        if mentee in row and mentor in column:
            table[row[mentee], column[mentor]] = CHOICE_VALUES[rank]
    return table


def scores(inputs: MatchingInput) -> np.ndarray:
    """Return the score of every pair; NEVER if a rule forbids it."""
    table = total(tables(inputs), inputs.weights)
    return np.where(forbidden(inputs), NEVER, table)
