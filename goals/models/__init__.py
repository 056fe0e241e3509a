from goals.models.commitment import Commitment, CommitmentEvent
from goals.models.direction import Competency, Priority
from goals.models.goal import Goal, Milestone, WorkItem
from goals.models.indicator import Indicator, Reading
from goals.models.outcome import AdvocacyNote, Celebration, Outcome
from goals.models.pivot import Pivot
from goals.models.plan import Plan, PlanVersion
from goals.models.pulse import Pulse, PulseAnswer, PulseInvite

__all__ = [
    "AdvocacyNote",
    "Celebration",
    "Commitment",
    "CommitmentEvent",
    "Competency",
    "Goal",
    "Indicator",
    "Milestone",
    "Outcome",
    "Pivot",
    "Plan",
    "PlanVersion",
    "Priority",
    "Pulse",
    "PulseAnswer",
    "PulseInvite",
    "Reading",
    "WorkItem",
]
