"""Planner: writes intents to the ledger, idempotently, even if several run at once (docs/rules.md, reminders)."""

import itertools
import logging
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, Max, Model, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from mentoring.models import Pair
from reminders.clock_repair import JUDGED_AFTER, LONG_AGO, TOLERANCE, repair_after_clock_change
from reminders.intents import (
    KINDS,
    Audience,
    Intent,
    Kind,
    bundled_kinds,
    current_intents,
    group_by_rows,
    rows_about,
    sendable,
)
from reminders.models import Delivery, PlannedPair, Reminder, Watermark
from reminders.restored import MissedStates

# A change gets its timestamp before its transaction commits, so it may appear behind the watermark.
COMMIT_DELAY = TOLERANCE
SAME_MOMENT = timedelta(seconds=1)  # two changes within it may have the same time
BATCH = 500
QUEUED_AT_ONCE = 5_000
LEASE, RETRY_AFTER = timedelta(seconds=120), timedelta(seconds=60)
MAX_SECONDS = 20  # together with sending, below the soft time limit of a task
MINUTES_PER_DAY = 24 * 60
FINISHED = (Reminder.State.SENT, Reminder.State.UNKNOWN, Reminder.State.FAILED)  # from here on, read in the inbox
JUDGED_WITHIN = timedelta(days=14)

logger = logging.getLogger(__name__)


def plan(now: datetime | None = None, seconds: float = MAX_SECONDS) -> None:
    """Update the ledger with everything that changed or came within the horizon since the last run.

    This takes about `seconds` at most. Pairs that still wait then are planned by the next tick or by another worker.
    """
    now, deadline = now or timezone.now(), time.monotonic() + seconds
    repair_after_clock_change(now)
    planned_until = Watermark.objects.filter(pk=1).values_list("planned_until", flat=True).first()
    since = planned_until - COMMIT_DELAY if planned_until else LONG_AGO
    touch_pairs_of_changed_people(since, now)
    changes = Changes(since, now, newly_in_reach=bool(planned_until))
    if _queue_pairs(changes) and _plan_other_rows(changes):
        _move_watermark(now)
    if plan_waiting(now, deadline - time.monotonic()):
        mark_ignored(now)
    Watermark.objects.filter(pk=1).update(last_run_at=now)


@dataclass(frozen=True)
class Changes:
    """What was touched after `since`, up to `now`, or came within the horizon as time passed."""

    since: datetime
    now: datetime
    newly_in_reach: bool = False  # include rows that came within the horizon

    def touched_pairs(self) -> QuerySet[Pair]:
        """Return the pairs that were touched and not queued for it before, or all of them if `since` is long ago."""
        touched = Pair.objects.filter(touched_at__gt=self.since, touched_at__lte=self.now)
        return touched if self.since <= LONG_AGO else touched.exclude(planning__touched_at=F("touched_at"))

    def pairs_in_reach(self, kind: Kind) -> set[int]:
        """Return the pairs of rows of a kind that came within the horizon."""
        if not self.newly_in_reach or kind.max_lead is None:
            return set()
        return set(kind.newly_in_reach(self.since, self.now).values_list(kind.pair, flat=True))

    def rows(self, kind: Kind) -> set[int]:
        """Return the rows of a kind that changed by themselves or came within the horizon."""
        rows = set(kind.changed_between(self.since, self.now, self.now).values_list("pk", flat=True))
        if self.newly_in_reach and kind.max_lead is not None:
            rows.update(kind.newly_in_reach(self.since, self.now).values_list("pk", flat=True))
        return rows


# --- The queue of pairs ---------------------------------------------------------------------------------------


def _queue_pairs(changes: Changes) -> bool:
    """Queue the pairs that changed, have a row that came within the horizon, or are to be read again.

    Return False if this failed, so that the next tick reads the same changes again.
    """
    failed: set[str] = set()
    pairs = {*changes.touched_pairs().values_list("pk", flat=True), *_pairs_to_recheck(changes.now)}
    for group in _groups_about_pairs():
        with _noted_in(failed, group):
            pairs |= changes.pairs_in_reach(_widest(group)) if group[0].changes_with_pair else set()
    try:
        for pks in batches(sorted(pairs), QUEUED_AT_ONCE):
            queue(pks, changes.now)
    except DatabaseError:  # such as a pair that was deleted meanwhile
        logger.exception("Queueing pairs failed; the next tick reads the same changes again")
        return False
    return not failed


