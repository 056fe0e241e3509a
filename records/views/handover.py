"""The handover page, on which a mentee chooses what to carry over from earlier pairs."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from core.http import form_page
from goals.models.goal import ACTIVE_GOALS
from mentoring.models import Pair
from records.handover import TooManyGoals, carry_over, offered_items


class HandoverForm(forms.Form):
    """The choice of items. None is preselected, and only offered_items items are valid."""

    items = forms.MultipleChoiceField(label=gettext_lazy("What to carry over"))

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.by_key = {item.key: item for item in items}
        self.fields["items"].choices = [(key, key) for key in self.by_key]
        self.fields["items"].error_messages = {
            "required": _("Select at least one thing to carry over."),
            "invalid_choice": _("Something you selected is no longer available. Check your selection."),
        }

    @property
    def chosen(self) -> list:
        return [self.by_key[key] for key in self.cleaned_data["items"]]


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request, pk):
    """Let the mentee carry items over. The new mentor sees these and nothing else from before."""
    pairs = Pair.objects.editable_by(request.user).filter(mentee=request.user)
    pair = get_object_or_404(pairs, pk=pk).for_reader(request.user)
    today = request.user.today()
    groups = offered_items(pair, today)
    items = [item for _earlier, kinds in groups for _kind, items in kinds for item in items]
    form = HandoverForm(request.POST if request.method == "POST" else None, items=items)
    if request.method == "POST" and form.is_valid():
        try:
            n = carry_over(pair, request.user, form.chosen, today)
        except TooManyGoals:
            error = _("You can have at most %(n)s active goals. Select fewer goals, or drop one first.")
            form.add_error(None, error % {"n": ACTIVE_GOALS})
        else:
            text = ngettext("%(n)s item carried over.", "%(n)s items carried over.", n) % {"n": n}
            messages.success(request, text)
            return redirect("goal_list", pk)
    context = {
        "pair": pair,
        "mentor": pair.mentor,
        "groups": groups,
        "form": form,
        "some_left": any(not item.is_copied for item in items),
        "selected": set(request.POST.getlist("items")),
    }
    return form_page(request, "records/handover.html", context)
