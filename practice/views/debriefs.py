"""Debriefs of projects: start one as a success or a setback, and keep its lessons."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.submit_once import submit_once
from core.http import form_page
from practice.debriefs import keep_lessons
from practice.forms.debriefs import DebriefForm
from practice.kinds import PROJECT_DEBRIEFS
from practice.models import Entry
from practice.views.entries import running_pairs


@require_http_methods(["GET", "HEAD", "POST"])
def project_debrief_create(request):
    """Start the debrief of a project or a work event. It ends in lessons, which are evidence, and commitments."""
    pairs = running_pairs(request.user)
    initial = {"work_event": request.GET.get("work_event"), "kind": request.GET.get("kind", PROJECT_DEBRIEFS[0])}
    form = DebriefForm(
        request.POST if request.method == "POST" else None, pairs=pairs, user=request.user, initial=initial
    )
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "practice/project_debrief_create.html", {"form": form})
    chosen = form.cleaned_data
    event = chosen.get("work_event")
    pair = event.pair if event else chosen.get("pair") or (pairs[0] if len(pairs) == 1 else None)
    return redirect(
        "entry_edit",
        submit_once(request, lambda: Entry.start(request.user, chosen["kind"], pair, work_event=event).pk),
    )


@require_POST
def lessons_keep(request, pk):
    """Make each lesson of a debrief an entry of its own."""
    rows = Entry.objects.editable_by(request.user).filter(kind__in=PROJECT_DEBRIEFS)
    rows = rows.select_related("author", "pair", "competency", "work_event", "goal")
    count = keep_lessons(get_object_or_404(rows, pk=pk))
    if count:
        text = ngettext("%(n)s lesson is kept.", "%(n)s lessons are kept.", count)
        messages.success(request, text % {"n": count})
    else:
        messages.warning(request, _("First write a lesson, one on each line."))
    return redirect("entry_detail", pk)