def queue(pks: Iterable[int], now: datetime) -> None:
    """Let these pairs be planned, even those that are just being planned, from what was true before.

    Pairs that already wait keep their turn.
    """
    waiting = PlannedPair.objects.filter(pair__in=pks, lease_token=None, next_try_at__lte=now)
    touched = Pair.objects.filter(pk__in=pks).exclude(pk__in=waiting.values("pk")).order_by("pk")
    earlier = now - SAME_MOMENT
    PlannedPair.objects.bulk_create(
        [
            PlannedPair(pair_id=pk, touched_at=at if at < earlier else None, next_try_at=now)
            for pk, at in touched.values_list("pk", "touched_at")
        ],
        update_conflicts=True,
        unique_fields=["pair"],
        update_fields=["touched_at", "next_try_at", "lease_token"],
    )


def plan_waiting(now: datetime | None = None, seconds: float = MAX_SECONDS) -> bool:
    """Plan waiting pairs, which several workers share, for about `seconds` at most; return True if none is left."""
    now, deadline, groups = now or timezone.now(), time.monotonic() + seconds, _groups_about_pairs()
    token = uuid.uuid4()
    while pks := claim(token, now):
        failed: set[str] = set()
        plan_pairs(pks, groups, now, failed)
        _settle(pks, token, now + RETRY_AFTER if failed else None)
        if time.monotonic() > deadline:
            return False
    return True


def claim(token: uuid.UUID, now: datetime) -> list[int]:
    """Claim waiting pairs for a lease and return them; no two processes get the same one."""
    waiting = PlannedPair.objects.filter(next_try_at__lte=now)
    with transaction.atomic():
        first = waiting.order_by("next_try_at", "pk").select_for_update(skip_locked=True)
        pks = list(first.values_list("pk", flat=True)[:BATCH])
        waiting.filter(pk__in=pks).update(lease_token=token, next_try_at=now + LEASE)
    return pks


def _settle(pks: list[int], token: uuid.UUID, next_try_at: datetime | None) -> None:
    """Settle claimed pairs, except those that were queued again meanwhile; what is locked is just being queued."""
    held = PlannedPair.objects.filter(pk__in=pks, lease_token=token)
    with transaction.atomic():
        ours = list(held.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True))
        held.filter(pk__in=ours).update(lease_token=None, next_try_at=next_try_at)


def _pairs_to_recheck(now: datetime) -> list[int]:
    """Return this minute's pairs to read again; all pairs in a day, to notice missed changes and new time zone data."""
    newest = Pair.objects.aggregate(newest=Max("pk"))["newest"] or 0
    first, last = recheck_range(now, newest)
    return list(Pair.objects.active().filter(pk__gte=first, pk__lt=last).values_list("pk", flat=True))


def recheck_range(now: datetime, newest: int) -> tuple[int, int]:
    """Return the half-open range of keys to read again in this minute of the day (UTC)."""
    size, minute = newest // MINUTES_PER_DAY + 1, now.astimezone(UTC).hour * 60 + now.astimezone(UTC).minute
    return minute * size, (minute + 1) * size


def touch_pairs_of_changed_people(since: datetime, now: datetime) -> None:
    """Touch the pairs of people whose time zone, working days or days off changed, so that they are planned again."""
    changed = list(User.objects.filter(touched_at__gt=since).values_list("pk", flat=True))
    for people in batches(changed):
        mentor_changed = Q(mentor__in=people, touched_at__lte=F("mentor__touched_at"))
        mentee_changed = Q(mentee__in=people, touched_at__lte=F("mentee__touched_at"))
        Pair.objects.active().filter(mentor_changed | mentee_changed).update(touched_at=now)


