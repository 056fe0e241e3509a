"""Chat: repeats the reminder emails of people in their Slack, Teams or the like (docs/rules.md, reminders in a chat).

A message is a copy of an email that was sent a moment ago, so that all rules of emails hold for it: when, how many and
about what. It has titles and links to pages that ask for a sign-in, because others may read the chat.
"""

import json
import logging
import socket
import ssl
import time
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.localization import localized_for
from core import outgoing
from reminders import sender
from reminders.emails import one_per_page, part_of
from reminders.intents import KINDS, Intent, current_intents, order_in_email
from reminders.models import ChatWebhook, Delivery, Reminder, Snooze, TopicChoice, Watermark
from reminders.windows import is_quiet

LATEST = timedelta(hours=2)  # after the email; a later message would come out of the blue
OFF_AFTER = timedelta(days=3)  # for an address that took none
GONE = (404, 410)
MAX_SECONDS = 15  # see WAITS_FOR_OTHERS in the settings; one slow answer may come on top
MOST_LINES = 20
# The request did not leave, so that it can be repeated without a second copy.
NOT_SENT = (outgoing.Refused, ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)

Line = tuple[str, str]  # title and address
State, Channel = Delivery.State, Delivery.Channel
logger = logging.getLogger(__name__)


class NotTaken(OSError):
    """The chat answered that it did not take the message; `errno` is the status of the answer."""


# --- Planning -------------------------------------------------------------------------------------------------


def plan() -> None:
    """Create a copy of each email with reminders that was sent to somebody with a chat and has none yet."""
    now = timezone.now()
    restored_at = Watermark.objects.values_list("restored_at", flat=True).first()
    since = max(now - LATEST, restored_at or now - LATEST)
    chats = ChatWebhook.objects.filter(gets_reminders=True, off_since=None, user__is_active=True)
    emails = Delivery.objects.emails().filter(is_bundle=True, state=State.SENT, sent_at__gt=since, chat_copy=None)
    emails = emails.filter(recipient__in=chats.values("user"), sent_at__gt=F("recipient__chat_webhook__since"))
    copies = [
        Delivery(
            channel=Channel.CHAT,
            copy_of=email,
            recipient_id=email.recipient_id,
            due_at=email.sent_at,
            next_try_at=now,
            expires_at=min(filter(None, (email.expires_at, email.sent_at + LATEST))),
            message_id=f"chat {email.message_id}",
        )
        for email in emails
        if email.sent_at
    ]
    Delivery.objects.bulk_create(copies, ignore_conflicts=True)


# --- Sending --------------------------------------------------------------------------------------------------


def send_due(seconds: float = MAX_SECONDS) -> int:
    """Send what is due for about `seconds` at most, and return how many messages were taken."""
    deadline, sent = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and (claimed := sender.claim(1, Channel.CHAT)):
        sent += send(claimed[0])
    return sent


def send(delivery: Delivery) -> int:
    """Attempt one message, and return 1 if it was taken. Every outcome is recorded, and nothing is raised."""
    chat = ChatWebhook.objects.filter(user=delivery.recipient_id, gets_reminders=True, off_since=None).first()
    now = timezone.now()
    if chat is None:
        return sender.settle(delivery, State.CANCELED)
    if (delivery.expires_at and delivery.expires_at <= now) or is_quiet(delivery.recipient, now):
        return sender.settle(delivery, State.EXPIRED)
    try:
        with localized_for(delivery.recipient):
            lines = lines_of(delivery)
            body = message(chat, _("Your reminders"), lines)
    except Exception as error:
        logger.exception("Message %s cannot be written", delivery.pk)
        return sender.try_later(delivery, error)
    if not lines:
        return sender.settle(delivery, State.CANCELED)
    if not sender.count_copy(delivery):
        return sender.settle(delivery, State.UNKNOWN)
    try:
        post(chat, body)
    except Exception as error:
        return failed(delivery, chat, error)
    chat.switch_on()
    return sender.settle(delivery, State.SENT, sent_at=timezone.now(), last_error="")


