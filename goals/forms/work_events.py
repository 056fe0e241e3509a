"""Forms to add, edit and review a work event."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.widgets import DateInput
from goals.forms.base import PairContentForm
from goals.models import WorkEvent


class WorkEventForm(PairContentForm):
    new_heading, edit_heading = _("Add a work event"), _("Edit work event")
    sub = _("You both see it.")

    class Meta:
        model = WorkEvent
        fields = ["title", "happens_on", "stakeholders", "needs"]
        widgets = {"happens_on": DateInput()}
        help_texts = {
            "title": _("A presentation, a launch, a conversation you would rather put off."),
            "stakeholders": _("Whose opinion counts: “Lin, the finance team”."),
            "needs": _("Time, numbers, advice from someone."),
        }


class WorkEventReviewForm(PairContentForm):
    """How a work event went. Both people are asked until one of them has answered."""

    edit_heading = _("How did it go?")

    class Meta:
        model = WorkEvent
        fields = ["how_it_went"]
        labels = {"how_it_went": _("In a sentence or two")}
        help_texts = {"how_it_went": _("You both see it. Leave it empty if there is nothing to add.")}

    @property
    def sub(self) -> str:
        return self.instance.title

    def change(self, by) -> None:
        self.cleaned_data["reviewed_at"] = timezone.now()
        super().change(by)
