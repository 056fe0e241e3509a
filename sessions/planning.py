"""Plan sessions and series, suggest the next date, and report a pair's rhythm and recent changes."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, Min, OuterRef, Q, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from core.formatting import full_date
from core.time_zones import zone_of
from mentoring.models import Pair, attach_pairs
from sessions import busy_times, cadence, suggested_times
from sessions.agendas import choose_template, copy_blocks, suggest_kind
from sessions.carryover import carry_over
from sessions.models import (
    AgendaTemplate,
    Block,
    BlockRole,
    BlockType,
    NotLive,
    Series,
    Session,
    SessionMove,
    SessionVisit,
)
from sessions.time_slot import TimeSlot

CHANGES_SHOWN_FOR = timedelta(days=7)
SESSIONS_A_YEAR = 12  # sessions of a monthly rhythm
NEAR = timedelta(hours=2)  # a meeting that began this close to a planned session may have been that session


def plan_session(
    pair: Pair,
    by,
    slot: TimeSlot,
    kind: str | None = None,
    series: Series | None = None,
) -> Session:
    """Create a session with the blocks of its agenda. Without `kind`, suggest_kind chooses it."""
    with pair.locked():
        kind = kind or suggest_kind(pair, slot.date, counted_dates(pair))
        session = Session(pair=pair, uid=uuid.uuid4(), created_by=by, kind=kind, place=slot.place, series=series)
        session.series_on = slot.date if series else None
        session.changed_at = timezone.now()
        session.set_time(slot)
        session.save()
        Block.objects.bulk_create(copy_blocks(choose_template(pair, kind, slot.minutes), session))
        pair.touch()
    return session


def series_slots(pair: Pair, first: TimeSlot, rule: str, until: date | None = None) -> list[TimeSlot]:
    """Return the times of a series up to `until` or the end of the pair, whichever comes first."""
    last_on = min(until or pair.ends_on, pair.ends_on)
    starts = cadence.occurrences(rule, first.date, first.local_start.time(), last_on)
    return [first.starting(start) for start in starts]


def plan_series(
    pair: Pair,
    by,
    first: TimeSlot,
    rule: str,
    until: date | None = None,
    kind: str | None = None,
) -> list[Session]:
    """Create a series: one session per occurrence up to `until` or the end of the pair, whichever comes first.

    Times at which the pair already has a session are left out. `kind` is the kind of the first session; suggest_kind
    chooses the others.
    """
    with pair.locked():
        series = Series.objects.create(
            pair=pair,
            rule=rule,
            first_on=first.date,
            local_time=first.local_start.time(),
            zone=first.zone,
            minutes=first.minutes,
            place=first.place,
            created_by=by,
        )
        taken = set(pair.sessions.live().values_list("starts_at", flat=True))
        free = [slot for slot in series_slots(pair, first, rule, until) if slot.starts_at not in taken]
        return [plan_session(pair, by, slot, kind if slot == first else None, series) for slot in free]


def log_meeting(pair: Pair, by, slot: TimeSlot, line: str = "", planned: Session | None = None) -> Session:
    """Store a past meeting; it counts as held unless the other person denies it.

    `planned` is the planned session that it was. Raises NotLive if it was started, closed or called off meanwhile.
    """
    now = timezone.now()
    with pair.locked():
        session = planned or Session(pair=pair, uid=uuid.uuid4(), created_by=by)
        if planned:
            waiting = Session.objects.live().filter(pk=planned.pk, started_at=None)
            if not waiting.update(started_at=now):  # claimed: a closed or running session stays as it is
                raise NotLive(planned)
            if slot.starts_at != planned.starts_at:
                session.sequence, session.changed_at = planned.sequence + 1, now
        session.set_time(slot)
        session.started_at = session.starts_at
        session.closed_at, session.closed_by, session.logged_at = now, by, now
        session.save()
        if line:
            last = session.blocks.order_by("position").last()
            session.blocks.create(
                position=last.position + 1 if last else 0,
                type=BlockType.OPEN,
                role=BlockRole.NOTES,
                title=_("What we talked about"),
                minutes=slot.minutes if last is None else 0,
                note=line,
            )
        session.answer(by, met=True)
        if planned:
            carry_over(session)
    return session


def planned_near(pair: Pair, starts_at: datetime) -> Session | None:
    """Return the planned, unstarted session nearest to this time, at most two hours away."""
    around = pair.sessions.live().filter(started_at=None, starts_at__range=(starts_at - NEAR, starts_at + NEAR))
    return min(around, key=lambda session: (abs(session.starts_at - starts_at), session.pk), default=None)


# --- What comes next --------------------------------------------------------------------------------------


def next_session(pair: Pair) -> Session | None:
    """Return the running session, or the first upcoming one."""
    return pair.sessions.to_come().started_first().first()


@dataclass(frozen=True)
class SessionProposal(TimeSlot):
    """A suggested next session: same local time and zone as the last one, on the next date of the rhythm."""

    kind: str = AgendaTemplate.Kind.STANDARD


def propose_next(pair: Pair, for_user) -> SessionProposal:
    """Propose the next session from the agreed rhythm and the last session.

    The first session is proposed for a week from now, at ten in `for_user`'s time zone. A date after the pair's end is
    proposed too; the page warns about it.
    """
    planned = newest_planned(pair)
    if not planned:
        start = datetime.combine(_working_day(for_user.today() + timedelta(days=7)), datetime.min.time())
        start, zone, minutes, place = start.replace(hour=10), for_user.zone, pair.minutes, ""
    else:
        last, on = planned[0], next_in_rhythm(pair, planned)
        check_in = last.kind == AgendaTemplate.Kind.CHECK_IN
        minutes = pair.minutes if check_in else last.minutes
        start, zone, place = datetime.combine(on, last.planned_for.time()), last.zone, last.place
    return SessionProposal(start, zone, minutes, place, suggest_kind(pair, start.date(), counted_dates(pair)))


@dataclass(frozen=True)
class Suggestion:
    """A suggested time: as an instant for the page, in the time zone `zone` for the form."""

    at: datetime
    zone: str

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.zone))

    @property
    def pick(self) -> str:
        """Return the value of the button that fills the form with this time."""
        return f"{self.local:%Y-%m-%dT%H:%M} {self.zone}"


def suggest_times(
    pair: Pair, for_user, moving: Session | None = None, proposal: SessionProposal | None = None
) -> tuple[list[Suggestion], bool]:
    """Return three times that suit both, from the next date of the rhythm on; the second value is False if none does.

    Times before the end of the pair come first. If sessions are planned up to the end already, times for an extra one
    are suggested from tomorrow on. `proposal`: what `propose_next` returned, if it is at hand.
    """
    proposal, now = proposal or propose_next(pair, for_user), timezone.now()
    first_on, until = proposal.local_start.date(), now + timedelta(days=suggested_times.LOOK_AHEAD + 366)
    if first_on > pair.ends_on and pair.sessions.to_come().exists():
        first_on = for_user.today() + timedelta(days=1)
    if moving:
        first_on = min(moving.planned_date, first_on)
    theirs = Q(pair__mentor__in=pair.people) | Q(pair__mentee__in=pair.people)
    planned = Session.objects.live().filter(theirs, ends_at__gt=now, starts_at__lt=until)
    busy = list(planned.exclude(pk=moving and moving.pk).values_list("starts_at", "ends_at"))
    busy += busy_times.of(pair.people)
    if moving:
        busy.append((moving.starts_at, moving.ends_at))  # to move is to move to another time
    last_on = pair.ends_on
    first_on = max(min(first_on, last_on - timedelta(days=6)), for_user.today())
    people = [person for person in pair.people if person.zone_is_known] or [for_user]
    times, suit = suggested_times.suggest(
        people, busy, proposal.minutes, first_on, proposal.zone, proposal.local_start, now
    )
    found = [Suggestion(at, proposal.zone) for at in times]
    return [one for one in found if one.local.date() <= last_on] or found, suit


def suggest_plan(pair: Pair, proposal: SessionProposal, times: list[Suggestion], suit: bool) -> SessionProposal:
    """Return the initial values of a planning form: the suggested time on the weekday of the last session, if any.

    If no time suits both, the date and hour of the rhythm.
    """
    if not times or not suit:
        return proposal
    best = min(times, key=lambda one: (one.local.weekday() != proposal.local_start.weekday(), one.at))
    start = best.local.replace(tzinfo=None)
    return replace(proposal, local_start=start, kind=suggest_kind(pair, start.date(), counted_dates(pair)))


def next_starts(pairs: Iterable[int]) -> dict[int, datetime]:
    """Return when the next session of each of these pairs starts; pairs without one are left out."""
    coming = Session.objects.to_come().filter(pair__in=pairs).order_by().values_list("pair")
    return dict(coming.annotate(Min("starts_at")))


def next_session_on(pair: Pair) -> date | None:
    """Return the local date of the next planned session after today, in its own time zone."""
    planned = pair.sessions.to_come().filter(started_at__isnull=True).order_by("starts_at")
    for local_start, zone in planned.values_list("local_start", "zone"):
        if local_start.date() > timezone.localdate(timezone=zone_of(zone)):
            return local_start.date()
    return None


def default_due_on(pair: Pair, today: date) -> date:
    """Return the default due date: the day before the next or expected session, tomorrow at the earliest."""
    coming = next_session_on(pair)
    if coming is None:
        planned = newest_planned(pair)
        expected = cadence.next_date(pair.cadence, [today], today + timedelta(days=1))
        coming = next_in_rhythm(pair, planned) if planned else expected
    return cadence.due_before(coming, today)


def next_in_rhythm(pair: Pair, planned: list[Session]) -> date:
    """Return the date on which the next session is expected after these, newest first; tomorrow at the earliest."""
    dates = [session.planned_date for session in planned]
    return cadence.next_date(pair.cadence, dates, planned[0].local_today + timedelta(days=1))


def newest_planned(pair: Pair) -> list[Session]:
    """Return the last sessions that were not canceled, newest first: enough to detect a monthly weekday."""
    return list(pair.sessions.filter(canceled_at__isnull=True).order_by("-starts_at")[:SESSIONS_A_YEAR])


def counted_dates(pair: Pair) -> list[tuple[date, str]]:
    """Return date and kind of the pair's held and upcoming sessions, by date."""
    rows = pair.sessions.counted().order_by("starts_at").values_list("local_start", "kind")
    return [(local_start.date(), kind) for local_start, kind in rows]


