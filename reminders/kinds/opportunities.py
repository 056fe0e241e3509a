"""Reminders about opportunities: applications, answers, and one without a contact (docs/rules.md, reminders)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from mentoring.models import Enrollment, Program
from practice.models import Opportunity, OpportunityApplication
from practice.models.opportunity import add_counts, poster_is_here
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Topic
from reminders.windows import UNDO_PERIOD

if TYPE_CHECKING:

    class ProgramWithAdmins(Program):
        admins: list[Enrollment]

    class Orphan(Opportunity):
        """An opportunity without a poster, as derive() completes it."""

        program: ProgramWithAdmins
        orphaned_at: datetime
        waiting: int


State = OpportunityApplication.State


class ApplicationKind(Kind[OpportunityApplication]):
    """Base class for what is due at the next window after the state of an application changed."""

    subject, pair = "opportunity_application", ""
    changed = anchor = "moved_at"
    max_age = timedelta(days=21)
    confidential = True

    def intents_to(self, row: OpportunityApplication, recipient: int) -> Iterator[Intent]:
        occasion = f"{row.state}-{row.moved_at:%Y%m%d%H%M%S}"
        yield self.intent(row, recipient, occasion, row.moved_at + UNDO_PERIOD, row.moved_at + self.max_age)

    def part(self, title: str, action: str, row: OpportunityApplication, fragment: str) -> EmailPart:
        page = page_url("opportunity_detail", row.opportunity_id, fragment=fragment)
        return EmailPart(subject_line("%(title)s", title=title), title, action, page, page)


@register
class OpportunityApplied(ApplicationKind):
    """Notify the contact of an application until it is answered, and if somebody who was accepted withdraws."""

    name = "opportunity_applied"
    label = gettext_lazy("An application for your opportunity")
    why = gettext_lazy("You get this because you posted this opportunity.")
    topic = Topic.PLANNING
    recipients = ("opportunity__poster",)

    @staticmethod
    def rows() -> QuerySet[OpportunityApplication]:
        posted = Opportunity.objects.filter(poster_is_here())
        given_up = Q(state=State.WITHDRAWN, decided_at__isnull=False)
        rows = OpportunityApplication.objects.filter(given_up | Q(state=State.WAITING), opportunity__in=posted)
        return rows.select_related("opportunity", "applicant")

    def intents(self, row: OpportunityApplication) -> Iterator[Intent]:
        if row.opportunity.poster_id:
            yield from self.intents_to(row, row.opportunity.poster_id)

    def email(self, person: User, intent: Intent[OpportunityApplication]) -> EmailPart:
        row: OpportunityApplication = intent.row
        values = {"name": row.applicant.first_name, "title": row.opportunity.title}
        if row.state == State.WITHDRAWN:
            title = _("%(name)s can no longer take part: %(title)s") % values
        else:
            title = _("%(name)s would like to take part: %(title)s") % values
        return self.part(title, _("See the applications"), row, "applications")


@register
class OpportunityAnswered(ApplicationKind):
    """Notify the applicant of the answer; its line is on the page only."""

    name = "opportunity_answered"
    label = gettext_lazy("The answer to your application")
    why = gettext_lazy("You get this because you applied for this opportunity.")
    topic = Topic.PRACTICE
    recipients = ("applicant",)

    @staticmethod
    def rows() -> QuerySet[OpportunityApplication]:
        rows = OpportunityApplication.objects.filter(state__in=(State.ACCEPTED, State.DECLINED), finished_at=None)
        return rows.select_related("opportunity", "applicant")

    def intents(self, row: OpportunityApplication) -> Iterator[Intent]:
        if not (row.commitment_id or row.topic_id or row.experiment_id):
            yield from self.intents_to(row, row.applicant_id)

    def email(self, person: User, intent: Intent[OpportunityApplication]) -> EmailPart:
        row: OpportunityApplication = intent.row
        title = _("You’re in: %(title)s") if row.is_accepted else _("There’s an answer to your application: %(title)s")
        return self.part(title % {"title": row.opportunity.title}, _("See the answer"), row, "mine")


@register
class OpportunityWithoutContact(Kind["Orphan"]):
    """Notify the admins that the poster is gone while something is open or an application waits."""

    name = "opportunity_orphan"
    label = gettext_lazy("An opportunity without a contact")
    why = gettext_lazy("You get this because you run this program.")
    topic = Topic.PROGRAM
    subject, pair = "opportunity", ""
    recipients = ()
    changed = anchor = "orphaned_at"
    max_age = timedelta(days=30)

    @staticmethod
    def rows() -> QuerySet[Opportunity]:
        admins = Prefetch("program__enrollments", Enrollment.objects.admins(), to_attr="admins")
        rows = Opportunity.objects.filter(orphaned_at__isnull=False).without_poster()
        return rows.select_related("program").prefetch_related(admins)

    def derive(self, rows: Iterable["Orphan"]) -> Iterator[Intent]:
        """Count the applications of all rows at once."""
        orphans = list(rows)
        add_counts(orphans)
        return super().derive(orphans)

    def intents(self, row: "Orphan") -> Iterator[Intent]:
        if row.is_open or row.waiting:
            due_at, end = row.orphaned_at + UNDO_PERIOD, row.orphaned_at + self.max_age
            for admin in row.program.admins:
                yield self.intent(row, admin.user_id, "", due_at, end)

    def email(self, person: User, intent: Intent["Orphan"]) -> EmailPart:
        row = intent.row
        title = _("An opportunity needs a contact: %(title)s") % {"title": row.title}
        page = page_url("opportunity_detail", row.pk)
        return EmailPart(subject_line("%(title)s", title=title), title, _("Become the contact"), page, page)
