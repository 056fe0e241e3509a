import base64
import secrets
import uuid

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from core.fields import EncryptedTextField
from mentoring.models import Program

SECRET = "whsec_"


class WebhookEvent(models.TextChoices):
    """What a program tells other software: that it happened, with ids and counts."""

    SESSION_HELD = "session.held", _("A session was held")
    COMMITMENT_DONE = "commitment.done", _("A commitment was done")
    PAIR_FLAGGED = "pair.flagged", _("A pair needs attention")
    PAIR_ENDED = "pair.ended", _("A pair ended")


class WebhookEndpoint(models.Model):
    """An address that a program admin has events of the program sent to."""

    MOST = 5  # of a program

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(_("Address"), max_length=500)
    events = models.JSONField(default=list)
    secret = EncryptedTextField(max_length=100, bound_to=("program_id",))  # "whsec_…": signs each message
    created_at = models.DateTimeField(default=timezone.now)
    planned_until = models.DateTimeField(default=timezone.now)  # changes of pairs before then have been looked at
    failing_since = models.DateTimeField(null=True, blank=True)  # no message was accepted since
    off_since = models.DateTimeField(null=True, blank=True)  # after days of failures

    def __str__(self) -> str:
        return self.url

    @classmethod
    def add(cls, by, program: Program, url: str, events: list[str]) -> "WebhookEndpoint":
        secret = SECRET + base64.b64encode(secrets.token_bytes(32)).decode()
        with transaction.atomic():
            row = cls.objects.create(program=program, url=url, events=events, secret=secret)
            AuditEvent.record(by, AuditEvent.Action.WEBHOOK_ADDED, program)
        return row

    def remove(self, by) -> None:
        with transaction.atomic():
            self.delete()
            AuditEvent.record(by, AuditEvent.Action.WEBHOOK_REMOVED, self.program)

    def switch_on(self, by) -> None:
        """Send events again, those that happen from now on."""
        with transaction.atomic():
            changes = {"off_since": None, "failing_since": None, "planned_until": timezone.now()}
            WebhookEndpoint.objects.filter(pk=self.pk, off_since__isnull=False).update(**changes)
            AuditEvent.record(by, AuditEvent.Action.WEBHOOK_SWITCHED_ON, self.program)

    def send_test(self, by) -> None:
        """Have a test message sent within a minute; while one waits, there is no second."""
        with transaction.atomic():
            if not self.deliveries.filter(event="test", state__in=WebhookDelivery.OPEN).exists():
                self.deliveries.create(key=f"test:{uuid.uuid4()}", event="test", data={"program": self.program_id})
            AuditEvent.record(by, AuditEvent.Action.WEBHOOK_TESTED, self.program)

    @property
    def event_labels(self) -> list[str]:
        return [WebhookEvent(event).label for event in self.events if event in WebhookEvent.values]


class WebhookDelivery(models.Model):
    """One message to one address: what happened, and what became of sending it. It holds ids and counts only."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("delivered")
        FAILED = "failed", _("failed")

    OPEN = (State.WAITING, State.SENDING)

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=60)  # "session.held:12": each is sent once
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    event = models.CharField(max_length=20)
    data = models.JSONField(default=dict)
    happened_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    lease_token = models.UUIDField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # of the last answer; null: there was none
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "key"], name="webhook_message_once")]
        indexes = [models.Index(fields=["state", "next_try_at"], name="webhook_to_send")]

    def __str__(self) -> str:
        return self.key
