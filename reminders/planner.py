"""From intents to the ledger. Planning twice, or four at once, plans once (docs/rules.md, reminders)."""

import itertools
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from mentoring.models import Pair
from reminders.intents import KINDS, Intent, Kind, alike_kinds, allowed, still_true, with_topic
from reminders.models import Delivery, Reminder, Watermark

# A change is stamped before its transaction commits, so that one may turn up behind the watermark.
COMMITS_LATE = timedelta(minutes=5)
BATCH = 500
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
READ_ALL_EVERY = timedelta(days=1)  # all that is in reach: a new time zone database, and whatever was overlooked
OVER = (Reminder.State.SENT, Reminder.State.UNKNOWN, Reminder.State.FAILED)  # read on their own pages from here on
JUDGED_AFTER = timedelta(days=3)
JUDGED_UNTIL = timedelta(days=14)

logger = logging.getLogger(__name__)


def plan(now: datetime | None = None) -> None:
    """Bring the ledger in line with all that changed, or came near, since the last time."""
    now = now or timezone.now()
    watermark = Watermark.objects.filter(pk=1).first()
    read_until = watermark and watermark.read_until
    since = read_until - COMMITS_LATE if read_until else LONG_AGO
    look_again_at_those_whose_week_changed(since, now)
    read_all = watermark is None or watermark.read_all_at is None or watermark.read_all_at <= now - READ_ALL_EVERY
    failed = False
    for alike in alike_kinds(KINDS.values()):
        try:
            plan_alike(alike, LONG_AGO if read_all else since, now)
        except DatabaseError:
            names = ", ".join(kind.name for kind in alike)
            logger.exception("Planning %s failed; the next tick reads the same changes again", names)
            failed = True
    if not failed:
        _move_watermark(read_until, now, read_all)
        judge(now)


def look_again_at_those_whose_week_changed(since: datetime, now: datetime) -> None:
    """Zone, working days or days off changed: what their pairs were due is counted anew."""
    changed = list(
        User.objects.filter(touched_at__gt=since, zone_confirmed_at__isnull=False).values_list("pk", flat=True)
    )
    for people in _batches(changed):
        pairs = Pair.objects.active().filter(Q(mentor__in=people) | Q(mentee__in=people), touched_at__lte=since)
        pairs.update(touched_at=now)


def plan_alike(alike: list[Kind], since: datetime, now: datetime) -> None:
    """Plan the kinds that read the same rows, with one reading of them."""
    widest, planned = max(alike, key=lambda kind: kind.stays), set()
    ways = [widest.in_reach(now)] if since == LONG_AGO else [widest.changed(since, now), widest.coming_up(since, now)]
    for rows in ways:
        for pks in _batches(rows.values_list("pk", flat=True)):
            facts = list(widest.rows.filter(pk__in=pks))
            wanted = allowed(itertools.chain.from_iterable(kind.read(facts) for kind in alike))
            record(wanted)
            planned |= wanted.keys()
    for kind in alike:
        _cancel_untrue(kind, since, planned)


def record(wanted: dict[str, Intent]) -> None:
    """Write intents down: new ones are planned, canceled ones planned again, and what was sent stays sent."""
    now = timezone.now()
    known = {reminder.key: reminder for reminder in Reminder.objects.filter(key__in=wanted)}
    Reminder.objects.bulk_create(
        [_row(it) for key, it in wanted.items() if key not in known and not (it.expires_at and it.expires_at <= now)],
        ignore_conflicts=True,
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


def _cancel_untrue(kind: Kind, since: datetime, planned: set[str]) -> None:
    """Rows whose intent vanished, in pairs that changed and where no pair can say so.

    What was planned is canceled. What was sent and is not read yet has settled itself: nobody need read it any more.
    `planned` holds the keys just found true. The pairs come first: a tick costs by what changed, not by what is stored.
    """
    of_changed = {"pair__in": Pair.objects.filter(touched_at__gt=since)} if kind.pair else {"pair": None}
    mine, now = Reminder.objects.filter(kind=kind.name, **of_changed), timezone.now()
    _update_untrue(mine.filter(state=Reminder.State.PLANNED), planned, state=Reminder.State.CANCELED)
    if kind.topic:
        unread = mine.filter(state__in=OVER, read_at=None, expires_at__gt=now)
        _update_untrue(unread, planned, read_at=now)


def _update_untrue(rows: QuerySet, planned: set[str], **change) -> None:
    doubtful = [pk for pk, key in rows.order_by("pk").values_list("pk", "key") if key not in planned]
    for pks in _batches(doubtful):
        reminders = list(Reminder.objects.filter(pk__in=pks))
        true = still_true(reminders)
        gone = [reminder.pk for reminder in reminders if reminder.key not in true]
        if gone:
            rows.filter(pk__in=gone).update(**change)


def judge(now: datetime) -> None:
    """Three days after sending: did it lead to anything? Ignored: it still stands, and nobody came by since."""
    sent = Reminder.objects.filter(state=Reminder.State.SENT, ignored=None, kind__in=with_topic())
    old = sent.filter(due_at__gt=now - JUDGED_UNTIL, due_at__lte=now - JUDGED_AFTER)
    for pks in _batches(old.values_list("pk", flat=True)):
        rows = list(Reminder.objects.filter(pk__in=pks).select_related("recipient", "delivery"))
        true = still_true(rows)
        ignored = [row.pk for row in rows if row.key in true and not came_by(row)]
        Reminder.objects.filter(pk__in=ignored).update(ignored=True)
        Reminder.objects.filter(pk__in=pks, ignored=None).update(ignored=False)


def came_by(reminder: Reminder) -> bool:
    """Whether its person looked at a page of ours since it was sent, or put it away."""
    sent_at = (reminder.delivery and reminder.delivery.sent_at) or reminder.due_at
    seen_at = reminder.recipient.seen_at
    return bool(reminder.read_at or (seen_at and seen_at > sent_at))


def _move_watermark(read_until: datetime | None, now: datetime, read_all: bool) -> None:
    if read_until is None:
        Watermark.objects.get_or_create(pk=1, defaults={"read_until": now})
    Watermark.objects.filter(pk=1, read_until__lt=now).update(read_until=now)
    if read_all:
        Watermark.objects.filter(pk=1).update(read_all_at=now)


def _batches(keys: Iterable[int]) -> Iterator[list[int]]:
    """Keys are read to the end before anything is written: SQLite gives no write lock to a half-read query."""
    keys = iter(list(keys))
    while batch := list(itertools.islice(keys, BATCH)):
        yield batch
