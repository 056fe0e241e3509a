"""Forms of buddies."""

from django import forms
from django.utils.translation import gettext_lazy as _

from practice.models.buddies import LONGEST_LINE


class AskForm(forms.Form):
    """Whom to ask. The answer is the same whether or not the person exists."""

    email = forms.EmailField(
        label=_("Email address of a mentee in your program"),
        help_text=_("They decide. Until they agree, nothing is shared."),
    )


class LineForm(forms.Form):
    """A line or two to the buddy, or the answer to one."""

    text = forms.CharField(
        label=_("A line or two"), max_length=LONGEST_LINE, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
