"""Sender: hands messages to the mail server, losing none and sending two copies at most (docs/rules.md, reminders).

The database is the source of truth. A process claims a few messages for a lease, checks that they are still true, sends
them outside any transaction and settles only those it still holds. If it dies, they are claimed again after the lease.
"""

import contextlib
import logging
import math
import smtplib
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from accounts.models import Installation
from core.smtp import EmailBackend
from mentoring.models import Enrollment
from reminders import bounces, emails
from reminders.intents import KINDS, Intent, current_intents, order_in_email
from reminders.models import Delivery, Reminder, TopicChoice
from reminders.packing import pack
from reminders.windows import is_quiet, next_window

LEASE = timedelta(seconds=120)
BATCH = 50
# How long one batch is worked on, so that its lease does not expire and what was read for it is fresh.
BATCH_SECONDS = LEASE.total_seconds() / 10
MAX_SECONDS = 40  # below the soft time limit of a task, with room for one slow response
RETRY_DELAYS = [timedelta(minutes=m) for m in (1, 5, 15, 60)]  # then every hour
GIVE_UP_AFTER = timedelta(hours=24)  # for a message that never expires
MAX_COPIES = 2  # at most, ever, if the server's response was lost
MAX_ATTEMPTS_IF_PERMANENT = 3

State = Delivery.State
logger = logging.getLogger(__name__)


class ClaimLost(Exception):
    """The lease has expired and another process may hold the message, or it was sent as often as allowed."""


def send_due(seconds: float = MAX_SECONDS) -> int:
    """Pack what is due and send it for about `seconds` at most, and return how many messages were sent."""
    if not Installation.email_is_on():
        return 0
    settle_left()
    pack()
    return send_waiting(seconds)


def send_waiting(seconds: float = MAX_SECONDS) -> int:
    """Send waiting messages, as `send_due` does; several workers share them."""
    if not Installation.email_is_on():
        return 0
    deadline, sent, connection = time.monotonic() + seconds, 0, get_connection()
    try:
        while time.monotonic() < deadline and (claimed := claim()):
            try:
                connection.open()
            except OSError as error:  # includes every SMTP and network error
                logger.warning("The mail server cannot be reached: %s", describe(error))
                for delivery in claimed:
                    try_later(delivery, error)
                break
            sent += send(connection, claimed, min(deadline, time.monotonic() + BATCH_SECONDS))
    finally:
        close(connection)
    return sent


# --- Claiming -----------------------------------------------------------------------------------------------


def claim(limit: int = BATCH, channel: str = Delivery.Channel.EMAIL) -> list[Delivery]:
    """Claim up to `limit` messages of a channel for a lease; no two processes get the same one."""
    now, token = timezone.now(), uuid.uuid4()
    claimable = Delivery.objects.filter(state__in=(State.WAITING, State.SENDING), next_try_at__lte=now)
    claimable = claimable.filter(channel=channel)
    with transaction.atomic():
        due = claimable.order_by("next_try_at", "pk").select_for_update(skip_locked=True)
        pks = list(due.values_list("pk", flat=True)[:limit])
        claimable.filter(pk__in=pks).update(
            state=State.SENDING, lease_token=token, next_try_at=now + LEASE, attempts=F("attempts") + 1
        )
    mine = Delivery.objects.filter(pk__in=pks, lease_token=token)
    return list(mine.select_related("recipient").order_by("due_at", "pk"))


def release(deliveries: list[Delivery]) -> None:
    """Release messages of one claim that were not attempted for lack of time."""
    pks, tokens = [delivery.pk for delivery in deliveries], {delivery.lease_token for delivery in deliveries}
    Delivery.objects.filter(pk__in=pks, state=State.SENDING, lease_token__in=tokens).update(
        state=State.WAITING, lease_token=None, next_try_at=timezone.now(), attempts=F("attempts") - 1
    )


def held(delivery: Delivery) -> QuerySet:
    """Return the message while this process holds it: not after its lease was lost."""
    return Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, lease_token=delivery.lease_token)


# --- Sending ------------------------------------------------------------------------------------------------


@dataclass
class Batch:
    """Messages that the server accepted, with the last of them, which is not settled yet.

    It is settled in the transaction that records the copy of the next one. So each message needs one commit, and a
    process that dies leaves at most one message sent and not settled. The reminders of bundles follow at the end.
    """

    last: Delivery | None = None
    sent_at: datetime | None = None
    bundles: list[int] = field(default_factory=list)  # settled, unlike their reminders

    def settle_last(self) -> None:
        if self.last is None:
            return
        changes = {"sent_at": self.sent_at, "last_error": ""}
        if not self.last.is_bundle:
            settle(self.last, State.SENT, **changes)
        elif held(self.last).update(state=State.SENT, lease_token=None, **changes):
            self.bundles.append(self.last.pk)

    def finish(self) -> None:
        self.settle_last()
        reminders = Reminder.objects.filter(gets_state(State.SENT), delivery__in=self.bundles)
        reminders.update(state=Reminder.State.SENT)


