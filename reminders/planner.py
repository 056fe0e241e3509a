"""From intents to the ledger. Planning twice, or four at once, plans once (docs/rules.md, reminders)."""

import itertools
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from reminders.intents import KINDS, Intent, Kind, still_true
from reminders.models import Delivery, Reminder, Watermark

# A change is stamped before its transaction commits, so that one may turn up behind the watermark.
COMMITS_LATE = timedelta(minutes=5)
BATCH = 500

logger = logging.getLogger(__name__)


def plan(now: datetime | None = None) -> None:
    """Bring the ledger in line with all that changed, or came near, since the last time."""
    now = now or timezone.now()
    read_until = Watermark.objects.filter(pk=1).values_list("read_until", flat=True).first()
    since = read_until - COMMITS_LATE if read_until else datetime(2000, 1, 1, tzinfo=UTC)
    failed = False
    for kind in KINDS.values():
        try:
            plan_kind(kind, since, now)
        except DatabaseError:
            logger.exception("Planning %s failed; the next tick reads the same changes again", kind.name)
            failed = True
    if not failed:
        _move_watermark(read_until, now)


def plan_kind(kind: Kind, since: datetime, now: datetime) -> None:
    for rows in (kind.changed(since, now), kind.coming_up(since, now)):
        for pks in _batches(rows.values_list("pk", flat=True)):
            record(kind.about(pks))
    _cancel_untrue(kind, since)


def record(wanted: dict[str, Intent]) -> None:
    """Write intents down: new ones are planned, canceled ones planned again, and what was sent stays sent."""
    known = {reminder.key: reminder for reminder in Reminder.objects.filter(key__in=wanted)}
    Reminder.objects.bulk_create(
        [_row(intent) for key, intent in wanted.items() if key not in known], ignore_conflicts=True
    )
    for key, reminder in known.items():
        intent = wanted[key]
        if reminder.state == Reminder.State.CANCELED:
            _plan_again(reminder, intent)
        elif reminder.state == Reminder.State.PLANNED and _times(reminder) != _times(intent):
            Reminder.objects.filter(pk=reminder.pk, state=Reminder.State.PLANNED, delivery=None).update(
                due_at=intent.due_at, expires_at=intent.expires_at
            )


def _row(intent: Intent) -> Reminder:
    return Reminder(
        key=intent.key,
        kind=intent.kind,
        recipient_id=intent.recipient_id,
        subject=intent.subject,
        pair_id=intent.pair_id,
        due_at=intent.due_at,
        expires_at=intent.expires_at,
    )


def _times(row) -> tuple:
    return row.due_at, row.expires_at


def _plan_again(reminder: Reminder, intent: Intent) -> None:
    """The intent is back. Its message, if there was one, goes on where it stopped: two copies at most, ever."""
    again = Reminder.objects.filter(pk=reminder.pk, state=Reminder.State.CANCELED).update(
        state=Reminder.State.PLANNED, due_at=intent.due_at, expires_at=intent.expires_at
    )
    if again and reminder.delivery_id:
        Delivery.objects.filter(pk=reminder.delivery_id, state=Delivery.State.CANCELED).update(
            state=Delivery.State.WAITING, next_try_at=intent.due_at, expires_at=intent.expires_at
        )


def _cancel_untrue(kind: Kind, since: datetime) -> None:
    """Planned rows whose intent vanished: in pairs that changed, and where no pair can say so."""
    planned = Reminder.objects.filter(kind=kind.name, state=Reminder.State.PLANNED).filter(
        Q(pair__touched_at__gt=since) | Q(pair=None)
    )
    for pks in _batches(planned.order_by("pk").values_list("pk", flat=True)):
        reminders = Reminder.objects.filter(pk__in=pks)
        true = still_true(reminders)
        gone = [reminder.pk for reminder in reminders if reminder.key not in true]
        if gone:
            Reminder.objects.filter(pk__in=gone, state=Reminder.State.PLANNED).update(state=Reminder.State.CANCELED)


def _move_watermark(read_until: datetime | None, now: datetime) -> None:
    if read_until is None:
        Watermark.objects.get_or_create(pk=1, defaults={"read_until": now})
    Watermark.objects.filter(pk=1, read_until__lt=now).update(read_until=now)


def _batches(keys: Iterable[int]) -> Iterator[list[int]]:
    """Keys are read to the end before anything is written: SQLite gives no write lock to a half-read query."""
    keys = iter(list(keys))
    while batch := list(itertools.islice(keys, BATCH)):
        yield batch
