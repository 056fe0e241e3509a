"""Forms of inventories."""

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import Competency
from practice.forms.entries import programs_of
from practice.models import InventoryRun
from practice.models.inventory import mark_choices


class AnswersForm(forms.Form):
    """One choice for each statement; every one is optional."""

    version = forms.IntegerField(label=_("Version"), widget=forms.HiddenInput())

    def __init__(self, data=None, *, run: InventoryRun):
        self.run = run
        super().__init__(data, initial={"version": run.version})
        for statement in run.inventory.statements:
            self.fields[statement.key] = forms.TypedChoiceField(
                label=statement.text,
                choices=mark_choices(),
                coerce=int,
                empty_value=None,
                required=False,
                initial=str(run.answers.get(statement.key, "")),
                widget=forms.RadioSelect(),
            )

    @property
    def themes(self) -> list[tuple]:
        """The themes, each with the fields of its statements."""
        return [(theme, [self[one.key] for one in theme.statements]) for theme in self.run.inventory.themes]

    @property
    def answers(self) -> dict[str, int]:
        keys = [one.key for one in self.run.inventory.statements]
        return {key: self.cleaned_data[key] for key in keys if self.cleaned_data.get(key)}


class CompetencyForm(forms.Form):
    """The competency that a statement is evidence for."""

    competency = forms.ModelChoiceField(queryset=Competency.objects.none(), label=_("Competency"))

    def __init__(self, data=None, *, user):
        super().__init__(data)
        self.fields["competency"].queryset = Competency.objects.current().filter(program__in=programs_of(user))
