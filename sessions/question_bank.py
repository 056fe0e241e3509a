"""Coaching questions by kind of block and phase. A program can replace them."""

from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from mentoring.models import Pair, Program
from sessions.models import Block
from sessions.models.agenda_template import BlockType

MOST = 12  # for one kind of block or one phase
LONGEST = 300
BEGINNING, ENDING = timedelta(days=45), timedelta(days=28)


class Phase(TextChoices):
    """The first 45 days of a pair or its last four weeks. The time between has no questions of its own."""

    BEGIN = "begin", _("In the first weeks")
    END = "end", _("In the last weeks")


WITH_PHASE = (BlockType.OPEN, BlockType.REFLECT, BlockType.CLOSE)  # blocks in which a phase has something to ask

USUAL = {
    BlockType.OPEN: (
        _("What would make this hour worth your time?"),
        _("What went better than you expected since last time?"),
        _("What is taking more of your attention than it deserves?"),
        _("Where did you surprise yourself?"),
        _("What are you not saying yet?"),
    ),
    BlockType.LEARN: (
        _("What is in the way?"),
        _("What have you tried, and what happened?"),
        _("What do you already know about this that you are not using?"),
        _("Who has done this well, and what did they do first?"),
        _("What would you try if nobody watched?"),
        _("Which part of this is yours to change?"),
        _("What would you advise a friend?"),
    ),
    BlockType.REFLECT: (
        _("What did you want to happen, and what happened?"),
        _("What did you feel at that moment, and what did you do with it?"),
        _("How would the others in the room describe it?"),
        _("What did you assume that turned out not to be so?"),
        _("Which strength helped you, and where did it get in the way?"),
        _("What would you do the same way again?"),
    ),
    BlockType.APPLY: (
        _("What is the smallest step that would show whether it works?"),
        _("Where in the next two weeks can you use this?"),
        _("Who has to know, and when will you tell them?"),
        _("What could stop you, and what will you do then?"),
        _("How will you notice that it worked?"),
    ),
    BlockType.CLOSE: (
        _("What are you taking away from today?"),
        _("What will you do, and by when?"),
        _("How sure are you that you will do it, from 1 to 10? What would make it one more?"),
        _("What was useful today, and what was not?"),
        _("What should I ask you next time?"),
    ),
    Phase.BEGIN: (
        _("What should be different at the end, so that this was worth it?"),
        _("How will you tell me that something is not working for you?"),
        _("Which mentor, teacher or boss helped you most, and how did they do it?"),
        _("What should I know about how you learn?"),
    ),
    Phase.END: (
        _("What can you do now that you could not when we began?"),
        _("What do you want to take on without me?"),
        _("Who else can help you from here on?"),
        _("What did you not get from this, and where could you get it?"),
    ),
}


def bank_of(program: Program) -> dict[str, list[str]]:
    """Return the questions by kind of block and phase: the program's own, or else the usual ones in its language."""
    return with_defaults(program.questions, program.spoken_language)


def usual(language: str) -> dict[str, list[str]]:
    """Return the usual questions by kind of block and phase."""
    with translation.override(language):
        return {str(kind): [str(text) for text in texts] for kind, texts in USUAL.items()}


def with_defaults(own: dict[str, list[str]], language: str) -> dict[str, list[str]]:
    """Return `own`, completed with the usual questions for each kind of block or phase that has none."""
    defaults = usual(language)
    return defaults | {kind: list(texts) for kind, texts in own.items() if kind in defaults and texts}


def without_defaults(bank: dict[str, list[str]], language: str) -> dict[str, list[str]]:
    """Return the part of `bank` that differs from the usual questions: what a program stores."""
    defaults = usual(language)
    return {kind: texts for kind, texts in bank.items() if texts != defaults[kind]}


def phase_of(pair: Pair, today: date) -> Phase | None:
    """Return the pair's phase on `today`. In a short pair the last four weeks come first."""
    if today >= pair.ends_on - ENDING:
        return Phase.END
    return Phase.BEGIN if today < pair.started_on + BEGINNING else None


def alternative_questions(block: Block, today: date) -> list[str]:
    """Return the other questions for a block: the planned one, then those of the phase, then those of its kind."""
    bank, phase = bank_of(block.pair.program), phase_of(block.pair, today)
    kinds = [phase, block.type] if phase and block.type in WITH_PHASE else [block.type]
    texts = [block.planned_question, *(text for kind in kinds for text in bank[kind])]
    return [text for text in dict.fromkeys(texts) if text and text != block.question]
