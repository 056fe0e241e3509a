"""The library of a program with how its resources are used: never who, and nothing below five people."""

from dataclasses import dataclass
from statistics import mean

from django.db.models import Count, Q

from dashboard.anonymity import publish
from dashboard.models import PublishedFigure
from dashboard.priorities import hide_small
from mentoring.models import Program
from practice.models import PairResource, Resource


@dataclass(frozen=True)
class LibraryRow:
    """A resource, how many pairs use it (None for one to four), and its published usefulness, if any."""

    resource: Resource
    pairs: int | None
    usefulness: float | None
    answers: int


def figure_key(resource: int) -> str:
    return f"r{resource}"


def library_rows(program: Program) -> list[LibraryRow]:
    rows = Resource.objects.filter(program=program).current().by_competency()
    rows = rows.annotate(n=Count("uses__pair", filter=Q(uses__dropped_at=None), distinct=True))
    figures = PublishedFigure.objects.filter(program=program, key__startswith="r").order_by("published_at", "pk")
    newest = {figure.key: figure for figure in figures}
    found = []
    for row in rows:
        figure = newest.get(figure_key(row.pk))
        value, answers = (figure.value, len(figure.basis)) if figure else (None, 0)
        found.append(LibraryRow(row, hide_small(row.n), value, answers))
    return found


def publish_usefulness(program: Program) -> None:
    """Publish how useful each resource was on average, once a night, in steps of five people."""
    rated = PairResource.objects.filter(resource__program=program, usefulness__isnull=False)
    answers: dict[int, list[tuple[int, int, int]]] = {}
    for resource, person, pk, value in rated.values_list("resource", "pair__mentee", "pk", "usefulness"):
        answers.setdefault(resource, []).append((person, pk, value))
    for resource, of_people in answers.items():
        publish(program, figure_key(resource), of_people, mean)
