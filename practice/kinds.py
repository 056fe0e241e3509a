"""The kinds of practice entries: what each asks, and where it may lead (docs/rules.md, practice).

An entry of any kind is private, saved, shared, exported, handed over and deleted in the same way. A new kind is one
row in KINDS. Facts that are not text belong to a model of their own with a one-to-one key to the entry.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class EntryKind(StrEnum):
    REFLECTION = "reflection"
    LESSON = "lesson"


@dataclass(frozen=True)
class Prompt:
    """A question of an entry, answered by one text. `name` is stored and never changes."""

    name: str
    label: Promise
    rows: int = 3  # the height of its field


@dataclass(frozen=True)
class Kind:
    """A kind of entry. `purpose` is one sentence on how long it takes and where it leads.

    `title`: the prompt whose answer is the title in lists; empty: the first answer that was given.
    `next_step`: the prompt whose answer becomes a commitment with one button; empty: it has no such button.
    """

    name: EntryKind
    label: Promise
    plural: Promise
    new: Promise  # the label of the button that starts one
    purpose: Promise
    icon: str
    prompts: tuple[Prompt, ...]
    title: str = ""
    next_step: str = ""
    minutes: int = 0  # of the quiet timer; 0: it has none
    in_aside: bool = False  # beside the others on the practice page
    starts_from_pair: bool = False  # offered on the page of a pair and in its preparation


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            EntryKind.REFLECTION,
            label=_("Reflection"),
            plural=_("Reflections"),
            new=_("New reflection"),
            purpose=_("Fifteen quiet minutes. What you will try next can become a commitment or a topic."),
            icon="book-open",
            prompts=(
                Prompt("worked", _("What worked?")),
                Prompt("surprised", _("What surprised me?")),
                Prompt("next", _("What will I try next?")),
            ),
            next_step="next",
            minutes=15,
            starts_from_pair=True,
        ),
        Kind(
            EntryKind.LESSON,
            label=_("Lesson"),
            plural=_("Lessons"),
            new=_("Note a lesson"),
            purpose=_("Three lines in a minute. A lesson is evidence for its competency and can become a commitment."),
            icon="light-bulb",
            prompts=(
                Prompt("happened", _("What happened?"), rows=2),
                Prompt("lesson", _("What is the lesson?"), rows=2),
                Prompt("use", _("Where will I use it?"), rows=2),
            ),
            title="lesson",
            next_step="use",
            in_aside=True,
            starts_from_pair=True,
        ),
    )
}


def kind_choices() -> list[tuple[str, Promise]]:
    """Return the choices of Entry.kind; a function, so that a new kind needs no migration."""
    return [(str(kind.name), kind.label) for kind in KINDS.values()]
