"""Who fits whom, and why: hard rules, a score from 0 to 100 with reasons, and the best assignment for a program.

It knows people as values, no database. The same input always gives the same result. Weights and rules: docs/rules.md,
pairing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import gettext as _

from mentoring.columns import plain

WEIGHTS = {"aims": 50, "style": 15, "hours": 15, "wish": 15, "interests": 5}
WISHES = {1: 1.0, 2: 0.7, 3: 0.4}  # what the rank of a choice is worth
ENOUGH_HOURS = 4.0  # in common on a working day; more is no better
FEWEST_HOURS = 2.0
CANDIDATES = 3
NEVER = -1e6  # worse than any number of bad matches


@dataclass(frozen=True)
class Person:
    """What matching knows of somebody."""

    pk: int
    name: str
    wants: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    style: str = ""
    hours: tuple[float, float] | None = None  # of the working day, in UTC; None where they are not known
    manager: int | None = None
    places: int = 0  # mentees more that a mentor can take
    enrollment: int = 0


@dataclass
class Question:
    """Everything a matching depends on: people, wishes, and who is not to be paired with whom."""

    mentors: Sequence[Person]
    mentees: Sequence[Person]
    wishes: dict[tuple[int, int], int] = field(default_factory=dict)  # (mentee, mentor): rank
    never: set[frozenset[int]] = field(default_factory=set)
    paired: set[tuple[int, int]] = field(default_factory=set)  # (mentor, mentee) running
    managers: dict[int, int] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=lambda: dict(WEIGHTS))


# --- One pair, in words ---


@dataclass(frozen=True)
class Fit:
    """How well two fit: the score and its parts from 0 to 1, reasons in words, and what forbids it."""

    mentor: Person
    mentee: Person
    score: float
    parts: dict[str, float]
    reasons: list[str]
    conflicts: list[str]


def fit(question: Question, mentor: Person, mentee: Person) -> Fit:
    """One cell of the table, worked out by itself, with its reasons."""
    alone = Question([mentor], [mentee], question.wishes, question.never, question.paired, question.managers)
    parts = {name: float(table[0, 0]) for name, table in tables(alone).items()}
    score = total(parts, question.weights)
    said, against = reasons(question, mentor, mentee), conflicts(question, mentor, mentee)
    return Fit(mentor, mentee, score, parts, said, against)


def total(parts: dict, weights: dict[str, int]):
    """The weighted mean, from 0 to 100. Weights need not add up to 100; all of them zero is no score."""
    whole = sum(weights.values())
    return 100 * sum(weights[name] * part for name, part in parts.items()) / whole if whole else 0 * parts["aims"]


def reasons(question: Question, mentor: Person, mentee: Person) -> list[str]:
    """What speaks for the two, in words; nothing is made up where nothing was said."""
    found = []
    shared = [want for want in mentee.wants if any(alike(want, offer) >= 0.5 for offer in mentor.offers)]
    if shared:
        words = {"mentor": mentor.name, "what": ", ".join(shared), "n": len(shared), "of": len(mentee.wants)}
        found.append(_("%(mentor)s can help with %(n)s of %(of)s aims: %(what)s") % words)
    rank = question.wishes.get((mentee.pk, mentor.pk))
    if rank:
        found.append(_("choice %(rank)s of %(mentee)s") % {"rank": rank, "mentee": mentee.name})
    if mentor.style and mentor.style == mentee.style:
        found.append(_("both like to be spoken to the same way"))
    hours = common_hours(mentor, mentee)
    if hours is not None:
        found.append(_("%(n)s working hours of a day in common") % {"n": f"{hours:.1f}".removesuffix(".0")})
    both = sorted(set(map(plain, mentor.interests)) & set(map(plain, mentee.interests)))
    if both:
        found.append(_("shared interests: %(what)s") % {"what": ", ".join(both)})
    return found


def conflicts(question: Question, mentor: Person, mentee: Person) -> list[str]:
    """What forbids the two, in words that give nobody away: a wish not to be paired is named as nothing but a rule."""
    found = []
    if mentor.pk == mentee.pk:
        found.append(_("Nobody is their own mentor."))
    if mentor.languages and mentee.languages and not shared_words(mentor.languages, mentee.languages):
        found.append(_("They have no language in common."))
    hours = common_hours(mentor, mentee)
    if hours is not None and hours < FEWEST_HOURS:
        found.append(_("Their working days share less than two hours."))
    if reports(question.managers, mentor.pk, mentee.pk):
        found.append(_("One of them reports to the other."))
    if frozenset((mentor.pk, mentee.pk)) in question.never:
        found.append(_("A rule of this program keeps them apart."))
    if (mentor.pk, mentee.pk) in question.paired:
        found.append(_("They are a pair already."))
    if mentor.places < 1:
        found.append(_("%(name)s has no room for another mentee.") % {"name": mentor.name})
    return found


def shared_words(one: Iterable[str], other: Iterable[str]) -> bool:
    return bool(set(map(plain, one)) & set(map(plain, other)))


def reports(managers: dict[int, int], one: int, other: int) -> bool:
    """Whether either is above the other, also over several steps; a circle ends where it began."""
    for below, above in ((one, other), (other, one)):
        at, seen = managers.get(below), set()
        while at is not None and at not in seen:
            if at == above:
                return True
            seen.add(at)
            at = managers.get(at)
    return False


def alike(one: str, other: str) -> float:
    """1 for the same words, else the share of words in common (Jaccard), from 0 to 1."""
    a, b = words_of(one), words_of(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def words_of(text: str) -> frozenset[str]:
    return frozenset(word for word in plain(text).replace("-", " ").split() if len(word) > 2)


def common_hours(one: Person, other: Person) -> float | None:
    """Working hours of a day that both share, also across midnight; None where one of them is not known."""
    if one.hours is None or other.hours is None:
        return None
    (a, b), (c, d) = one.hours, other.hours
    return max(max(0.0, min(b, d + shift) - max(a, c + shift)) for shift in (-24, 0, 24))


# --- All pairs at once ---


def tables(question: Question) -> dict[str, np.ndarray]:
    """The parts of the score from 0 to 1, one table each: a row for each mentee, a column for each mentor."""
    mentors, mentees = question.mentors, question.mentees
    return {
        "aims": aims(mentors, mentees),
        "style": styles(mentors, mentees),
        "hours": hours_in_common(mentors, mentees),
        "wish": wishes(question),
        "interests": np.minimum(overlap([p.interests for p in mentees], [p.interests for p in mentors]) / 2, 1),
    }


def aims(mentors: Sequence[Person], mentees: Sequence[Person]) -> np.ndarray:
    """For each want the best of the mentor's offers, averaged over the wants; 0 where nothing is wanted or offered."""
    wanted = sorted({want for person in mentees for want in person.wants})
    offered = sorted({offer for person in mentors for offer in person.offers})
    if not wanted or not offered:
        return np.zeros((len(mentees), len(mentors)))
    want_at, offer_at = ({text: n for n, text in enumerate(texts)} for texts in (wanted, offered))
    similar = np.array([[alike(want, offer) for offer in offered] for want in wanted])
    best = np.zeros((len(wanted), len(mentors)))
    for n, mentor in enumerate(mentors):
        if mentor.offers:
            best[:, n] = similar[:, [offer_at[offer] for offer in mentor.offers]].max(axis=1)
    share = np.zeros((len(mentees), len(wanted)))
    for n, mentee in enumerate(mentees):
        for want in mentee.wants:
            share[n, want_at[want]] += 1 / len(mentee.wants)
    return share @ best