def _groups_about_pairs() -> list[list[Kind]]:
    """Return the kinds about pairs, in groups that read the same rows."""
    return [group for group in group_by_rows(KINDS.values()) if group[0].pair]


def _plan_other_rows(changes: Changes) -> bool:
    """Plan the kinds whose rows change by themselves; return False if this failed, as `_queue_pairs` does."""
    groups = group_by_rows(KINDS.values())
    failed: set[str] = set()
    planned: set[str] = set()
    for group in groups:
        if not group[0].changes_with_pair:
            with _noted_in(failed, group):
                planned |= _plan_rows(group, changes.rows(_widest(group)))
    _cancel_outdated({"pair": None}, [group for group in groups if not group[0].pair], planned, failed)
    return not failed


@contextmanager
def _noted_in(failed: set[str], group: list[Kind]) -> Iterator[None]:
    """Log a database error and add the names of the kinds to `failed`, so that the others are planned."""
    try:
        yield
    except DatabaseError:
        failed.update(kind.name for kind in group)
        names = ", ".join(kind.name for kind in group)
        logger.exception("Planning %s failed; the next tick reads the same changes again", names)


def _widest(group: list[Kind]) -> Kind:
    """Return the kind whose rows in reach include those of the others, which read the same rows."""
    return max(group, key=lambda kind: kind.max_age)


def plan_pairs(pks: list[int], groups: list[list[Kind]], now: datetime, failed: set[str]) -> None:
    """Plan everything about these pairs, reading them, their people and what suppresses reminders once."""
    pairs, planned = Pair.objects.with_people().in_bulk(pks), set()
    audience = Audience.of_pairs(pairs.values())
    for group in groups:
        with _noted_in(failed, group):
            rows = rows_about(_widest(group), pairs, now)
            planned |= _save_derived(group, rows, audience)
    _cancel_outdated({"pair__in": pks}, groups, planned, failed)


def _plan_rows(group: list[Kind], pks: Iterable[int]) -> set[str]:
    """Plan the kinds that read these rows; return the keys of what is true."""
    planned = set()
    for batch in batches(pks):
        planned |= _save_derived(group, list(group[0].rows().filter(pk__in=batch).order_by("pk")))
    return planned


def _save_derived(group: list[Kind], rows: list[Model], audience: Audience | None = None) -> set[str]:
    intents = sendable(itertools.chain.from_iterable(kind.derive(rows) for kind in group), audience=audience)
    save_intents(intents)
    return set(intents)


def save_intents(intents: dict[str, Intent]) -> None:
    """Save intents: create new ones, plan canceled ones again, and leave sent ones alone."""
    now, missed_states = timezone.now(), MissedStates.current()
    stored = Reminder.objects.filter(key__in=intents).values_list(
        "key", "pk", "state", "due_at", "expires_at", "delivery_id", named=True
    )
    known = {reminder.key: reminder for reminder in stored}
    Reminder.objects.bulk_create(
        [
            _to_reminder(intent, missed_states.of(intent.due_at))
            for key, intent in intents.items()
            if key not in known and not (intent.expires_at and intent.expires_at <= now)
        ],
        ignore_conflicts=True,
    )
    for key, reminder in known.items():
        intent = intents[key]
        state = missed_states.of(intent.due_at)
        was_held = reminder.state == Reminder.State.HELD and state == Reminder.State.PLANNED
        if reminder.state == Reminder.State.CANCELED or was_held:
            _replan(reminder, intent, state)
        elif reminder.state == Reminder.State.PLANNED and _times(reminder) != _times(intent):
            Reminder.objects.filter(pk=reminder.pk, state=Reminder.State.PLANNED, delivery=None).update(
                due_at=intent.due_at, expires_at=intent.expires_at
            )


def _to_reminder(intent: Intent, state: str) -> Reminder:
    return Reminder(
        key=intent.key,
        state=state,
        kind=intent.kind,
        recipient_id=intent.recipient_id,
        subject=intent.subject,
        pair_id=intent.pair_id,
        due_at=intent.due_at,
        expires_at=intent.expires_at,
    )


def _times(row) -> tuple:
    return row.due_at, row.expires_at


