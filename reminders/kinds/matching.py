"""Reminders about a mentee's request for a mentor (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from mentoring.models import Enrollment, MatchRequest
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Topic
from reminders.windows import next_working_morning


@register
class MatchRequested(Kind[MatchRequest]):
    """Notify the mentor of the request at the next window."""

    name = "match_request"
    label = gettext_lazy("A mentee would like you as their mentor")
    why = gettext_lazy("You get this because you are a mentor in this program.")
    topic = Topic.PLANNING
    subject, pair = "match_request", ""
    recipients = ("mentor",)
    changed = anchor = "asked_at"
    max_age = timedelta(days=21)

    @staticmethod
    def rows() -> QuerySet[MatchRequest]:
        """Return open requests. Until they accept, an invited mentor gets only the invitation."""
        joined = Enrollment.objects.active().filter(program=OuterRef("program"), user=OuterRef("mentor"), role="mentor")
        return MatchRequest.objects.waiting().filter(Exists(joined)).select_related("program", "mentor", "mentee")

    def due_at(self, request: MatchRequest) -> datetime:
        return request.asked_at

    def intents(self, request: MatchRequest) -> Iterator[Intent]:
        yield self.intent(request, request.mentor_id, str(request.rank), self.due_at(request), request.answer_due_at)

    def email(self, person: User, intent: Intent[MatchRequest]) -> EmailPart:
        request: MatchRequest = intent.row
        values = {"name": request.mentee.first_name, "program": request.program.name}
        page = page_url("match_request_answer", request.pk)
        return EmailPart(
            subject=subject_line(_("%(name)s would like you as their mentor"), name=values["name"]),
            title=_("%(name)s would like you as their mentor (%(program)s)") % values,
            action=_("Answer"),
            url=page,
            page=page,
        )


@register
class MatchRequestedAgain(MatchRequested):
    """Remind the mentor once more two days later."""

    name = "match_request_again"
    label = gettext_lazy("A mentee would like you as their mentor, second reminder")

    def due_at(self, request: MatchRequest) -> datetime:
        mentor = request.mentor
        return next_working_morning(mentor, mentor.local(request.asked_at).date() + 2 * DAY)
