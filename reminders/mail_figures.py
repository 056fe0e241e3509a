"""Counts of emails sent, failed and turned off, for the admins of a program."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from mentoring.models import Enrollment, Program
from reminders.intents import confidential
from reminders.models import Delivery, TopicChoice

PERIOD = timedelta(days=28)


@dataclass(frozen=True)
class MailFigures:
    """Emails to the people of a program in the last 28 days, and how many people turned reminders off."""

    sent: int
    failed: int
    unknown: int
    opted_out: int


def mail_figures(program: Program) -> MailFigures:
    people = Enrollment.objects.filter(program=program, left_at=None).values("user")
    recent = Delivery.objects.filter(recipient__in=people, created_at__gt=timezone.now() - PERIOD)
    recent = recent.carrying_more_than(confidential())
    count = recent.aggregate(**{state: Count("pk", filter=Q(state=state)) for state in ("sent", "failed", "unknown")})
    silent = TopicChoice.objects.filter(user__in=people, mode=TopicChoice.Mode.INBOX).values("user").distinct().count()
    return MailFigures(**count, opted_out=silent)
