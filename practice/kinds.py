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
    CONVERSATION = "conversation"
    REHEARSAL = "rehearsal"
    DEBRIEF = "debrief"
    PITCH = "pitch"
    EXPERIMENT = "experiment"
    MENTORING = "mentoring"
    JOURNAL = "journal"
    SUCCESS = "success"
    SETBACK = "setback"
    INVENTORY = "inventory"
    POINTS = "points"
    NOTE = "note"
    TEMPLATE = "template"
    REVIEW = "review"


NEXT = "next"  # the name of the prompt that asks for the next step, in notes the last one


@dataclass(frozen=True)
class Prompt:
    """A question of an entry, answered by one text. `name` is stored and never changes."""

    name: str
    label: Promise
    rows: int = 3  # the height of its field
    is_spoken: bool = False  # its words and seconds are counted beside it
    is_later: bool = False  # asked once the experiment has begun


@dataclass(frozen=True)
class Kind:
    """A kind of entry. `purpose` is one sentence on how long it takes and where it leads.

    `title`: the prompt whose answer is the title in lists; empty: the first answer that was given.
    `next_step`: the prompt whose answer becomes a commitment with one button; empty: it has no such button.
    `part_of`: the kind of entry that it belongs to and is started from; empty: it starts on its own.
    `repeats`: prompts that are answered together and several times; the texts are named version-1, version-2.
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
    part_of: str = ""
    asks: tuple[str, ...] = ("competency",)  # facts that are asked beside the texts: names of fields of Entry
    is_asked: bool = False  # it is asked for, or started from a page of its own
    is_evidence: bool = True  # of its competency, in the growth record, and for the next mentor
    has_section: bool = True  # on the practice page; False: it is listed on the page about oneself
    about_pair: bool = True  # False: it is about its author alone, and about no pair
    repeats: tuple[Prompt, ...] = ()
    one_more: Promise | str = ""  # the label of the button that adds another answer to `repeats`
    is_rehearsed: bool = False
    phrased: str = ""  # the prompt that a phrase of the phrase bank is put in; empty: none is offered
    body: str = ""  # the template that shows its texts; empty: questions and answers

    def prompt_of(self, key: str) -> tuple[Prompt | None, int]:
        """Return the prompt that a text answers, and the number of the answer, 0 if it is answered once."""
        name, _dash, number = key.rpartition("-")
        prompts = self.repeats if name else self.prompts
        found = next((prompt for prompt in prompts if prompt.name == (name or key)), None)
        return found, int(number) if name and number.isdigit() else 0

    def keys_of_round(self, number: int) -> dict[str, int]:
        """Return the names of the texts of one answer to `repeats`, each with its position in the entry."""
        return {f"{prompt.name}-{number}": 100 * number + n for n, prompt in enumerate(self.repeats)}

    @property
    def first_keys(self) -> dict[str, int]:
        """The names of the texts that an entry begins with, each with its position."""
        return {prompt.name: n for n, prompt in enumerate(self.prompts)} | self.keys_of_round(1)


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
        Kind(
            EntryKind.NOTE,
            label=_("Quick note"),
            plural=_("Quick notes"),
            new=_("Write a quick note"),
            purpose=_("Two minutes, guided by the questions of a template. The last answer can become a commitment."),
            icon="document",
            prompts=(  # of a note without a template; with one, its questions are stored with the note
                Prompt("note", _("What do I want to remember?"), rows=5),
                Prompt(NEXT, _("What will I do with it?"), rows=2),
            ),
            next_step=NEXT,
            starts_from_pair=True,
        ),
        Kind(
            EntryKind.CONVERSATION,
            label=_("Hard conversation"),
            plural=_("Hard conversations"),
            new=_("Prepare a hard conversation"),
            purpose=_("Prepare it on one page, rehearse it, and look back the day after."),
            icon="chat-bubble-left-right",
            prompts=(
                Prompt("topic", _("What is it about, and with whom?"), rows=2),
                Prompt("facts", _("What are the facts?")),
                Prompt("aim", _("What do I want to come out of it?"), rows=2),
                Prompt("their_view", _("How do they probably see it?")),
                Prompt("evidence", _("Which numbers or examples support me?")),
                Prompt("opening", _("My opening line"), rows=2),
                Prompt("question", _("The hardest question they could ask"), rows=2),
                Prompt("answer", _("My answer to it"), rows=2),
            ),
            title="topic",
            starts_from_pair=True,
            asks=("happens_on", "work_event"),
            is_evidence=False,
            is_rehearsed=True,
            phrased="opening",
        ),
        Kind(
            EntryKind.PITCH,
            label=_("Pitch"),
            plural=_("Pitches"),
            new=_("Write a pitch"),
            purpose=_("Say it in thirty seconds: versions side by side, with words and seconds. Then rehearse it."),
            icon="megaphone",
            prompts=(
                Prompt("occasion", _("Who will hear it, and where?"), rows=2),
                Prompt("aim", _("What should they do then?"), rows=2),
                Prompt("next", _("What will I do with it, and when?"), rows=2),
            ),
            title="occasion",
            next_step="next",
            asks=("happens_on", "work_event"),
            is_evidence=False,
            repeats=(Prompt("version", _("Version"), rows=5, is_spoken=True),),
            one_more=_("Add a version"),
            is_rehearsed=True,
            body="practice/_pitch.html",
        ),
        Kind(
            EntryKind.POINTS,
            label=_("Talking points"),
            plural=_("Talking points"),
            new=_("Collect talking points"),
            purpose=_("Claim, evidence, source: one page to print or save as a PDF, and a topic to talk it through."),
            icon="document-text",
            prompts=(
                Prompt("message", _("What should people remember?"), rows=2),
                Prompt("audience", _("For whom is it, and when?"), rows=1),
                Prompt("request", _("What will I ask for at the end?"), rows=2),
                Prompt("next", _("What will I do with it, and when?"), rows=2),
            ),
            title="message",
            next_step="next",
            asks=("happens_on", "work_event"),
            is_evidence=False,
            repeats=(
                Prompt("claim", _("Claim"), rows=2),
                Prompt("evidence", _("Evidence")),
                Prompt("source", _("Source"), rows=1),
            ),
            one_more=_("Add a point"),
            body="practice/_points.html",
        ),
        Kind(
            EntryKind.REHEARSAL,
            label=_("Rehearsal"),
            plural=_("Rehearsals"),
            new=_("Rehearse it"),
            purpose=_("Nine minutes: two to set the scene, four to practice, three to look back."),
            icon="play-circle",
            prompts=(
                Prompt("scenario", _("The scene: who begins, and how?"), rows=2),
                Prompt("intended", _("What did I intend?"), rows=2),
                Prompt("happened", _("What happened?"), rows=2),
                Prompt("differently", _("What will I do differently?"), rows=2),
            ),
            title="scenario",
            next_step="differently",
            part_of=EntryKind.CONVERSATION,
            asks=(),
            is_evidence=False,
        ),
        Kind(
            EntryKind.DEBRIEF,
            label=_("Debrief"),
            plural=_("Debriefs of hard conversations"),
            new=_("Look back on it"),
            purpose=_("Five minutes the day after. The lesson is evidence for its competency."),
            icon="arrow-uturn-left",
            prompts=(
                Prompt("happened", _("What happened?")),
                Prompt("values", _("Did it fit my values and aims?"), rows=2),
                Prompt("lesson", _("What is the lesson?"), rows=2),
                Prompt("next", _("What will I do next?"), rows=2),
            ),
            title="lesson",
            next_step="next",
            part_of=EntryKind.CONVERSATION,
        ),
        Kind(
            EntryKind.EXPERIMENT,
            label=_("Experiment"),
            plural=_("Experiments"),
            new=_("Plan an experiment"),
            purpose=_("Something small to try, with a limit that keeps it safe. “Failed, useful” is a good result."),
            icon="beaker",
            prompts=(
                Prompt("try", _("What will I try?"), rows=2),
                Prompt("where", _("Where, and with whom?"), rows=2),
                Prompt("limit", _("Safety limit: when do I stop?"), rows=2),
                Prompt("happened", _("What happened?"), is_later=True),
                Prompt("lesson", _("What is the lesson?"), rows=2, is_later=True),
                Prompt("next", _("What will I do next?"), rows=2, is_later=True),
            ),
            title="try",
            next_step="next",
            starts_from_pair=True,
        ),
        Kind(
            EntryKind.MENTORING,
            label=_("Feedback on the mentoring"),
            plural=_("Feedback on the mentoring"),
            new=_("Give feedback on the mentoring"),
            purpose=_("Three questions after every third session. A draft until you share it."),
            icon="chat-bubble-left-ellipsis",
            prompts=(
                Prompt("helps", _("What helps you most in your sessions?"), rows=2),
                Prompt("change", _("What would you like more of, or less of?"), rows=2),
                Prompt("try", _("What is one thing your mentor could try?"), rows=2),
            ),
            in_aside=True,
            asks=(),
            is_asked=True,
            is_evidence=False,
        ),
        Kind(
            EntryKind.JOURNAL,
            label=_("Journal entry"),
            plural=_("Journal"),
            new=_("Write in the journal"),
            purpose=_("As long or as short as you like. A line of it can become a commitment or a topic."),
            icon="pencil",
            prompts=(
                Prompt("entry", _("What is on my mind?"), rows=8),
                Prompt("notice", _("What do I notice about myself in it?")),
                Prompt("next", _("What do I want to do about it?"), rows=2),
            ),
            next_step="next",
            asks=(),
            is_evidence=False,
            has_section=False,
            about_pair=False,
        ),
        Kind(
            EntryKind.SUCCESS,
            label=_("Debrief of a success"),
            plural=_("Debriefs of successes"),
            new=_("Debrief a success"),
            purpose=_("Ten minutes to find out what to repeat. Each lesson is kept and can become a commitment."),
            icon="trophy",
            prompts=(
                Prompt("project", _("What succeeded?"), rows=2),
                Prompt("expected", _("What did I expect, and what happened?")),
                Prompt("part", _("Which of my decisions made the difference?")),
                Prompt("luck", _("What was luck, and what was the work of others?"), rows=2),
                Prompt("lessons", _("What are the lessons? One on each line")),
                Prompt("next", _("Where will I do this again?"), rows=2),
            ),
            title="project",
            next_step="next",
            asks=("competency", "work_event"),
            has_section=False,
        ),
        Kind(
            EntryKind.SETBACK,
            label=_("Debrief of a setback"),
            plural=_("Debriefs of setbacks"),
            new=_("Debrief a setback"),
            purpose=_("Ten minutes to learn from it without blame. Each lesson is kept and can become a commitment."),
            icon="lifebuoy",
            prompts=(
                Prompt("project", _("What went wrong?"), rows=2),
                Prompt("expected", _("What did I expect, and what happened?")),
                Prompt("signs", _("Which early signs did I miss or dismiss?")),
                Prompt("part", _("Which of my decisions led there? What did I know at the time?")),
                Prompt("outside", _("What was outside my control?"), rows=2),
                Prompt("lessons", _("What are the lessons? One on each line")),
                Prompt("next", _("What will I do differently next time?"), rows=2),
            ),
            title="project",
            next_step="next",
            asks=("competency", "work_event"),
            has_section=False,
        ),
        Kind(
            EntryKind.INVENTORY,
            label=_("Inventory"),
            plural=_("Inventories"),
            new=_("Answer an inventory"),
            purpose=_("Twelve statements in three minutes. Answer again in some months, and compare."),
            icon="clipboard-document-list",
            prompts=(
                Prompt("name", _("Inventory"), rows=1),
                Prompt("surprised", _("What surprises me in it?")),
                Prompt("next", _("What do I want to use more, or change?"), rows=2),
            ),
            title="name",
            next_step="next",
            asks=(),
            is_evidence=False,
            has_section=False,
            about_pair=False,
            is_asked=True,
        ),
        Kind(
            EntryKind.TEMPLATE,
            label=_("Note template"),
            plural=_("Note templates"),
            new=_("New template"),
            purpose=_("Your own questions to start quick notes with. You can share a template with your partner."),
            icon="document-duplicate",
            prompts=(
                Prompt("title", _("Title"), rows=1),
                Prompt("questions", _("Questions, one per line. The last one asks for the next step"), rows=6),
            ),
            title="title",
            asks=(),
            is_evidence=False,
            has_section=False,
            about_pair=False,
        ),
        Kind(
            EntryKind.REVIEW,
            label=_("Self-review"),
            plural=_("Self-reviews"),
            new=_("Look back on a quarter"),
            purpose=_("Four questions, ten minutes. What should change becomes a topic, a commitment or a new goal."),
            icon="calendar",
            prompts=(
                Prompt("proud", _("What am I proud of?"), rows=2),
                Prompt("learned", _("What did I learn about myself?")),
                Prompt("change", _("What should change: a goal, a habit, how we work together?")),
                Prompt("next", _("What will I do first?"), rows=2),
            ),
            title="change",
            next_step="next",
            asks=(),
            is_evidence=False,
            has_section=False,
            about_pair=False,
            is_asked=True,
        ),
    )
}
EVIDENCE = [kind for kind in KINDS.values() if kind.is_evidence]
REHEARSED = [kind.name for kind in KINDS.values() if kind.is_rehearsed]
# The kinds that start on their own.
STARTING = [kind for kind in KINDS.values() if not (kind.part_of or kind.is_asked)]
# Those that are asked for; the page has a section once there is an answer, if the kind has one.
ASKED = [kind for kind in KINDS.values() if kind.is_asked]
PROJECT_DEBRIEFS = (EntryKind.SUCCESS, EntryKind.SETBACK)


def kind_choices() -> list[tuple[str, Promise]]:
    """Return the choices of Entry.kind; a function, so that a new kind needs no migration."""
    return [(str(kind.name), kind.label) for kind in KINDS.values()]


def in_packs() -> dict[str, Kind]:
    """Return the kinds that a topic pack can offer, by name."""
    return {str(kind.name): kind for kind in STARTING if kind.has_section}
