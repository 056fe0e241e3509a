"""The ledger: reminders due to people (Reminder), and the messages that contain them (Delivery)."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent, User
from core.fields import BoundText, EncryptedTextField
from core.optimistic_locking import ConditionalUpdate
from mentoring.models import Pair

# Hosts of incoming webhooks of Teams: workflows, and connectors of before.
TEAMS = (".logic.azure.com", ".api.powerplatform.com", ".webhook.office.com")


class Topic(models.TextChoices):
    """A group of kinds that a person can turn off; messages without a topic are always sent."""

    SESSIONS = "sessions", _("Before and after sessions")
    COMMITMENTS = "commitments", _("Commitments")
    CHECK_INS = "check-ins", _("Check-ins")
    INDICATORS = "indicators", _("Indicators you track")
    PRACTICE = "practice", _("Practices you planned")
    PLANNING = "planning", _("Scheduling and working agreement")
    PROGRAM = "program", _("Programs you run")


class TopicChoice(models.Model):
    """How a person wants to be notified about a topic; without a row, by email when it is due."""

    class Mode(models.TextChoices):
        AT_ONCE = "once", _("By email, when it is due")
        WEEKLY = "weekly", _("By email, once a week")
        INBOX = "here", _("In the inbox only")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="topic_choices")
    topic = models.CharField(max_length=12, choices=Topic)
    mode = models.CharField(max_length=6, choices=Mode, default=Mode.AT_ONCE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="one_choice_per_topic")]
        indexes = [models.Index(fields=["mode"])]

    def __str__(self) -> str:
        return f"{self.topic}: {self.mode}"

    @classmethod
    def choose(cls, user: User, choices: dict[str, str]) -> None:
        """Save the choices and reschedule waiting reminders, because their turn depends on the choices."""
        for topic, mode in choices.items():
            cls.objects.update_or_create(user=user, topic=topic, defaults={"mode": mode})
        Reminder.objects.filter(recipient=user, state=Reminder.State.PLANNED, delivery=None).update(held_until=None)

    @classmethod
    def of(cls, user: User) -> dict[str, str]:
        """Return the person's choice for every topic."""
        chosen = dict(cls.objects.filter(user=user).values_list("topic", "mode"))
        return {topic: chosen.get(topic, cls.Mode.AT_ONCE) for topic in Topic.values}

    @classmethod
    def stop_mail(cls, user: User) -> None:
        """Turn off reminders by email for every topic; the inbox still shows them."""
        cls.choose(user, dict.fromkeys(Topic.values, cls.Mode.INBOX))


class Snooze(models.Model):
    """A pause of all reminders about one subject, with one more reminder at its end if it is still true."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snoozes")
    pair = models.ForeignKey(Pair, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    snoozed_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    remind_again = models.BooleanField(default=True)  # False: until a session, where it comes up anyway

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "subject"], name="one_snooze_per_subject")]
        indexes = [models.Index(fields=["snoozed_at"])]

    def __str__(self) -> str:
        return f"{self.subject} until {self.ends_at}"

    def covers(self, at: datetime) -> bool:
        """Return True if the snooze drops a reminder due at this moment; one reminder at its end replaces them all."""
        return at < self.ends_at


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def with_other_kinds_than(self, kinds: Iterable[str]) -> "DeliveryQuerySet":
        """Return messages with at least one reminder of another kind."""
        if not (kinds := list(kinds)):
            return self
        others = Reminder.objects.filter(delivery=OuterRef("pk")).exclude(kind__in=kinds)
        return self.filter(Exists(others))

    def emails(self) -> "DeliveryQuerySet":
        return self.filter(channel=Delivery.Channel.EMAIL)


class Delivery(models.Model):
    """One message to one person, claimed for a lease, sent outside transactions and settled by the claiming process.

    `next_try_at` is when it may be claimed: the next attempt while it waits, the end of the lease while it is sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        EXPIRED = "expired"
        CANCELED = "canceled"
        UNKNOWN = "unknown"  # the reply was lost twice; the message may have arrived

    class Channel(models.TextChoices):
        EMAIL = "mail"
        CHAT = "chat"

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    # The email that this message to a chat repeats. There is one copy of each at most.
    copy_of = models.OneToOneField("self", null=True, blank=True, on_delete=models.CASCADE, related_name="chat_copy")
    is_bundle = models.BooleanField(default=False)  # reminders of one window; counts toward the limits on emails
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    next_try_at = models.DateTimeField()
    lease_token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    copies_sent = models.PositiveSmallIntegerField(default=0)  # copies that may have left this machine
    message_id = models.CharField(max_length=200, unique=True)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="delivery_to_claim"),
            models.Index(fields=["recipient", "state"]),
            models.Index(fields=["recipient", "due_at"], name="delivery_bundles", condition=Q(is_bundle=True)),
        ]

    def __str__(self) -> str:
        return self.message_id


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, user: User) -> "ReminderQuerySet":
        return self.filter(recipient=user)

    def unread(self) -> "ReminderQuerySet":
        """Return due reminders that have not expired and were not dismissed, including waiting and failed ones."""
        state, now = Reminder.State, timezone.now()
        shown = (state.PLANNED, state.SENT, state.UNKNOWN, state.FAILED, state.HELD)
        return self.filter(due_at__lte=now, read_at=None, state__in=shown).filter(
            Q(expires_at=None) | Q(expires_at__gt=now)
        )


