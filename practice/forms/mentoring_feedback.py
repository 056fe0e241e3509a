"""The form with which a mentor answers feedback on the mentoring."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 300


class AnswerForm(forms.Form):
    """What the mentor will try, in one line."""

    text = forms.CharField(
        label=_("I will try …"), max_length=LONGEST, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
