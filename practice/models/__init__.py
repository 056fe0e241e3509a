from practice.models.entry import Entry, EntryText, Share
from practice.models.plan import PracticePlan, PracticeTick

__all__ = ["Entry", "EntryText", "PracticePlan", "PracticeTick", "Share"]
