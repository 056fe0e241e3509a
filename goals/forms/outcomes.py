"""Forms for outcomes, kudos and the mentor's recommendation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.widgets import DateInput
from goals.forms.base import PairContentForm
from goals.models import AdvocacyNote, Celebration, Competency, Outcome


class OutcomeForm(PairContentForm):
    new_heading, edit_heading = _("Add an outcome"), _("Edit outcome")
    sub = _("Something that is different now and can be shown. You both see it.")
    more = _("What it came from")
    folded = ("goal", "commitment", "competency")

    evidence_url = forms.URLField(
        label=_("Where can it be seen?"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("Optional. A link that both of you can open."),
    )

    class Meta:
        model = Outcome
        fields = ["title", "kind", "happened_on", "evidence_url", "goal", "commitment", "competency"]
        widgets = {"happened_on": DateInput()}
        labels = {
            "goal": _("Which goal did it serve?"),
            "commitment": _("Which commitment did it come from?"),
            "competency": _("Which competency does it show?"),
        }
        help_texts = {
            "title": _("“The team decides in the meeting, not after it.”"),
        }

    def set_up(self):
        chosen = self.instance
        done = self.pair.commitments.filter(state="done").order_by("-settled_at")
        recent = done.values_list("pk", flat=True)[:30]
        self.offer("goal", self.pair.goals.filter(dropped_at=None) | self.pair.goals.filter(pk=chosen.goal_id))
        self.offer("commitment", self.pair.commitments.filter(pk__in=[*recent, chosen.commitment_id]))
        competencies = Competency.objects.filter(program=self.pair.program_id)
        self.offer("competency", competencies.current() | competencies.filter(pk=chosen.competency_id))
        if not chosen.pk and self.user:
            self.fields["happened_on"].initial = self.user.today()

    def clean_happened_on(self):
        happened_on = self.cleaned_data["happened_on"]
        if self.user and happened_on > self.user.today():
            raise forms.ValidationError(_("This day is in the future. Add the outcome once it has happened."))
        return happened_on


class CelebrationForm(forms.ModelForm):
    class Meta:
        model = Celebration
        fields = ["text"]
        help_texts = {"text": _("One line is plenty: “You waited, and they came to you.”")}

    def create(self, by) -> Celebration:
        self.instance.created_by = by
        self.instance.save()
        self.instance.pair.touch()
        return self.instance


class AdvocacyForm(PairContentForm):
    new_heading = edit_heading = _("Recommendation")

    class Meta:
        model = AdvocacyNote
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 8, "dir": "auto"})}
        help_texts = {"text": _("One paragraph: what you saw, an example, what you would trust this person with.")}

    @property
    def sub(self) -> str:
        return _("%(name)s decides whether it is passed on.") % {"name": self.pair.mentee.first_name}

    def set_owner(self, pair, user):
        self.instance.pair = pair
