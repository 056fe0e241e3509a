"""Templates for quick notes: those of a program, one's own, and those that a partner shares (docs/rules.md, practice).

A template of one's own is a practice entry: private and encrypted, shared, taken back and deleted like one. Those of a
program are settings. A note keeps the questions that it was started with.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from mentoring.models import Pair, Program
from practice.kinds import EntryKind
from practice.models import Entry, EntryText
from practice.models.entry import LONGEST_QUESTION, shortened

MOST, MOST_QUESTIONS = 8, 8  # of a program, and questions in each of them
LONGEST_TITLE = 80
MOST_OWN_QUESTIONS = 20
FOR_MENTEES = "question"

BUILT_IN = {
    "meeting": (
        _("After a meeting"),
        _("What was decided?"),
        _("What did I notice about the others, and about myself?"),
        _("What will I do, and by when?"),
    ),
    "feedback": (
        _("Feedback I received"),
        _("What did I hear, word for word?"),
        _("What is true about it?"),
        _("What will I try because of it?"),
    ),
    FOR_MENTEES: (
        _("A question for my mentor"),
        _("What is my question?"),
        _("What have I tried, and what do I think so far?"),
        _("What will I do with the answer?"),
    ),
    "week": (
        _("Weekly review"),
        _("What went well, and what was my part in it?"),
        _("What took more energy than it was worth?"),
        _("What did I learn?"),
        _("What matters most next week?"),
    ),
    "session": (
        _("After a session"),
        _("What do I take away?"),
        _("What did I leave unsaid?"),
        _("What will I do before the next session?"),
    ),
    "decision": (
        _("A decision to make"),
        _("What do I have to decide, and by when?"),
        _("What are the options, including the one I do not like?"),
        _("What would have to be true for each of them to be the right one?"),
        _("What will I do to find out?"),
    ),
}


@dataclass(frozen=True)
class NoteTemplate:
    """A template that a person can start a note with. `key` names it in a form."""

    key: str
    title: str
    questions: list[str]


def built_in(language: str) -> list[dict]:
    """Return the built-in templates in this language, as a program file has them."""
    with translation.override(language):
        return [
            {"title": str(title), "questions": [str(text) for text in questions]}
            for title, *questions in BUILT_IN.values()
        ]


def settings_of(program: Program) -> list[dict]:
    """Return the templates of a program, in its language unless its admins wrote their own."""
    return list(program.note_templates) or built_in(program.spoken_language)


def as_stored(rows: list[dict], language: str) -> list[dict]:
    """Return what to store: nothing for the built-in templates, so that they follow the language of the reader."""
    return [] if rows == built_in(language) else rows


def of_programs(user, pairs: Iterable[Pair]) -> list[NoteTemplate]:
    """Return the templates of the programs of these pairs; the built-in ones are in the language of the reader.

    Who is a mentor in all of them gets no question for the mentor. The programs of the pairs are at hand.
    """
    pairs = list(pairs)
    found: dict[str, NoteTemplate] = {}
    programs = {pair.program_id: pair.program for pair in pairs}
    for program in programs.values():
        for row in program.note_templates:
            key = f"program-{program.pk}-{sha256(row['title'].encode()).hexdigest()[:12]}"
            found[key] = NoteTemplate(key, row["title"], list(row["questions"]))
    if not programs or any(not program.note_templates for program in programs.values()):
        asks_mentor = not pairs or any(pair.is_mentee(user) for pair in pairs)
        for key, (title, *questions) in BUILT_IN.items():
            if key != FOR_MENTEES or asks_mentor:
                found[key] = NoteTemplate(key, str(title), [str(text) for text in questions])
    return list(found.values())


def of_entry(entry: Entry) -> NoteTemplate:
    """Return a template of one's own, or one that a partner shares; load it with its texts."""
    lines = [" ".join(line.split()) for line in entry.answer_to("questions").splitlines()]
    questions = [shortened(line, LONGEST_QUESTION) for line in lines if line][:MOST_OWN_QUESTIONS]
    return NoteTemplate(f"own-{entry.pk}", entry.title, questions)


def find(user, pairs: Iterable[Pair], key: str) -> NoteTemplate | None:
    """Return the template with this key, if this person can use it now."""
    if key.startswith("own-"):
        number = key.removeprefix("own-")
        rows = Entry.objects.visible_to(user).filter(kind=EntryKind.TEMPLATE).written().with_texts()
        entry = rows.filter(pk=number).first() if number.isascii() and number.isdigit() and len(number) < 19 else None
        return of_entry(entry) if entry else None
    return next((one for one in of_programs(user, pairs) if one.key == key), None)


def copy(user, template: NoteTemplate) -> Entry:
    """Create a template of one's own from another one, to change it. It is private."""
    entry = Entry.start(user, EntryKind.TEMPLATE)
    texts = {"title": template.title, "questions": "\n".join(template.questions)}
    for text in EntryText.objects.filter(entry=entry).select_related("entry"):
        text.write(text.version, text=texts[text.key])
    Entry.objects.filter(pk=entry.pk, written_at=None).update(written_at=entry.created_at)
    return entry
