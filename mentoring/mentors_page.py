"""What the mentors' page of a program shows, in a few plain queries."""

from dataclasses import dataclass, field

from accounts.models import User
from mentoring.mentor_tips import tips_of
from mentoring.models import HuddleAnswer, HuddleQuestion, Program

QUESTIONS = 20  # the newest; older ones are not shown


@dataclass
class QuestionLine:
    """A question with its answers, oldest first, as one person sees it."""

    question: HuddleQuestion
    author: User | None
    may_remove: bool
    mine: HuddleAnswer | None = None
    answers: list[tuple[HuddleAnswer, User | None, bool]] = field(default_factory=list)  # author, whether removable


@dataclass(frozen=True)
class MentorsPage:
    program: Program
    runs_it: bool
    tips: list[str]
    questions: list[QuestionLine]


def mentors_page(program: Program, user) -> MentorsPage:
    runs_it = Program.objects.managed_by(user).filter(pk=program.pk).exists()
    questions = list(program.huddle_questions.order_by("-created_at", "-pk")[:QUESTIONS])
    answers = list(HuddleAnswer.objects.filter(question__in=questions).order_by("created_at", "pk"))
    people = User.objects.in_bulk({row.author_id for row in (*questions, *answers)} - {None})
    lines = {
        row.pk: QuestionLine(row, people.get(row.author_id), runs_it or row.author_id == user.pk) for row in questions
    }
    for answer in answers:
        line, is_mine = lines[answer.question_id], answer.author_id == user.pk
        line.answers.append((answer, people.get(answer.author_id), runs_it or is_mine))
        if is_mine:
            line.mine = answer
        elif not runs_it:
            line.may_remove = False  # it would remove the answers of others
    return MentorsPage(program, runs_it, tips_of(program), list(lines.values()))
