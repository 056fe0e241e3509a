"""Retention of what belongs to people and not to a pair: each night, what nobody needs any more is deleted.

The periods are in docs/rules.md, retention. A second run on the same day changes nothing.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

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
    for person in list(people_long_gone(now).order_by("pk")[:AT_ONCE]):
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
