"""Figures made of what people said of themselves: told from five people on, and in steps of five (quality.md, P23).

Whoever sees such a figure each day must not learn what one person said from how it changed. So a new one is told only
when it differs from every one told before by the answers of at least five people; until then the last one stands.
"""

from collections.abc import Callable, Iterable
from statistics import median

from django.db import transaction
from django.utils.crypto import salted_hmac

from dashboard.models import Published
from dashboard.priorities import FEWEST
from mentoring.models import Program


def people_between(one: set[str], other: set[str]) -> int:
    """How many people's answers are in the one and not in the other."""
    return len({mark.partition(":")[0] for mark in one ^ other})


def may_be_told(basis: set[str], told_before: Iterable[set[str]]) -> bool:
    """Whether these answers are of enough people, and far enough from all told before, or one of those anew."""
    enough = people_between(basis, set()) >= FEWEST
    return enough and all(basis == old or people_between(basis, old) >= FEWEST for old in told_before)


def mark(user: int, row: int, value: int) -> str:
    """Tells answers apart, by person and then by what they say, to nobody who does not hold the key."""
    who, what = (salted_hmac("dashboard.anonymity", text).hexdigest()[:16] for text in (f"{user}", f"{row}:{value}"))
    return f"{who}:{what}"


def tell(
    program: Program, key: str, answers: Iterable[tuple[int, int, int]], average: Callable = median
) -> tuple[float | None, int]:
    """The median, or another average, that may be told of `answers` (whose, which row, what it says), and their number.

    It is the newest that may be told, which may be an older one; (None, 0) before there is any.
    """
    answers = list(answers)
    basis = {mark(*answer) for answer in answers}
    with transaction.atomic():
        Program.objects.select_for_update().get(pk=program.pk)  # one at a time: two at once would not see each other
        before = list(Published.objects.filter(program=program, key=key))
        if may_be_told(basis, [set(one.basis) for one in before]):
            now = average([value for _user, _row, value in answers])
            if not before or set(before[-1].basis) != basis:
                before.append(Published.objects.create(program=program, key=key, value=now, basis=sorted(basis)))
    return (before[-1].value, len(before[-1].basis)) if before else (None, 0)
