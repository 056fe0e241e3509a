from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formatting import day
from core.merging_forms import MergingForm
from goals.forms import DateInput
from mentoring.models import Pair


class PauseForm(MergingForm, forms.Form):
    """From when to when the two rest."""

    merged = together = ("from_on", "resume_on")

    from_on = forms.DateField(label=gettext_lazy("From"), widget=DateInput())
    resume_on = forms.DateField(
        label=gettext_lazy("We go on"), widget=DateInput(), help_text=gettext_lazy("Reminders come again on that day.")
    )
    skip = forms.BooleanField(label=gettext_lazy("Skip the sessions planned in between"), required=False, initial=True)

    def __init__(self, *args, pair: Pair, user, **kwargs):
        self.pair, self.today = pair, user.today()
        super().__init__(
            *args, initial={"from_on": pair.paused_from or self.today, "resume_on": pair.paused_until}, **kwargs
        )
        self.carry_what_is_shown()

    def clean(self):
        said = super().clean()
        start, end = said.get("from_on"), said.get("resume_on")
        if start and start < self.today and start != self.pair.paused_from:  # what is past stays as it was counted
            self.add_error("from_on", _("That day is over. A pause begins today or later."))
        if end and end <= self.today:
            self.add_error("resume_on", _("That day has come already. Pick a later one."))
        elif start and end and end <= start:
            self.add_error("resume_on", _("It goes on after it began. Pick a later day."))
        elif end and end > self.pair.ends_on:
            ends = {"day": day(self.pair.ends_on)}
            self.add_error("resume_on", _("Your time together ends %(day)s: go on by then, or end it.") % ends)
        return said
