"""The mentor's word about the mentee for others: written by one, released by the other, or not at all (S68)."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.models import AuditEvent
from core.optimistic_locking import Conflict
from goals.forms import AdvocacyForm, on_top_of
from goals.models import AdvocacyNote
from goals.views.lasting import get_or_post, of_this_version
from mentoring.models import Pair


@get_or_post
def advocacy(request, pk):
    """The mentor writes here; the mentee reads what was shown to her and decides."""
    pairs = Pair.objects.visible_to(request.user)
    if request.method == "POST":
        pairs = Pair.objects.editable_by(request.user).filter(mentor=request.user)
    pair = get_object_or_404(pairs.with_people(), pk=pk)
    note = AdvocacyNote.objects.readable_by(request.user).filter(pair=pair).first()
    context = {"pair": pair, "other": pair.other(request.user), "note": note, "open": pair.ended_at is None}
    if pair.is_mentee(request.user):
        return render(request, "goals/advocacy.html", context)
    return written(request, pair, note, context)


def written(request, pair: Pair, note: AdvocacyNote | None, context: dict):
    form = AdvocacyForm(request.POST or None, instance=note or AdvocacyNote(), pair=pair, user=request.user)
    context |= {"form": form, "is_mentor": True}
    if request.method != "POST" or not form.is_valid():
        return render(request, "goals/advocacy.html", context, status=422 if form.is_bound else 200)
    try:
        form.change(request.user) if note else form.make()
    except Conflict as lost:
        context["form"] = AdvocacyForm(
            on_top_of(request.POST, lost.current.version), instance=lost.current, user=request.user
        )
        context["now"] = AdvocacyNote.objects.get(pk=note.pk)
        return render(request, "goals/advocacy.html", context, status=409)
    return redirect("advocacy", pair.pk)


@require_POST
def advocacy_show(request, pk):
    """From now on the mentee reads it."""
    mine = AdvocacyNote.objects.editable_by(request.user).filter(pair__mentor=request.user)
    of_this_version(request, get_object_or_404(mine, pair__pk=pk).show)
    return redirect("advocacy", pk)


@require_POST
def advocacy_release(request, pk):
    """The mentee's consent to exactly these words; or its end, which is possible for ever. Both go into the audit."""
    on, rows = request.POST.get("on") == "1", AdvocacyNote.objects.filter(pair__mentee=request.user)
    rows = rows.readable_by(request.user).editable_by(request.user) if on else rows.visible_to(request.user)
    note = get_object_or_404(rows.select_related("pair"), pair__pk=pk)

    def release(version: int) -> None:
        note.release(version)
        AuditEvent.record(request.user, "advocacy released", note)

    if on:
        of_this_version(request, release)
    else:
        note.withdraw(request.user)
        AuditEvent.record(request.user, "advocacy withdrawn", note)
    return redirect("advocacy", pk)
