"""The texts of practice entries, for the editor that all texts share (sessions/texts.py): entry-12-text."""

from contextlib import AbstractContextManager

from django.utils import timezone

from practice.models import Entry, EntryText
from sessions.texts import TextKind, register


@register
class PracticeText(TextKind):
    """Private: it has no versions, and readers see the newest text only while it is shared."""

    name, model, fields, is_private, pair_path = "entry", EntryText, ("text",), True, "entry__author"

    def label(self, row: EntryText, column: str) -> str:
        return row.label

    def locked(self, row: EntryText) -> AbstractContextManager[None]:
        return row.entry.locked()

    def after_write(self, row: EntryText) -> None:
        Entry.objects.filter(pk=row.entry_id, written_at=None).update(written_at=timezone.now())
        row.entry.touch_readers()