def _replan(reminder, intent: Intent, state: str) -> None:
    """Plan a canceled reminder again, keeping a message that may have arrived, to send two copies at most."""
    replanned = Reminder.objects.filter(pk=reminder.pk, state=reminder.state).update(
        state=state, due_at=intent.due_at, expires_at=intent.expires_at, held_until=None
    )
    unsent = Delivery.objects.filter(pk=reminder.delivery_id, copies_sent=0)
    if not replanned or state != Reminder.State.PLANNED:
        return
    if not Reminder.objects.filter(pk=reminder.pk, delivery__in=unsent).update(delivery=None):
        Delivery.objects.filter(pk=reminder.delivery_id, state=Delivery.State.CANCELED).update(
            state=Delivery.State.WAITING, next_try_at=intent.due_at, expires_at=intent.expires_at
        )


def _cancel_outdated(scope: dict, groups: list[list[Kind]], planned: set[str], failed: set[str]) -> None:
    """Cancel planned reminders that are no longer true, and mark sent ones as read, because they are settled.

    Only changed pairs are checked, so that the cost of a tick depends on what changed, not on what is stored; kinds
    without a pair are checked completely. `planned` holds the keys just found true.
    """
    kinds = [kind for group in groups for kind in group if kind.name not in failed]
    reminders, now = Reminder.objects.filter(**scope), timezone.now()
    with _noted_in(failed, kinds):
        open_ones = reminders.filter(kind__in=[kind.name for kind in kinds], state=Reminder.State.PLANNED)
        _update_outdated(open_ones, planned, state=Reminder.State.CANCELED)
        in_inbox = reminders.filter(kind__in=[kind.name for kind in kinds if kind.topic])
        unread = in_inbox.filter(state__in=FINISHED, read_at=None, expires_at__gt=now)
        _update_outdated(unread, planned, read_at=now)


def _update_outdated(rows: QuerySet, planned: set[str], **change) -> None:
    unconfirmed = [pk for pk, key in rows.order_by("pk").values_list("pk", "key") if key not in planned]
    for pks in batches(unconfirmed):
        reminders = list(Reminder.objects.filter(pk__in=pks))
        true = current_intents(reminders)
        outdated = [reminder.pk for reminder in reminders if reminder.key not in true]
        if outdated:
            rows.filter(pk__in=outdated).update(**change)


def mark_ignored(now: datetime) -> None:
    """Mark reminders sent three days ago as ignored if they are still true and the person has not visited since."""
    sent = Reminder.objects.filter(state=Reminder.State.SENT, was_ignored=None, kind__in=bundled_kinds())
    old = sent.filter(due_at__gt=now - JUDGED_WITHIN, due_at__lte=now - JUDGED_AFTER)
    for pks in batches(old.values_list("pk", flat=True)):
        rows = list(Reminder.objects.filter(pk__in=pks).select_related("recipient", "delivery"))
        true = current_intents(rows)
        ignored = [row.pk for row in rows if row.key in true and not has_visited(row)]
        Reminder.objects.filter(pk__in=ignored).update(was_ignored=True)
        Reminder.objects.filter(pk__in=pks, was_ignored=None).update(was_ignored=False)


def has_visited(reminder: Reminder) -> bool:
    """Return True if the recipient has opened a page since it was sent, or dismissed it."""
    sent_at = (reminder.delivery and reminder.delivery.sent_at) or reminder.due_at
    seen_at = reminder.recipient.seen_at
    return bool(reminder.read_at or (seen_at and seen_at > sent_at))


def _move_watermark(until: datetime) -> None:
    """Move the watermark forward, never back, because another planner may be ahead."""
    _row, new = Watermark.objects.get_or_create(pk=1, defaults={"planned_until": until})
    if not new:
        Watermark.objects.filter(pk=1, planned_until__lt=until).update(planned_until=until)


def batches(keys: Iterable[int], size: int = BATCH) -> Iterator[list[int]]:
    """Yield the keys in batches, fetching them all first, because SQLite cannot write during an open query."""
    keys = iter(list(keys))
    while batch := list(itertools.islice(keys, size)):
        yield batch
