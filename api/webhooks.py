"""Webhooks: what happened in a program, signed and sent to the addresses of its admins (Standard Webhooks).

The database is the source of truth. Planning compares what happened with the stored messages; a process claims a
message for a lease, sends it outside any transaction, and settles it only while it holds it. A lost process leaves a
message that is sent again, with the same id.
"""

import base64
import hashlib
import hmac
import json
import logging
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.urls import reverse
from django.utils import timezone

from api.models import WebhookDelivery, WebhookEndpoint
from api.models.webhook import SECRET, WebhookEvent
from core import outgoing
from dashboard.models import Flag, FlagRule
from goals.models import Commitment
from mentoring.models import Pair
from sessions.models import Session

SETTLED = timedelta(seconds=60)  # what is undone within a minute is not sent
OVERLAP = timedelta(minutes=5)  # transactions commit later than the time they store
LATEST = timedelta(days=14)  # what became known later is not sent
KEPT = timedelta(days=30)  # how long the log goes back
LEASE = timedelta(seconds=120)
MAX_SECONDS = 15  # see WAITS_FOR_OTHERS in the settings; one slow answer may come on top
RETRY_DELAYS = [timedelta(minutes=m) for m in (1, 5, 15, 60)]  # then every hour
GIVE_UP_AFTER = timedelta(hours=24)  # for one message
OFF_AFTER = timedelta(days=5)  # for an address that took none

State = WebhookDelivery.State
Found = tuple[str, str, dict, datetime]  # key, event, data, when it happened
logger = logging.getLogger(__name__)


# --- Planning -----------------------------------------------------------------------------------------------


def plan() -> None:
    """Store a message for everything that happened and is not stored yet, and delete old ones."""
    now = timezone.now()
    WebhookDelivery.objects.filter(created_at__lt=now - KEPT).delete()
    for endpoint in WebhookEndpoint.objects.filter(off_since=None).order_by("pk"):
        rows = [
            WebhookDelivery(endpoint=endpoint, key=key, event=event, data=data, happened_at=at)
            for key, event, data, at in happened(endpoint, now)
        ]
        with transaction.atomic():
            WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(planned_until=now)


def happened(endpoint: WebhookEndpoint, now: datetime) -> Iterator[Found]:
    """Yield what happened in the program of this address since it was added, and was not looked at yet."""
    since = max(endpoint.created_at, now - LATEST)
    until, program = now - SETTLED, endpoint.program_id
    pairs = Pair.objects.filter(program=program, touched_at__gt=endpoint.planned_until - OVERLAP)
    if WebhookEvent.SESSION_HELD in endpoint.events:
        rows = Session.objects.filter(pair__in=pairs, held_at__gt=since, held_at__lte=until)
        for pk, pair, at in rows.values_list("pk", "pair", "held_at"):
            yield f"session.held:{pk}", "session.held", {"program": program, "pair": pair, "session": pk}, at
    if WebhookEvent.COMMITMENT_DONE in endpoint.events:
        rows = Commitment.objects.filter(pair__in=pairs, state=Commitment.State.DONE)
        rows = rows.filter(settled_at__gt=since, settled_at__lte=until)
        for pk, pair, at in rows.values_list("pk", "pair", "settled_at"):
            data = {"program": program, "pair": pair, "commitment": pk}
            yield f"commitment.done:{pk}", "commitment.done", data, at
    if WebhookEvent.PAIR_ENDED in endpoint.events:
        rows = pairs.filter(ended_at__gt=since, ended_at__lte=until)
        for pk, at in rows.values_list("pk", "ended_at"):
            yield f"pair.ended:{pk}", "pair.ended", {"program": program, "pair": pk}, at
    if WebhookEvent.PAIR_FLAGGED in endpoint.events:
        yield from flagged(program, since, until)


def flagged(program: int, since: datetime, until: datetime) -> Iterator[Found]:
    """Yield the flags that admins see now, without those about confidential answers."""
    rows = Flag.objects.for_admins().exclude(rule=FlagRule.NOT_GOING_WELL).filter(pair__program=program)
    rows = rows.filter(pair__ended_at=None)
    counts = dict(rows.order_by().values_list("pair").annotate(Count("pk")))
    for pk, pair, at in rows.filter(level_changed_at__gt=since, level_changed_at__lte=until).values_list(
        "pk", "pair", "level_changed_at"
    ):
        yield f"pair.flagged:{pk}", "pair.flagged", {"program": program, "pair": pair, "flags": counts[pair]}, at


