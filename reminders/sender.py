"""From the ledger to the mail server: nothing lost, nothing late, at most one extra copy (docs/rules.md, reminders).

The database is the truth. A process claims a few messages for a lease, looks at the facts once more, sends outside any
transaction and completes only what it still holds. Whatever dies on the way is claimed again when the lease is over.
"""

import contextlib
import logging
import smtplib
import time
import uuid
from datetime import timedelta

from django.core.mail import get_connection
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Installation
from core.smtp import EmailBackend
from mentoring.models import Enrollment
from reminders import bounces, emails
from reminders.intents import KINDS, Intent, first_things_first, still_true
from reminders.models import Delivery, Reminder, TopicChoice
from reminders.packing import pack
from reminders.windows import is_quiet, window_from

LEASE = timedelta(seconds=120)
CLAIM = 10
SECONDS_A_TICK = 40  # below the soft limit of a task, with one slow server's answer to spare
LADDER = [timedelta(minutes=m) for m in (1, 5, 15, 60)]  # then every hour
GIVE_UP_AFTER = timedelta(hours=24)  # where a message does not say when it is pointless
COPIES = 2  # at most, ever, where the server's answer was lost
TRIES_FOR_WHAT_CANNOT_BE_SENT = 3

State = Delivery.State
logger = logging.getLogger(__name__)


class ClaimLost(Exception):
    """The lease was over and somebody else has the message now, or it left as often as it may."""


def send_due(seconds: float = SECONDS_A_TICK) -> int:
    """Send what is due, for at most about `seconds`; how many went out. Where no mail can leave, all of it waits."""
    if not Installation.mail_arrives():
        return 0
    pack()
    ends, sent, connection = time.monotonic() + seconds, 0, get_connection()
    try:
        while time.monotonic() < ends and (claimed := claim()):
            try:
                connection.open()
            except OSError as error:  # every SMTP and network error is one
                logger.warning("The mail server cannot be reached: %s", said(error))
                for delivery in claimed:
                    try_later(delivery, error)
                break
            for delivery in claimed:
                sent += send(connection, delivery) if time.monotonic() < ends else release(delivery)
    finally:
        close(connection)
    return sent


# --- Claiming -----------------------------------------------------------------------------------------------


def claim(limit: int = CLAIM) -> list[Delivery]:
    """Take up to `limit` messages for a lease. No two processes get the same one."""
    now, token = timezone.now(), uuid.uuid4()
    free = Delivery.objects.filter(state__in=(State.WAITING, State.SENDING), next_try_at__lte=now)
    with transaction.atomic():
        due = free.order_by("next_try_at", "pk").select_for_update(skip_locked=True)
        pks = list(due.values_list("pk", flat=True)[:limit])
        free.filter(pk__in=pks).update(
            state=State.SENDING, lease_token=token, next_try_at=now + LEASE, attempts=F("attempts") + 1
        )
    mine = Delivery.objects.filter(pk__in=pks, lease_token=token)
    return list(mine.select_related("recipient").order_by("due_at", "pk"))


def release(delivery: Delivery) -> int:
    """Give back a message that was not tried for want of time."""
    _still_mine(delivery).update(
        state=State.WAITING, lease_token=None, next_try_at=timezone.now(), attempts=F("attempts") - 1
    )
    return 0


def _still_mine(delivery: Delivery):
    return Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, lease_token=delivery.lease_token)


# --- Sending ------------------------------------------------------------------------------------------------


def send(connection, delivery: Delivery) -> int:
    """One attempt at one claimed message: 1 if it went out. Whatever happens is written down, nothing is raised."""
    if delivery.expires_at and delivery.expires_at <= timezone.now():
        return settle(delivery, State.EXPIRED)
    if delivery.handed_over >= COPIES:
        return settle(delivery, State.UNKNOWN)
    if delivery.recipient.mail_suspended_at:
        return settle(delivery, State.FAILED, last_error=bounces.ADDRESS_SUSPENDED)
    if delivery.is_bundle and is_quiet(delivery.recipient, timezone.now()):
        return wait_for_the_window(delivery)
    try:
        intents = last_look(delivery)
        if not intents:
            return settle(delivery, State.CANCELED)
        message = bounces.with_return_path(emails.compose(delivery, intents), delivery.recipient)
    except Exception as error:
        logger.exception("Message %s cannot be written", delivery.pk)
        return try_later(delivery, error)
    return hand_over(connection, delivery, message)


def last_look(delivery: Delivery) -> list[Intent]:
    """The intents of this message that the facts still bear out at this moment.

    Others are canceled, expire, or wait for their new time.
    """
    reminders = list(delivery.reminders.filter(state=Reminder.State.PLANNED).order_by("due_at", "pk"))
    true, now = still_true(reminders, leaving=True), timezone.now()
    over = [r for r in reminders if r.key in true and true[r.key].expires_at and true[r.key].expires_at <= now]
    if over:
        _carried(delivery, over).update(state=Reminder.State.EXPIRED)
        reminders = [reminder for reminder in reminders if reminder not in over]
    put_off = [r.key for r in reminders if r.key in true and true[r.key].due_at > max(now, r.due_at)]
    true = {key: intent for key, intent in true.items() if key not in put_off or not _put_off(delivery, intent)}
    if delivery.is_bundle and true:
        true = _without_unwanted(delivery, reminders, true)
    gone = [reminder for reminder in reminders if reminder.key not in true]
    if gone:
        _carried(delivery, gone).update(state=Reminder.State.CANCELED)
    return sorted((true[reminder.key] for reminder in reminders if reminder.key in true), key=first_things_first)


