"""Retention: a pair's content is deleted a year after the pair has ended (docs/rules.md, retention).

Both people are notified sixty days before. The date is set here, and the app that sends emails passes the pairs whose
people were notified.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from django.conf import settings
from django.contrib.sessions.models import Session as WebSession
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts import audit_guard
from accounts.models import AuditEvent, OutboxMail, SignIn
from core.hooks import Hook
from mentoring.models import ExitAnswer, HuddleQuestion, Pair
from practice.models import Buddies, Entry, Opportunity, OpportunityApplication, SelfReview, Stakeholder

NOTICE_PERIOD = timedelta(days=60)
PURGED_AFTER = timedelta(days=30)  # the same for the pairs of an erased person, if ERASED_TEXT is "purge"
OUTBOX, SIGN_INS, AUDIT = timedelta(days=30), timedelta(days=90), timedelta(days=audit_guard.KEPT_DAYS)
MONTH = timedelta(days=365) / 12
AT_ONCE = 200  # pairs per run; the next night continues

# Facts about a pair, which are kept: dates, states, counts and kinds. Everything else of a pair is deleted.
FACTS = {"mentoring.Pause", "mentoring.ExitAnswer", "dashboard.Flag", "records.HandoverCopy", "reminders.Reminder"}
SIGN_IN_EVENTS = (
    AuditEvent.Action.PASSWORD_CHANGED,
    AuditEvent.Action.EMAIL_CONFIRMED,
    AuditEvent.Action.EMAIL_CHANGED,
    AuditEvent.Action.SIGNED_IN,
    AuditEvent.Action.SIGN_IN_FAILED,
    AuditEvent.Action.SECOND_FACTOR_FAILED,
    AuditEvent.Action.SIGNED_OUT_ELSEWHERE,
    AuditEvent.Action.SIGN_IN_LOCKED,
)

# (pair): delete the texts about the pair that an upper app keeps.
erase_texts = Hook()


def content_models() -> list[tuple[type[Model], str]]:
    """Return the models whose rows are a pair's content, each with the name of its link to the pair."""
    relations = Pair._meta.get_fields(include_hidden=True)
    found = [
        (relation.related_model, relation.field.name)
        for relation in relations
        if relation.auto_created and (relation.one_to_many or relation.one_to_one)
    ]
    return [(model, name) for model, name in found if model._meta.label not in FACTS]


def retention_period() -> timedelta:
    """Return how long content is kept after a pair has ended."""
    return settings.RETENTION_MONTHS * MONTH


def schedule_deletions(today: date) -> int:
    """Set the deletion date of pairs that are due soon, so that both people are notified; return how many."""
    last_day = today + NOTICE_PERIOD - retention_period()
    ended_before = datetime.combine(last_day, time.max, UTC)
    rows = Pair.objects.filter(ended_at__lte=ended_before, kept_until=None, content_deleted_at=None)
    count = 0
    for pair in rows.select_related("program").order_by("pk")[:AT_ONCE]:
        kept_until = max(pair.ended_on + retention_period(), today + NOTICE_PERIOD)
        if Pair.objects.filter(pk=pair.pk, kept_until=None).update(kept_until=kept_until):
            pair.touch()
            count += 1
    return count


def of_erased_people() -> Q:
    """Return the condition for pairs whose content is deleted early, because one of their people was erased."""
    if settings.ERASED_TEXT != "purge":
        return Q(pk__in=[])
    return Q(mentor__erased_at__isnull=False) | Q(mentee__erased_at__isnull=False)


def schedule_purges(today: date) -> None:
    """Set an earlier deletion date for the pairs of erased people, of which the partner is notified."""
    kept_until = today + PURGED_AFTER
    later = Q(kept_until=None) | Q(kept_until__gt=kept_until)
    rows = Pair.objects.filter(of_erased_people(), later, ended_at__isnull=False, content_deleted_at=None)
    for pair in rows.order_by("pk")[:AT_ONCE]:
        if Pair.objects.filter(later, pk=pair.pk).update(kept_until=kept_until):
            pair.touch()


def notice_period(pair: Pair) -> timedelta:
    """Return how long before the deletion of its content the people of the pair are notified."""
    purged = settings.ERASED_TEXT == "purge" and any(person.erased_at for person in pair.people)
    return PURGED_AFTER if purged else NOTICE_PERIOD


def due_for_deletion(today: date) -> QuerySet[Pair]:
    """Return the pairs whose content was kept until a day that has passed."""
    return Pair.objects.filter(ended_at__isnull=False, kept_until__lt=today, content_deleted_at=None)


def delete_content(today: date, notified: Iterable[int]) -> int:
    """Delete the content of the pairs in `notified` that are due, one pair at a time; return how many."""
    count = 0
    for pk in list(islice(notified, AT_ONCE)):
        with transaction.atomic():
            pair = due_for_deletion(today).select_for_update().filter(pk=pk).first()
            if pair is None:
                continue
            for model, link in content_models():
                model._base_manager.filter(**{link: pair}).delete()
            ExitAnswer.objects.filter(pair=pair).update(takeaway="")
            erase_texts.ask_all(pair)
            Pair.objects.filter(pk=pk).update(content_deleted_at=timezone.now())
            delete_practice_without_pair([pair.mentor_id, pair.mentee_id])
            AuditEvent.record(None, AuditEvent.Action.PAIR_CONTENT_DELETED, pair)
            count += 1
    return count


def delete_practice_without_pair(people: Iterable[int]) -> None:
    """Delete what those people practiced outside pairs, and their buddies, if they have no pair with content left."""
    for person in people:
        if not Pair.objects.filter(Q(mentor=person) | Q(mentee=person), content_deleted_at=None).exists():
            Entry.objects.filter(author=person).delete()
            SelfReview.objects.filter(user=person).delete()
            Stakeholder.objects.filter(author=person).delete()
            OpportunityApplication.objects.filter(applicant=person).delete()
            Buddies.objects.filter(Q(asked_by=person) | Q(other=person)).delete()


def delete_old_program_texts(now: datetime) -> None:
    """Delete what a program's people wrote to each other, for as long as content is kept after its last use.

    That is questions among mentors with their answers, and opportunities with the applications. What came of an
    application in a pair stays until the content of the pair is deleted, without its note and answer.
    """
    kept_since = now - retention_period()
    past = Opportunity.objects.filter(apply_by__lt=kept_since.date())
    OpportunityApplication.objects.filter(opportunity__in=past, pair=None).delete()
    OpportunityApplication.objects.filter(opportunity__in=past).update(note="", answer="")
    past.filter(applications=None).delete()
    old = HuddleQuestion.objects.filter(created_at__lt=kept_since)
    old.exclude(answers__created_at__gte=kept_since).delete()


def delete_old_logs(now) -> None:
    """Delete old emails of the demo outbox, old audit events, expired web sessions, and devices not seen for long."""
    OutboxMail.objects.filter(sent_at__lt=now - OUTBOX).delete()
    with audit_guard.unlocked():
        AuditEvent.objects.filter(created_at__lt=now - SIGN_INS, action__in=SIGN_IN_EVENTS).delete()
        AuditEvent.objects.filter(created_at__lt=now - AUDIT).delete()
    WebSession.objects.filter(expire_date__lt=now).delete()
    SignIn.objects.filter(seen_at__lt=now - SignIn.REMEMBERED).delete()
