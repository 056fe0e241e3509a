"""Dashboard figures of a program about email: sent, bounced and turned off."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dashboard.figures import Figure, ProgramData, figure, percentage
from mentoring.models import Enrollment
from reminders.intents import confidential
from reminders.models import Delivery, TopicChoice


def people(data: ProgramData):
    """Return everyone who takes part as mentor or mentee, each once."""
    rows = data.program.enrollments.here().exclude(role=Enrollment.Role.ADMIN)
    return User.objects.filter(pk__in=rows.values("user"))


@figure
def mails_sent(data: ProgramData) -> Figure:
    rows = Delivery.objects.filter(state=Delivery.State.SENT, sent_at__gte=data.program.start_of(data.period_start))
    rows = rows.carrying_more_than(confidential())
    count = rows.filter(reminders__pair__program=data.program).values("pk").distinct().count()
    said = _("Emails about its pairs, sent in the last 28 days.")
    return Figure("mails", _("Emails sent"), said, count, count)


@figure
def mails_back(data: ProgramData) -> Figure:
    rows, n = people(data).filter(mail_suspended_at__isnull=False).count(), people(data).count()
    said = _("People whose address does not accept email at the moment.")
    return Figure("bounced", _("Email bounces"), said, percentage(rows, n), n, " %")


@figure
def turned_down(data: ProgramData) -> Figure:
    quiet = TopicChoice.objects.filter(mode=TopicChoice.Mode.INBOX).values("user")
    rows, n = people(data).filter(pk__in=quiet).count(), people(data).count()
    said = _("People who turned off emails about at least one topic.")
    return Figure("opted out", _("Reminders turned off"), said, percentage(rows, n), n, " %")
