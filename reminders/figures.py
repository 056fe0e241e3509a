"""Figures of a program about email: sent, refused, bounced and turned off."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dashboard.figures import PERCENT, PERIOD, Figure, ProgramData, figure, percentage
from mentoring.models import Enrollment, Program
from reminders.intents import confidential_kinds
from reminders.models import Delivery, TopicChoice


def participants(data: ProgramData):
    """Return everyone who takes part as mentor or mentee, each once."""
    rows = data.program.enrollments.current().exclude(role=Enrollment.Role.ADMIN)
    return User.objects.filter(pk__in=rows.values("user"))


@figure
def emails_sent(data: ProgramData) -> Figure:
    rows = Delivery.objects.filter(state=Delivery.State.SENT, sent_at__gte=data.program.start_of(data.period_start))
    rows = rows.with_other_kinds_than(confidential_kinds())
    count = rows.filter(reminders__pair__program=data.program).values("pk").distinct().count()
    definition = _("Emails about its pairs, sent in the last 28 days.")
    return Figure("mails", _("Emails sent"), definition, count, count)


@figure
def email_bounces(data: ProgramData) -> Figure:
    rows, n = participants(data).filter(mail_suspended_at__isnull=False).count(), participants(data).count()
    definition = _("People whose address does not accept email at the moment.")
    return Figure("bounced", _("Email bounces"), definition, percentage(rows, n), n, PERCENT)


@figure
def emails_turned_off(data: ProgramData) -> Figure:
    turned_off = TopicChoice.objects.filter(mode=TopicChoice.Mode.INBOX).values("user")
    rows, n = participants(data).filter(pk__in=turned_off).count(), participants(data).count()
    definition = _("People who turned off emails about at least one topic.")
    return Figure("opted out", _("Reminders turned off"), definition, percentage(rows, n), n, PERCENT)


# --- On the page of upcoming emails of a program --------------------------------------------------------------


@dataclass(frozen=True)
class EmailCounts:
    """Emails to the people of a program in the last 28 days, and how many people turned reminders off."""

    sent: int
    failed: int
    unknown: int
    opted_out: int


def email_counts(program: Program) -> EmailCounts:
    people = Enrollment.objects.filter(program=program, left_at=None).values("user")
    recent = Delivery.objects.emails().filter(recipient__in=people, created_at__gt=timezone.now() - PERIOD)
    recent = recent.with_other_kinds_than(confidential_kinds())
    counts = recent.aggregate(**{state: Count("pk", filter=Q(state=state)) for state in ("sent", "failed", "unknown")})
    turned_off = TopicChoice.objects.filter(user__in=people, mode=TopicChoice.Mode.INBOX)
    return EmailCounts(**counts, opted_out=turned_off.values("user").distinct().count())
