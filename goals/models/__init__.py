from goals.models.commitment import Commitment, CommitmentEvent
from goals.models.goal import Goal, Milestone, WorkItem

__all__ = ["Commitment", "CommitmentEvent", "Goal", "Milestone", "WorkItem"]
