from dataclasses import asdict

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.merging_forms import MergingForm
from mentoring.matching import WEIGHTS
from mentoring.matching.rules import MOST_GRADES, Rules
from mentoring.models import Program

# What each weight is about, and how its part of the score is worked out (docs/rules.md, pairing).
EXPLAINED = {
    "aims": (
        gettext_lazy("What they want to learn and can help with"),
        gettext_lazy("Full for a mentor who can help with everything the mentee wants to learn."),
    ),
    "style": (
        gettext_lazy("How they like to be spoken to"),
        gettext_lazy("Full for the same style, half where one of them did not choose a style."),
    ),
    "hours": (
        gettext_lazy("Working hours in common"),
        gettext_lazy("Full for four hours or more a day, half where a time zone is not known."),
    ),
    "wish": (
        gettext_lazy("Whom mentees would like"),
        gettext_lazy("Full for the first choice, 70% for the second, 40% for the third."),
    ),
    "interests": (
        gettext_lazy("Shared interests"),
        gettext_lazy("Full for two interests or more in common."),
    ),
}


class WeightsForm(MergingForm, forms.Form):
    """How much each part counts; only the proportions matter."""

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, **kwargs)
        for name, usual in WEIGHTS.items():
            value = program.match_weights.get(name, usual)
            label, help_text = EXPLAINED[name]
            self.fields[name] = forms.IntegerField(
                label=label, help_text=help_text, min_value=0, max_value=100, initial=value
            )
        self.carry_what_is_shown()

    def clean(self):
        fields = super().clean()
        if not self.errors and not any(fields.values()):
            raise forms.ValidationError(_("Something has to count."))
        return fields


class RulesForm(MergingForm, forms.Form):
    """The rules of pairing that this program turns on."""

    other_team = forms.BooleanField(
        label=gettext_lazy("Mentor and mentee work in different teams or departments"), required=False
    )
    other_manager = forms.BooleanField(
        label=gettext_lazy("Mentor and mentee have different managers or advisors"), required=False
    )
    grades_above = forms.IntegerField(
        label=gettext_lazy("The mentor is at least this many grades above the mentee"),
        help_text=gettext_lazy("0 turns the rule off. People whose grade is not known are not ruled out."),
        min_value=0,
        max_value=MOST_GRADES,
    )
    every_mentor = forms.BooleanField(
        label=gettext_lazy("Every mentor gets at least one mentee"),
        help_text=gettext_lazy("No mentor gets a second mentee while another one who fits a mentee has none."),
        required=False,
    )

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, initial=asdict(Rules.of(program.match_rules)), **kwargs)
        self.carry_what_is_shown()

    def rules(self) -> Rules:
        return Rules(**self.cleaned_data)
