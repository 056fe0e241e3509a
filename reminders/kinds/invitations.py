"""The email that invites a person to a program (docs/rules.md, invitations and addresses)."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from mentoring.models import Enrollment
from mentoring.models.program import INVITATION_LASTS
from reminders.emails import Email, subject_line
from reminders.intents import Intent, Kind, register
from reminders.windows import UNDO_PERIOD

if TYPE_CHECKING:

    class Invited(Enrollment):
        invited_at: datetime


@register
class Invitation(Kind["Invited"]):
    """Invite a person who was enrolled and has not accepted yet; sending it again is a new occasion."""

    name = "invitation"
    label = gettext_lazy("Invitation")
    why = gettext_lazy("You get this because someone added you to a mentoring program.")
    subject, pair = "enrollment", ""
    recipients = ("user",)
    changed = anchor = "invited_at"
    max_age = INVITATION_LASTS

    @staticmethod
    def rows() -> QuerySet[Enrollment]:
        return Enrollment.objects.invited().filter(user__is_active=True).select_related("program")

    def intents(self, enrollment: "Invited") -> Iterator[Intent]:
        invited_at = enrollment.invited_at
        due_at, expires_at = invited_at + UNDO_PERIOD, invited_at + INVITATION_LASTS
        yield self.intent(enrollment, enrollment.user_id, invited_at.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent["Invited"]) -> Email:
        enrollment = self.rows().select_related("program", "invited_by").get(pk=intent.subject_pk)
        context = {"enrollment": enrollment, "program": enrollment.program, "by": enrollment.invited_by}
        if enrollment.invited_by:
            values = {"name": str(enrollment.invited_by), "program": enrollment.program.name}
            subject = subject_line(_("%(name)s invites you: %(program)s"), **values)
        else:
            subject = subject_line(_("You are invited: %(program)s"), program=enrollment.program.name)
        return Email(subject, settings.SITE_URL + enrollment.invitation_path(), context)
