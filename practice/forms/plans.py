"""The form of a practice plan."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.widgets import TimeInput
from mentoring.models import Pair
from practice.models import PracticePlan
from practice.models.plan import SUGGESTED_AT_MOST


class PlanForm(forms.ModelForm):
    """What, how often, and when. A plan that exists keeps what it is and whom it is about."""

    class Meta:
        model = PracticePlan
        fields = ["pair", "kind", "title", "per_week", "weekday", "at", "reminds"]
        widgets = {"at": TimeInput(), "title": forms.TextInput(), "kind": forms.RadioSelect()}
        labels = {"pair": _("In your work with")}
        help_texts = {
            "title": _("Only for something of your own: “Ask one question before I give advice.”"),
            "per_week": _("Once is plenty. A week that you miss takes nothing away."),
        }

    def __init__(self, *args, pairs: list[Pair], user, **kwargs):
        self.pairs, self.user = pairs, user
        super().__init__(*args, **kwargs)
        self.fields["title"].widget.attrs["maxlength"] = 200
        if self.instance.pk:
            del self.fields["pair"], self.fields["kind"]
            if self.instance.kind:
                del self.fields["title"]
            return
        self.active_count = PracticePlan.objects.visible_to(user).active().count()
        self.fields["pair"].queryset = Pair.objects.filter(pk__in=[pair.pk for pair in pairs])
        self.fields["pair"].choices = [(pair.pk, str(pair.other(user))) for pair in pairs]
        if len(pairs) == 1:
            del self.fields["pair"]

    @property
    def is_many(self) -> bool:
        """Return True if one more is probably too much; it only warns."""
        return not self.instance.pk and self.active_count >= SUGGESTED_AT_MOST

    def clean(self):
        values = super().clean()
        kind = self.instance.kind if self.instance.pk else values.get("kind")
        title = " ".join(values.get("title", "").split())
        if "title" in self.fields and not kind and not title and "title" not in self.errors:
            self.add_error("title", _("Describe it in one line, or choose another practice."))
        values["title"] = "" if kind else title
        return values

    def create(self) -> PracticePlan:
        values = {"pair": self.pairs[0], **self.cleaned_data}
        plan = PracticePlan.objects.create(user=self.user, **values)
        plan.pair.replan()
        return plan

    def change(self) -> None:
        """Store the fields of the form, and nothing else."""
        values = {name: self.cleaned_data[name] for name in self.fields}
        plan = PracticePlan.objects.get(pk=self.instance.pk)
        for name, value in values.items():
            setattr(plan, name, value)
        plan.save(update_fields=list(values))
        plan.pair.replan()
