from collections import defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import Conflict, Versioned
from mentoring.models import Cadence, Pair, PairContentQuerySet, Pause
from sessions.cadence import sessions_in
from sessions.models.agenda_template import AgendaTemplate
from sessions.time_slot import TimeSlot

if TYPE_CHECKING:
    from sessions.models.session_rows import SessionMove

WRAP_UP_BEFORE_END = timedelta(minutes=10)
REOPEN_WITHIN = timedelta(seconds=60)
UNDONE_UNNOTICED_WITHIN = REOPEN_WITHIN - timedelta(seconds=10)  # nothing has been sent yet, even after a slow commit
NOT_CALLED_OFF = {"canceled_at": None, "skipped_at": None, "called_off_by": None, "reason": "", "skipped_for": None}


class Series(models.Model):
    """A recurring session: local time and zone as planned, one Session row per occurrence."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="series")
    rule = models.CharField(_("how often"), max_length=10, choices=Cadence)
    first_on = models.DateField(_("first on"))
    local_time = models.TimeField(_("at"))
    zone = models.CharField(max_length=64)
    minutes = models.PositiveSmallIntegerField(default=60)
    place = models.CharField(_("place: a link or a room"), max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PairContentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.pair}, {self.get_rule_display()}"

    def cancel_from(self, by, first: "Session", reason: str = "") -> int:
        """Cancel `first` and every later unstarted session of the series as one change; return how many."""
        rest, now = self.sessions.planned_from(first), timezone.now()
        with self.pair.locked():
            for session in (canceled := list(rest.select_related("pair"))):
                session.cancel(by, reason, now)
            Series.objects.filter(pk=self.pk).update(ended_at=now)
        return len(canceled)

    def move_from(self, by, first: "Session", slot: TimeSlot, reason: str = "") -> int:
        """Move `first` and every later session of the series as one change; return how many.

        All move by the same number of days and to the same hour. Raises NotLive or Conflict, and moves nothing, if
        `first` was changed since it was read.
        """
        days, now = slot.date - first.planned_date, timezone.now()
        with self.pair.locked():
            later = list(self.sessions.planned_from(first).exclude(pk=first.pk).select_related("pair"))
            first.move(by, slot, reason, expected=first.version, at=now)
            for session in later:
                start = datetime.combine(session.planned_date + days, slot.local_start.time())
                session.move(by, slot.starting(start), reason, at=now)
        return 1 + len(later)


LEFT_OPEN_AFTER = timedelta(hours=2)


def is_to_come() -> Q:
    """Return the condition of `to_come`."""
    now = timezone.now()
    live = Q(closed_at__isnull=True, canceled_at__isnull=True, skipped_at__isnull=True)
    running = Q(ends_at__gt=now - LEFT_OPEN_AFTER) | Q(started_at__gt=now - 2 * LEFT_OPEN_AFTER)
    return live & (Q(ends_at__gt=now) | Q(started_at__isnull=False) & running)


class SessionQuerySet(PairContentQuerySet["Session"]):
    def with_people(self) -> "SessionQuerySet":
        return self.select_related("pair__mentor", "pair__mentee", "pair__program")

    def with_moves(self) -> "SessionQuerySet":
        """Fetch the moves of each session as `known_moves`, oldest first."""
        return self.prefetch_related(models.Prefetch("moves", to_attr="known_moves"))

    def live(self) -> "SessionQuerySet":
        """Sessions that are not closed, canceled or skipped."""
        return self.filter(closed_at__isnull=True, canceled_at__isnull=True, skipped_at__isnull=True)

    def upcoming(self) -> "SessionQuerySet":
        """Live sessions, started ones first, then by time."""
        return self.live().started_first()

    def started_first(self) -> "SessionQuerySet":
        return self.order_by(F("started_at").asc(nulls_last=True), "starts_at", "pk")

    def planned_from(self, first: "Session") -> "SessionQuerySet":
        """`first` and later sessions that are live and not started."""
        return self.live().filter(started_at__isnull=True, starts_at__gte=first.starts_at).order_by("starts_at", "pk")

    def held(self) -> "SessionQuerySet":
        return self.filter(held_at__isnull=False)

    def to_come(self) -> "SessionQuerySet":
        """Sessions that are running, or planned and not over. The first in `upcoming` order is a pair's next one."""
        return self.filter(is_to_come())

    def unanswered(self) -> "SessionQuerySet":
        """Sessions whose time is over and that nobody started or closed: did you meet?"""
        return self.live().filter(started_at__isnull=True, ends_at__lte=timezone.now())

    def planned_between(self, first: date, last: date | None = None) -> "SessionQuerySet":
        """Sessions planned for these local dates, both included, each in its own time zone.

        `local_start` holds the local time as if it were UTC, so a `__date` lookup would shift it to the current zone.
        """
        rows = self.filter(local_start__gte=datetime.combine(first, time.min, UTC))
        return rows.filter(local_start__lte=datetime.combine(last, time.max, UTC)) if last else rows

    def counted(self) -> "SessionQuerySet":
        """Sessions that have a number: held or upcoming ones, without check-ins."""
        ahead = Q(closed_at__isnull=True, canceled_at__isnull=True, skipped_at__isnull=True)
        ahead &= Q(started_at__isnull=False) | Q(ends_at__gt=timezone.now())
        return self.filter(Q(held_at__isnull=False) | ahead).exclude(kind=AgendaTemplate.Kind.CHECK_IN)

    def overlapping(self, user, starts_at: datetime, minutes: int) -> "SessionQuerySet":
        """Live sessions of `user`, in any pair, that overlap the given time."""
        ends_at = starts_at + timedelta(minutes=minutes)
        return (
            self.live()
            .filter(Q(pair__mentor=user) | Q(pair__mentee=user))
            .filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
        )

    def recompute_times(self) -> int:
        """Apply the current time zone database to planned sessions; return how many changed."""
        changed = 0
        for session in self.live().filter(started_at__isnull=True, starts_at__gt=timezone.now()).iterator():
            before = session.starts_at
            session.set_time(session.slot)
            if session.starts_at != before:
                changed += session._retime()
        return changed


