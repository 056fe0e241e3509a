from django import forms
from django.utils.translation import gettext_lazy as _

from sessions.models import CheckIn


class CheckInForm(forms.Form):
    """Three taps, and one line if one likes."""

    answer = forms.ChoiceField(label=_("How is it going?"), choices=CheckIn.Answer.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What is it about?"), max_length=300, required=False, help_text=_("One line, or nothing.")
    )

    def say(self, pair, by) -> CheckIn:
        return CheckIn.say(pair, by, self.cleaned_data["answer"], self.cleaned_data["note"])