def styles(mentors: Sequence[Person], mentees: Sequence[Person]) -> np.ndarray:
    """1 for the same, 0 for different, a half where one of them did not say."""
    theirs, ours = np.array([p.style for p in mentees])[:, None], np.array([p.style for p in mentors])[None, :]
    return np.where((theirs == "") | (ours == ""), 0.5, (theirs == ours).astype(float))


def hours_in_common(mentors: Sequence[Person], mentees: Sequence[Person]) -> np.ndarray:
    """The share of four hours; a half where one of the days is not known."""
    hours = raw_hours(mentors, mentees)
    return np.where(np.isnan(hours), 0.5, np.minimum(hours / ENOUGH_HOURS, 1))


def raw_hours(mentors: Sequence[Person], mentees: Sequence[Person]) -> np.ndarray:
    """`common_hours` for all, NaN where it is not known. Few working days differ, so each two are compared once."""

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


def wishes(question: Question) -> np.ndarray:
    table = np.zeros((len(question.mentees), len(question.mentors)))
    row, column = places_of(question)
    for (mentee, mentor), rank in question.wishes.items():
        if mentee in row and mentor in column:
            table[row[mentee], column[mentor]] = WISHES[rank]
    return table


def overlap(rows: Sequence[Iterable[str]], columns: Sequence[Iterable[str]]) -> np.ndarray:
    """How many words each row shares with each column."""
    known = sorted({plain(word) for words in (*rows, *columns) for word in words})
    at = {word: n for n, word in enumerate(known)}

    def marks(lists: Sequence[Iterable[str]]) -> np.ndarray:
        table = np.zeros((len(lists), max(len(known), 1)))
        for n, words in enumerate(lists):
            for word in words:
                table[n, at[plain(word)]] = 1
        return table

    return marks(rows) @ marks(columns).T


