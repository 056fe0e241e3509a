"""Forms of inventories."""

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import Competency
from practice.forms.entries import programs_of
from practice.models.inventory import mark_choices


class MarkForm(forms.Form):
    """The answer to one statement; an empty one takes it back."""

    value = forms.TypedChoiceField(
        label=_("Your answer"), choices=mark_choices, coerce=int, empty_value=None, required=False
    )


class CompetencyForm(forms.Form):
    """The competency that a statement is evidence for."""

    competency = forms.ModelChoiceField(queryset=Competency.objects.none(), label=_("Competency"))

    def __init__(self, data=None, *, user):
        super().__init__(data)
        self.fields["competency"].queryset = Competency.objects.current().filter(program__in=programs_of(user))
