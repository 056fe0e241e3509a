"""Take things along from an earlier pair: the mentee chooses, item by item."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from goals.models.goal import ACTIVE_GOALS
from mentoring.models import Pair
from records.handover import TooManyGoals, offered, take_along


class HandoverForm(forms.Form):
    """Nothing is ticked beforehand. What is not offered cannot be chosen."""

    items = forms.MultipleChoiceField(label=gettext_lazy("What comes along"))

    def __init__(self, *args, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.by_key = {item.key: item for item in items}
        self.fields["items"].choices = [(key, key) for key in self.by_key]
        self.fields["items"].error_messages = {
            "required": _("Tick what should come along."),
            "invalid_choice": _("Something you ticked is no longer there. Please look once more."),
        }

    @property
    def chosen(self) -> list:
        return [self.by_key[key] for key in self.cleaned_data["items"]]


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request, pk):
    """The new mentor sees what was ticked here, and nothing else of before."""
    pairs = Pair.objects.editable_by(request.user).filter(mentee=request.user)
    pair = get_object_or_404(pairs.with_people(), pk=pk)
    today = request.user.today()
    groups = offered(pair, today)
    items = [item for _earlier, kinds in groups for _kind, items in kinds for item in items]
    form = HandoverForm(request.POST if request.method == "POST" else None, items=items)
    if request.method == "POST" and form.is_valid():
        try:
            n = take_along(pair, request.user, form.chosen, today)
        except TooManyGoals:
            said = _("That would be more than %(n)s goals at once. Leave one out, or let one go first.")
            form.add_error(None, said % {"n": ACTIVE_GOALS})
        else:
            said = ngettext("%(n)s thing came along.", "%(n)s things came along.", n) % {"n": n}
            messages.success(request, said)
            return redirect("goal_list", pk)
    context = {
        "pair": pair,
        "mentor": pair.mentor,
        "groups": groups,
        "form": form,
        "left": any(not item.taken for item in items),
        "ticked": set(request.POST.getlist("items")),
    }
    return render(request, "records/handover.html", context, status=422 if form.errors else 200)
