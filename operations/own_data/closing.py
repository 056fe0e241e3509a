"""Close an account and open it again, and ask for its erasure (docs/rules.md, your data)."""

import logging
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import AuditEvent, User
from api.models import ApiToken
from mentoring.models import Enrollment, MatchRequest, Pair, Program
from practice.models import Opportunity
from reminders.models import ChatWebhook
from sessions.models import BusyCalendar, CalendarFeed

logger = logging.getLogger(__name__)

ERASURE_DELAY = timedelta(hours=12)  # in which an erasure can be withdrawn


def programs_without_other_admin(person: User) -> list[Program]:
    """Return the running programs whose only admin this person is: they would be left without one."""
    return Enrollment.objects.programs_run_only_by(person)


def running_pairs(person: User) -> int:
    return Pair.objects.active().filter(Q(mentor=person) | Q(mentee=person)).count()


def close(person: User, by: User | None) -> bool:
    """End the person's pairs and sign-in; return False if the account is closed already.

    Everything stays stored. `by` is the person, or None for the operator.
    """
    now = timezone.now()
    with transaction.atomic():
        changes = {"is_active": False, "closed_at": now, "touched_at": now}
        # Neither a link nor a web session of before works again when the account is opened again.
        changes |= {name: F(name) + 1 for name in ("links_version", "sessions_version")}
        if not User.objects.filter(pk=person.pk, is_active=True).update(**changes):
            return False
        for pair in Pair.objects.active().filter(Q(mentor=person) | Q(mentee=person)).order_by("pk"):
            pair.end(by)
        CalendarFeed.objects.filter(user=person).delete()
        ChatWebhook.objects.filter(user=person).delete()
        BusyCalendar.objects.filter(user=person).delete()
        ApiToken.objects.filter(user=person).delete()
        for program in Program.objects.filter(enrollments__user=person).distinct().order_by("pk"):
            MatchRequest.settle(program)
        Opportunity.note_orphans(person.pk)
        AuditEvent.record(by, AuditEvent.Action.ACCOUNT_CLOSED, person)
    return True


def reopen(person: User) -> bool:
    """Let the person sign in again; their pairs stay ended. Return False if the account is open, or erased."""
    closed = User.objects.filter(pk=person.pk, is_active=False, erased_at=None)
    now = timezone.now()
    with transaction.atomic():
        if not closed.update(
            is_active=True, closed_at=None, erase_at=None, erase_waits_since=None, kept_until=None, touched_at=now
        ):
            return False
        AuditEvent.record(None, AuditEvent.Action.ACCOUNT_OPENED, person)
    return True


def request_erasure(person: User, by: User | None = None) -> bool:
    """Have the person erased in twelve hours; return False if that was requested before."""
    at = timezone.now() + ERASURE_DELAY
    if not User.objects.filter(pk=person.pk, erase_at=None, erased_at=None).update(erase_at=at):
        return False
    AuditEvent.record(by, AuditEvent.Action.ERASURE_REQUESTED, person)
    person.erase_at = at
    if by:
        try:
            get_adapter().send_notification_mail("account/email/erasure_requested", person, {"erase_at": at})
        except OSError as error:  # every SMTP and network error; the page names the time, too
            logger.warning("notice of an erasure not sent: %s", type(error).__name__)
    return True


def hold_erasure(person: User) -> bool:
    """Let a due erasure wait, and return True, if the person is by now the only admin of a running program.

    They and the operator are notified once, by email; it continues by itself when there is another admin. An account
    that the operator closed meanwhile is not held: nobody could sign in to name one.
    """
    if not person.is_active or not (programs := programs_without_other_admin(person)):
        return False
    now = timezone.now()
    if User.objects.filter(pk=person.pk, erase_waits_since=None).update(erase_waits_since=now, touched_at=now):
        pks = ", ".join(str(program.pk) for program in programs)
        logger.warning("the erasure of person %s waits: the only admin of program %s", person.pk, pks)
    return True


def withdraw_erasure(person: User, by: User | None = None) -> bool:
    """Keep the account; return False if nothing was requested, or if it is too late."""
    if not User.objects.filter(pk=person.pk, erase_at__isnull=False, erased_at=None).update(
        erase_at=None, erase_waits_since=None
    ):
        return False
    AuditEvent.record(by, AuditEvent.Action.ERASURE_WITHDRAWN, person)
    return True
