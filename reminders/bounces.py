"""Mail that comes back (docs/rules.md, mail that comes back): who it was for, and what it says about their address.

With BOUNCES_TO each reminder leaves with a return path of its own, bounces+12-5f3c…@example.org. The mail server hands
what comes back there to `manage.py bounce`. A recipient refused at once is read here, too.
"""

import email
import logging
import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import MailTrouble, User

ADDRESS_SUSPENDED = "address suspended"  # the last_error of what was not sent for that reason
NO_SUCH_MAILBOX = {550, 551, 553}
SIGNED = re.compile(r"(\d{1,18})-([0-9a-f]{24})")
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
AT_MOST = 2_000_000  # bytes of a report that are read

logger = logging.getLogger(__name__)


class Forged(Exception):
    """The return path was not made here, or was made for an address that the person no longer has."""


class Unreadable(Exception):
    """The message is no delivery report."""


@dataclass(frozen=True)
class Verdict:
    """What a mail server said about an address. `hard`: it does not exist; None: nothing against it."""

    hard: bool | None
    said: str


# --- The return path ----------------------------------------------------------------------------------------


def with_return_path(message: EmailMessage, person: User) -> EmailMessage:
    """Let what comes back go to the signed address of this person, if BOUNCES_TO is set. Readers see the same From."""
    if settings.BOUNCES_TO:
        message.extra_headers.setdefault("From", message.from_email)
        message.from_email = return_path(person)
    return message


def return_path(person: User) -> str:
    mailbox, _at, domain = settings.BOUNCES_TO.rpartition("@")
    return f"{mailbox}+{person.pk}-{_mark(person)}@{domain}"


def whose(address: str) -> User:
    """The person for whom this return path was made; a mail server may have changed its capitals."""
    found = SIGNED.fullmatch(address.strip().lower().partition("@")[0].rpartition("+")[2])
    person = User.objects.filter(pk=found[1]).first() if found else None
    if person is None or not constant_time_compare(found[2], _mark(person)):
        raise Forged
    return person


def _mark(person: User) -> str:
    """Bound to the address too: a late report about an old one says nothing about the new one."""
    value = f"{person.pk}:{person.email.lower()}"
    return salted_hmac("reminders.bounces", value, algorithm="sha256").hexdigest()[:24]


# --- What comes back ----------------------------------------------------------------------------------------


def take(address: str, raw: bytes) -> Verdict:
    """Write down what a returned message says about the person it was for."""
    person = whose(address)
    verdict = read(raw)
    if verdict is None:
        raise Unreadable
    _note(person, verdict)
    return verdict


def refused(person: User, error: Exception) -> None:
    """Write down that the mail server refused this recipient, if that is what the error says."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        for code, text in error.recipients.values():
            _note(person, judge_refusal(code, text))


def _note(person: User, verdict: Verdict) -> None:
    if verdict.hard is not None:
        MailTrouble.note(person, hard=verdict.hard, said=verdict.said)
        logger.warning("Mail to person %s comes back: %s", person.pk, verdict.said)


def judge_refusal(code: int, text: bytes | str) -> Verdict:
    """A recipient refused while sending. What may be otherwise in a minute is the sender's to try again."""
    words = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    status = STATUS.match(words.strip())
    said = f"{code} {status[0]}" if status else str(code)
    if code < 500:
        return Verdict(None, said)
    if status:
        return Verdict({"1": True, "2": False}.get(status[2]), said)
    return Verdict(True if code in NO_SUCH_MAILBOX else None, said)


def judge(status: str) -> bool | None:
    """Hard, soft or nothing against the address, from a status such as 5.1.1 (RFC 3463)."""
    kind, subject, detail = STATUS.search(status).groups()
    if kind == "2" or subject == "7":  # 7 is policy: the other side refuses us or this message, whoever it is for
        return None
    return kind == "5" and (subject, detail) != ("2", "2")  # a full mailbox is soft, however the server calls it


def read(raw: bytes) -> Verdict | None:
    """What a delivery report (RFC 3464) says, or None if this is none. Never raises, whatever it is given."""
    try:
        for action, status in _outcomes(email.message_from_bytes(raw[:AT_MOST])):
            if action in ("delivered", "relayed", "expanded", "delayed"):  # delayed: nothing has failed yet
                return Verdict(None, action)
            if found := STATUS.search(status):
                return Verdict(judge(found[0]), found[0])
            if action == "failed":
                return Verdict(True, action)
    except Exception:  # the parser of the standard library raises many kinds on malformed mail
        logger.info("A returned message cannot be parsed", exc_info=True)
    return None


def _outcomes(message: Message) -> Iterator[tuple[str, str]]:
    """Action and status of each recipient. Only the report itself counts, never what the returned message contains."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return
    for part in message.get_payload():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for block in part.get_payload():
                action, status = (str(block.get(name, "")).strip() for name in ("Action", "Status"))
                if action or status:
                    yield action.lower().partition(" ")[0], status
