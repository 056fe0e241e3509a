"""Planner: writes intents to the ledger, idempotently, even if several run at once (docs/rules.md, reminders)."""

import itertools
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from mentoring.models import Pair
from reminders.clock_repair import JUDGED_AFTER, LONG_AGO, TOLERANCE, put_right
from reminders.intents import KINDS, Intent, Kind, alike_kinds, allowed, still_true, with_topic
from reminders.models import Delivery, Reminder, Watermark

# A change gets its timestamp before its transaction commits, so it may appear behind the watermark.
COMMITS_LATE = TOLERANCE
BATCH = 500
CHUNK = 2_000  # pairs whose changes are read at once
SECONDS_A_TICK = 20  # together with sending, below the soft time limit of a task
MINUTES_A_DAY = 24 * 60
OVER = (Reminder.State.SENT, Reminder.State.UNKNOWN, Reminder.State.FAILED)  # from here on, read in the inbox
JUDGED_UNTIL = timedelta(days=14)

logger = logging.getLogger(__name__)


def plan(now: datetime | None = None, seconds: float = SECONDS_A_TICK) -> None:
    """Update the ledger with everything that changed or came within the horizon since the last run.

    This takes about `seconds` at most; the next tick resumes where this one stopped.
    """
    now, ends = now or timezone.now(), time.monotonic() + seconds
    put_right(now)
    planned_until = Watermark.objects.filter(pk=1).values_list("planned_until", flat=True).first()
    since = planned_until - COMMITS_LATE if planned_until else LONG_AGO
    look_again_at_those_whose_week_changed(since, now)
    look = Look(since, _end_of_chunk(since, now), now, came_near=bool(planned_until), again=_todays_slice(now))
    while _plan_all_kinds(look):
        _move_watermark(look.until)
        if look.until >= now:
            judge(now)
            break
        if time.monotonic() > ends:
            break
        look = Look(look.until, _end_of_chunk(look.until, now), now)
    Watermark.objects.filter(pk=1).update(last_run_at=now)


@dataclass(frozen=True)
class Look:
    """One pass of the planner: pairs touched after `since`, up to `until`, and those in `again`."""

    since: datetime
    until: datetime
    now: datetime
    came_near: bool = False  # include rows that came within the horizon as time passed
    again: list[int] = field(default_factory=list)

    def rows(self, kind: Kind) -> list[QuerySet]:
        ways = [kind.changed(self.since, self.until, self.now)]
        if self.came_near:
            ways.append(kind.coming_up(self.since, self.now))
        if self.again and kind.pair:
            ways.append(kind.in_reach(self.now).filter(**{f"{kind.pair}__in": self.again}))
        return ways

    def pairs(self) -> QuerySet:
        return Pair.objects.filter(Q(touched_at__gt=self.since, touched_at__lte=self.until) | Q(pk__in=self.again))


def _end_of_chunk(since: datetime, now: datetime) -> datetime:
    """Return the moment by which CHUNK pairs were touched, or now if there were fewer."""
    touched = Pair.objects.filter(touched_at__gt=since, touched_at__lt=now).order_by("touched_at")
    return next(iter(touched.values_list("touched_at", flat=True)[CHUNK : CHUNK + 1]), now)


def _todays_slice(now: datetime) -> list[int]:
    """Return this minute's pairs to read again; all pairs in a day, to notice missed changes and new time zone data."""
    newest = Pair.objects.aggregate(newest=Max("pk"))["newest"] or 0
    first, last = slice_of(now, newest)
    return list(Pair.objects.active().filter(pk__gte=first, pk__lt=last).values_list("pk", flat=True))


def slice_of(now: datetime, newest: int) -> tuple[int, int]:
    """Return the half-open range of keys to read again in this minute of the day (UTC)."""
    size, minute = newest // MINUTES_A_DAY + 1, now.astimezone(UTC).hour * 60 + now.astimezone(UTC).minute
    return minute * size, (minute + 1) * size


def look_again_at_those_whose_week_changed(since: datetime, now: datetime) -> None:
    """Touch the pairs of people whose time zone, working days or days off changed, so that they are planned again."""
    changed = list(User.objects.filter(touched_at__gt=since).values_list("pk", flat=True))
    for people in batches(changed):
        pairs = Pair.objects.active().filter(Q(mentor__in=people) | Q(mentee__in=people), touched_at__lte=since)
        pairs.update(touched_at=now)


