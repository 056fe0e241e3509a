"""What the program needs and which abilities it names: lists its admins keep, with how many pairs follow them."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import AuditEvent
from dashboard.priorities import FEWEST, served
from goals.models import Competency, Outcome, Priority
from mentoring.models import Program

LISTS = {"priority": Priority, "competency": Competency}


class LineForm(forms.Form):
    """One more line of a list."""

    which = forms.ChoiceField(choices=[(name, name) for name in LISTS])
    title = forms.CharField(label=gettext_lazy("In one line"), max_length=120)

    def put(self, program: Program):
        return LISTS[self.cleaned_data["which"]].put_on_the_list(program, self.cleaned_data["title"])


@require_http_methods(["GET", "HEAD", "POST"])
def direction(request, pk):
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = LineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        AuditEvent.record(request.user, "direction added", form.put(program))
        return redirect("direction", pk)
    priorities, unlinked = served(program)
    outcomes = Outcome.objects.filter(pair__program=program).current()
    context = {
        "program": program,
        "form": form,
        "priorities": priorities,
        "unlinked": unlinked,
        "fewest": FEWEST,
        "competencies": Competency.objects.filter(program=program).current(),
        "outcomes": outcomes.count(),
        "shown": Outcome.objects.shared_with(request.user).filter(pair__program=program).select_related("pair__mentee"),
    }
    return render(request, "dashboard/direction.html", context, status=422 if form.errors else 200)


@require_POST
def direction_drop(request, which, pk):
    """Off the list; what named it still does."""
    if which not in LISTS:
        raise Http404
    row = get_object_or_404(LISTS[which].objects.managed_by(request.user).current(), pk=pk)
    row.take_off()
    AuditEvent.record(request.user, "direction dropped", row)
    messages.success(request, _("Taken off the list: %(title)s") % {"title": row.title})
    return redirect("direction", row.program_id)
