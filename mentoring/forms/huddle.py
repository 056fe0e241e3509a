"""Forms of the huddle among mentors."""

from django import forms
from django.utils.translation import gettext_lazy as _

NOTICE = _("Name no mentee, and nothing by which one could be recognized. Mentors and program admins read this.")


class QuestionForm(forms.Form):
    """A question to the mentors of a program."""

    text = forms.CharField(
        label=_("Your question to the mentors"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=NOTICE,
    )


class AnswerForm(forms.Form):
    """An answer, with the version that it changes; 0: it is new."""

    text = forms.CharField(
        label=_("Your answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), help_text=NOTICE
    )
    version = forms.IntegerField(label=_("Version"), min_value=0, widget=forms.HiddenInput())
