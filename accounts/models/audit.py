from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models.user import User


class AuditEvent(models.Model):
    """A record of who did what to which object, without content. Append-only (accounts/audit_guard.py)."""

    class Action(models.TextChoices):
        """What was done, as it is stored. Stored rows cannot be changed, so a value here is never changed either.

        Braces stand for the detail that `record` is given: a role, a rule or an answer.
        """

        # Accounts
        SIGNED_IN = "signed in"
        SIGN_IN_FAILED = "sign-in failed"
        SIGN_IN_LOCKED = "sign-in locked for a while"
        PASSWORD_CHANGED = "password changed"
        EMAIL_CONFIRMED = "e-mail confirmed"
        EMAIL_CHANGED = "address changed"
        ADDRESS_VERIFIED_BY_OPERATOR = "let in by the operator"
        SIGNED_OUT_ELSEWHERE = "signed out elsewhere"
        SECOND_FACTOR_ADDED = "second factor added: {}"
        SECOND_FACTOR_REMOVED = "second factor removed: {}"
        SECOND_FACTOR_FAILED = "second factor refused"
        SECOND_FACTOR_RESET = "second factor reset by the operator"
        ADDED_BY_DIRECTORY = "added by the directory"
        CHANGED_BY_DIRECTORY = "changed by the directory"
        REMOVED_BY_DIRECTORY = "removed by the directory"
        IDENTITY_LINKED = "signed in through the provider for the first time"
        IDENTITY_FORGOTTEN = "identity at the provider forgotten"
        SINGLE_SIGN_ON_REFUSED = "sign-in through the provider: {}"
        PAGE_REQUESTED = "asked for"
        OWN_DATA_EXPORTED = "own data exported"
        ACCOUNT_CLOSED = "account closed"
        ACCOUNT_OPENED = "account opened again"
        ERASURE_REQUESTED = "erasure requested"
        ERASURE_WITHDRAWN = "erasure withdrawn"
        PERSON_ERASED = "person erased"
        PRIVATE_KEY_ROTATED = "private key rotated"
        API_TOKEN_CREATED = "API token created"
        API_TOKEN_REVOKED = "API token revoked"
        WEBHOOK_ADDED = "webhook added"
        WEBHOOK_REMOVED = "webhook removed"
        WEBHOOK_TESTED = "webhook tested"
        WEBHOOK_SWITCHED_ON = "webhook switched on"
        CALENDAR_CONNECTED = "calendar connected"
        CHAT_CONNECTED = "chat connected"
        CHAT_DISCONNECTED = "chat disconnected"
        CALENDAR_DISCONNECTED = "calendar disconnected"
        PERSON_SHOWN = "what is stored of a person shown"
        # Programs and people
        INSTALLATION_STARTED = "installation started"
        DEMO_ENTERED = "demo entry"
        PROGRAM_CREATED = "program created"
        PROGRAM_CHANGED = "program changed"
        PROGRAM_RULES_CHANGED = "program rules changed"
        PROGRAM_FILE_IMPORTED = "program file imported"
        PROGRAM_FILE_EXPORTED = "program file exported"
        DIRECTION_ADDED = "direction added"
        DIRECTION_DROPPED = "direction dropped"
        RESOURCE_ADDED = "resource added"
        RESOURCE_CHANGED = "resource changed"
        RESOURCE_REMOVED = "resource removed"
        OPPORTUNITY_POSTED = "opportunity posted"
        OPPORTUNITY_CLOSED = "opportunity closed"
        OPPORTUNITY_REOPENED = "opportunity opened again"
        OPPORTUNITY_TAKEN_OVER = "opportunity taken over"
        OPPORTUNITY_ANSWERED = "opportunity application answered"
        INVENTORY_ADDED = "inventory added"
        INVENTORY_CHANGED = "inventory changed"
        INVENTORY_PUBLISHED = "inventory published"
        INVENTORY_RETIRED = "inventory retired"
        INVENTORY_OFFERED_AGAIN = "inventory offered again"
        HUDDLE_TEXT_REMOVED = "text of the huddle removed"
        AGENDAS_COPIED = "agendas taken over"
        AGENDA_TEMPLATE_CHANGED = "agenda of a program changed"
        INVITED = "invited as {}"
        ADDED = "added as {}"
        INVITED_AGAIN = "invited again as {}"
        JOINED = "joined as {}"
        LEFT = "left as {}"
        REMOVED = "removed as {}"
        INVITATIONS_SENT = "invitations sent"
        INVITATION_LINKS_EXPORTED = "invitation links exported"
        PROFILE_EDITED_BY_ADMIN = "profile edited for somebody"
        PEOPLE_EXPORTED = "people exported"
        APPLICATION_ACCEPTED = "application accepted"
        APPLICATION_DECLINED = "application declined"
        TALK_REQUEST_HANDLED = "talk taken up"
        GROUP_ROLE_STARTED = "group of the directory invites as {}"
        GROUP_ROLE_STOPPED = "group of the directory invites no more as {}"
        IMPORT_UPLOADED = "file of people looked at"
        IMPORT_COLUMNS_CHOSEN = "columns of a file chosen"
        IMPORT_READ_AGAIN = "file of people read again"
        IMPORT_QUEUED = "file of people handed over"
        IMPORT_ERRORS_EXPORTED = "lines with errors exported"
        IMPORT_LINES_EXPORTED = "lines of a file exported"
        PEOPLE_IMPORTED = "people imported"
        # Matching and pairs
        MATCHING_WEIGHTS_CHANGED = "matching weights changed"
        MATCHING_RULES_CHANGED = "matching rules changed"
        MATCHES_SUGGESTED = "pairs proposed"
        MATCH_PROPOSED = "pair proposed"
        PROPOSAL_LOCKED = "proposal locked"
        PROPOSAL_UNLOCKED = "proposal unlocked"
        PROPOSAL_REMOVED = "proposal removed"
        MATCH_REQUEST_ANSWERED = "match request: {}"
        PAIRS_QUEUED = "pairs handed over to start"
        PAIR_STARTS_UNDONE = "start of pairs undone"
        PAIR_STARTED = "pair started"
        PAIR_PAUSED = "pair paused"
        PAIR_RESUMED = "pair resumed"
        PAIR_END_DATE_CHANGED = "end of pair changed"
        PAIR_END_DATES_MOVED = "pairs end with the program"
        PAIR_ENDED = "pair ended"
        PAIR_END_UNDONE = "pair end undone"
        PAIR_CONTENT_DELETED = "content of a pair deleted"
        PAIRS_EXPORTED = "pairs exported"
        # What a pair shows to others
        OUTCOME_SHARED_WITH_ADMINS = "outcome shown to admins"
        OUTCOME_NO_LONGER_SHARED_WITH_ADMINS = "outcome kept to the pair"
        ADVOCACY_RELEASED = "advocacy released"
        ADVOCACY_WITHDRAWN = "advocacy withdrawn"
        KUDOS_SHARED = "kudos shared with program"
        KUDOS_NO_LONGER_SHARED = "kudos no longer shared"
        PLAN_EXPORTED = "plan exported"
        GROWTH_RECORD_EXPORTED = "growth record exported"
        PRACTICE_SHARED = "practice entry shared"
        PRACTICE_NO_LONGER_SHARED = "practice entry no longer shared"
        PRACTICE_DELETED = "practice entry deleted"
        PRACTICE_EXPORTED = "practice entries exported"
        # Attention
        FLAG_SNOOZED = "flag {} snoozed"
        FLAG_SHOWN_AGAIN = "flag {} shown again"
        PAPERWORK_REMINDED = "reminded of {}"
        MENTOR_CONTACTED = "mentor contacted"
        FIGURES_EXPORTED = "figures exported"
        OVERVIEW_EMAILED = "overview by email: {}"

    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    # No database constraint: the id stays when a person is deleted, because rows cannot be changed.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, blank=True)
    result = models.CharField(max_length=40, default="ok")

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.action} {self.subject}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise ValidationError("An audit event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise ValidationError("An audit event is never deleted one by one.")

    @classmethod
    def build(
        cls, user: "User | None", action: Action, subject=None, result: str = "ok", *, detail: str = ""
    ) -> "AuditEvent":
        """Return an unsaved event; `subject` is a row, or the name of one as text."""
        if isinstance(subject, models.Model):
            subject = f"{subject._meta.label_lower}:{subject.pk}"
        return cls(
            user=user if user and user.pk else None,
            action=action.value.format(detail),
            subject=(subject or "")[:100],
            result=result,
        )

    @classmethod
    def record(cls, user: "User | None", action: Action, subject=None, result: str = "ok", *, detail: str = "") -> None:
        """Store an event; see `build`."""
        cls.build(user, action, subject, result, detail=detail).save()
