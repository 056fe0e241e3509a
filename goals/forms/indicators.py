"""Forms for an indicator and for its values."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.widgets import DateInput
from goals.forms.base import PairContentForm
from goals.models import Indicator, Reading
from goals.models.indicator import MAX_TRACKED, TOO_MANY


class IndicatorForm(PairContentForm):
    """One of the three ready-made indicators, or the pair's own."""

    new_heading, edit_heading = _("Track an indicator"), _("Edit indicator")
    sub = _("Only the two of you see its values.")
    more = _("Unit, how often, target")
    folded = ("unit", "every_days", "target")

    class Meta:
        model = Indicator
        fields = ["preset", "title", "kind", "entered_by", "unit", "every_days", "target"]
        labels = {"preset": _("Ready-made, or your own?")}
        help_texts = {
            "title": _("“How confident I feel before the weekly review”. A ready-made indicator already has a name."),
            "unit": _("For a measurement or a count: minutes, pages, talks."),
            "target": _("The value you want to reach."),
        }

    def set_up(self):
        tracked = [] if self.instance.pk else Indicator.objects.filter(pair=self.pair).current()
        taken = {row.preset for row in tracked}
        self.full = len(tracked) >= MAX_TRACKED
        self.fields["title"].required = False
        self.fields["every_days"].required = False
        self.fields["every_days"].choices = [("", _("whenever it suits")), *Indicator.Rhythm.choices]
        self.fields["preset"].choices = [("", _("our own"))] + [
            (value, label) for value, label in Indicator.Preset.choices if value not in taken
        ]
        if self.instance.pk:
            # These define what the stored values mean, so they cannot change later.
            for name in ("preset", "kind", "entered_by"):
                del self.fields[name]

    def clean(self):
        fields = super().clean()
        preset = fields.get("preset", self.instance.preset)
        if self.full:
            self.add_error(None, TOO_MANY % {"n": MAX_TRACKED})
        if not (fields.get("title") or "").strip():
            if preset:
                fields["title"] = str(Indicator.Preset(preset).label)
            else:
                self.add_error("title", _("Enter a name for your indicator."))
        if preset == Indicator.Preset.QUALITY and not self.instance.pk:
            fields |= {"kind": Indicator.Kind.RATING, "entered_by": Indicator.EnteredBy.BOTH}
        kind, target = fields.get("kind", self.instance.kind), fields.get("target")
        if (
            target is not None
            and kind == Indicator.Kind.RATING
            and preset not in Indicator.COMPUTED
            and not 1 <= target <= 5
        ):
            self.add_error("target", _("Enter a target between 1 and 5."))
        return fields


class ReadingForm(forms.Form):
    """One value for one day. To replace a value of the same day, the person submits it twice."""

    measured_on = forms.DateField(label=_("For which day?"), widget=DateInput())
    note = forms.CharField(label=_("Comment"), max_length=300, required=False)
    replaces = ""  # the day whose value would be replaced; the template sends it back

    def __init__(self, *args, indicator: Indicator, user, **kwargs):
        self.indicator, self.user = indicator, user
        super().__init__(*args, **kwargs)
        self.fields = {"value": self.value_field()} | self.fields
        today = user.today()
        self.fields["measured_on"].initial = today
        self.fields["measured_on"].widget.attrs["max"] = today.isoformat()

    def value_field(self) -> forms.Field:
        indicator, label = self.indicator, self.indicator.title
        if indicator.steps:
            return forms.TypedChoiceField(
                label=label,
                choices=[(str(value), step_label) for value, step_label in indicator.steps],
                coerce=int,
                widget=forms.RadioSelect,
            )
        least = 0 if indicator.kind == Indicator.Kind.CUMULATIVE else None
        return forms.DecimalField(
            label=label, max_digits=12, decimal_places=2, min_value=least, help_text=indicator.unit
        )

    def clean_measured_on(self):
        measured_on = self.cleaned_data["measured_on"]
        if measured_on > self.user.today():
            raise forms.ValidationError(_("This day is in the future. Pick today or an earlier day."))
        return measured_on

    def clean(self):
        fields = super().clean()
        measured_on, value = fields.get("measured_on"), fields.get("value")
        if measured_on is None or value is None:
            return fields
        before = Reading.objects.filter(indicator=self.indicator, created_by=self.user, measured_on=measured_on).first()
        if before and before.value != value and self.data.get("replaces") != measured_on.isoformat():
            self.replaces = measured_on.isoformat()
            error = _("You already entered %(value)s for this day. Submit again to replace it.")
            self.add_error("value", error % {"value": before})
        return fields
