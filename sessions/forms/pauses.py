from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formatting import day
from core.merging_forms import MergingForm
from core.widgets import DateInput
from mentoring.models import Pair


class PauseForm(MergingForm, forms.Form):
    """First day of a pause, and the day on which the pair resumes."""

    merged = together = ("from_on", "resume_on")

    from_on = forms.DateField(label=gettext_lazy("From"), widget=DateInput())
    resume_on = forms.DateField(
        label=gettext_lazy("Resume on"), widget=DateInput(), help_text=gettext_lazy("Reminders start again that day.")
    )
    skip = forms.BooleanField(
        label=gettext_lazy("Skip the sessions scheduled in between"), required=False, initial=True
    )

    def __init__(self, *args, pair: Pair, user, **kwargs):
        self.pair, self.today = pair, user.today()
        super().__init__(
            *args, initial={"from_on": pair.paused_from or self.today, "resume_on": pair.paused_until}, **kwargs
        )
        self.add_hidden_initials()

    def clean(self):
        data = super().clean()
        start, end = data.get("from_on"), data.get("resume_on")
        if start and start < self.today and start != self.pair.paused_from:  # past days have been counted already
            self.add_error("from_on", _("Choose today or a later day."))
        if end and end <= self.today:
            self.add_error("resume_on", _("Choose a day after today."))
        elif start and end and end <= start:
            self.add_error("resume_on", _("Choose a day after the pause starts."))
        elif end and end > self.pair.ends_on:
            ends = {"day": day(self.pair.ends_on)}
            self.add_error(
                "resume_on", _("Your time together ends %(day)s. Resume by then, or end your mentoring.") % ends
            )
        return data
