"""Tips for mentors: the built-in ones, and those of a program (docs/rules.md, page for mentors)."""

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from mentoring.models import Program

LONGEST, MOST = 300, 20

BUILT_IN = (
    _("Ask what they have tried before you offer an idea. Most people are two questions away from their own answer."),
    _("Count to ten after a question. The second thing that people answer is often the one that matters."),
    _("Tell them about your mistakes before your successes. It makes theirs easier to talk about."),
    _("End each session with one commitment. Three that slip teach less than one that is kept."),
    _("Give feedback on what you saw, on the day you saw it, and ask how it looked from their side."),
    _("Once in a while, ask for feedback on yourself and name one thing that you will try."),
    _("When you disagree, start with what you understand. Then it is a view, and not a verdict."),
)


def built_in(language: str) -> list[str]:
    with translation.override(language):
        return [str(tip) for tip in BUILT_IN]


def tips_of(program: Program) -> list[str]:
    """Return the tips of a program, in its language unless its admins wrote their own."""
    return list(program.tips) or built_in(program.spoken_language)


def as_stored(tips: list[str], language: str) -> list[str]:
    """Return what to store: nothing for the built-in tips, so that they follow the language of the program."""
    return [] if tips == built_in(language) else tips