def post(chat: ChatWebhook, body: bytes, seconds: float | None = None) -> None:
    """Send a message; raise NotTaken or another OSError unless it was taken."""
    headers, private = {"Content-Type": "application/json"}, settings.CONNECTIONS_TO_PRIVATE
    status = outgoing.post(chat.address, body, headers, private=private, seconds=seconds)
    if not 200 <= status < 300:
        raise NotTaken(status, "not taken")


def failed(delivery: Delivery, chat: ChatWebhook, error: Exception) -> int:
    """Schedule the next attempt; switch the address off if it is gone, or after days without success."""
    now = timezone.now()
    with transaction.atomic():
        mine = ChatWebhook.objects.filter(pk=chat.pk)
        mine.filter(failing_since=None).update(failing_since=now)
        is_gone = isinstance(error, NotTaken) and error.errno in GONE
        if is_gone or (chat.failing_since and chat.failing_since <= now - OFF_AFTER):
            mine.filter(off_since=None).update(off_since=now)
        if isinstance(error, (NotTaken, *NOT_SENT)):
            return sender.try_later(delivery, error, refused=True)
        return sender.outcome_unknown(delivery, error)


def send_test(chat: ChatWebhook) -> None:
    """Send a test message; if it is taken, the address is switched on again, otherwise raise an OSError."""
    page = settings.SITE_URL + reverse("connections")
    body = message(chat, _("Your reminders will appear here."), [(_("Your connections"), page)])
    post(chat, body, seconds=5)
    chat.switch_on()


# --- Writing --------------------------------------------------------------------------------------------------


def lines_of(delivery: Delivery) -> list[Line]:
    """Return what of the email is still true, was not dismissed since, and may be read by others."""
    now = timezone.now()
    sent_or_just_being_settled = (Reminder.State.SENT, Reminder.State.PLANNED)
    sent = Reminder.objects.filter(delivery=delivery.copy_of_id, state__in=sent_or_just_being_settled, read_at=None)
    intents = current_intents(list(sent), sending_now=True)
    keys = set(sent.values_list("key", flat=True))
    in_inbox = TopicChoice.objects.filter(user=delivery.recipient_id, mode=TopicChoice.Mode.INBOX)
    turned_off = set(in_inbox.values_list("topic", flat=True))
    kept = [
        intent
        for key, intent in intents.items()
        if key in keys and not (intent.expires_at and intent.expires_at <= now)
        if not is_confidential(intent) and KINDS[intent.kind].topic not in turned_off
    ]
    person = delivery.recipient
    parts = one_per_page([part_of(person, it) for it in sorted(kept, key=order_in_email)])
    more = [(_("More in your inbox"), settings.SITE_URL + reverse("inbox_list"))] if len(parts) > MOST_LINES else []
    return [(part.title, part.page) for part in parts[:MOST_LINES]] + more


def is_confidential(intent: Intent) -> bool:
    """Return True if that it exists reveals what somebody answered or asked in confidence."""
    kind = intent.row.kind if isinstance(intent.row, Snooze) else intent.kind
    return kind not in KINDS or KINDS[kind].confidential


def message(chat: ChatWebhook, title: str, lines: Iterable[Line]) -> bytes:
    return json.dumps(card(title, lines) if chat.is_teams else text(title, lines)).encode()


def text(title: str, lines: Iterable[Line]) -> dict:
    """Return a message as Slack, Mattermost and others take it; previews of the links would show nothing."""
    rows = [f"*{escaped(title)}*", *(f"• <{url}|{escaped(label)}>" for label, url in lines)]
    return {"text": "\n".join(rows), "unfurl_links": False, "unfurl_media": False}


def escaped(label: str) -> str:
    """Return the label without what Slack reads as a mention, a link or the end of one."""
    return label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def card(title: str, lines: Iterable[Line]) -> dict:
    """Return an Adaptive Card for Teams, of text runs, in which nothing is read as Markdown."""
    body = [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": title, "weight": "Bolder"}]}]
    for label, url in lines:
        opens = {"type": "Action.OpenUrl", "url": url}
        body.append({"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": label, "selectAction": opens}]})
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}
