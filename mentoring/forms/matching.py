from dataclasses import asdict

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.merging_forms import MergingForm
from mentoring.matching import WEIGHTS
from mentoring.matching.rules import MAX_GRADES, Rules
from mentoring.models import Program

# The label of each weight, and how its part of the score is calculated (docs/rules.md, pairing).
LABELS = {
    "aims": (
        gettext_lazy("What they want to learn and can help with"),
        gettext_lazy("Full score for a mentor who can help with everything the mentee wants to learn."),
    ),
    "style": (
        gettext_lazy("Communication style"),
        gettext_lazy("Full score for the same style, half if one of them did not choose a style."),
    ),
    "hours": (
        gettext_lazy("Shared working hours"),
        gettext_lazy("Full score for four hours or more a day, half if a time zone is not known."),
    ),
    "wish": (
        gettext_lazy("Mentees’ choices of mentor"),
        gettext_lazy("Full score for the first choice, 70% for the second, 40% for the third."),
    ),
    "interests": (
        gettext_lazy("Shared interests"),
        gettext_lazy("Full score for two shared interests or more."),
    ),
}


class WeightsForm(MergingForm, forms.Form):
    """The weight of each part of the score; only the ratio between weights matters."""

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, **kwargs)
        for name, usual in WEIGHTS.items():
            value = program.match_weights.get(name, usual)
            label, help_text = LABELS[name]
            self.fields[name] = forms.IntegerField(
                label=label, help_text=help_text, min_value=0, max_value=100, initial=value
            )
        self.add_hidden_initials()

    def clean(self):
        fields = super().clean()
        if not self.errors and not any(fields.values()):
            raise forms.ValidationError(_("Enter at least one weight above 0."))
        return fields


class RulesForm(MergingForm, forms.Form):
    """The optional matching rules of a program."""

    other_team = forms.BooleanField(
        label=gettext_lazy("Mentor and mentee work in different teams or departments"), required=False
    )
    other_manager = forms.BooleanField(
        label=gettext_lazy("Mentor and mentee have different managers or advisors"), required=False
    )
    grades_above = forms.IntegerField(
        label=gettext_lazy("The mentor is at least this many grades above the mentee"),
        help_text=gettext_lazy("0 turns the rule off. People without a grade are not ruled out."),
        min_value=0,
        max_value=MAX_GRADES,
    )
    every_mentor = forms.BooleanField(
        label=gettext_lazy("Every mentor gets at least one mentee"),
        help_text=gettext_lazy("No mentor gets a second mentee while another mentor who fits a mentee has none."),
        required=False,
    )

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, initial=asdict(Rules.from_stored(program.match_rules)), **kwargs)
        self.add_hidden_initials()

    def rules(self) -> Rules:
        return Rules(**self.cleaned_data)