# --- The kept rhythm --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rhythm:
    """A pair's cadence strip and its adherence."""

    ticks: list[cadence.Tick]
    adherence: cadence.Adherence | None

    @property
    def strip(self) -> list[tuple[str, str]]:
        """The ticks, each with its date and what happened, for {% cadence_strip %}."""
        return [(tick.kind, f"{full_date(tick.on)}: {tick.label}") for tick in self.ticks]

    @property
    def due(self) -> int:
        """How many of the ticks are past."""
        return sum(tick.kind != "next" for tick in self.ticks)

    @property
    def held(self) -> int:
        """How many of the ticks were held, on whatever day."""
        return sum(tick.kind in ("held", "moved") for tick in self.ticks)

    @property
    def missed(self) -> cadence.Tick | None:
        """The latest missed one."""
        return next((tick for tick in reversed(self.ticks) if tick.kind == "missed"), None)


def rhythms(pairs: Iterable[Pair], today: date) -> dict[int, Rhythm]:
    """Return the rhythm of each pair by its primary key, in two queries for any number of pairs.

    A session still to come is never before `today`, even where its own zone is a day behind.
    """
    pairs, now = list(pairs), timezone.now()
    prefetch_related_objects(pairs, "pauses")
    pauses = {pair.pk: [(pause.from_on, pause.resume_on) for pause in pair.pauses.all()] for pair in pairs}
    meetings = defaultdict(list)
    rows = Session.objects.filter(pair__in=pairs).exclude(kind=AgendaTemplate.Kind.CHECK_IN).order_by("starts_at")
    moved = Exists(SessionMove.objects.filter(session=OuterRef("pk")))
    columns = ("pair", "local_start", "ends_at", "held_at", "canceled_at", "skipped_at")
    for pair_id, start, ends_at, held_at, canceled_at, skipped_at, was_moved in rows.values_list(*columns, moved):
        called_off = "canceled" if canceled_at else "skipped" if skipped_at else ""
        on = max(start.date(), today) if ends_at > now and not called_off else start.date()
        meetings[pair_id].append(cadence.Meeting(on, bool(held_at), was_moved, called_off))
    return {
        pair.pk: Rhythm(
            cadence.ticks(pair.cadence, meetings[pair.pk], pair.started_on, today, pauses[pair.pk]),
            cadence.adherence(pair.cadence, meetings[pair.pk], pair.started_on, today, pauses[pair.pk]),
        )
        for pair in pairs
    }


