from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

SNOOZES = (3, 7, 14)  # days


class SnoozeForm(forms.Form):
    """Why what was found about pairs can wait, and for how many days."""

    reason = forms.CharField(label=_("Why can it wait?"), max_length=200)
    days = forms.TypedChoiceField(
        label=_("For how many days?"),
        coerce=int,
        choices=[(n, ngettext_lazy("%(n)s day", "%(n)s days", n) % {"n": n}) for n in SNOOZES],
    )