def settle_left() -> None:
    """Settle the planned reminders of messages that were sent by a process which died before the end of its batch."""
    # The lower bound makes the index start at packed reminders; SQLite does not use it for "is not null".
    packed = Reminder.objects.filter(state=Reminder.State.PLANNED, delivery__gt=0)
    left = list(packed.filter(delivery__state=State.SENT).values_list("pk", flat=True))
    packed.filter(pk__in=left).update(state=Reminder.State.SENT)


def send(connection, claimed: list[Delivery], deadline: float = math.inf) -> int:
    """Send claimed messages one after the other, at least one and then until the deadline, and return how many.

    What they need is read once for all of them, and the others are released. Every outcome is recorded, and nothing is
    raised.
    """
    deliveries = [delivery for delivery in claimed if may_be_sent(delivery)]
    intents, batch, sent = recheck_all(deliveries), Batch(), 0
    deliveries = [delivery for delivery in deliveries if delivery.pk in intents]
    for n, delivery in enumerate(deliveries):
        if n and time.monotonic() > deadline:
            release(deliveries[n:])
            break
        sent += send_one(connection, delivery, intents[delivery.pk], batch)
    batch.finish()
    return sent


def may_be_sent(delivery: Delivery) -> bool:
    """Return True if the message may be sent now; otherwise settle or postpone it."""
    now = timezone.now()
    if delivery.expires_at and delivery.expires_at <= now:
        settle(delivery, State.EXPIRED)
    elif delivery.copies_sent >= MAX_COPIES:
        settle(delivery, State.UNKNOWN)
    elif delivery.recipient.mail_suspended_at:
        settle(delivery, State.FAILED, last_error=bounces.ADDRESS_SUSPENDED)
    elif delivery.is_bundle and is_quiet(delivery.recipient, now):
        postpone_to_window(delivery)
    else:
        return True
    return False


def send_one(connection, delivery: Delivery, intents: list[Intent], batch: Batch) -> int:
    """Attempt to send one message with these intents, and return 1 if it was sent."""
    if not intents:
        return settle(delivery, State.CANCELED)
    try:
        message = bounces.with_return_path(emails.compose(delivery, intents), delivery.recipient)
    except Exception as error:
        logger.exception("Message %s cannot be written", delivery.pk)
        return try_later(delivery, error)
    return deliver(connection, delivery, message, batch)


def recheck_all(deliveries: list[Delivery]) -> dict[int, list[Intent]]:
    """Return what `recheck` does; a message that cannot be checked is tried later and stops no other."""
    try:
        return recheck(deliveries)
    except Exception as error:
        if len(deliveries) > 1:
            return {pk: intents for delivery in deliveries for pk, intents in recheck_all([delivery]).items()}
        logger.exception("Message %s cannot be checked", deliveries[0].pk)
        try_later(deliveries[0], error)
        return {}


def recheck(deliveries: list[Delivery]) -> dict[int, list[Intent]]:
    """Return the intents of these messages that are still true, by the primary key of the message.

    The other reminders are canceled, expired or postponed to their new time.
    """
    now, messages = timezone.now(), {delivery.pk: delivery for delivery in deliveries}
    planned = Reminder.objects.filter(delivery__in=messages, state=Reminder.State.PLANNED)
    reminders = list(planned.order_by("due_at", "pk"))
    true = current_intents(reminders, sending_now=True)
    people = {delivery.recipient_id for delivery in deliveries if delivery.is_bundle}
    in_inbox = TopicChoice.objects.filter(user__in=people, mode=TopicChoice.Mode.INBOX)
    turned_off = set(in_inbox.values_list("user", "topic"))
    expired: list[Reminder] = []
    canceled: list[Reminder] = []
    inbox_only: list[Reminder] = []
    kept: dict[int, list[Intent]] = {pk: [] for pk in messages}
    for reminder in reminders:
        delivery = messages[reminder.delivery_id]  # type: ignore[index]  # they were found by it
        intent = true.get(reminder.key)
        if intent is None:
            canceled.append(reminder)
        elif intent.expires_at and intent.expires_at <= now:
            expired.append(reminder)
        elif intent.due_at > max(now, reminder.due_at) and not delivery.copies_sent:
            _postpone(reminder, intent)
        elif delivery.is_bundle and (delivery.recipient_id, KINDS[intent.kind].topic) in turned_off:
            (canceled if delivery.copies_sent else inbox_only).append(reminder)
        else:
            kept[delivery.pk].append(intent)
    _still_planned(expired).update(state=Reminder.State.EXPIRED)
    _still_planned(canceled).update(state=Reminder.State.CANCELED)
    _still_planned(inbox_only).update(delivery=None, state=Reminder.State.SENT)
    return {pk: sorted(intents, key=order_in_email) for pk, intents in kept.items()}


def _still_planned(reminders: list[Reminder]) -> QuerySet:
    """Return those of the reminders that are still planned in their message."""
    messages = {reminder.delivery_id for reminder in reminders}
    pks = [reminder.pk for reminder in reminders]
    return Reminder.objects.filter(pk__in=pks, delivery__in=messages, state=Reminder.State.PLANNED)


