"""How often a mentor replies with a question, for that mentor alone (docs/rules.md, questions and advice)."""

from dataclasses import dataclass

from django.db.models import Q

from mentoring.models import Pair
from sessions.models import AgendaItem, CheckIn

QUESTION_MARKS = "?？؟"  # Western, full-width, Arabic
PER_FIGURE, FIGURES, SHOWN_FROM = 10, 4, 5  # replies


@dataclass(frozen=True)
class QuestionShare:
    """How many of the newest replies are questions, and of the ten replies before, and so on, oldest first."""

    figures: list[tuple[int, int]]  # questions, replies

    @property
    def newest(self) -> tuple[int, int]:
        return self.figures[-1]

    @property
    def earlier(self) -> list[int]:
        """The questions in each ten replies before, oldest first."""
        return [questions for questions, _replies in self.figures[:-1]]


def question_share(pair: Pair, mentor) -> QuestionShare | None:
    """Return the share of questions in what a mentor wrote to the mentee; None below five replies.

    Replies are answers to check-ins and to questions of the mentee, and the questions that the mentor put on the
    agenda. A reply with a question mark is a question.
    """
    if not pair.is_mentor(mentor):
        return None
    most = PER_FIGURE * FIGURES
    check_ins = CheckIn.objects.filter(pair=pair, replied_at__isnull=False).order_by("-replied_at", "-pk")
    found = [(at, is_question(text)) for at, text in check_ins.values_list("replied_at", "reply")[:most]]
    own = Q(replied_by=mentor) | Q(created_by=mentor, kind=AgendaItem.Kind.QUESTION)
    items = AgendaItem.objects.filter(own, pair=pair).order_by("-created_at", "-pk")
    for item in items.only("kind", "created_by", "created_at", "reply", "replied_by", "replied_at")[:most]:
        if item.replied_by_id == mentor.pk:
            found.append((item.replied_at, is_question(item.reply)))
        if item.created_by_id == mentor.pk and item.kind == AgendaItem.Kind.QUESTION:
            found.append((item.created_at, True))
    if len(found) < SHOWN_FROM:
        return None
    newest = [asks for _at, asks in sorted(found, key=lambda row: row[0], reverse=True)][:most]
    groups = [newest[n : n + PER_FIGURE] for n in range(0, len(newest), PER_FIGURE)]
    whole = [group for n, group in enumerate(groups) if n == 0 or len(group) == PER_FIGURE]
    return QuestionShare([(sum(group), len(group)) for group in reversed(whole)])


def is_question(text: str) -> bool:
    return any(mark in text for mark in QUESTION_MARKS)
