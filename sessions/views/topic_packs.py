"""Topic packs: read one, and put its agenda on the next session."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.formatting import when
from mentoring.models import Pair
from sessions.models import Session
from sessions.preparation import put_agenda
from sessions.topic_packs import packs_of


@require_safe
def pack_list(request, pk):
    pair = get_object_or_404(Pair.objects.visible_to(request.user).with_people(), pk=pk)
    return render(request, "sessions/pack_list.html", {"pair": pair, "packs": packs_of(pair.program).values()})


@require_http_methods(["GET", "HEAD", "POST"])
def pack_detail(request, pk, key):
    """Read it, bring a question up, make a practice a commitment, put the agenda on a session to come."""
    pairs = Pair.objects.editable_by if request.method == "POST" else Pair.objects.visible_to
    pair = get_object_or_404(pairs(request.user).with_people(), pk=pk)
    pack = packs_of(pair.program).get(key)
    if pack is None:
        raise Http404
    # A first, reset or closing session has work of its own to do.
    coming = Session.objects.filter(pair=pair).live().filter(started_at=None, kind=Session.Kind.STANDARD)
    coming = coming.order_by("starts_at")
    if request.method == "POST":
        session = coming.first()
        if session is None:
            messages.warning(request, _("Plan a session first; then its agenda can be this one."))
        elif put_agenda(session, pack.blocks):
            messages.success(
                request,
                _("The topic is on the agenda of your session %(when)s; you both see it.")
                % {"when": when(session.starts_at)},
            )
            return redirect(reverse("session_prepare", args=[session.pk]))
        else:
            messages.warning(request, _("That session has notes already, so its agenda stays."))
        return redirect("pack_detail", pk, key)
    context = {"pair": pair, "pack": pack, "next": coming.first(), "open": pair.ended_at is None}
    return render(request, "sessions/pack_detail.html", context)