# --- Recent changes ---------------------------------------------------------------------------------------


@dataclass
class Change:
    """Sessions that were moved, canceled or skipped together: by whom, when and why."""

    kind: str  # moved, canceled, skipped, paused
    session: Session  # the first of them
    changed_by: object
    changed_at: datetime
    reason: str
    from_at: datetime
    n: int = 1
    resume_on: date | None = None  # for a pause: the day on which they resume


CHANGE_COLUMNS = ("pair_id", "starts_at", "ends_at", "closed_at", "canceled_at", "skipped_at", "reason")


def recent_changes(user, pairs: Iterable[Pair], since: datetime | None = None) -> list[Change]:
    """Return last week's changes to sessions of these pairs that this person has not dismissed, newest first.

    The caller makes sure that the person may read the pairs.
    """
    since, pairs = since or timezone.now() - CHANGES_SHOWN_FOR, list(pairs)
    moves = SessionMove.objects.filter(session__pair__in=pairs, created_at__gte=since).order_by("pk")
    moves = {move.session_id: move for move in moves.prefetch_related("created_by")}  # the last move of each
    changed = Q(canceled_at__gte=since) | Q(skipped_at__gte=since) | Q(pk__in=moves)
    sessions = Session.objects.filter(changed, pair__in=pairs).only(*CHANGE_COLUMNS, "called_off_by", "skipped_for")
    sessions = attach_pairs(sessions.prefetch_related("skipped_for"), pairs, "called_off_by")
    found = [change for session in sessions if (change := _change(session, moves.get(session.pk)))]
    visits = SessionVisit.objects.filter(user=user, session__in=[change.session.pk for change in found])
    dismissed = dict(visits.exclude(change_seen_at=None).values_list("session", "change_seen_at"))
    return merge_changes(
        one for one in found if one.session.pk not in dismissed or dismissed[one.session.pk] < one.changed_at
    )


