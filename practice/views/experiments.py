"""Experiments: begin one, and note how it ended. Then its page asks for the lesson."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from practice.forms.entries import LinksForm
from practice.forms.experiments import ResultForm
from practice.kinds import EntryKind
from practice.models import Entry, Experiment
from practice.views.entries import own_entry


def own_experiment_or_404(request, pk: int) -> Entry:
    rows = Entry.objects.editable_by(request.user).filter(kind=EntryKind.EXPERIMENT)
    return get_object_or_404(rows.select_related("pair", "author", "experiment"), pk=pk)


@require_POST
def experiment_begin(request, pk):
    """Mark an experiment as running (`on=1`), or as planned again."""
    entry = own_experiment_or_404(request, pk)
    if request.POST.get("on") == "1":
        Experiment.begin(entry)
    else:
        Experiment.plan_again(entry)
    return redirect("entry_detail", pk)


@require_POST
def experiment_finish(request, pk):
    """Store the result, then ask for what happened and for the lesson, unless they are written already."""
    entry = own_experiment_or_404(request, pk)
    form = ResultForm(request.POST)
    if not form.is_valid():
        return own_entry(request, entry, LinksForm(instance=entry), result_form=form)
    Experiment.finish(entry, form.cleaned_data["result"])
    messages.success(request, _("Noted. What did you learn from it?"))
    return redirect("entry_detail" if entry.answer_to("lesson") else "entry_edit", pk)
