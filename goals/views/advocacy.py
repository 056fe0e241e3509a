"""The mentor's recommendation for the mentee: the mentor writes it, and it is shared only with the mentee's consent."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.models import AuditEvent
from core.http import form_page
from core.optimistic_locking import Conflict
from goals.forms import AdvocacyForm, with_current_version
from goals.models import AdvocacyNote
from goals.views.editing import get_or_post, with_version
from mentoring.models import Pair


@get_or_post
def advocacy_detail(request, pk):
    """Show the mentor the form, and the mentee the text that the mentor has shown them."""
    pairs = Pair.objects.visible_to(request.user)
    if request.method == "POST":
        pairs = Pair.objects.editable_by(request.user).filter(mentor=request.user)
    pair = get_object_or_404(pairs, pk=pk).for_reader(request.user)
    note = AdvocacyNote.objects.readable_by(request.user).filter(pair=pair).first()
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "note": note,
        "released": note is not None and note.released_at is not None,
        "open": pair.ended_at is None,
    }
    if pair.is_mentee(request.user):
        return render(request, "goals/advocacy_detail.html", context)
    return advocacy_form(request, pair, note, context)


def advocacy_form(request, pair: Pair, note: AdvocacyNote | None, context: dict):
    """Show the mentor's form, or store the text."""
    form = AdvocacyForm(request.POST or None, instance=note or AdvocacyNote(), pair=pair, user=request.user)
    context |= {"form": form, "is_mentor": True}
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "goals/advocacy_detail.html", context)
    try:
        form.change(request.user) if note else form.create()
    except Conflict as lost:
        context["form"] = AdvocacyForm(
            with_current_version(request.POST, lost.current.version), instance=lost.current, user=request.user
        )
        context["now"] = AdvocacyNote.objects.get(pk=note.pk)
        return render(request, "goals/advocacy_detail.html", context, status=409)
    return redirect("advocacy_detail", pair.pk)


@require_POST
def advocacy_show(request, pk):
    """Let the mentor show the text to the mentee."""
    notes = AdvocacyNote.objects.editable_by(request.user).filter(pair__mentor=request.user)
    with_version(request, get_object_or_404(notes, pair__pk=pk).show)
    return redirect("advocacy_detail", pk)


@require_POST
def advocacy_release(request, pk):
    """Record the mentee's consent to exactly this text, or withdraw it at any time. Both are audited."""
    on, rows = request.POST.get("on") == "1", AdvocacyNote.objects.filter(pair__mentee=request.user)
    rows = rows.readable_by(request.user).editable_by(request.user) if on else rows.visible_to(request.user)
    note = get_object_or_404(rows.select_related("pair"), pair__pk=pk)

    def release(version: int) -> None:
        note.release(version)
        AuditEvent.record(request.user, AuditEvent.Action.ADVOCACY_RELEASED, note)

    if on:
        with_version(request, release)
    else:
        note.withdraw()
        AuditEvent.record(request.user, AuditEvent.Action.ADVOCACY_WITHDRAWN, note)
    return redirect("advocacy_detail", pk)
