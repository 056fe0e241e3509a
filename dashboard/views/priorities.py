"""The priorities and competencies of a program, with the number of pairs that work toward each priority."""

from django import forms
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import AuditEvent
from core.http import add_undo_message, form_page
from dashboard.priorities import SMALLEST_GROUP, priority_counts
from goals.models import Competency, Outcome, Priority
from mentoring.models import Program

LISTS = {"priority": Priority, "competency": Competency}


class LineForm(forms.Form):
    """A new priority or competency."""

    kind = forms.ChoiceField(choices=[(name, name) for name in LISTS])
    title = forms.CharField(label=gettext_lazy("Name"), max_length=120)

    def add_to(self, program: Program):
        return LISTS[self.cleaned_data["kind"]].add_to_list(program, self.cleaned_data["title"])


@require_http_methods(["GET", "HEAD", "POST"])
def priority_list(request, pk):
    """Show a program's priorities and competencies, and add to them."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = LineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        AuditEvent.record(request.user, AuditEvent.Action.DIRECTION_ADDED, form.add_to(program))
        return redirect("priority_list", pk)
    priorities, unlinked = priority_counts(program)
    outcomes = Outcome.objects.filter(pair__program=program)
    context = {
        "program": program,
        "form": form,
        "priorities": priorities,
        "unlinked": unlinked,
        "fewest": SMALLEST_GROUP,
        "competencies": Competency.objects.filter(program=program).current(),
        "outcomes": outcomes.current().count(),
        "shown": outcomes.shared_with(request.user).prefetch_related("pair__mentee"),
    }
    return form_page(request, "dashboard/priority_list.html", context)


@require_POST
def priority_remove(request, pk):
    """Remove a priority from the list, or with `undo` put it back; goals that name it keep it."""
    return remove(request, Priority.objects.managed_by(request.user), pk)


@require_POST
def competency_remove(request, pk):
    """Remove a competency from the list, or with `undo` put it back; rows that name it keep it."""
    return remove(request, Competency.objects.managed_by(request.user), pk)


def remove(request, rows, pk: int):
    undo = "undo" in request.GET
    row = get_object_or_404(rows if undo else rows.current(), pk=pk)
    if undo:
        AuditEvent.record(request.user, AuditEvent.Action.DIRECTION_ADDED, row.put_back())
    else:
        row.remove_from_list()
        AuditEvent.record(request.user, AuditEvent.Action.DIRECTION_DROPPED, row)
        add_undo_message(request, _("Removed: %(title)s") % {"title": row.title}, f"{request.path}?undo=1")
    return redirect("priority_list", row.program_id)
