"""Questions that a mentor can ask instead of advising, by the kind of block (S24). A program may bring its own."""

from django.utils.translation import gettext_lazy as _

from mentoring.models import Program
from sessions.models.template import BlockType

MOST = 12  # for one kind of block
LONGEST = 300

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
        _("What would the others in the room say about it?"),
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
        _("What do you take with you?"),
        _("What will you do, and by when?"),
        _("How sure are you that you will do it, from 1 to 10? What would make it one more?"),
        _("What was useful today, and what was not?"),
        _("What should I ask you next time?"),
    ),
}


def bank_of(program: Program) -> dict[str, list[str]]:
    """The questions for each kind of block: the program's own where it has any, else the usual ones."""
    return in_force(program.questions)


def in_force(own: dict[str, list[str]]) -> dict[str, list[str]]:
    """These, and the usual ones for each kind of block that has none."""
    usual = {str(kind): [str(text) for text in texts] for kind, texts in USUAL.items()}
    return usual | {kind: list(texts) for kind, texts in own.items() if kind in usual and texts}


def own_of(bank: dict[str, list[str]]) -> dict[str, list[str]]:
    """Of these, what differs from the usual: what a program stores."""
    return {kind: texts for kind, texts in bank.items() if texts != [str(text) for text in USUAL[kind]]}


def instead_of(program: Program, kind: str, now: str, planned: str) -> list[str]:
    """What can be asked in such a block instead of `now`; first the one that was planned."""
    others = [planned] if planned else []
    return list(dict.fromkeys(text for text in others + bank_of(program)[kind] if text != now))
