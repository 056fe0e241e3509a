"""Hard conversations: rehearse them, and look back the day after."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.submit_once import submit_once
from core.http import form_page
from mentoring.models import Pair
from practice.conversations import running_with, start_debrief, start_rehearsal, to_rehearse
from practice.forms.rehearsals import RehearsalForm
from practice.kinds import KINDS, REHEARSED, EntryKind
from practice.models import Entry, Rehearsal
from practice.views.entries import running_pairs

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def own_conversation_or_404(request, pk: int, kinds=(EntryKind.CONVERSATION,)) -> Entry:
    rows = Entry.objects.editable_by(request.user).filter(kind__in=kinds)
    return get_object_or_404(rows.select_related("pair", "author", "work_event"), pk=pk)


@get_or_post
def rehearsal_create(request, pk):
    """Ask for the seat and the confidence before, then start the clock: for a conversation or a pitch."""
    conversation = own_conversation_or_404(request, pk, REHEARSED)
    pairs = [pair for pair in running_pairs(request.user) if conversation.pair_id in (None, pair.pk)]
    data = request.POST if request.method == "POST" else None
    seat = request.GET.get("seat")
    initial = {"pair": request.GET.get("pair"), "seat": seat if seat in Rehearsal.Seat.values else Rehearsal.Seat.OWN}
    form = RehearsalForm(data, pairs=pairs, user=request.user, initial=initial)
    if request.method != "POST" or not form.is_valid():
        context = {"conversation": conversation, "form": form, "kind": KINDS[EntryKind.REHEARSAL]}
        return form_page(request, "practice/rehearsal_create.html", context)
    pair = form.cleaned_data.get("pair")
    started = submit_once(request, lambda: start_rehearsal(conversation, form.save(commit=False), pair).pk)
    return redirect("entry_edit", started)


@get_or_post
def debrief_create(request, pk):
    """Explain the debrief, and start or continue it."""
    conversation = own_conversation_or_404(request, pk)
    if request.method == "POST":
        return redirect("entry_edit", start_debrief(conversation).pk)
    context = {"conversation": conversation, "kind": KINDS[EntryKind.DEBRIEF]}
    return render(request, "practice/entry_create.html", context)


@require_safe
@vary_on_headers("HX-Request")
def pair_rehearsals(request, pk):
    """Return a fragment for the session room: what can be rehearsed, and the rehearsal that was just started.

    Opened as a page, it leads to what the pair shares.
    """
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    if not request.htmx:
        return redirect("pair_practice", pk)
    context = {"pair": pair, "other": pair.other(request.user), "running": running_with(pair, request.user)}
    if not pair.ended_at:
        context["conversations"] = to_rehearse(pair, request.user)
    return render(request, "practice/_pair_rehearsals.html", context)
