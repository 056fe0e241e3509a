"""Publish figures made of people's answers: from five people on, and in steps of five (docs/rules.md, figures).

Someone who reads such a figure every day must not learn one person's answer from how it changes. So a new value is
published only if it differs from every earlier one by the answers of at least five people; until then the last remains.
"""

from collections.abc import Callable, Iterable
from statistics import median

from django.db import transaction
from django.utils.crypto import salted_hmac

from dashboard.models import PublishedFigure
from dashboard.priorities import SMALLEST_GROUP
from mentoring.models import Program


def people_in_difference(one: set[str], other: set[str]) -> int:
    """Return how many people have answers in only one of both sets."""
    return len({mark.partition(":")[0] for mark in one ^ other})


def may_publish(basis: set[str], published: Iterable[set[str]]) -> bool:
    """Return True if publishing would not reveal the answers of fewer than five people."""
    enough = people_in_difference(basis, set()) >= SMALLEST_GROUP
    return enough and all(basis == old or people_in_difference(basis, old) >= SMALLEST_GROUP for old in published)


def answer_hash(user: int, row: int, value: int) -> str:
    """Return a keyed hash of an answer: without the key it reveals neither the person nor the answer."""
    who, what = (salted_hmac("dashboard.anonymity", text).hexdigest()[:16] for text in (f"{user}", f"{row}:{value}"))
    return f"{who}:{what}"


def publish(
    program: Program, key: str, answers: Iterable[tuple[int, int, int]], average: Callable = median
) -> tuple[float | None, int]:
    """Return the newest average that may be published, and the number of answers behind it.

    `answers` are triples of user, row and value. The result may be an older average; it is (None, 0) before the first.
    """
    answers = list(answers)
    basis = {answer_hash(*answer) for answer in answers}
    with transaction.atomic():
        Program.objects.select_for_update().get(pk=program.pk)  # one at a time: two at once would not see each other
        before = list(PublishedFigure.objects.filter(program=program, key=key))
        if may_publish(basis, [set(one.basis) for one in before]):
            now = average([value for _user, _row, value in answers])
            if not before or set(before[-1].basis) != basis:
                before.append(PublishedFigure.objects.create(program=program, key=key, value=now, basis=sorted(basis)))
    return (before[-1].value, len(before[-1].basis)) if before else (None, 0)