class Reminder(ConditionalUpdate):
    """One intent in the ledger; its unique `key` of kind, recipient, subject and occasion makes planning idempotent."""

    class State(models.TextChoices):
        PLANNED = "planned"
        SENT = "sent"
        CANCELED = "canceled"
        EXPIRED = "expired"
        FAILED = "failed"
        UNKNOWN = "unknown"
        HELD = "held"  # was due before a backup was restored; waits for the operator (reminders/restored.py)

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    subject = models.CharField(max_length=60)  # "session:12"
    pair = models.ForeignKey(Pair, null=True, blank=True, on_delete=models.CASCADE, related_name="reminders")
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    delivery = models.ForeignKey(Delivery, null=True, blank=True, on_delete=models.SET_NULL, related_name="reminders")
    held_until = models.DateTimeField(null=True, blank=True)  # due, but held back until then
    read_at = models.DateTimeField(null=True, blank=True)  # dismissed by the person, or settled by what they did
    # Whether it was still true three days after sending and the person had not visited; None: not judged yet.
    was_ignored = models.BooleanField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        indexes = [
            # SQLite cannot use a partial index if the state is a parameter, so the state comes first instead.
            models.Index(fields=["state", "delivery", "due_at"], name="reminder_to_pack"),
            models.Index(fields=["kind", "pair"], name="reminder_planned", condition=Q(state="planned")),
            models.Index(fields=["kind", "state"], name="reminder_without_pair", condition=Q(pair=None)),
            models.Index(fields=["recipient", "state", "due_at"]),
            models.Index(fields=["recipient", "due_at"], name="reminder_unread", condition=Q(read_at=None)),
            models.Index(fields=["state", "was_ignored", "due_at"], name="reminder_to_judge"),
        ]

    def __str__(self) -> str:
        return self.key

    def dismiss(self) -> None:
        """Mark the reminder as read."""
        self.update_if({"read_at": None}, read_at=timezone.now())

    def snooze(self, ends_at: datetime, remind_again: bool = True) -> list:
        """Snooze the subject until then; remind once more afterward if `remind_again` is true and it is still true.

        Snoozing a snoozed reminder extends the original snooze. Return what undo_snooze() needs.
        """
        extended = Snooze.objects.filter(pk=self.subject_pk).first() if self.kind == "snoozed" else None
        about, now = extended or self, timezone.now()
        with transaction.atomic():
            of_subject = Snooze.objects.filter(user_id=self.recipient_id, subject=about.subject)
            before = of_subject.values_list("kind", "ends_at", "remind_again").first()
            Snooze.objects.update_or_create(
                user_id=self.recipient_id,
                subject=about.subject,
                defaults={
                    "pair_id": self.pair_id,
                    "kind": about.kind,
                    "snoozed_at": now,
                    "ends_at": ends_at,
                    "remind_again": remind_again,
                },
            )
            self.dismiss()
            if self.pair:
                self.pair.touch()
        return [about.subject, now.isoformat(), before and [before[0], before[1].isoformat(), before[2]]]

    def undo_snooze(self, subject: str, snoozed_at: str, before: list | None) -> bool:
        """Remind as before a snooze; return False if the subject has been snoozed again since."""
        rows = Snooze.objects.filter(
            user_id=self.recipient_id, subject=subject, snoozed_at=datetime.fromisoformat(snoozed_at)
        )
        with transaction.atomic():
            if before:
                kind, ends_at, remind_again = before
                ends_at = datetime.fromisoformat(ends_at)
                undone = rows.update(kind=kind, ends_at=ends_at, remind_again=remind_again, snoozed_at=timezone.now())
            else:
                undone, _by_model = rows.delete()
            if not undone:
                return False
            self.update_if({"read_at__isnull": False}, read_at=None)
            if self.pair:
                self.pair.touch()
        return True

    @property
    def subject_pk(self) -> int:
        return int(self.subject.rpartition(":")[2])


