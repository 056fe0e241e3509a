"""Retention of what belongs to people and not to a pair: each night, what nobody needs any more is deleted.

The periods are in docs/rules.md, retention. A second run on the same day changes nothing.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from mentoring.models import (
    Application,
    Enrollment,
    MatchRequest,
    NeverPair,
    Pair,
    Preference,
    Profile,
    Proposal,
    TalkRequest,
)
from operations.own_data import erasure
from records.retention import retention_period
from reminders.models import Reminder
from reminders.retention_notices import NOTIFIED, sent_on

NOTICE_PERIOD = timedelta(days=30)  # between the warning and the erasure of an account that nobody needs
SETTLED = timedelta(days=90)  # for what was decided: applications, and requests to talk
AT_ONCE = 200  # people per run; the next night continues
# What people entered for the matching, and the links to the people it is about.
FOR_MATCHING = {
    Profile: ["user"],
    Preference: ["mentee", "mentor"],
    MatchRequest: ["mentee", "mentor"],
    NeverPair: ["user", "other"],
    Proposal: ["mentee", "mentor"],
}


def delete_expired(now: datetime) -> None:
    """Delete what is older than its period."""
    delete_settled(now)
    delete_matching_facts(now)
    delete_unused_invitations(now)
    schedule_erasures(now)
    for person in people_to_erase(now):
        erasure.erase(person)


def delete_settled(now: datetime) -> None:
    """Delete applications and requests to talk: some time after they were settled, or a year after nobody did."""
    old = Q(created_at__lt=now - retention_period())
    Application.objects.filter(Q(decided_at__lt=now - SETTLED) | old & Q(decided_at=None)).delete()
    TalkRequest.objects.filter(Q(handled_at__lt=now - SETTLED) | old & Q(handled_at=None)).delete()


def still_here(now: datetime, **of) -> QuerySet[Enrollment]:
    """Return the roles that count as current: not ended, nor those of a program that ended, for a year."""
    since = now - retention_period()
    rows = Enrollment.objects.filter(Q(left_at=None) | Q(left_at__gte=since), program__ends_on__gte=since.date())
    return rows.filter(**of)


def delete_matching_facts(now: datetime) -> None:
    """Delete the profiles, choices and suggestions of people who left the program, or whose program ended."""
    for model, names in FOR_MATCHING.items():
        gone = Q()
        for name in names:
            gone |= ~Q(Exists(still_here(now, program=OuterRef("program"), user=OuterRef(name))))
        model.objects.filter(gone).delete()


def delete_unused_invitations(now: datetime) -> None:
    """Delete invitations that nobody accepted within a year, unless the person is in a pair."""
    since = now - retention_period()
    rows = Enrollment.objects.filter(accepted_at=None).exclude(Exists(kept_pairs(program=OuterRef("program"))))
    never_invited = Q(invited_at=None, program__ends_on__lt=since.date())
    rows.filter(Q(invited_at__lt=since) | Q(left_at__lt=since) | never_invited).delete()


def schedule_erasures(now: datetime) -> None:
    """Set the last day of accounts that nobody needs any more, so that each person is warned; a visit removes it."""
    gone = people_long_gone(now + NOTICE_PERIOD)
    User.objects.filter(kept_until__isnull=False, erased_at=None).exclude(pk__in=gone.values("pk")).update(
        kept_until=None
    )
    last_day = timezone.localdate(now) + NOTICE_PERIOD
    for pk in list(gone.filter(kept_until=None).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        User.objects.filter(pk=pk, kept_until=None).update(kept_until=last_day, touched_at=now)


def people_to_erase(now: datetime) -> Iterator[User]:
    """Yield the people whose last day has passed, at least thirty days after the email about it was sent.

    A closed account has nobody who could be warned. If an email was never sent, because there was no mail server, the
    person is warned of a later day.
    """
    today = timezone.localdate(now)
    for person in list(people_long_gone(now).filter(kept_until__lt=today).order_by("pk")[:AT_ONCE]):
        warned_on = warning_sent_on(person) if person.is_active else date.min
        if warned_on is None:
            User.objects.filter(pk=person.pk).update(kept_until=today + NOTICE_PERIOD, touched_at=now)
        elif warned_on + NOTICE_PERIOD < today:
            yield person


def warning_sent_on(person: User) -> date | None:
    key = f"account_expires:{person.pk}:person:{person.pk}:{person.kept_until.isoformat()}"
    found = Reminder.objects.filter(NOTIFIED, key=key).select_related("delivery").first()
    return sent_on(found) if found else None


def kept_pairs(person: str = "user", **of) -> QuerySet[Pair]:
    """Return the pairs of a person, of the outer query, whose content is not deleted yet."""
    one_of = Q(mentor=OuterRef(person)) | Q(mentee=OuterRef(person))
    return Pair.objects.filter(one_of, content_deleted_at=None, **of)


def people_long_gone(now: datetime) -> QuerySet[User]:
    """Return people without a role, a pair with content and a visit for a year; never admins and operators."""
    since = now - retention_period()
    runs_a_program = Enrollment.objects.filter(user=OuterRef("pk"), role=Enrollment.Role.ADMIN, left_at=None)
    rows = User.objects.filter(erased_at=None, is_staff=False, is_superuser=False, date_joined__lt=since)
    rows = rows.filter(Q(last_login=None) | Q(last_login__lt=since), Q(seen_at=None) | Q(seen_at__lt=since))
    rows = rows.exclude(Exists(still_here(now, user=OuterRef("pk")))).exclude(Exists(runs_a_program))
    return rows.exclude(Exists(kept_pairs("pk")))
