from goals.forms.commitments import (
    AnswerForm,
    CommitmentEditForm,
    CommitmentForm,
    DoneForm,
    DropForm,
    MoveForm,
    PartlyForm,
    SplitForm,
)
from goals.forms.fields import DateInput, OffersRows, on_top_of
from goals.forms.lasting import (
    AdvocacyForm,
    GoalForm,
    IndicatorForm,
    MilestoneForm,
    OutcomeForm,
    WorkItemForm,
    WorkItemReviewForm,
)
from goals.forms.progress import CelebrationForm, LetGoForm, PlanForm, PulseAnswerForm, PulseForm, ReadingForm

__all__ = [
    "AdvocacyForm",
    "AnswerForm",
    "CelebrationForm",
    "CommitmentEditForm",
    "CommitmentForm",
    "DateInput",
    "DoneForm",
    "DropForm",
    "GoalForm",
    "IndicatorForm",
    "LetGoForm",
    "MilestoneForm",
    "MoveForm",
    "OffersRows",
    "OutcomeForm",
    "PartlyForm",
    "PlanForm",
    "PulseAnswerForm",
    "PulseForm",
    "ReadingForm",
    "SplitForm",
    "WorkItemForm",
    "WorkItemReviewForm",
    "on_top_of",
]
