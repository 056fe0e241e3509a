"""Erase a person: what only they could read is deleted, what they shared stays as written by a former member.

Each step is a transaction of its own, and a step that is done a second time changes nothing. The person counts as
erased after the last step, so a run that was interrupted is continued by the next one.
"""

import logging
from collections.abc import Iterator

from django.apps import apps
from django.contrib.sessions.models import Session as WebSession
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.models import AuditEvent, OutboxMail, User
from core.languages import default_language
from goals.models import AdvocacyNote, FeedbackInvite
from mentoring.models import Application, Enrollment, ExitAnswer, ImportRun, Pair
from operations.own_data import closing
from operations.own_data.erasure_policy import DELETED_BY, any_of
from practice.models import Buddies, BuddyUpdate, Entry, Share
from sessions.models import Feedback, StatusUpdate

logger = logging.getLogger(__name__)

AT_ONCE = 1000  # rows deleted in one transaction


def due(now) -> Iterator[User]:
    """Yield the people who can no longer withdraw their request to be erased."""
    yield from User.objects.filter(erase_at__lte=now, erased_at=None).order_by("erase_at")


def erase(person: User, by: User | None = None) -> bool:
    """Erase this person for good; return False if they are erased already."""
    person = User.objects.get(pk=person.pk)
    if person.erased_at:
        return False
    closing.close(person, by)
    addresses = {person.email, *person.emailaddress_set.values_list("email", flat=True)}
    delete_rows(person)
    delete_private_texts(person)
    delete_copies(addresses)
    delete_web_sessions(person)
    remove_identity(person, by)
    clean_up(person)
    return True


def delete_rows(person: User) -> None:
    """Delete the rows that are the person's alone, a thousand at a time."""
    for label, names in DELETED_BY.items():
        if label == "account.EmailAddress":
            continue  # needed to continue an interrupted run; removed with the identity
        rows = apps.get_model(label)._base_manager.filter(any_of(names, person))
        while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
            rows.model._base_manager.filter(pk__in=pks).delete()


def delete_private_texts(person: User) -> None:
    """Delete what the person did not share: entries, drafts, names of colleagues, and the text at the end."""
    with transaction.atomic():
        private = Entry.objects.filter(~Exists(Share.objects.filter(entry=OuterRef("pk"))), author=person)
        # A shared debrief stays, even if the conversation that it looks back on was private.
        Entry.objects.filter(part_of__in=list(private.values_list("pk", flat=True)), shares__isnull=False).update(
            part_of=None
        )
        private.delete()
        Buddies.objects.filter(Q(asked_by=person) | Q(other=person), ended_at=None).update(ended_at=timezone.now())
        answers = BuddyUpdate.objects.filter(Q(buddies__asked_by=person) | Q(buddies__other=person))
        answers.exclude(author=person).update(reply="", replied_at=None)
        StatusUpdate.objects.filter(author=person, shared_at=None).delete()
        Feedback.objects.filter(created_by=person, shared_at=None).delete()
        AdvocacyNote.objects.filter(pair__mentor=person, shown_at=None).delete()
        FeedbackInvite.objects.filter(feedback_round__pair__mentee=person).delete()
        ExitAnswer.objects.filter(user=person).update(takeaway="", would_mentor=False)


def delete_copies(addresses: set[str]) -> None:
    """Delete what names these addresses outside the account: applications, files of people, and stored emails."""
    for address in addresses:
        Application.objects.filter(email__iexact=address).delete()
        named = Q(recipients__icontains=address) | Q(text__icontains=address) | Q(html__icontains=address)
        OutboxMail.objects.filter(named | Q(subject__icontains=address) | Q(headers__icontains=address)).delete()
    states = (ImportRun.State.QUEUED, ImportRun.State.RUNNING)
    for run in ImportRun.objects.exclude(state__in=states).exclude(table={}, content=b"").iterator(chunk_size=1):
        text = f"{run.table} {bytes(run.content).decode(errors='replace')}".lower()
        if any(address.lower() in text for address in addresses):
            run.delete()


def delete_web_sessions(person: User) -> None:
    for session in WebSession.objects.order_by("pk").iterator(chunk_size=500):
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()


def remove_identity(person: User, by: User | None) -> None:
    """Remove the name and address, and mark the person as erased."""
    fresh = User(email=f"erased-{person.pk}@erased.invalid", is_active=False, news_seen="")
    with translation.override(default_language()):
        fresh.name = gettext("Former member")
    fresh.set_unusable_password()
    kept = {"id", "date_joined", "closed_at", "links_version", "folded_name"}
    fields = [field.attname for field in User._meta.concrete_fields if field.attname not in kept]
    now = timezone.now()
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        if person.erased_at:
            return
        person.groups.clear(), person.user_permissions.clear()
        for name in fields:
            setattr(person, name, getattr(fresh, name))
        person.erased_at = person.touched_at = now
        person.save()
        person.emailaddress_set.all().delete()
        own = Enrollment.objects.filter(user=person)
        own.filter(accepted_at=None).delete()
        own.filter(left_at=None).update(left_at=now)
        own.update(name="", folded_name="", invitation_message="")
        AuditEvent.record(by, AuditEvent.Action.PERSON_ERASED, person)


def clean_up(person: User) -> None:
    """Refresh the pages of former partners, and overwrite what was deleted in SQLite's file."""
    for pair in Pair.objects.filter(Q(mentor=person) | Q(mentee=person)):
        pair.touch()
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    logger.info("person %s erased", person.pk)
