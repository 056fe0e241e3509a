"""The shared session timer. It informs; it never blocks input, and nobody has to press *Next*.

Every action names the block it was meant for. If another block runs by then, because the other person was faster,
it changes nothing. Each action returns True if it changed something.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Sum
from django.utils import timezone

from core.time_zones import zone_of
from sessions.models import Block, BlockType, Session, SessionVisit
from sessions.models.session import REOPEN_WITHIN

LEFT_RUNNING = 60  # minutes beyond the plan after which nobody was watching the timer any more
EARLY = timedelta(hours=2)
EXTEND_BY = 3  # minutes; added by one press of "+ 3 min"
WORK = (BlockType.LEARN, BlockType.REFLECT, BlockType.APPLY)


def start(session: Session) -> bool:
    """Start the session with its first block."""
    now = timezone.now()
    first = session.blocks.order_by("position").values_list("position", flat=True).first()
    waiting = Session.objects.live().filter(started_at=None)
    return _change(session, waiting, started_at=now, current_block=first, block_started_at=now, paused_at=None)


def is_early(session: Session) -> bool:
    """Return True if the session is planned for more than two hours from now, so that a start may be a mistake."""
    return session.started_at is None and session.is_live and session.starts_at - timezone.now() > EARLY


def start_now(session: Session, by) -> bool:
    """Move the session to this minute and start it, so that it counts on the day it takes place."""
    here = timezone.now().astimezone(zone_of(session.zone)).replace(tzinfo=None, second=0, microsecond=0)
    with session.pair.locked():
        session.refresh_from_db(fields=["started_at"])
        if session.started_at:
            return False
        session.move(by, session.slot.starting(here))
        return start(session)


def undo_start(session: Session, by) -> bool:
    """Undo a start within a minute and before the first block is left; also move the session back to its day."""
    with session.pair.locked():
        session.refresh_from_db()
        since = timezone.now() - REOPEN_WITHIN
        if not session.is_running or session.started_at < since or session.blocks.exclude(left_at=None).exists():
            return False
        moved = session.moves.filter(created_at__gte=since, to_at__lte=session.started_at).last()
        if moved:
            local = moved.from_at.astimezone(zone_of(session.zone)).replace(tzinfo=None)
            session.move(by, session.slot.starting(local))
        cleared = {"started_at": None, "current_block": None, "block_started_at": None, "paused_at": None}
        return _change(session, Session.objects.live(), **cleared)


def next_block(session: Session, expected: int) -> bool:
    """Go to the block after `expected`, if there is one."""
    later = session.blocks.filter(position__gt=expected).order_by("position")
    to = later.values_list("position", flat=True).first()
    return to is not None and go_to_block(session, expected, to)


def go_to_block(session: Session, expected: int, to: int) -> bool:
    """Go from block `expected` to any other one, forward or back; its time adds up and a pause ends."""
    if to == expected or not session.blocks.filter(position=to).exists():
        return False
    with session.pair.locked():
        if not _leave(session, expected, current_block=to, block_started_at=timezone.now()):
            return False
        session.blocks.filter(position=to).update(left_at=None)
    return True


def stop(session: Session) -> bool:
    """Stop the timer and store the time of the running block."""
    session.refresh_from_db(fields=["current_block", "block_started_at", "paused_at"])
    return session.current_block is not None and _leave(
        session, session.current_block, current_block=None, block_started_at=None
    )


def pause(session: Session, expected: int) -> bool:
    running = _at_block(expected).filter(paused_at=None)
    return _change(session, running, paused_at=timezone.now())


def resume(session: Session, expected: int) -> bool:
    """Resume after a pause; the pause counts for no block."""
    session.refresh_from_db(fields=["block_started_at", "paused_at"])
    if session.paused_at is None:
        return False
    paused = _at_block(expected).filter(paused_at=session.paused_at)
    on_from = session.block_started_at + (timezone.now() - session.paused_at)
    return _change(session, paused, paused_at=None, block_started_at=on_from)


def extend(session: Session, expected: int, planned: int, minutes: int = EXTEND_BY) -> bool:
    """Give the running block more time. `planned`: the minutes it had then, so that two presses give once."""
    with session.pair.locked():
        blocks = session.blocks.filter(position=expected, session__current_block=expected)
        longer = blocks.annotate(now=F("minutes") + F("extended_minutes")).filter(now=planned)
        if not session.is_live or not longer.update(extended_minutes=F("extended_minutes") + minutes):
            return False
        session.pair.touch()
    return True


def set_hidden(session: Session, user, hidden: bool) -> None:
    """Show or hide the timer for this person alone."""
    at = timezone.now() if hidden else None
    SessionVisit.objects.update_or_create(session=session, user=user, defaults={"timer_hidden_at": at})


def elapsed(session: Session, now: datetime | None = None) -> timedelta:
    """How long the running block has been running this time, without pauses."""
    if session.block_started_at is None:
        return timedelta()
    return max(timedelta(), (session.paused_at or now or timezone.now()) - session.block_started_at)


def most_minutes(planned: int, extended: int) -> int:
    """Return the minutes after which the timer must have been left running."""
    return planned + extended + LEFT_RUNNING


def was_left_running(session: Session, blocks: Iterable[Block]) -> bool:
    """Return True if nobody stopped the timer, so that the actual minutes were cut off."""
    blocks = list(blocks)
    most = most_minutes(session.minutes, sum(block.extended_minutes for block in blocks))
    return sum(block.actual_seconds for block in blocks) >= 60 * most


def minutes_met(planned: int, extended: int, seconds: int) -> int:
    """Return the minutes by the timer, or the planned ones where it was not used or left running."""
    return round(seconds / 60) if 0 < seconds < 60 * most_minutes(planned, extended) else planned


@dataclass(frozen=True)
class Share:
    """Planned and actual minutes of one purpose: learn, reflect or apply."""

    type: BlockType
    planned: int
    actual: int


def balance(blocks: Iterable[Block], running: Session | None = None) -> list[Share]:
    """Learn, reflect and apply, planned against actual; `running` adds what its current block took so far."""
    blocks = list(blocks)
    shares = []
    for purpose in WORK:
        ours = [block for block in blocks if block.type == purpose]
        seconds = sum(block.actual_seconds for block in ours)
        if running and any(block.position == running.current_block for block in ours):
            seconds += int(elapsed(running).total_seconds())
        shares.append(Share(purpose, sum(block.minutes for block in ours), round(seconds / 60)))
    return shares


def _at_block(expected: int):
    return Session.objects.live().filter(started_at__isnull=False, current_block=expected)


def _leave(session: Session, position: int, **to) -> bool:
    """Stop the block at `position` and store `to` on the session, unless another block runs by now."""
    session.refresh_from_db(fields=["block_started_at", "paused_at"])
    now = timezone.now()
    spent = int(elapsed(session, now).total_seconds())
    as_read = _at_block(position).filter(block_started_at=session.block_started_at, paused_at=session.paused_at)
    with session.pair.locked():
        if not _change(session, as_read, paused_at=None, **to):
            return False
        left = session.blocks.filter(position=position)
        left.update(actual_seconds=F("actual_seconds") + min(spent, _seconds_left(session)), left_at=now)
    return True


def _seconds_left(session: Session) -> int:
    """Return how many seconds can still be counted before the limit."""
    sums = session.blocks.aggregate(spent=Sum("actual_seconds"), extended=Sum("extended_minutes"))
    return max(0, 60 * most_minutes(session.minutes, sums["extended"] or 0) - (sums["spent"] or 0))


def _change(session: Session, allowed, **changes) -> bool:
    """Store `changes` if the row is still among `allowed`, and notify the open pages."""
    with session.pair.locked():
        if not allowed.filter(pk=session.pk).update(**changes):
            return False
        session.pair.touch()
    for name, value in changes.items():
        setattr(session, name, value)
    return True
