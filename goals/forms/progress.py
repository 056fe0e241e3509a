"""Plans, values of indicators, rounds of feedback, and words about what was reached."""

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.forms.fields import DateInput, PastDateWarning
from goals.models import Celebration, Indicator, Plan, PlanVersion, PulseAnswer, Reading
from goals.models.pulse import FEWEST_ANSWERS, MOST_ASKED, More


class PlanForm(PastDateWarning, forms.ModelForm):
    """The first version of a plan, or the next one on top of version `version`."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    new_heading, edit_heading = _("A plan to get better at something"), _("Revise the plan")
    sub, more = _("You both see it. Every version is kept."), ""
    shown_fields, folded_fields = property(lambda self: self.visible_fields()), ()

    class Meta:
        model = PlanVersion
        fields = ["skill", "gap", "level_now", "level_target", "resources", "by_on", "review_weeks", "why"]
        widgets = {
            "by_on": DateInput(),
            "gap": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
            "resources": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        }
        help_texts = {
            "gap": _("What would somebody see that knows you well?"),
            "resources": _("A person, a book, a task that stretches you, an hour a week."),
        }

    def __init__(self, *args, plan: Plan | None = None, pair=None, user, **kwargs):
        self.plan, self.pair, self.user = plan, pair, user
        newest = plan.newest if plan else None
        super().__init__(*args, **kwargs)
        self.fields["review_weeks"].widget.attrs |= {"min": 1, "max": 26}
        if newest is None:
            del self.fields["why"]
            return
        self.fields["version"].initial = newest.number
        for name in self.fields.keys() - {"version", "why"}:
            self.initial[name] = getattr(newest, name)

    @property
    def heading(self) -> str:
        return self.edit_heading if self.plan else self.new_heading

    def clean_review_weeks(self):
        weeks = self.cleaned_data["review_weeks"]
        if not 1 <= weeks <= 26:
            raise forms.ValidationError(_("Between one week and 26."))
        return weeks

    def clean(self):
        fields = super().clean()
        now, target = fields.get("level_now"), fields.get("level_target")
        if now and target and target < now:
            self.add_error("level_target", _("This is below where you are now."))
        if self.plan is None or fields.get("by_on") != self.plan.newest.by_on:
            self.check_past(fields.get("by_on"), self.user.today(), "by_on")
        return fields

    def words(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "why")}

    def make(self) -> Plan:
        return Plan.make(self.pair, self.user, **self.words())

    def change(self, by) -> None:
        self.plan.revise(self.cleaned_data["version"] or 0, by, self.cleaned_data["why"], **self.words())


class ReadingForm(forms.Form):
    """One value for one day. A second one for the same day replaces the first, once one says so."""

    on = forms.DateField(label=_("For which day?"), widget=DateInput())
    note = forms.CharField(label=_("A word about it"), max_length=300, required=False)
    replaces = ""  # the day that was asked about; the template sends it back

    def __init__(self, *args, indicator: Indicator, user, **kwargs):
        self.indicator, self.user = indicator, user
        super().__init__(*args, **kwargs)
        self.fields = {"value": self.value_field()} | self.fields
        today = user.today()
        self.fields["on"].initial = today
        self.fields["on"].widget.attrs["max"] = today.isoformat()

    def value_field(self) -> forms.Field:
        indicator, label = self.indicator, self.indicator.title
        if indicator.steps:
            return forms.TypedChoiceField(
                label=label,
                choices=[(str(n), said) for n, said in indicator.steps],
                coerce=int,
                widget=forms.RadioSelect,
            )
        least = 0 if indicator.kind == Indicator.Kind.CUMULATIVE else None
        return forms.DecimalField(
            label=label, max_digits=12, decimal_places=2, min_value=least, help_text=indicator.unit
        )

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > self.user.today():
            raise forms.ValidationError(_("That day is still to come. Pick today or an earlier day."))
        return on

    def clean(self):
        fields = super().clean()
        on, value = fields.get("on"), fields.get("value")
        if on is None or value is None:
            return fields
        before = Reading.objects.filter(indicator=self.indicator, by=self.user, on=on).first()
        if before and before.value != value and self.data.get("replaces") != on.isoformat():
            self.replaces = on.isoformat()
            said = _("You gave %(value)s for this day already. Press again to put the new value in its place.")
            self.add_error("value", said % {"value": before})
        return fields


class PulseForm(forms.Form):
    """Whom to ask, and what they should look at."""

    about = forms.CharField(
        label=_("What should they look at?"),
        max_length=200,
        help_text=_("It completes the question “Compared with two months ago, how often do you see …?”"),
    )
    names = forms.CharField(
        label=_("Whom do you ask?"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=_("One name in each line, up to five. Each gets a link of their own, which you send."),
    )

    def clean_names(self):
        names = [" ".join(line.split())[:100] for line in self.cleaned_data["names"].splitlines() if line.strip()]
        if len(names) > MOST_ASKED:
            raise forms.ValidationError(_("Ask five people at most."))
        if len(names) < FEWEST_ANSWERS:
            raise forms.ValidationError(
                _("Ask at least three people: below three answers nothing is shown, so that nobody can be recognized.")
            )
        return names


class PulseAnswerForm(forms.ModelForm):
    """Three questions, no account."""

    more = forms.TypedChoiceField(choices=More.choices, coerce=int, widget=forms.RadioSelect)

    class Meta:
        model = PulseAnswer
        fields = ["more", "keep", "change"]
        widgets = {name: forms.Textarea(attrs={"rows": 3, "dir": "auto"}) for name in ("keep", "change")}

    def __init__(self, *args, about: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["more"].label = _("Compared with two months ago, how often do you see: %(what)s?") % {"what": about}


class CelebrationForm(forms.ModelForm):
    class Meta:
        model = Celebration
        fields = ["text"]
        help_texts = {"text": _("One line is plenty: “You waited, and they came to you.”")}

    def make(self, by) -> Celebration:
        self.instance.by = by
        self.instance.save()
        self.instance.pair.touch()
        return self.instance


class LetGoForm(forms.Form):
    """A goal is let go: why, and what becomes of the commitments that serve it."""

    why = forms.CharField(
        label=_("Why?"), max_length=300, required=False, help_text=_("A word helps you both later; it may stay empty.")
    )
    drop_open = forms.BooleanField(label=_("Drop its open commitments, too"), required=False)

    def __init__(self, *args, open_commitments, **kwargs):
        super().__init__(*args, **kwargs)
        self.open_commitments = open_commitments
        if not open_commitments:
            del self.fields["drop_open"]