def forbidden(question: Question) -> np.ndarray:
    """True where a hard rule keeps two apart; room is not asked here."""
    mentors, mentees = question.mentors, question.mentees
    languages = overlap([p.languages for p in mentees], [p.languages for p in mentors])
    said = np.outer([bool(p.languages) for p in mentees], [bool(p.languages) for p in mentors])
    hours = raw_hours(mentors, mentees)
    table = (said & (languages == 0)) | (hours < FEWEST_HOURS)
    row, column = places_of(question)
    for mentee, mentor in apart(question):
        if mentee in row and mentor in column:
            table[row[mentee], column[mentor]] = True
    return table


def apart(question: Question) -> set[tuple[int, int]]:
    """(mentee, mentor): the same person, a line of managers, a rule, a running pair."""
    pks = {person.pk for person in (*question.mentors, *question.mentees)}
    found = {(pk, pk) for pk in pks} | {(mentee, mentor) for mentor, mentee in question.paired}
    for two in question.never:
        one, other = sorted(two) if len(two) == 2 else (*two, *two)
        found |= {(one, other), (other, one)}
    for below in pks:
        at, seen = question.managers.get(below), set()
        while at is not None and at not in seen:
            found |= {(below, at), (at, below)}
            seen.add(at)
            at = question.managers.get(at)
    return found


def places_of(question: Question) -> tuple[dict[int, int], dict[int, int]]:
    return (
        {person.pk: n for n, person in enumerate(question.mentees)},
        {person.pk: n for n, person in enumerate(question.mentors)},
    )


def scores(question: Question) -> np.ndarray:
    """The score of every two; NEVER where a rule forbids them."""
    table = total(tables(question), question.weights)
    return np.where(forbidden(question), NEVER, table)


@dataclass(frozen=True)
class Match:
    mentor: int
    mentee: int
    score: float


def best_assignment(question: Question) -> list[Match]:
    """As many mentees as possible get a mentor, and among all such ways the one with the highest sum of scores.

    A mentor with room for n stands in n columns (scipy's linear_sum_assignment, Crouse 2016).
    """
    if not question.mentors or not question.mentees:
        return []
    seats = [n for n, mentor in enumerate(question.mentors) for _seat in range(mentor.places)]
    if not seats:
        return []
    from scipy.optimize import linear_sum_assignment

    table = scores(question)[:, seats]
    rows, columns = linear_sum_assignment(table, maximize=True)
    found = [
        Match(question.mentors[seats[column]].pk, question.mentees[row].pk, float(table[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if table[row, column] > NEVER / 2
    ]
    return sorted(found, key=lambda match: match.mentee)


def candidates(question: Question, mentee: Person, most: int = CANDIDATES) -> list[Fit]:
    """The best mentors with room for one mentee, best first; of equals the one who came first."""
    one = Question(
        [mentor for mentor in question.mentors if mentor.places],
        [mentee],
        question.wishes,
        question.never,
        question.paired,
        question.managers,
        question.weights,
    )
    if not one.mentors:
        return []
    row = scores(one)[0]
    order = sorted(range(len(row)), key=lambda n: (-row[n], one.mentors[n].pk))
    return [fit(question, one.mentors[n], mentee) for n in order[:most] if row[n] > NEVER / 2]


# --- What came of wishes ---


@dataclass(frozen=True)
class Fairness:
    """Of the mentees who named a choice: how many got their first, second, third, another one, or nobody."""

    asked: int
    ranks: dict[int, int]
    other: int
    nobody: int


def fairness(question: Question, found: Iterable[tuple[int, int]]) -> Fairness:
    """`found` are (mentor, mentee)."""
    wishing = {mentee for mentee, _mentor in question.wishes}
    got = {mentee: question.wishes.get((mentee, mentor)) for mentor, mentee in found}
    mine = {mentee: got.get(mentee) for mentee in wishing if mentee in got}
    ranks = {rank: sum(r == rank for r in mine.values()) for rank in (1, 2, 3)}
    return Fairness(len(wishing), ranks, sum(r is None for r in mine.values()), len(wishing - set(mine)))
