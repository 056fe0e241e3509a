"""The form to add or edit a milestone."""

from django.utils.translation import gettext_lazy as _

from core.widgets import DateInput
from goals.forms.base import PairContentForm
from goals.models import Milestone


class MilestoneForm(PairContentForm):
    """A milestone of the goal that the instance names."""

    new_heading, edit_heading = _("Add a milestone"), _("Edit milestone")

    class Meta:
        model = Milestone
        fields = ["title", "due_on"]
        widgets = {"due_on": DateInput()}
        help_texts = {"title": _("Something you will both notice: “Lin lets me run the weekly review”.")}

    def set_owner(self, pair, user):
        self.instance.created_by = user  # a milestone has the pair of its goal

    @property
    def sub(self) -> str:
        return _("Toward the goal: %(goal)s") % {"goal": self.instance.goal.title}
