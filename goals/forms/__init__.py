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
from goals.forms.feedback_rounds import FeedbackAnswerForm, FeedbackRoundForm
from goals.forms.fields import OffersRows, with_current_version
from goals.forms.goals import DropGoalForm, GoalForm
from goals.forms.indicators import IndicatorForm, ReadingForm
from goals.forms.milestones import MilestoneForm
from goals.forms.outcomes import AdvocacyForm, CelebrationForm, OutcomeForm
from goals.forms.plans import PlanForm
from goals.forms.work_events import WorkEventForm, WorkEventReviewForm

__all__ = [
    "AdvocacyForm",
    "AnswerForm",
    "CelebrationForm",
    "CommitmentEditForm",
    "CommitmentForm",
    "DoneForm",
    "DropForm",
    "DropGoalForm",
    "FeedbackAnswerForm",
    "FeedbackRoundForm",
    "GoalForm",
    "IndicatorForm",
    "MilestoneForm",
    "MoveForm",
    "OffersRows",
    "OutcomeForm",
    "PartlyForm",
    "PlanForm",
    "ReadingForm",
    "SplitForm",
    "WorkEventForm",
    "WorkEventReviewForm",
    "with_current_version",
]
