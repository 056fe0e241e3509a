"""Forms to add, edit and drop a goal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.forms.base import PairContentForm
from goals.forms.fields import RowsField
from goals.models import Competency, Goal, Priority


class GoalForm(PairContentForm):
    new_heading, edit_heading = _("Add a goal"), _("Edit goal")
    sub, more = _("You both see it."), _("Why it matters, how you will know")
    folded = ("why", "measure", "priorities", "competencies", "reason")

    reason = forms.CharField(
        label=_("Why are you changing it?"),
        max_length=300,
        required=False,
        help_text=_("Your reason is kept with the change."),
    )

    class Meta:
        model = Goal
        fields = ["title", "why", "measure", "priorities", "competencies"]
        help_texts = {"title": _("One line: “Lead a review without my manager in the room”.")}
        labels = {
            "priorities": _("Which priorities does it support?"),
            "competencies": _("Which competencies does it build?"),
        }
        field_classes = {"priorities": RowsField, "competencies": RowsField}
        widgets = {"priorities": forms.CheckboxSelectMultiple, "competencies": forms.CheckboxSelectMultiple}

    def set_up(self):
        program = self.pair.program_id
        for name, model in (("priorities", Priority), ("competencies", Competency)):
            rows = model.objects.filter(program=program)
            chosen = rows.filter(goals=self.instance.pk) if self.instance.pk else rows.none()
            self.offer(name, (rows.current() | chosen).distinct())
        if not self.instance.pk:
            del self.fields["reason"]


class DropGoalForm(forms.Form):
    """Why a goal is dropped, and whether its open commitments are dropped with it."""

    reason = forms.CharField(
        label=_("Why?"), max_length=300, required=False, help_text=_("Optional. A reason helps you both later.")
    )
    drop_open = forms.BooleanField(label=_("Also drop its open commitments"), required=False)

    def __init__(self, *args, open_commitments, **kwargs):
        super().__init__(*args, **kwargs)
        self.open_commitments = open_commitments
        if not open_commitments:
            del self.fields["drop_open"]