def _postpone(reminder: Reminder, intent: Intent) -> None:
    """Postpone a reminder whose due time moved, as after a change of time zone."""
    _still_planned([reminder]).update(
        delivery=None, due_at=intent.due_at, expires_at=intent.expires_at, held_until=None
    )


def count_copy(delivery: Delivery) -> bool:
    """Count one more copy and renew the lease; return False if it was lost, or there were as many as allowed."""
    now = timezone.now()
    still = held(delivery).filter(next_try_at__gt=now, copies_sent__lt=MAX_COPIES)
    return bool(still.update(copies_sent=F("copies_sent") + 1, next_try_at=now + LEASE))


def deliver(connection, delivery: Delivery, message, batch: Batch) -> int:
    left = False

    def record_copy() -> None:
        """Record the copy just before the text is sent, so that a process that dies now cannot cause a third one."""
        nonlocal left
        with transaction.atomic():
            batch.settle_last()
            left = count_copy(delivery)
        batch.last = None
        if not left:
            raise ClaimLost

    try:
        if isinstance(connection, EmailBackend):
            connection.leaving = record_copy
        else:
            record_copy()
        connection.send_messages([message])
    except ClaimLost:
        close(connection)
        return 0
    except Exception as error:
        close(connection)
        if left and not is_refusal(error):
            return outcome_unknown(delivery, error)
        bounces.record_refusals(delivery.recipient, error)
        return try_later(delivery, error, refused=left)
    batch.last, batch.sent_at = delivery, timezone.now()
    return 1


def close(connection) -> None:
    with contextlib.suppress(OSError):
        connection.close()


def postpone_to_window(delivery: Delivery) -> int:
    """Postpone a late message to the next window, because it is night or a day off for the recipient."""
    held(delivery).update(
        state=State.WAITING,
        lease_token=None,
        next_try_at=next_window(delivery.recipient, timezone.now()),
        attempts=F("attempts") - 1,
        last_error="",  # no longer late: from here on it waits for its window
    )
    return 0


# --- Outcomes -----------------------------------------------------------------------------------------------


def gets_state(state: str) -> Q:
    """Select the reminders of a message that get its final state."""
    planned = Q(state=Reminder.State.PLANNED)
    # A reminder that was canceled while it was being sent was sent anyway.
    return planned | Q(state=Reminder.State.CANCELED) if state == State.SENT else planned


def settle(delivery: Delivery, state: str, **changes) -> int:
    """Set the final state of the message and its reminders, unless the claim was lost; return 1 if it was sent."""
    with transaction.atomic(savepoint=False):
        if not held(delivery).update(state=state, lease_token=None, **changes):
            return 0
        delivery.reminders.filter(gets_state(state)).update(state=state)
        if state == State.SENT and not delivery.is_bundle:
            invited = [row.subject_pk for row in delivery.reminders.filter(kind="invitation")]
            Enrollment.objects.filter(pk__in=invited).update(invitation_sent_at=timezone.now())
    return int(state == State.SENT)


def try_later(delivery: Delivery, error: Exception, refused: bool = False) -> int:
    """Schedule the next attempt, or fail a hopeless message; `refused`: the server did not accept this copy."""
    delay = RETRY_DELAYS[min(delivery.attempts, len(RETRY_DELAYS)) - 1]
    changes: dict[str, str | Combinable] = {"last_error": describe(error)}
    if refused:
        changes["copies_sent"] = F("copies_sent") - 1
    hopeless = is_permanent(error) and delivery.attempts >= MAX_ATTEMPTS_IF_PERMANENT
    if hopeless or (not delivery.expires_at and timezone.now() + delay > delivery.due_at + GIVE_UP_AFTER):
        return settle(delivery, State.FAILED, **changes)
    held(delivery).update(state=State.WAITING, lease_token=None, next_try_at=timezone.now() + delay, **changes)
    return 0


def outcome_unknown(delivery: Delivery, error: Exception) -> int:
    """Handle a response lost after the text was sent: retry once, then mark the message as unknown."""
    if delivery.copies_sent + 1 >= MAX_COPIES:  # the count when claimed, plus this attempt
        return settle(delivery, State.UNKNOWN, last_error=describe(error))
    return try_later(delivery, error)


def is_refusal(error: Exception) -> bool:
    """Return True if the server itself refused the message, so that it certainly was not accepted."""
    return isinstance(error, smtplib.SMTPRecipientsRefused) or (
        isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 400
    )


def is_permanent(error: Exception) -> bool:
    """Return True if retrying cannot help: a permanent refusal, or a message that cannot be composed."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return not isinstance(error, OSError)


def describe(error: Exception) -> str:
    """Describe the error without addresses or content, for the log and the admin's page."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"{type(error).__name__} {sorted({code for code, _text in error.recipients.values()})}"
    return f"{type(error).__name__} {getattr(error, 'smtp_code', '') or getattr(error, 'errno', '') or ''}".strip()
