"""Forms of opportunities: post one, apply, answer."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.widgets import DateInput
from goals.forms.fields import OffersRows
from goals.models import Competency
from mentoring.models import Program
from practice.models import Opportunity, OpportunityApplication

FARTHEST = timedelta(days=366)  # from today to the last day to apply
USUAL = timedelta(days=21)


class OpportunityForm(OffersRows, forms.ModelForm):
    """What is offered. Its version tells whether it was changed on another device meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Opportunity
        fields = ["title", "text", "competency", "place", "effort", "places", "apply_by"]
        widgets = {"text": forms.Textarea(attrs={"rows": 5}), "apply_by": DateInput()}
        help_texts = {
            "title": _("One line, such as “Lead the launch retrospective”."),
            "text": _("What has to be done, with whom, and what they can learn from it."),
            "place": _("A team, a city, or online."),
            "effort": _("For example, “two hours a week until June”."),
        }

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.program = program
        rows = Competency.objects.filter(program=program)
        self.offer("competency", rows.current() | rows.filter(pk=self.instance.competency_id))
        self.fields["version"].initial = self.instance.version
        if self.instance.pk is None:
            self.initial["apply_by"] = program.today() + USUAL

    def clean_apply_by(self):
        day, today = self.cleaned_data["apply_by"], self.instance.program.today()
        if day < today and day != self.initial.get("apply_by"):
            raise forms.ValidationError(gettext("This day has passed. Pick today or a later day."))
        if day > today + FARTHEST:
            raise forms.ValidationError(gettext("Pick a day within a year."))
        return day

    def clean_places(self):
        places, taken = self.cleaned_data["places"], getattr(self.instance, "taken", 0)
        if places < taken:
            text = ngettext(
                "%(n)s place is already taken. Enter at least that many.",
                "%(n)s places are already taken. Enter at least that many.",
                taken,
            )
            raise forms.ValidationError(text % {"n": taken})
        return places


class ApplyForm(forms.ModelForm):
    """One short note for the person who posted it."""

    class Meta:
        model = OpportunityApplication
        fields = ["note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3, "dir": "auto"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True
        self.fields["note"].help_text = _("One or two sentences.")


class AnswerForm(forms.Form):
    """The answer of the poster; nobody is declined without a line."""

    line = forms.CharField(label=_("Your answer, in one line"), max_length=300, required=False)
    accept = forms.TypedChoiceField(
        label=_("Your answer"), choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1"
    )

    def clean(self):
        values = super().clean()
        if values.get("accept") is False and not values.get("line") and "line" not in self.errors:
            self.add_error("line", gettext("Write a kind line first. It’s the only answer they get."))
        return values
