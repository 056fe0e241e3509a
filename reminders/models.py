"""The ledger: what is due to whom (Reminder), and the messages that carry it (Delivery)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mentoring.models import Pair


class Delivery(models.Model):
    """One message to one person. Claimed for a lease, sent outside transactions, closed by its claimant.

    `next_try_at` is when somebody may claim it: the next attempt while it waits, the end of the lease while it is sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        EXPIRED = "expired"
        CANCELED = "canceled"
        UNKNOWN = "unknown"  # the reply was lost twice; the message may have arrived

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, default="mail")
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    next_try_at = models.DateTimeField()
    lease_token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    handed_over = models.PositiveSmallIntegerField(default=0)  # times the message may have left this machine
    message_id = models.CharField(max_length=200, unique=True)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], name="delivery_due", condition=Q(state__in=["waiting", "sending"])),
            models.Index(fields=["recipient", "state"]),
        ]

    def __str__(self) -> str:
        return self.message_id


class Reminder(models.Model):
    """One intent. `key` is unique: kind, recipient, subject and occasion, so that planning twice plans once."""

    class State(models.TextChoices):
        PLANNED = "planned"
        SENT = "sent"
        CANCELED = "canceled"
        EXPIRED = "expired"
        FAILED = "failed"
        UNKNOWN = "unknown"

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    subject = models.CharField(max_length=60)  # "session:12"
    pair = models.ForeignKey(Pair, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders")
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    delivery = models.ForeignKey(Delivery, null=True, blank=True, on_delete=models.SET_NULL, related_name="reminders")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="reminder_due", condition=Q(state="planned", delivery=None)),
            models.Index(fields=["kind", "pair"], name="reminder_planned", condition=Q(state="planned")),
            models.Index(fields=["recipient", "state", "due_at"]),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def subject_pk(self) -> int:
        return int(self.subject.rpartition(":")[2])


class Watermark(models.Model):
    """How far the planner has read the pairs' changes; one row."""

    read_until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.read_until)
