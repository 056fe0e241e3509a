"""The energy check: one of the pair decides, and gets to the page where it is done."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.http import safe_next_url
from mentoring.models import Pair
from sessions import energy_check
from sessions.models import EnergyCheck


@require_POST
def energy_check_settle(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk)
    remedy = request.POST.get("remedy", "")
    if remedy not in EnergyCheck.Remedy.values:
        raise Http404
    energy_check.settle(pair, remedy, request.user)
    page = energy_check.page_for(pair, remedy)
    return redirect(safe_next_url(request, page) if remedy == EnergyCheck.Remedy.NONE else page)
