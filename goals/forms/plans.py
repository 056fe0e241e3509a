"""The form for an improvement plan."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.widgets import DateInput
from goals.forms.fields import PastDateWarning
from goals.models import Plan, PlanVersion


class PlanForm(PastDateWarning, forms.ModelForm):
    """The first version of a plan, or the next one on top of version `version`."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    new_heading, edit_heading = _("Add an improvement plan"), _("Revise plan")
    sub, more = _("You both see it. Every version is kept."), ""
    shown_fields, folded_fields = property(lambda self: self.visible_fields()), ()

    class Meta:
        model = PlanVersion
        fields = ["skill", "gap", "level_now", "level_target", "resources", "due_on", "review_weeks", "reason"]
        widgets = {
            "due_on": DateInput(),
            "gap": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
            "resources": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        }
        help_texts = {
            "gap": _("What would someone who knows you well notice?"),
            "resources": _("A person, a book, a task that stretches you, an hour a week."),
        }

    def __init__(self, *args, plan: Plan | None = None, pair=None, user, **kwargs):
        self.plan, self.pair, self.user = plan, plan.pair if plan else pair, user
        newest = plan.newest if plan else None
        super().__init__(*args, **kwargs)
        self.fields["review_weeks"].widget.attrs |= {"min": 1, "max": 26}
        if newest is None:
            del self.fields["reason"]
            return
        self.fields["version"].initial = newest.number
        for name in self.fields.keys() - {"version", "reason"}:
            self.initial[name] = getattr(newest, name)

    @property
    def heading(self) -> str:
        return self.edit_heading if self.plan else self.new_heading

    def clean_review_weeks(self):
        weeks = self.cleaned_data["review_weeks"]
        if not 1 <= weeks <= 26:
            raise forms.ValidationError(_("Enter a number of weeks between 1 and 26."))
        return weeks

    def clean(self):
        fields = super().clean()
        now, target = fields.get("level_now"), fields.get("level_target")
        if now and target and target < now:
            self.add_error("level_target", _("Choose a level at or above where you are now."))
        if self.plan is None or fields.get("due_on") != self.plan.newest.due_on:
            self.check_past(fields.get("due_on"), self.user.today(), "due_on")
        return fields

    def content(self) -> dict:
        """Return the fields of the new version, without its number and reason."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "reason")}

    def create(self) -> Plan:
        return Plan.create(self.pair, self.user, **self.content())

    def change(self, by) -> None:
        self.plan.revise(self.cleaned_data["version"] or 0, by, self.cleaned_data["reason"], **self.content())
