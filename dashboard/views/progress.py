"""Where the two stand: charts with the story beside them, the throughline of one thing, evidence for an ability."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from dashboard.evidence import evidence
from dashboard.flags import RULES
from dashboard.models import Flag
from dashboard.progress import watched
from dashboard.timeline import timeline
from dashboard.trace import ORDER, throughline
from goals.models.indicator import MOST
from mentoring.models import Pair

STORY = 30  # entries beside the charts; the pair's page has them all


def pair_or_404(request, pk: int) -> Pair:
    return get_object_or_404(Pair.objects.visible_to(request.user).with_people(), pk=pk)


@require_safe
def progress(request, pk):
    pair = pair_or_404(request, pk)
    rows = watched(pair, pair.mentee.today())
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "is_mentee": pair.is_mentee(request.user),
        "open": pair.ended_at is None,
        "watched": [(row, row.indicator.is_given_by(request.user)) for row in rows],
        "full": len(rows) >= MOST,
        "flags": [(flag, RULES[flag.rule]) for flag in Flag.objects.for_one_of(request.user).filter(pair=pair)],
        "gone": pair.indicators.exclude(dropped_at=None),
        "pulses": pair.pulses.with_counts()[:6],
        "entries": timeline(pair, "", 0, STORY),
    }
    return render(request, "dashboard/progress.html", context)


@require_safe
def trace(request, pk, kind, ref):
    pair = pair_or_404(request, pk)
    steps = throughline(pair, kind, ref) if kind in ORDER else []
    if not steps:
        raise Http404
    return render(request, "dashboard/trace.html", {"pair": pair, "other": pair.other(request.user), "steps": steps})


@require_safe
def competency_list(request, pk):
    """What there is to show for each ability that the program names."""
    pair = pair_or_404(request, pk)
    context = {"pair": pair, "other": pair.other(request.user), "abilities": evidence(pair)}
    return render(request, "dashboard/competency_list.html", context)