# --- Sending ------------------------------------------------------------------------------------------------


def send_due(seconds: float = MAX_SECONDS) -> int:
    """Send what is due for about `seconds` at most, and return how many messages were taken."""
    deadline, sent = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and (delivery := claim()):
        sent += send(delivery)
    return sent


def claim() -> WebhookDelivery | None:
    """Claim the next message for a lease; no two processes get the same one."""
    now, token = timezone.now(), uuid.uuid4()
    due = WebhookDelivery.objects.filter(state__in=WebhookDelivery.OPEN, next_try_at__lte=now)
    with transaction.atomic():
        ordered = due.order_by("next_try_at", "pk").select_for_update(skip_locked=True)
        pk = ordered.values_list("pk", flat=True).first()
        changes = {"lease_token": token, "next_try_at": now + LEASE, "attempts": F("attempts") + 1, "tried_at": now}
        if pk is None or not due.filter(pk=pk).update(state=State.SENDING, **changes):
            return None
    return WebhookDelivery.objects.select_related("endpoint__program").get(pk=pk)


def send(delivery: WebhookDelivery) -> int:
    """Attempt one message, and return 1 if it was taken. Every outcome is recorded, and nothing is raised."""
    if delivery.endpoint.off_since and delivery.event != "test":
        settle(delivery, state=State.FAILED)
        return 0
    try:
        body, headers = message(delivery, timezone.now())
        status = outgoing.post(delivery.endpoint.url, body, headers, private=settings.WEBHOOKS_TO_PRIVATE)
    except Exception as error:
        logger.info("webhook %s: %s", delivery.pk, type(error).__name__)
        return failed(delivery, None)
    if not 200 <= status < 300:
        return failed(delivery, status)
    with transaction.atomic():
        if not settle(delivery, state=State.SENT, status=status):
            return 0
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(failing_since=None)
    return 1


def message(delivery: WebhookDelivery, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of a message, signed at this moment."""
    content = {"type": delivery.event, "timestamp": delivery.happened_at.isoformat(), "data": delivery.data}
    body, name, at = json.dumps(content).encode(), f"msg_{delivery.message_id.hex}", str(int(now.timestamp()))
    key = base64.b64decode(delivery.endpoint.secret.removeprefix(SECRET))
    signature = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return body, {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def settle(delivery: WebhookDelivery, **changes) -> bool:
    """Store the outcome; return False if the lease was lost meanwhile."""
    held = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.SENDING, lease_token=delivery.lease_token)
    return bool(held.update(lease_token=None, **changes))


def failed(delivery: WebhookDelivery, status: int | None) -> int:
    """Schedule the next attempt or give the message up; switch the address off after days without success."""
    now, endpoint = timezone.now(), delivery.endpoint
    delay = RETRY_DELAYS[min(delivery.attempts, len(RETRY_DELAYS)) - 1]
    hopeless = delivery.event == "test" or now + delay > delivery.created_at + GIVE_UP_AFTER
    with transaction.atomic():
        changes = {"state": State.FAILED} if hopeless else {"state": State.WAITING, "next_try_at": now + delay}
        if not settle(delivery, status=status, **changes):
            return 0
        # The others to this address wait as long, so that it does not hold up those to other addresses.
        waiting = endpoint.deliveries.filter(state=State.WAITING, next_try_at__lt=now + delay)
        waiting.exclude(event="test").update(next_try_at=now + delay)
        WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=now)
        since = endpoint.failing_since or now
        off = WebhookEndpoint.objects.filter(pk=endpoint.pk, off_since=None) if since <= now - OFF_AFTER else None
        is_off = bool(off and off.update(off_since=now))
    if is_off:
        notify_admins(endpoint)
    return 0


def notify_admins(endpoint: WebhookEndpoint) -> None:
    """Tell the admins by email that the address is switched off; the page shows it, too."""
    page = settings.SITE_URL + reverse("program_webhook", args=[endpoint.program_id, endpoint.pk])
    host = urlsplit(endpoint.url).hostname  # the rest of an address may be a secret
    context = {"program": endpoint.program, "host": host, "page": page}
    for enrollment in endpoint.program.enrollments.admins().select_related("user"):
        person = enrollment.user
        try:
            get_adapter().send_mail("api/email/webhook_off", person.email, context | {"user": person})
        except OSError as error:  # every SMTP and network error
            logger.warning("notice of a webhook not sent: %s", type(error).__name__)
