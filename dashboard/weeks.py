"""The history of a program by week, counted from dates and states: sessions, commitments, and the state of each pair.

It is counted once a night for all pairs (dashboard/figures.py), and on request for the pairs of one mentor. Pulse
answers are not part of it (docs/rules.md, figures).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from functools import cached_property
from statistics import median

from dashboard.flags import AMBER, AMBERS_MAKE_RED, RED, RULES
from dashboard.models import ADMINS_SEE_AMBER_AFTER, PAIR_ONLY, Flag, FlagRule
from goals.models import Commitment
from mentoring.models import Cadence, Pause, Program
from sessions.models import AgendaTemplate, Session

WEEK = timedelta(weeks=1)
MOST_WEEKS = 104  # before the current one
WEEKS_SHOWN = 16  # of the states of pairs, before the current one

ON_TRACK, WATCH, HELP, PAUSED, NOT_RUNNING = "k", "w", "h", "p", "n"


@dataclass(frozen=True)
class Week:
    """The counts of one week. The current week, which is not over, is the last one."""

    monday: date
    held: int
    expected: int  # by the agreed cadences, without pauses
    kept: int  # of the commitments that came due
    due: int
    on_track: int  # pairs at the end of the week
    pairs: int  # running and not paused at the end of the week
    first_days: float | None  # median days from pairing to the first session, of all pairs that had one by then
    first_n: int

    def as_json(self) -> dict:
        return asdict(self) | {"monday": self.monday.isoformat()}

    @classmethod
    def from_json(cls, row: dict) -> "Week":
        known = {one.name: row[one.name] for one in fields(cls)}
        return cls(**known | {"monday": date.fromisoformat(row["monday"])})


@dataclass(frozen=True)
class FlagSpan:
    """How long a flag was up, and its level."""

    rule: str
    level: str
    raised_at: datetime
    changed_at: datetime  # when it got this level
    cleared_at: datetime | None

    def level_at(self, moment: datetime) -> str:
        """Return the level that admins saw at this moment, or "" if they saw none."""
        if self.raised_at > moment or (self.cleared_at and self.cleared_at <= moment):
            return ""
        level = self.level
        if self.raised_at <= moment < self.changed_at:
            level = AMBER if self.level == RED else RED
        return "" if level == AMBER and moment - self.raised_at < ADMINS_SEE_AMBER_AFTER else level


@dataclass
class History:
    """The weeks of these pairs, in a fixed number of queries."""

    program: Program
    pairs: object  # a queryset
    today: date

    @cached_property
    def mondays(self) -> list[date]:
        """Return the first day of each week since the program began, the current one last."""
        last = monday_of(self.today)
        first = max(monday_of(self.program.starts_on), last - MOST_WEEKS * WEEK)
        return [first + n * WEEK for n in range((last - first).days // 7 + 1)]

    @cached_property
    def rows(self) -> list[tuple[int, int, date, date | None]]:
        """Return the key, interval in days, first day and end of each pair."""
        found = self.pairs.order_by("pk").values_list("pk", "cadence", "started_on", "ended_at")
        ended_on = self.program.date_of
        return [(pk, Cadence(rule).interval.days, on, at and ended_on(at)) for pk, rule, on, at in found]

    @cached_property
    def pauses(self) -> dict[int, list[tuple[date, date]]]:
        found = defaultdict(list)
        for pair, start, end in Pause.objects.filter(pair__in=self.pairs).values_list("pair", "from_on", "resume_on"):
            found[pair].append((start, end))
        return found

    @cached_property
    def flags(self) -> dict[int, list[FlagSpan]]:
        rows = Flag.objects.filter(pair__in=self.pairs, person=None)
        rows = rows.exclude(rule__in=(*PAIR_ONLY, FlagRule.NOT_GOING_WELL))
        found = defaultdict(list)
        for pair, *span in rows.values_list("pair", "rule", "level", "raised_at", "level_changed_at", "cleared_at"):
            found[pair].append(FlagSpan(*span))
        return found

    @cached_property
    def held_on(self) -> list[tuple[int, date]]:
        """Return the pair and date of each session held, by date."""
        rows = Session.objects.filter(pair__in=self.pairs).held().exclude(kind=AgendaTemplate.Kind.CHECK_IN)
        rows = rows.order_by("local_start").values_list("pair", "local_start")
        return [(pair, start.date()) for pair, start in rows.iterator(chunk_size=2000)]

    @cached_property
    def states(self) -> dict[int, str]:
        """Return a letter for each week of each pair."""
        return {row[0]: "".join(self.states_of(*row)) for row in self.rows}

    def states_of(self, pk: int, _interval: int, started_on: date, ended_on: date | None) -> Iterator[str]:
        for monday, moment in zip(self.mondays, self.moments, strict=True):
            on = min(monday + WEEK - timedelta(days=1), self.today)
            if started_on > on or (ended_on and ended_on <= on):
                yield NOT_RUNNING
            elif any(start <= on < end for start, end in self.pauses.get(pk, ())):
                yield PAUSED
            else:
                yield state_of([(flag.rule, flag.level_at(moment)) for flag in self.flags.get(pk, ())])

    @cached_property
    def moments(self) -> list[datetime]:
        """Return the end of each week; tonight for the current one."""
        return [self.program.start_of(min(monday + WEEK, self.today + timedelta(days=1))) for monday in self.mondays]

    @cached_property
    def weeks(self) -> list[Week]:
        held = Counter(monday_of(on) for _pair, on in self.held_on)
        due, kept = self.commitments()
        letters = list(zip(*self.states.values(), strict=True)) or [()] * len(self.mondays)
        first_days = self.days_to_first_session()
        found, total, counted = [], 0.0, 0
        for n, monday in enumerate(self.mondays):
            until, states = monday + WEEK, Counter(letters[n])
            days = [days for on, days in first_days if on < until]
            running = sum(states[state] for state in (ON_TRACK, WATCH, HELP))
            total += self.expected_between(monday, until)
            expected = int(total + 0.5) - counted  # a pair that meets every two weeks counts in every other week
            counted += expected
            found.append(
                Week(
                    monday,
                    held[monday],
                    expected,
                    kept[monday],
                    due[monday],
                    states[ON_TRACK],
                    running,
                    median(days) if days else None,
                    len(days),
                )
            )
        return found

    def expected_between(self, start: date, end: date) -> float:
        """Return the number of sessions expected by the cadences: days that a pair runs ÷ its interval."""
        total = 0.0
        for pk, interval, started_on, ended_on in self.rows:
            first, last = max(start, started_on), min(end, ended_on or end)
            days = (last - first).days
            if days > 0:
                pauses = self.pauses.get(pk, ())
                days -= sum(max(0, (min(last, to) - max(first, since)).days) for since, to in pauses)
                total += max(0, days) / interval
        return total

    def commitments(self) -> tuple[Counter, Counter]:
        """Return how many commitments came due in each week, and how many of them were kept."""
        since = self.mondays[0]
        rows = Commitment.objects.filter(pair__in=self.pairs, due_on__range=(since, self.today))
        due, kept = Counter(), Counter()
        for on, (n_kept, n) in rows.kept_by("due_on", since, self.today).items():
            due[monday_of(on)] += n
            kept[monday_of(on)] += n_kept
        return due, kept

    def days_to_first_session(self) -> list[tuple[date, int]]:
        """Return the date of each pair's first session, and the days from pairing to it."""
        first, began = {}, {pk: started_on for pk, _interval, started_on, _ended_on in self.rows}
        for pair, on in self.held_on:
            first.setdefault(pair, on)
        return [(on, max(0, (on - began[pair]).days)) for pair, on in first.items()]

    @property
    def recent_states(self) -> dict[str, str]:
        """Return the states of the running pairs in the weeks that pages show."""
        running = {pk for pk, _interval, _started_on, ended_on in self.rows if not ended_on}
        return {str(pk): states[-WEEKS_SHOWN - 1 :] for pk, states in self.states.items() if pk in running}


def state_of(flags: list[tuple[str, str]]) -> str:
    """Return the state of a running pair from its rules and their levels: see `color_of`; paperwork alone is none."""
    seen = [(rule, level) for rule, level in flags if level]
    if all(RULES[rule].paperwork for rule, _level in seen):
        return ON_TRACK
    levels = [level for _rule, level in seen]
    return HELP if RED in levels or len(levels) >= AMBERS_MAKE_RED else WATCH


def monday_of(on: date) -> date:
    return on - timedelta(days=on.weekday())