def number_sessions(sessions: list["Session"]) -> list["Session"]:
    """Set the `number` of each of these sessions, by one query for all."""
    starts = defaultdict(list)
    counted = Session.objects.filter(pair__in={session.pair_id for session in sessions}).counted()
    for pair, starts_at in counted.order_by().values_list("pair", "starts_at"):
        starts[pair].append(starts_at)
    for session in sessions:
        session.number = 1 + sum(at < session.starts_at for at in starts[session.pair_id])
    return sessions


class BlockHasNotes(Exception):
    """A block with notes or recorded time cannot be removed from the agenda."""


class NotLive(Exception):
    """The session was closed, canceled or skipped meanwhile, so it cannot be changed."""


class Session(Versioned):
    """A meeting of a pair. Django's web session is always request.session."""

    Kind = AgendaTemplate.Kind

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="sessions")
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.STANDARD)
    uid = models.UUIDField(editable=False, unique=True)
    # The planned local time and its zone; starts_at and ends_at follow from them.
    local_start = models.DateTimeField()  # naive local time, stored as if it were UTC
    zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(15), MaxValueValidator(240)])
    place = models.CharField(_("place: a link or a room"), max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    canceled_at = models.DateTimeField(null=True, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    called_off_by = models.ForeignKey(  # who canceled or skipped it
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)  # why it was canceled or skipped
    skipped_for = models.ForeignKey(  # the pause during which it was planned
        Pause, null=True, blank=True, on_delete=models.SET_NULL, related_name="skipped_sessions", editable=False
    )
    held_at = models.DateTimeField(null=True, blank=True)  # follows from the answers: see answer()
    logged_at = models.DateTimeField(null=True, blank=True)  # entered afterwards
    series_on = models.DateField(null=True, blank=True, editable=False)  # its date in the series, wherever it moved
    # For calendars: how often the plan changed, and when last. Null: planned before calendar emails existed (0.1).
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    current_block = models.PositiveSmallIntegerField(null=True, blank=True)  # position of the running block
    block_started_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    current_item = models.ForeignKey(  # the topic in focus
        "AgendaItem", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    still_right_confirmed_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)  # commitments read aloud and agreed
    no_commitments_at = models.DateTimeField(null=True, blank=True)  # no commitment, on purpose
    next_left_open_at = models.DateTimeField(null=True, blank=True)  # no next date yet, on purpose
    takeaway = models.CharField(_("What I take with me"), max_length=500, blank=True)

    known_moves: list["SessionMove"]  # of with_moves()

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["pair", "starts_at"]),
            models.Index(fields=["pair", "held_at"]),
            models.Index(
                fields=["ends_at"],
                condition=Q(closed_at__isnull=True, canceled_at__isnull=True, skipped_at__isnull=True),
                name="unfinished_sessions",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(canceled_at__isnull=True, skipped_at__isnull=True),
                name="a_closed_session_was_not_called_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pair}, {self.local_start:%Y-%m-%d %H:%M}"

    def for_reader(self, user) -> "Session":
        """Return the session with `user` as one person of its pair: see Pair.for_reader()."""
        self.pair.for_reader(user)
        return self

    @property
    def slot(self) -> TimeSlot:
        return TimeSlot(self.planned_for, self.zone, self.minutes, self.place)

    def set_time(self, slot: TimeSlot) -> None:
        """Set local time, zone and length; starts_at and ends_at follow. The place stays."""
        for name, value in slot.columns.items():
            setattr(self, name, value)

    def overlaps(self, starts_at: datetime, minutes: int) -> bool:
        return self.starts_at < starts_at + timedelta(minutes=minutes) and self.ends_at > starts_at

    @property
    def is_live(self) -> bool:
        return not (self.closed_at or self.canceled_at or self.skipped_at)

    @property
    def left_open(self) -> bool:
        """Return True if it was started and never wrapped up: two hours after its end it counts as left."""
        now = timezone.now()
        over = self.ends_at <= now - LEFT_OPEN_AFTER
        return self.is_running and over and self.started_at <= now - 2 * LEFT_OPEN_AFTER

    @property
    def is_to_come(self) -> bool:
        """Return True for what `to_come()` selects."""
        return self.is_live and (self.ends_at > timezone.now() or (self.is_running and not self.left_open))

    @property
    def is_running(self) -> bool:
        return self.started_at is not None and self.is_live

    @property
    def is_called_off(self) -> bool:
        return bool(self.canceled_at or self.skipped_at)

    @property
    def planned_for(self) -> datetime:
        """Return the planned local time, naive."""
        return self.local_start.replace(tzinfo=None)

    @property
    def planned_date(self) -> date:
        """Return the planned local date, in the session's time zone."""
        return self.local_start.date()

    @property
    def local_today(self) -> date:
        """Return today's date in the session's time zone."""
        return timezone.now().astimezone(ZoneInfo(self.zone)).date()

    @cached_property
    def number(self) -> int:
        """Return N of "session N": held and upcoming sessions before it, plus one, without check-ins."""
        return Session.objects.counted().filter(pair=self.pair_id, starts_at__lt=self.starts_at).count() + 1

    def status_for(self, user):
        """Return the status update, if there is one that `user`, one of the pair's people, may read."""
        update = getattr(self, "status_update", None)
        return update if update and update.is_readable_by(user) else None

    @property
    def expected_total(self) -> int:
        """Return 12 of "session 4 of 12": how many sessions the agreed rhythm has until the pair ends."""
        return max(self.number, sessions_in(self.pair.cadence, self.pair.started_on, self.pair.ends_on))

    def move(
        self,
        by,
        slot: TimeSlot,
        reason: str = "",
        expected: int | None = None,
        at: datetime | None = None,
    ) -> None:
        """Reschedule the session. Row, calendar UID and place stay; the old time is kept as a SessionMove.

        A session that was started and interrupted can be started again. Raises NotLive if it is over, and Conflict if
        the row is not at version `expected`. Sessions moved as one change share the time `at`.
        """
        from_at, before = self.starts_at, self.slot
        self.set_time(slot)
        is_new = self.slot != before
        with self.pair.locked():
            self._retime(
                expected, step=int(is_new), started_at=None, current_block=None, block_started_at=None, paused_at=None
            )
            if self.starts_at != from_at:
                times = {"from_at": from_at, "to_at": self.starts_at, "created_at": at or timezone.now()}
                self.moves.create(created_by=by, reason=reason[:300], **times)

    @property
    def place_is_a_link(self) -> bool:
        return self.place.startswith(("https://", "http://"))

    def change_place(self, place: str, expected: int | None = None) -> None:
        """Change the place. Raises NotLive and Conflict as `move` does."""
        self._change(Session.objects.live(), expected, place=place)

    def cancel(self, by, reason: str = "", at: datetime | None = None) -> None:
        """Cancel the session. Its topics and questions stay with the pair (carryover.py).

        Sessions canceled or skipped as one change share the time `at`: see `called_off_together`.
        """
        self._call_off(by, reason, canceled_at=at or timezone.now())

    def skip(self, by, reason: str = "", at: datetime | None = None, pause: Pause | None = None) -> None:
        """Skip the session on purpose, as agreed or for a pause; the rhythm continues."""
        self._call_off(by, reason, skipped_at=at or timezone.now(), skipped_for=pause)

    def called_off_together(self) -> SessionQuerySet:
        """Return the sessions canceled or skipped together with this one, itself included, by date."""
        alike = {name: getattr(self, name) for name in ("pair_id", "called_off_by_id", "canceled_at", "skipped_at")}
        return Session.objects.filter(**alike).order_by("starts_at", "pk")

    def restore_together(self, unnoticed: bool = False) -> list["Session"]:
        """Restore all sessions canceled or skipped together with this one; return those restored, by date.

        Sessions that the other person has restored meanwhile stay as they are. `unnoticed`: see `restore`.
        """
        back = []
        if not self.is_called_off:
            return back
        with self.pair.locked():
            for session in self.called_off_together().select_related("pair"):
                with suppress(NotLive):
                    session.restore(unnoticed)
                    back.append(session)
            Series.objects.filter(pk__in={session.series_id for session in back}).update(ended_at=None)
        return back

    def restore(self, unnoticed: bool = False) -> None:
        """Undo a cancellation or skip. Raises NotLive if the other person has undone it meanwhile.

        If it is undone at once, or nobody was notified of it (`unnoticed`), calendars are not updated.
        """
        from sessions.agendas import drop_second_reset  # agendas are made of these models

        called_off_at = self.canceled_at or self.skipped_at
        as_before = unnoticed or (bool(called_off_at) and timezone.now() < called_off_at + UNDONE_UNNOTICED_WITHIN)
        called_off = Session.objects.exclude(canceled_at=None, skipped_at=None)
        with self.pair.locked():
            self._change(called_off, step=-1 if as_before else 1, **NOT_CALLED_OFF)
            if self.kind == self.Kind.RESET:
                drop_second_reset(self)

    def mark_opened(self, user) -> None:
        """Store that this person has opened the page (last seen: the only thing a GET writes)."""
        seen, _made = self.visits.get_or_create(user=user)
        self.visits.filter(pk=seen.pk, opened_at=None).update(opened_at=timezone.now())

    def mark_read(self, user) -> None:
        """Store that the mentor has read the update; the mentee sees it. No effect for anyone else."""
        if self.pair.is_mentor(user):
            with self.pair.locked():
                self.visits.update_or_create(user=user, defaults={"read_at": timezone.now()})
                self.pair.touch()

    def replace_blocks(self, rows: list[tuple[int | None, dict]]) -> None:
        """Replace the blocks by these, in order: (primary key or None for a new block, its columns).

        Blocks that are not listed are deleted. Raises BlockHasNotes, and changes nothing, if one of them has notes.
        """
        with self.pair.locked():
            stored = {block.pk: block for block in self.blocks.all()}
            gone = stored.keys() - {pk for pk, _columns in rows}
            for block in (stored[pk] for pk in gone):
                if block.note or block.actual_seconds:
                    raise BlockHasNotes(block.title)
            self.blocks.filter(pk__in=gone).delete()
            self.blocks.update(position=F("position") + 1000)  # make room for the new order
            for position, (pk, columns) in enumerate(rows):
                if pk in stored:
                    self.blocks.filter(pk=pk).update(position=position, version=F("version") + 1, **columns)
                else:
                    self.blocks.create(position=position, **columns)
            self.pair.touch()

    def _call_off(self, by, reason: str, **when) -> None:
        from sessions.agendas import pass_on_reset  # agendas are made of these models

        with self.pair.locked():
            self._change(Session.objects.live(), called_off_by=by, reason=reason[:300], **when)
            self.refresh_from_db(fields=["kind"])  # a reset may have been passed on to it meanwhile
            if self.kind == self.Kind.RESET:
                pass_on_reset(self)

    def _retime(self, expected: int | None = None, **also) -> int:
        return self._change(
            Session.objects.live(),
            expected,
            local_start=self.local_start,
            zone=self.zone,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            minutes=self.minutes,
            **also,
        )

    def _change(self, allowed: SessionQuerySet, expected: int | None = None, step: int = 1, **changes) -> int:
        """Store a change if the row is still in `allowed`; a higher sequence updates calendars."""
        changes["changed_at"] = timezone.now()
        rows = allowed.filter(pk=self.pk)
        with self.pair.locked():
            as_expected = rows if expected is None else rows.filter(version=expected)
            changed = as_expected.update(
                sequence=Greatest(F("sequence") + step, 0), version=F("version") + 1, **changes
            )
            if not changed:
                raise Conflict(rows.get()) if rows.exists() else NotLive(self)
            self.pair.touch()
        self.refresh_from_db(fields=[*changes, "sequence", "version"])
        return changed

    def answer(self, user, met: bool, note: str = "") -> None:
        """Store whether `user` confirms the meeting; held if one confirms, none denies (docs/rules.md, held sessions).

        One confirmation is not enough while the other person has not accepted the invitation.
        """
        with self.pair.locked():
            self.answers.update_or_create(
                user=user, defaults={"met": met, "note": note[:500], "answered_at": timezone.now()}
            )
            answers = list(self.answers.values_list("met", flat=True))
            is_held = bool(answers) and all(answers) and (len(answers) > 1 or not self.pair.not_joined())
            held_at = (self.held_at or self.closed_at or timezone.now()) if is_held else None
            Session.objects.filter(pk=self.pk).update(held_at=held_at)
            self.held_at = held_at
            self.pair.touch()