def _carried(delivery: Delivery, reminders: list[Reminder]) -> QuerySet:
    """Those of these rows that this message still carries."""
    pks = [reminder.pk for reminder in reminders]
    return Reminder.objects.filter(pk__in=pks, delivery=delivery, state=Reminder.State.PLANNED)


def _without_unwanted(delivery: Delivery, reminders: list[Reminder], true: dict[str, Intent]) -> dict[str, Intent]:
    """Meanwhile the person asked for no mail about these: they show on their own pages only."""
    choices = TopicChoice.of(delivery.recipient)
    unwanted = {key for key, it in true.items() if choices[KINDS[it.kind].topic] == TopicChoice.How.HERE}
    if unwanted and not delivery.handed_over:
        keys = [reminder.pk for reminder in reminders if reminder.key in unwanted]
        delivery.reminders.filter(pk__in=keys, state=Reminder.State.PLANNED).update(
            delivery=None, state=Reminder.State.SENT
        )
    return {key: it for key, it in true.items() if key not in unwanted}


def _put_off(delivery: Delivery, intent: Intent) -> bool:
    """Meanwhile it is due later (somebody's clock changed): it leaves this message, unless that may be out already."""
    return not delivery.handed_over and bool(
        delivery.reminders.filter(key=intent.key, state=Reminder.State.PLANNED).update(
            delivery=None, due_at=intent.due_at, expires_at=intent.expires_at, waits_until=None
        )
    )


def hand_over(connection, delivery: Delivery, message) -> int:
    left = False

    def leaving() -> None:
        """Just before the text leaves: written down first, so that a process that dies now cannot make a third copy."""
        nonlocal left
        now = timezone.now()
        still = _still_mine(delivery).filter(next_try_at__gt=now, handed_over__lt=COPIES)
        if not still.update(handed_over=F("handed_over") + 1, next_try_at=now + LEASE):
            raise ClaimLost
        left = True

    try:
        if isinstance(connection, EmailBackend):
            connection.leaving = leaving
        else:
            leaving()
        connection.send_messages([message])
    except ClaimLost:
        close(connection)
        return 0
    except Exception as error:
        close(connection)
        if left and not is_refusal(error):
            return outcome_unknown(delivery, error)
        bounces.refused(delivery.recipient, error)
        return try_later(delivery, error, back=left)
    return settle(delivery, State.SENT, sent_at=timezone.now(), last_error="")


def close(connection) -> None:
    with contextlib.suppress(OSError):
        connection.close()


def wait_for_the_window(delivery: Delivery) -> int:
    """It could not leave in time, and now it is night or a day off: it goes out in the next window."""
    _still_mine(delivery).update(
        state=State.WAITING,
        lease_token=None,
        next_try_at=window_from(delivery.recipient, timezone.now()),
        attempts=F("attempts") - 1,
        last_error="",  # whatever kept it until now, from here on it waits as it should
    )
    return 0


# --- Outcomes -----------------------------------------------------------------------------------------------


def settle(delivery: Delivery, state: str, **changes) -> int:
    """The end of this message and of the reminders it carried, unless the claim was lost. 1 if it went out."""
    carried = Q(state=Reminder.State.PLANNED)
    if state == State.SENT:
        carried |= Q(state=Reminder.State.CANCELED)  # called off while it was leaving: it went out all the same
    with transaction.atomic():
        if not _still_mine(delivery).update(state=state, lease_token=None, **changes):
            return 0
        delivery.reminders.filter(carried).update(state=state)
        if state == State.SENT:
            invited = [row.subject_pk for row in delivery.reminders.filter(kind="invitation")]
            Enrollment.objects.filter(pk__in=invited).update(invitation_sent_at=timezone.now())
    return int(state == State.SENT)


def try_later(delivery: Delivery, error: Exception, back: bool = False) -> int:
    """Up the ladder; or the end, where nothing will change. `back`: the server said that it did not take it."""
    step = LADDER[min(delivery.attempts, len(LADDER)) - 1]
    changes = {"last_error": said(error)}
    if back:
        changes["handed_over"] = F("handed_over") - 1
    hopeless = is_permanent(error) and delivery.attempts >= TRIES_FOR_WHAT_CANNOT_BE_SENT
    if hopeless or (not delivery.expires_at and timezone.now() + step > delivery.due_at + GIVE_UP_AFTER):
        return settle(delivery, State.FAILED, **changes)
    _still_mine(delivery).update(state=State.WAITING, lease_token=None, next_try_at=timezone.now() + step, **changes)
    return 0


def outcome_unknown(delivery: Delivery, error: Exception) -> int:
    """The answer was lost after the text had left. Once more at most; then nobody knows, and the page says so."""
    if delivery.handed_over + 1 >= COPIES:  # as it was when claimed, and this time
        return settle(delivery, State.UNKNOWN, last_error=said(error))
    return try_later(delivery, error)


def is_refusal(error: Exception) -> bool:
    """Whether the server itself said no, so that it is certain that it did not take the message."""
    return isinstance(error, smtplib.SMTPRecipientsRefused) or (
        isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 400
    )


def is_permanent(error: Exception) -> bool:
    """Whether trying again cannot help: the server refuses for good, or the message cannot be written."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return not isinstance(error, OSError)


def said(error: Exception) -> str:
    """What went wrong, without addresses or content: this goes into the log and the admin's page."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"{type(error).__name__} {sorted({code for code, _text in error.recipients.values()})}"
    return f"{type(error).__name__} {getattr(error, 'smtp_code', '') or getattr(error, 'errno', '') or ''}".strip()
