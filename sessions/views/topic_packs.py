"""Topic packs: read one, and use its agenda for the next session."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.formatting import when
from mentoring.models import Pair
from sessions.models import Session
from sessions.preparation import replace_work_blocks
from sessions.topic_packs import kinds_of_entries, packs_of


@require_safe
def pack_list(request, pk):
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    return render(request, "sessions/pack_list.html", {"pair": pair, "packs": packs_of(pair.program).values()})


@require_http_methods(["GET", "HEAD", "POST"])
def pack_detail(request, pk, key):
    """Show a pack; POST uses its agenda for the next session. Its private entries start with one button each."""
    pairs = Pair.objects.editable_by if request.method == "POST" else Pair.objects.visible_to
    pair = get_object_or_404(pairs(request.user), pk=pk).for_reader(request.user)
    pack = packs_of(pair.program).get(key)
    if pack is None:
        raise Http404
    # First, reset and closing sessions have an agenda of their own.
    coming = Session.objects.filter(pair=pair).live().filter(started_at=None, kind=Session.Kind.STANDARD)
    coming = coming.order_by("starts_at")
    if request.method == "POST":
        session = coming.first()
        if session is None:
            messages.warning(request, _("Schedule a session first, then use this agenda for it."))
        elif replace_work_blocks(session, pack.blocks):
            messages.success(
                request,
                _("This topic is on the agenda of your session %(when)s. You both see it.")
                % {"when": when(session.starts_at)},
            )
            return redirect(reverse("session_prepare", args=[session.pk]))
        else:
            messages.warning(request, _("That session already has notes, so its agenda cannot be replaced."))
        return redirect("pack_detail", pk, key)
    kinds = kinds_of_entries.ask()
    entries = [(kinds[row["kind"]], row["what_for"]) for row in pack.entries if row["kind"] in kinds]
    context = {"pair": pair, "pack": pack, "next": coming.first(), "open": pair.ended_at is None, "entries": entries}
    return render(request, "sessions/pack_detail.html", context)
