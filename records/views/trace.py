"""The throughline of one thing, and the evidence for each competency."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from mentoring.models import Pair
from records.evidence import evidence
from records.trace import ORDER, throughline


def pair_or_404(request, pk: int) -> Pair:
    return get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)


@require_safe
def trace(request, pk, kind, ref):
    pair = pair_or_404(request, pk)
    steps = throughline(pair, kind, ref) if kind in ORDER else []
    if not steps:
        raise Http404
    return render(request, "records/trace.html", {"pair": pair, "other": pair.other(request.user), "steps": steps})


@require_safe
def competency_list(request, pk):
    """Show the pair's evidence for each competency of the program."""
    pair = pair_or_404(request, pk)
    context = {"pair": pair, "other": pair.other(request.user), "evidence": evidence(pair, request.user)}
    return render(request, "records/competency_list.html", context)


@require_safe
def competency_detail(request, pk, competency_pk):
    """Show everything that a pair has for one competency, and what could come next.

    It ends in a commitment or a lesson, and in the growth record.
    """
    pair = pair_or_404(request, pk)
    (row,) = evidence(pair, request.user, only=competency_pk) or [None]
    if row is None:
        raise Http404
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "row": row,
        "is_mentee": pair.is_mentee(request.user),
        "open": pair.ended_at is None and not row.competency.dropped_at,
    }
    return render(request, "records/competency_detail.html", context)
