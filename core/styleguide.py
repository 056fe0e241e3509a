"""The style guide: each part of the pages once, with its states, for developers and for tests in a browser."""

from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core.charts import Chart, Line
from core.widgets import DateInput

FIRST = date(2026, 9, 4)


class SampleForm(forms.Form):
    """One field of each kind."""

    goal = forms.CharField(label=_("Goal"), help_text=_("One line. You both see it."))
    due_on = forms.DateField(label=_("Due date"), widget=DateInput())
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    cadence = forms.ChoiceField(
        label=_("How often pairs meet"), choices=[("1", _("every week")), ("2", _("every 2 weeks"))]
    )
    colors = forms.ChoiceField(
        label=_("Colors"),
        choices=[("system", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=forms.RadioSelect,
    )
    people = forms.MultipleChoiceField(
        label=_("People"),
        choices=[("mentor", _("mentor")), ("mentee", _("mentee"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    email = forms.BooleanField(label=_("Email both people"), required=False)
    reminders = forms.BooleanField(
        label=_("Reminders"), required=False, widget=forms.CheckboxInput(attrs={"role": "switch"})
    )


@require_safe
@login_not_required
def styleguide(request):
    """Show the page in development only."""
    if not settings.DEBUG:
        raise Http404
    days = [FIRST + timedelta(days=14 * number) for number in range(6)]
    lines = [
        Line("Ada", list(zip(days, (2, 2, 3, 3, 4, 4), strict=True))),
        Line("Sam", list(zip(days, (3, 3, 3, 4, 4, 5), strict=True))),
    ]
    filled = {"goal": "Lead a project", "cadence": "2", "colors": "system", "people": ["mentor"], "reminders": "on"}
    context = {
        "form": SampleForm(filled),  # without a due date
        "ticks": ["held", "held", "moved", "missed", "next"],
        "chart": Chart(lines, least=1, most=5),
        "no_chart": Chart([]),
        "names": ("Ada Lind", "Sam Okafor"),
    }
    return render(request, "styleguide.html", context)
