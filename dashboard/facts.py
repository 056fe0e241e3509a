"""The facts behind flags and figures: dates, states and counts of pairs, never anything that a person wrote.

They are read for many pairs at once, in a fixed number of queries that select no text columns.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, OuterRef, Q

from accounts.models import User
from goals.models import Commitment, CommitmentEvent, Goal
from mentoring.models import Agreement, Cadence, Pair, Pause, Program, PulseAnswer, Signature
from mentoring.thresholds import DEFAULTS, with_defaults
from sessions.models import (
    AgendaItem,
    AgendaTemplate,
    CheckIn,
    Session,
    SessionAnswer,
    SessionCommitment,
    SessionMove,
    SessionVisit,
)

CHUNK = 500
FOUR_WEEKS = 28  # days: the shortest step of a monthly rhythm


@dataclass
class SessionFacts:
    """One session, with what the attention rules need to know about it."""

    planned_on: date
    held: bool
    called_off: bool  # canceled or skipped
    moved: bool
    missed: bool  # its time is over and one person answered that it did not take place
    is_over: bool
    closing: bool
    commitments: int = 0
    none_this_time: bool = False
    moved_from_on: date | None = None  # before it was ever moved; None: never
    # When it was canceled, skipped or last moved; sessions changed together share it.
    changed_at: datetime | None = None
    for_pause: bool = False  # skipped because of a pause

    @property
    def originally_planned_on(self) -> date:
        return self.moved_from_on or self.planned_on


@dataclass
class PairFacts:
    """The facts about one pair that a rule may use, as of `today` in its program's time zone."""

    pair: Pair
    today: date
    sessions: list[SessionFacts] = field(default_factory=list)  # oldest first, without check-ins
    pauses: list[tuple[date, date]] = field(default_factory=list)
    days_off: list[tuple[str, str]] = field(default_factory=list)  # of either person, first and last day (ISO)
    kept: int = 0  # of the commitments that came due in the last two intervals
    counted: int = 0
    goals: int = 0
    goal_reviewed_on: date | None = None
    agreed: bool = False
    last_active_on: dict[int, date] = field(default_factory=dict)  # by person
    pulses: dict[int, list[tuple[date, int]]] = field(default_factory=dict)  # by person: round and lowest answer
    thresholds: dict[str, int] = field(default_factory=DEFAULTS.copy)  # the program's thresholds
    rules_off: list[str] = field(default_factory=list)  # names of the rules that the program turned off
    program: Program | None = None  # its time zone decides on which date something happened

    @property
    def interval_days(self) -> int:
        """The agreed interval in days (C in docs/rules.md, attention rules)."""
        return Cadence(self.pair.cadence).interval.days

    def days_since(self, start: date) -> int:
        """Return the days from `start` to today without paused days; 0 if `start` is tomorrow in another time zone."""
        paused = sum(max(0, (min(resumes, self.today) - max(first, start)).days) for first, resumes in self.pauses)
        return max(0, (self.today - start).days - paused)

    @property
    def paused(self) -> bool:
        return any(first <= self.today < resumes for first, resumes in self.pauses)

    @property
    def age(self) -> int:
        return self.days_since(self.pair.started_on)

    @property
    def held(self) -> list[SessionFacts]:
        return [session for session in self.sessions if session.held]

    @property
    def last_held_on(self) -> date | None:
        return self.held[-1].planned_on if self.held else None

    @property
    def planned(self) -> list[SessionFacts]:
        """The sessions still to come."""
        return [m for m in self.sessions if not (m.held or m.called_off or m.is_over)]

    @property
    def past(self) -> list[SessionFacts]:
        """The sessions held, canceled, skipped or missed whose day is over, oldest first."""
        return [m for m in self.sessions if m.held or m.is_over or m.planned_on < self.today]

    def is_day_off(self, on: date) -> bool:
        """Return True if the pair is paused on that day or one person has it off."""
        off = any(first <= on.isoformat() <= last for first, last in self.days_off)
        return off or any(first <= on < resumes for first, resumes in self.pauses)

    @property
    def called_off_in_a_row(self) -> int:
        """The number of sessions in a row that should have been held by now but were canceled, skipped or moved.

        Sessions changed together count once. A session does not count on a day off, or if the pair met or will meet
        before the next date of its cadence instead (docs/rules.md, attention rules).
        """
        changes = set()
        due = [m for m in self.sessions if m.held or m.originally_planned_on < self.today]
        for session in sorted(due, key=lambda m: m.originally_planned_on, reverse=True):
            if session.held or not (session.called_off or session.moved):
                break
            on = session.originally_planned_on
            if not (session.for_pause or self.is_day_off(on) or self._meets_instead(on)):
                changes.add(session.changed_at or on)
        return len(changes)

    def _meets_instead(self, on: date) -> bool:
        step = timedelta(days=min(self.interval_days, FOUR_WEEKS))
        return any(
            on <= m.planned_on < on + step and (m.held or not (m.called_off or m.is_over)) for m in self.sessions
        )


def read_facts(pairs: Iterable[Pair], today: date | None = None) -> Iterator[PairFacts]:
    """Yield the facts of each pair, in chunks of a fixed number of queries; `today` defaults to the program's date."""
    pairs = iter(pairs)
    while chunk := list(islice(pairs, CHUNK)):
        yield from read_chunk(chunk, today)


