"""Search in one's own entries (docs/rules.md, self-awareness).

Every text of the person is decrypted and compared. There is no index: it would show a reader of the database which
entries have something in common. Five thousand entries take less than 300 ms.
"""

from collections import defaultdict
from dataclasses import dataclass

from core.folding import folded
from practice.models import Entry, EntryText
from practice.models.entry import shortened

LONGEST = 100  # characters of a search
SHOWN = 50  # entries
BEFORE = 40  # characters that are shown before the first term that was found
AROUND = 200  # characters that are shown


@dataclass(frozen=True)
class Hit:
    """An entry, and the part of it where the first term was found."""

    entry: Entry
    part: str


@dataclass(frozen=True)
class Found:
    """The newest hits, and how many there are."""

    count: int
    hits: list[Hit]


def search(user, asked: str, kind: str = "") -> Found:
    """Return the own entries that contain each word somewhere in their texts, in three queries."""
    words = folded(asked).split()
    if not words:
        return Found(0, [])
    texts = EntryText.objects.filter(entry__author=user, entry__written_at__isnull=False)
    if kind:
        texts = texts.filter(entry__kind=kind)
    contents: dict[int, str] = defaultdict(str)
    for pk, text in texts.order_by().values_list("entry", "text").iterator():
        if text:
            contents[pk] += "\n" + folded(text)
    found = {pk for pk, content in contents.items() if all(word in content for word in words)}
    newest = Entry.objects.filter(author=user).newest_first().values_list("pk", flat=True)
    shown = [pk for pk in newest if pk in found][:SHOWN] if found else []
    rows = Entry.objects.filter(pk__in=shown).newest_first().with_texts()
    return Found(len(found), [Hit(entry, part_of(entry, words[0])) for entry in rows])


def part_of(entry: Entry, word: str) -> str:
    """Return what is written around a folded term, as it was typed."""
    for text in entry.answers:
        if word in folded(text.text):
            typed = " ".join(text.text.split())
            return shortened(typed[start_of(typed, word) :], AROUND)
    return entry.excerpt


def start_of(typed: str, word: str) -> int:
    """Return the place some characters before the one that contains the folded term, where a term begins."""
    at = 0
    for part in typed.split(" "):
        if word in folded(part):
            break
        at += len(part) + 1
    return typed.rfind(" ", 0, at - BEFORE) + 1 if BEFORE < at < len(typed) else 0