class ChatWebhook(BoundText):
    """The incoming webhook of a person's chat, to which their reminder emails are copied. Its address is a secret."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_webhook")
    address = EncryptedTextField(max_length=1000, bound_to=("user_id",))
    gets_reminders = models.BooleanField(default=True)
    since = models.DateTimeField(_("Connected"), default=timezone.now)  # emails before then are not repeated
    failing_since = models.DateTimeField(null=True, blank=True)  # no message was taken since
    off_since = models.DateTimeField(_("Switched off"), null=True, blank=True, db_index=True)  # because of failures

    def __str__(self) -> str:
        return f"{self.user_id} since {self.since:%Y-%m-%d}"

    @classmethod
    def connect(cls, user: User, address: str) -> None:
        """Store the address in place of an earlier one."""
        with transaction.atomic():
            cls.objects.filter(user=user).delete()
            cls.objects.create(user=user, address=address)
            AuditEvent.record(user, AuditEvent.Action.CHAT_CONNECTED, user)

    def choose(self, gets_reminders: bool) -> None:
        """Store whether reminders go to the chat, too; those of before are not repeated."""
        rows = ChatWebhook.objects.filter(pk=self.pk).exclude(gets_reminders=gets_reminders)
        rows.update(gets_reminders=gets_reminders, since=timezone.now())

    def switch_on(self) -> None:
        """Note that the address took a message."""
        rows = ChatWebhook.objects.filter(pk=self.pk)
        rows.filter(off_since__isnull=False).update(off_since=None, since=timezone.now())
        rows.filter(failing_since__isnull=False).update(failing_since=None)

    @classmethod
    def disconnect(cls, user: User) -> None:
        """Delete the address; nothing more is sent to it."""
        with transaction.atomic():
            if cls.objects.filter(user=user).delete()[0]:
                AuditEvent.record(user, AuditEvent.Action.CHAT_DISCONNECTED, user)

    @property
    def host(self) -> str:
        """Return the part of the address that is no secret."""
        return urlsplit(self.address).hostname or ""

    @property
    def is_teams(self) -> bool:
        """Return True if messages are cards for Teams; Slack and others take text."""
        return self.host.endswith(TEAMS)


class PlannedPair(models.Model):
    """Which change of a pair the planner has noticed, and from when on the pair waits to be planned.

    The planner claims a few waiting pairs for a lease, plans them, and settles those it still holds.
    """

    pair = models.OneToOneField(Pair, primary_key=True, on_delete=models.CASCADE, related_name="planning")
    # Of the pair, when it was queued; empty if that was a moment ago, because another touch may have the same time.
    touched_at = models.DateTimeField(null=True, blank=True)
    # When it may be claimed: at once while it waits, at the end of the lease while it is planned; empty: it is planned.
    next_try_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], name="pair_to_plan", condition=Q(next_try_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.pair_id} {self.next_try_at or 'planned'}"


class Watermark(models.Model):
    """How far the planner has noticed the changes of pairs, and when it last ran; a single row."""

    planned_until = models.DateTimeField()
    last_run_at = models.DateTimeField(null=True, blank=True)  # when the planner last ran, even if pairs still wait
    # When the clock was last seen to have been set back, and by how much.
    clock_set_back_at = models.DateTimeField(null=True, blank=True)
    clock_set_back_by = models.DurationField(null=True, blank=True)
    # When a backup was restored, and the state that reminders due before then are planned with.
    restored_at = models.DateTimeField(null=True, blank=True)
    missed_state = models.CharField(max_length=8, choices=Reminder.State, default=Reminder.State.HELD)

    def __str__(self) -> str:
        return str(self.planned_until)
