from goals.models.commitment import Commitment, CommitmentEvent, count_kept
from goals.models.direction import Competency, Priority
from goals.models.feedback_round import FeedbackAnswer, FeedbackInvite, FeedbackRound
from goals.models.goal import Goal, Milestone, WorkEvent
from goals.models.indicator import Indicator, Reading
from goals.models.outcome import AdvocacyNote, Celebration, Outcome
from goals.models.pivot import Pivot
from goals.models.plan import Plan, PlanVersion

__all__ = [
    "AdvocacyNote",
    "Celebration",
    "Commitment",
    "CommitmentEvent",
    "Competency",
    "FeedbackAnswer",
    "FeedbackInvite",
    "FeedbackRound",
    "Goal",
    "Indicator",
    "Milestone",
    "Outcome",
    "Pivot",
    "Plan",
    "PlanVersion",
    "Priority",
    "Reading",
    "WorkEvent",
    "count_kept",
]
