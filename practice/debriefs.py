"""The debrief of a project: the lessons that it yields."""

from dataclasses import dataclass

from django.utils import timezone

from practice.kinds import KINDS, EntryKind
from practice.models import Entry, EntryText

MOST = 12  # lessons of one debrief


def lessons_in(debrief: Entry) -> list[str]:
    """Return the lessons that were written, one on each line, without bullets and repetitions."""
    lines = (line.strip(" \t-–•*") for line in debrief.answer_to("lessons").splitlines())
    return list(dict.fromkeys(line for line in lines if line))[:MOST]


def kept_lessons(debrief: Entry) -> list[Entry]:
    """Return the lessons that were kept from a debrief, in the order in which they were."""
    rows = debrief.lessons.filter(author=debrief.author_id, kind=EntryKind.LESSON)
    return list(rows.select_related("competency").with_texts().with_shares().order_by("pk"))


@dataclass(frozen=True)
class DebriefPage:
    """The lessons of a debrief: those that were kept, and those that can be."""

    kept: list[Entry]
    to_keep: list[str]


def debrief_page(debrief: Entry) -> DebriefPage:
    kept = kept_lessons(debrief)
    return DebriefPage(kept, to_keep(debrief, kept))


def to_keep(debrief: Entry, kept: list[Entry]) -> list[str]:
    """Return the lessons of a debrief that are not kept yet."""
    known = {lesson.answer_to("lesson") for lesson in kept}
    return [line for line in lessons_in(debrief) if line not in known]


def keep_lessons(debrief: Entry) -> int:
    """Make each lesson of a debrief an entry of its own, with its links; return how many are new.

    Doing it again adds only what was written since. A lesson stays private when the debrief is shared.
    """
    with debrief.locked():
        lines, now = to_keep(debrief, kept_lessons(debrief)), timezone.now()
        for line in lines:
            lesson = Entry.objects.create(
                kind=EntryKind.LESSON,
                author=debrief.author,
                pair=debrief.pair,
                competency=debrief.competency,
                work_event=debrief.work_event,
                goal=debrief.goal,
                learned_in=debrief,
                created_at=now,
                written_at=now,
            )
            answers = {"happened": debrief.title, "lesson": line}
            EntryText.objects.bulk_create(
                EntryText(entry=lesson, key=prompt.name, position=n, text=answers.get(prompt.name, ""))
                for n, prompt in enumerate(KINDS[EntryKind.LESSON].prompts)
            )
    return len(lines)
