"""Phrases for a respectful tone, by occasion. A program can replace them; a person puts one in their preparation."""

from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from mentoring.models import Enrollment, Program
from practice.models import Entry

MOST = 12  # for one occasion
LONGEST = 300


class Occasion(TextChoices):
    DISAGREE = "disagree", _("Disagree")
    DEFEND = "defend", _("Defend a decision")
    ACCEPT = "accept", _("Accept feedback")
    DECLINE = "decline", _("Say no")


BUILT_IN = {
    Occasion.DISAGREE: (
        _("I see it differently, and I would like to explain why."),
        _("We want the same result. I am not sure that this leads there."),
        _("What would have to be true for this to work?"),
        _("May I add a fact that changes the picture for me?"),
        _("I may be missing something. What do you see that I do not?"),
    ),
    Occasion.DEFEND: (
        _("Here is what we knew, and why we chose this."),
        _("We looked at three options. This one costs least if we are wrong."),
        _("I understand what it costs you. I would still decide the same way, for one reason."),
        _("If that number changes, I will look at it again with you."),
        _("I stay with the decision, and I am open about how we do it."),
    ),
    Occasion.ACCEPT: (
        _("Thank you. Can you give me an example, so that I can picture it?"),
        _("I did not see it that way. Let me think about it until tomorrow."),
        _("You are right about that. Next time I will do it differently."),
        _("What would you have liked to see instead?"),
        _("That is hard to hear, and I am glad that I hear it from you."),
    ),
    Occasion.DECLINE: (
        _("I cannot take this on, and I would rather answer now than disappoint you later."),
        _("Not this month. If you ask me again in a quarter, I will make room."),
        _("I can do this or that by Friday. Which one matters more to you?"),
        _("I am not the right person for it. May I ask someone who could be?"),
        _("Thank you for thinking of me. My answer is no, and here is why."),
    ),
}


def with_defaults(own: dict[str, list[str]], language: str) -> dict[str, list[str]]:
    """Return `own`, completed with the built-in phrases for each occasion that has none."""
    with translation.override(language):
        defaults = {str(occasion): [str(text) for text in texts] for occasion, texts in BUILT_IN.items()}
    return defaults | {occasion: list(texts) for occasion, texts in own.items() if occasion in defaults and texts}


def without_defaults(bank: dict[str, list[str]], language: str) -> dict[str, list[str]]:
    """Return the part of `bank` that differs from the built-in phrases: what a program stores."""
    defaults = with_defaults({}, language)
    return {occasion: texts for occasion, texts in bank.items() if texts != defaults[occasion]}


def phrases_of(program: Program) -> dict[str, list[str]]:
    """Return the phrases of a program by occasion, in its language."""
    return with_defaults(program.phrases, program.spoken_language)


def phrases_for(entry: Entry) -> list[tuple[str, list[str]]]:
    """Return each occasion with its phrases: those of the program, else the built-in ones in the reader's language."""
    if entry.pair:
        program = entry.pair.program
    else:
        mine = Enrollment.objects.current().filter(user=entry.author, role__in=Enrollment.SIDES)
        program = next((row.program for row in mine.select_related("program").order_by("pk")[:1]), None)
    bank = with_defaults(program.phrases if program else {}, translation.get_language() or "en")
    return [(Occasion(occasion).label, texts) for occasion, texts in bank.items()]