def _plan_all_kinds(look: Look) -> bool:
    """Return True if every kind was planned; otherwise the next tick reads the same changes again."""
    well = True
    for alike in alike_kinds(KINDS.values()):
        try:
            plan_alike(alike, look)
        except DatabaseError:
            names = ", ".join(kind.name for kind in alike)
            logger.exception("Planning %s failed; the next tick reads the same changes again", names)
            well = False
    return well


def plan_alike(alike: list[Kind], look: Look) -> None:
    """Plan the kinds that read the same rows, reading the rows once."""
    widest, planned = max(alike, key=lambda kind: kind.stays), set()
    for rows in look.rows(widest):
        for pks in batches(rows.values_list("pk", flat=True)):
            facts = list(widest.rows.filter(pk__in=pks))
            wanted = allowed(itertools.chain.from_iterable(kind.read(facts) for kind in alike))
            record(wanted)
            planned |= wanted.keys()
    for kind in alike:
        _cancel_untrue(kind, look, planned)


def record(wanted: dict[str, Intent]) -> None:
    """Save intents: create new ones, plan canceled ones again, and leave sent ones alone."""
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
    """Plan a canceled reminder again, keeping a message that may have arrived, to send two copies at most."""
    again = Reminder.objects.filter(pk=reminder.pk, state=reminder.state).update(
        state=Reminder.State.PLANNED, due_at=intent.due_at, expires_at=intent.expires_at, held_until=None
    )
    never_left = Delivery.objects.filter(pk=reminder.delivery_id, copies_sent=0)
    if again and not Reminder.objects.filter(pk=reminder.pk, delivery__in=never_left).update(delivery=None):
        Delivery.objects.filter(pk=reminder.delivery_id, state=Delivery.State.CANCELED).update(
            state=Delivery.State.WAITING, next_try_at=intent.due_at, expires_at=intent.expires_at
        )


def _cancel_untrue(kind: Kind, look: Look, planned: set[str]) -> None:
    """Cancel planned reminders that are no longer true, and mark sent ones as read, because they are settled.

    Only changed pairs are checked, so that the cost of a tick depends on what changed, not on what is stored; kinds
    without a pair are checked completely. `planned` holds the keys just found true.
    """
    of_changed = {"pair__in": look.pairs()} if kind.pair else {"pair": None}
    mine, now = Reminder.objects.filter(kind=kind.name, **of_changed), timezone.now()
    _update_untrue(mine.filter(state=Reminder.State.PLANNED), planned, state=Reminder.State.CANCELED)
    if kind.topic:
        unread = mine.filter(state__in=OVER, read_at=None, expires_at__gt=now)
        _update_untrue(unread, planned, read_at=now)


def _update_untrue(rows: QuerySet, planned: set[str], **change) -> None:
    doubtful = [pk for pk, key in rows.order_by("pk").values_list("pk", "key") if key not in planned]
    for pks in batches(doubtful):
        reminders = list(Reminder.objects.filter(pk__in=pks))
        true = still_true(reminders)
        gone = [reminder.pk for reminder in reminders if reminder.key not in true]
        if gone:
            rows.filter(pk__in=gone).update(**change)


def judge(now: datetime) -> None:
    """Mark reminders sent three days ago as ignored if they are still true and the person has not visited since."""
    sent = Reminder.objects.filter(state=Reminder.State.SENT, was_ignored=None, kind__in=with_topic())
    old = sent.filter(due_at__gt=now - JUDGED_UNTIL, due_at__lte=now - JUDGED_AFTER)
    for pks in batches(old.values_list("pk", flat=True)):
        rows = list(Reminder.objects.filter(pk__in=pks).select_related("recipient", "delivery"))
        true = still_true(rows)
        ignored = [row.pk for row in rows if row.key in true and not came_by(row)]
        Reminder.objects.filter(pk__in=ignored).update(was_ignored=True)
        Reminder.objects.filter(pk__in=pks, was_ignored=None).update(was_ignored=False)


def came_by(reminder: Reminder) -> bool:
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
