"""Forms of feedback: its texts, and what it is about."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.widgets import DateInput
from goals.forms.fields import OffersRows
from goals.models import Competency, WorkEvent
from mentoring.models import Pair
from sessions.forms.pieces import PiecesForm
from sessions.models import Feedback
from sessions.texts import piece_of


class FeedbackForm(PiecesForm):
    """The texts of a feedback."""

    def __init__(self, data=None, *, feedback: Feedback):
        super().__init__(data, pieces={name: piece_of(feedback, name) for name in Feedback.FIELDS})


class AboutForm(OffersRows, forms.ModelForm):
    """What a feedback is about. Only what this person changed is stored, because both people may edit it."""

    class Meta:
        model = Feedback
        fields = ["competency", "work_event", "happened_on"]
        widgets = {"happened_on": DateInput()}

    def __init__(self, *args, pair: Pair, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        competencies = Competency.objects.filter(program=pair.program_id)
        self.offer("competency", competencies.current() | competencies.filter(pk=self.instance.competency_id))
        events = WorkEvent.objects.filter(pair=pair)
        self.offer("work_event", events.current() | events.filter(pk=self.instance.work_event_id))
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean_happened_on(self):
        day = self.cleaned_data["happened_on"]
        if day and day > self.user.today():
            raise forms.ValidationError(_("This day is in the future. Pick today or an earlier day."))
        return day

    def save(self) -> None:
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name in self.data}
        event = changed.get("work_event")
        if event and not self.cleaned_data["happened_on"] and event.happens_on <= self.user.today():
            changed["happened_on"] = event.happens_on
        if changed:
            with self.instance.pair.locked():
                Feedback.objects.filter(pk=self.instance.pk).update(**changed)
                self.instance.pair.touch()


class StartForm(OffersRows, forms.Form):
    """What the feedback will be about."""

    competency = forms.ModelChoiceField(queryset=Competency.objects.none(), label=_("Competency"), required=False)
    work_event = forms.ModelChoiceField(queryset=WorkEvent.objects.none(), label=_("Work event"), required=False)

    def __init__(self, *args, pair: Pair, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer("competency", Competency.objects.filter(program=pair.program_id).current())
        self.offer("work_event", WorkEvent.objects.filter(pair=pair).current())
