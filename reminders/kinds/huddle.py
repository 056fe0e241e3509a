"""The reminder of a question among mentors, in the inbox only (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from mentoring.models import Enrollment, HuddleQuestion, Program
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Topic
from reminders.windows import UNDO_PERIOD

if TYPE_CHECKING:

    class ProgramWithMentors(Program):
        mentors: list[Enrollment]

    class Question(HuddleQuestion):
        program: ProgramWithMentors


@register
class HuddleAsked(Kind["Question"]):
    """Show a new question to the mentors of the program who have not answered it; never by email."""

    name = "huddle_question"
    label = gettext_lazy("A question among mentors")
    why = gettext_lazy("You get this because you are a mentor in this program.")
    topic = Topic.PLANNING
    subject, pair = "huddle_question", ""
    recipients = ()
    changed = anchor = "created_at"
    max_age = timedelta(days=14)
    by_email = False

    @staticmethod
    def rows() -> QuerySet[HuddleQuestion]:
        active = Enrollment.objects.active().filter(role=Enrollment.Role.MENTOR)
        mentors = Prefetch("program__enrollments", active, to_attr="mentors")
        return HuddleQuestion.objects.select_related("program").prefetch_related(mentors, "answers")

    def intents(self, question: "Question") -> Iterator[Intent]:
        answered = {answer.author_id for answer in question.answers.all()}
        due_at, end = question.created_at + UNDO_PERIOD, question.created_at + self.max_age
        for user_id in {row.user_id for row in question.program.mentors} - answered - {question.author_id}:
            yield self.intent(question, user_id, "", due_at, end)

    def email(self, person: User, intent: Intent["Question"]) -> EmailPart:
        question = intent.row
        page = page_url("huddle_answer", question.program_id, question.pk)
        title = _("A mentor asks: %(question)s") % {"question": question.text}
        return EmailPart(subject_line("%(title)s", title=title), title, _("Answer"), page, page)