def read_chunk(pairs: list[Pair], today: date | None) -> list[PairFacts]:
    programs = Program.objects.only("zone", "thresholds", "rules_off").in_bulk({pair.program_id for pair in pairs})
    found = {}
    for pair in pairs:
        program = programs[pair.program_id]
        found[pair.pk] = PairFacts(
            pair,
            today or program.today(),
            thresholds=with_defaults(program.thresholds),
            rules_off=program.rules_off,
            program=program,
        )
    add_sessions(found)
    for pause in Pause.objects.filter(pair__in=found).values_list("pair", "from_on", "resume_on"):
        found[pause[0]].pauses.append(pause[1:])
    add_days_off(found)
    add_commitments(found)
    add_goals(found)
    add_agreements(found)
    add_last_activity(found)
    add_pulses(found)
    return list(found.values())


def add_sessions(found: dict[int, PairFacts]) -> None:
    rows = Session.objects.filter(pair__in=found).exclude(kind=AgendaTemplate.Kind.CHECK_IN).order_by("starts_at")
    not_held = SessionAnswer.objects.filter(session=OuterRef("pk"), met=False)
    rows = rows.annotate(answered_no=Exists(not_held)).values_list(
        *("pk", "pair", "local_start", "zone", "ends_at", "kind", "held_at", "closed_at", "canceled_at", "skipped_at"),
        *("skipped_for", "no_commitments_at", "answered_no"),
    )
    moves: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    moved = SessionMove.objects.filter(session__pair__in=found).order_by("pk")
    for session, from_at, at in moved.values_list("session", "from_at", "created_at"):
        moves[session].append((from_at, at))
    made = dict(
        SessionCommitment.objects.filter(session__pair__in=found).values_list("session").annotate(n=Count("pk"))
    )
    for pk, pair, start, zone, ends_at, kind, held_at, closed_at, canceled_at, skipped_at, pause, none_at, no in rows:
        facts, mine = found[pair], moves[pk]
        over = ends_at < facts.program.start_of(facts.today) or bool(closed_at)
        facts.sessions.append(
            SessionFacts(
                planned_on=start.date(),
                held=bool(held_at),
                called_off=bool(canceled_at or skipped_at),
                moved=bool(mine),
                missed=no and not held_at,
                is_over=over,
                closing=kind == AgendaTemplate.Kind.CLOSING,
                commitments=made.get(pk, 0),
                none_this_time=bool(none_at),
                moved_from_on=mine[0][0].astimezone(ZoneInfo(zone)).date() if mine else None,
                changed_at=canceled_at or skipped_at or (mine[-1][1] if mine else None),
                for_pause=pause is not None,
            )
        )


def add_days_off(found: dict[int, PairFacts]) -> None:
    people = {person for facts in found.values() for person in (facts.pair.mentor_id, facts.pair.mentee_id)}
    days_off = dict(User.objects.filter(pk__in=people).exclude(days_off=[]).values_list("pk", "days_off"))
    for facts in found.values():
        for person in (facts.pair.mentor_id, facts.pair.mentee_id):
            facts.days_off += [tuple(span) for span in days_off.get(person, ())]


def add_commitments(found: dict[int, PairFacts]) -> None:
    """Count kept commitments over two intervals, in one query for each cadence and date."""
    by_period = defaultdict(list)
    for facts in found.values():
        by_period[facts.interval_days, facts.today].append(facts.pair.pk)
    for (interval, today), pks in by_period.items():
        since = today - timedelta(days=2 * interval)
        kept = Commitment.objects.filter(pair__in=pks).kept_by("pair", since, today)
        for pair, counts in kept.items():
            found[pair].kept, found[pair].counted = counts


def add_goals(found: dict[int, PairFacts]) -> None:
    active = Q(reached_at=None, dropped_at=None)
    rows = Goal.objects.filter(pair__in=found).order_by().values("pair")
    rows = rows.annotate(n=Count("pk", filter=active), made=Max("created_at"), turned=Max("pivots__created_at"))
    for row in rows:
        facts = found[row["pair"]]
        facts.goals = row["n"]
        touched = max((at for at in (row["made"], row["turned"]) if at), default=None)
        facts.goal_reviewed_on = facts.program.date_of(touched) if touched else None


def add_agreements(found: dict[int, PairFacts]) -> None:
    versions = Agreement.objects.filter(pair__in=found).order_by("version")
    newest = dict(versions.values_list("pair", "pk"))  # the last one of each pair stays
    signed = Signature.objects.filter(agreement__in=newest.values()).order_by().values_list("agreement")
    signatures = dict(signed.annotate(n=Count("pk")))
    for pair, pk in newest.items():
        found[pair].agreed = signatures.get(pk) == 2


def add_last_activity(found: dict[int, PairFacts]) -> None:
    """Add the date on which each person was last active."""
    sources = (
        (CommitmentEvent.objects.filter(commitment__pair__in=found), "commitment__pair", "created_by", "created_at"),
        (AgendaItem.objects.filter(pair__in=found), "pair", "created_by", "created_at"),
        (SessionVisit.objects.filter(session__pair__in=found), "session__pair", "user", "opened_at"),
        (SessionAnswer.objects.filter(session__pair__in=found), "session__pair", "user", "answered_at"),
        (CheckIn.objects.filter(pair__in=found), "pair", "created_by", "created_at"),
    )
    for rows, pair, by, at in sources:
        newest = rows.order_by().values_list(pair, by).annotate(newest=Max(at))
        for pk, person, moment in newest:
            if person and moment:
                last_active_on, on = found[pk].last_active_on, found[pk].program.date_of(moment)
                last_active_on[person] = max(last_active_on.get(person, date.min), on)


def add_pulses(found: dict[int, PairFacts]) -> None:
    rows = PulseAnswer.objects.filter(pair__in=found).order_by("asked_on")
    answers = rows.values_list("pair", "user", "asked_on", "worthwhile", "openness")
    for pair, user, asked_on, worthwhile, openness in answers:
        found[pair].pulses.setdefault(user, []).append((asked_on, min(worthwhile, openness)))
