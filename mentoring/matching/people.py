"""The input of the matching as plain values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.folding import folded
from mentoring.matching.rules import Rules
from mentoring.matching.weights import WEIGHTS


@dataclass(frozen=True)
class Person:
    """A person as the matching sees them."""

    pk: int
    name: str
    wants: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    style: str = ""
    hours: tuple[float, float] | None = None  # of the working day, in UTC; None if unknown
    team: str = ""
    grade: int | None = None  # higher is more senior
    manager: int | None = None
    places: int = 0  # how many more mentees a mentor can take
    load: int = 0  # mentees a mentor has now
    enrollment: int = 0

    @property
    def most(self) -> int:
        """How many mentees a mentor takes, with those of now."""
        return self.load + self.places


@dataclass
class MatchingInput:
    """The input of a matching: people, choices, and who must not be paired."""

    mentors: Sequence[Person]
    mentees: Sequence[Person]
    choices: dict[tuple[int, int], int] = field(default_factory=dict)  # (mentee, mentor): rank
    never: set[frozenset[int]] = field(default_factory=set)
    paired: set[tuple[int, int]] = field(default_factory=set)  # (mentor, mentee) running
    earlier: dict[tuple[int, int], date] = field(default_factory=dict)  # (mentor, mentee): when they ended
    managers: dict[int, int] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    rules: Rules = field(default_factory=Rules)


def positions(inputs: MatchingInput) -> tuple[dict[int, int], dict[int, int]]:
    """Return the row of each mentee and the column of each mentor, by key."""
    return (
        {person.pk: n for n, person in enumerate(inputs.mentees)},
        {person.pk: n for n, person in enumerate(inputs.mentors)},
    )


def common_hours(one: Person, other: Person) -> float | None:
    """Return the working hours per day that both share, even across midnight; None if unknown."""
    if one.hours is None or other.hours is None:
        return None
    (a, b), (c, d) = one.hours, other.hours
    return max(max(0.0, min(b, d + shift) - max(a, c + shift)) for shift in (-24, 0, 24))


def shared_words(one: Iterable[str], other: Iterable[str]) -> bool:
    return bool(set(map(folded, one)) & set(map(folded, other)))
