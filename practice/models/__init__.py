from practice.models.entry import Entry, EntryText, Share

__all__ = ["Entry", "EntryText", "Share"]
