from practice.models.buddies import Buddies, BuddyUpdate
from practice.models.entry import Entry, EntryText, Share
from practice.models.experiment import Experiment
from practice.models.introduction import Introduction
from practice.models.inventory import InventoryPick, InventoryRun
from practice.models.mentoring import MentoringFeedback
from practice.models.opportunity import Opportunity, OpportunityApplication
from practice.models.plan import PracticePlan, PracticeTick
from practice.models.program_inventory import InventoryVersion, ProgramInventory
from practice.models.rehearsal import Rehearsal
from practice.models.resource import PairResource, Resource
from practice.models.self_review import SelfReview
from practice.models.stakeholder import Stakeholder

__all__ = [
    "Buddies",
    "BuddyUpdate",
    "Entry",
    "EntryText",
    "Experiment",
    "Introduction",
    "InventoryPick",
    "InventoryRun",
    "InventoryVersion",
    "MentoringFeedback",
    "Opportunity",
    "OpportunityApplication",
    "PairResource",
    "PracticePlan",
    "PracticeTick",
    "ProgramInventory",
    "Rehearsal",
    "Resource",
    "SelfReview",
    "Share",
    "Stakeholder",
]
