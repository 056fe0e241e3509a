from goals.models.commitment import Commitment, CommitmentEvent
from goals.models.goal import Goal, WorkItem

__all__ = ["Commitment", "CommitmentEvent", "Goal", "WorkItem"]