def _change(session: Session, move: SessionMove | None) -> Change | None:
    """Return what happened to a session, or None if that is no news: it is over, or was canceled with its pair."""
    if session.is_called_off:
        kind, at = ("canceled", session.canceled_at) if session.canceled_at else ("skipped", session.skipped_at)
        change = Change(kind, session, session.called_off_by, at, session.reason, session.starts_at)
        if session.skipped_for:
            change.kind, change.reason, change.resume_on = "paused", "", session.skipped_for.resume_on
        return None if at == session.pair.ended_at else change
    if not session.is_live or session.ends_at <= timezone.now():
        return None
    return Change("moved", session, move.created_by, move.created_at, move.reason, move.from_at)


def merge_changes(changes: Iterable[Change]) -> list[Change]:
    """Merge the changes made together into one, newest first."""
    merged: dict[tuple, Change] = {}
    for change in sorted(changes, key=lambda change: change.from_at):
        key = change.kind, change.session.pair_id, change.changed_by and change.changed_by.pk, change.changed_at
        if key in merged:
            merged[key].n += 1
        else:
            merged[key] = change
    return sorted(merged.values(), key=lambda change: change.changed_at, reverse=True)


def dismiss_change(session: Session, user) -> None:
    """Mark the change to this session, and to those changed together with it, as read by `user`."""
    together = session.called_off_together()
    if not session.is_called_off:
        move = session.moves.last()
        together = Session.objects.filter(pk=session.pk)
        if move:
            moved_together = {"moves__created_at": move.created_at, "moves__created_by": move.created_by_id}
            together = Session.objects.filter(pair=session.pair_id, **moved_together)
    for pk in together.values_list("pk", flat=True):
        SessionVisit.objects.update_or_create(session_id=pk, user=user, defaults={"change_seen_at": timezone.now()})


def _working_day(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)
