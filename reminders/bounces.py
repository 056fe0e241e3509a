"""Bounced email (docs/rules.md, bounced email): find the recipient and judge their address.

If BOUNCES_TO is set, each reminder has its own signed return path, such as bounces+12-5f3c…@example.org, and the mail
server pipes bounces to `manage.py bounce`. Recipients that the server refuses while sending are handled here as well.
"""

import email
import logging
import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Bounce, User

ADDRESS_SUSPENDED = "address suspended"  # last_error of deliveries that were not sent because of it
NO_SUCH_MAILBOX = {550, 551, 553}
SIGNED_MAILBOX = re.compile(r"(\d{1,18})-([0-9a-f]{24})")
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
MAX_BYTES = 2_000_000  # bytes read of a report

logger = logging.getLogger(__name__)


class Forged(Exception):
    """The return path was not signed here, or was signed for an address that the person no longer has."""


class Unreadable(Exception):
    """The message is not a delivery report."""


@dataclass(frozen=True)
class Verdict:
    """A mail server's verdict: `is_permanent` is True for a hard bounce, False for a soft one, None for neither."""

    is_permanent: bool | None
    status: str  # such as "5.1.1", or what the server did


# --- The return path ----------------------------------------------------------------------------------------


def with_return_path(message: EmailMultiAlternatives, person: User) -> EmailMultiAlternatives:
    """Send bounces to the person's signed return path if BOUNCES_TO is set; the visible From header stays the same."""
    if settings.BOUNCES_TO:
        message.extra_headers.setdefault("From", message.from_email)
        message.from_email = return_path(person)
    return message


def return_path(person: User) -> str:
    mailbox, _at, domain = settings.BOUNCES_TO.rpartition("@")
    return f"{mailbox}+{person.pk}-{_signature(person)}@{domain}"


def recipient_of(address: str) -> User:
    """Return the person this return path was signed for, ignoring case, because mail servers may change it."""
    found = SIGNED_MAILBOX.fullmatch(address.strip().lower().partition("@")[0].rpartition("+")[2])
    person = User.objects.filter(pk=found[1]).first() if found else None
    if not found or person is None or not constant_time_compare(found[2], _signature(person)):
        raise Forged
    return person


def _signature(person: User) -> str:
    """Sign the person and their address, so that a late report about an old address does not affect a new one."""
    value = f"{person.pk}:{person.email.lower()}"
    return salted_hmac("reminders.bounces", value, algorithm="sha256").hexdigest()[:24]


# --- Returned messages --------------------------------------------------------------------------------------


def record_report(address: str, raw: bytes) -> Verdict:
    """Record the verdict of a returned message against its recipient; raise Unreadable if it has none."""
    person = recipient_of(address)
    verdict = parse_report(raw)
    if verdict is None:
        raise Unreadable
    _record(person, verdict)
    return verdict


def record_refusals(person: User, error: Exception) -> None:
    """Record each refusal of this recipient, if the error is one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        for code, text in error.recipients.values():
            _record(person, judge_refusal(code, text))


def _record(person: User, verdict: Verdict) -> None:
    if verdict.is_permanent is not None:
        Bounce.record(person, is_permanent=verdict.is_permanent, status=verdict.status)
        logger.warning("Mail to person %s comes back: %s", person.pk, verdict.status)


def judge_refusal(code: int, text: bytes | str) -> Verdict:
    """Judge a recipient refused while sending; temporary refusals do not count, because the sender retries them."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    enhanced = STATUS.match(text.strip())
    status = f"{code} {enhanced[0]}" if enhanced else str(code)
    if code < 500:
        return Verdict(None, status)
    if enhanced:
        return Verdict({"1": True, "2": False}.get(enhanced[2]), status)
    return Verdict(True if code in NO_SUCH_MAILBOX else None, status)


def judge(status: re.Match[str]) -> bool | None:
    """Return True for hard, False for soft, None for neither, from a status such as 5.1.1 (RFC 3463)."""
    kind, subject, detail = status.groups()
    if kind == "2" or subject == "7":  # 7 is policy: the server refuses us or the message, not the address
        return None
    return kind == "5" and (subject, detail) != ("2", "2")  # a full mailbox is soft, whatever class the server reports


def parse_report(raw: bytes) -> Verdict | None:
    """Return the verdict of a delivery report (RFC 3464), or None for any other input; never raise."""
    try:
        for action, status in _outcomes(email.message_from_bytes(raw[:MAX_BYTES])):
            if action in ("delivered", "relayed", "expanded", "delayed"):  # a delayed message has not failed yet
                return Verdict(None, action)
            if found := STATUS.search(status):
                return Verdict(judge(found), found[0])
            if action == "failed":
                return Verdict(True, action)
    except Exception:  # the standard library's parser raises many exception types on malformed messages
        logger.info("A returned message cannot be parsed", exc_info=True)
    return None


def _outcomes(message: Message) -> Iterator[tuple[str, str]]:
    """Yield the action and status of each recipient from the report itself, never from the returned message."""
    if message.get_content_type() != "multipart/report":
        return
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status":
            for block in _parts(part):
                action, status = (str(block.get(name, "")).strip() for name in ("Action", "Status"))
                if action or status:
                    yield action.lower().partition(" ")[0], status


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []
