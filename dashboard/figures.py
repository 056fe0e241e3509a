"""The figures of a program: counts, shares and medians, each with a definition, its number of rows and a trend.

They are computed from dates, states and counts. Figures based on answers (the pulse) need at least five people.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from statistics import mean, median
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.formatting import number, percent
from dashboard.anonymity import publish
from dashboard.attention import flagged_pairs
from dashboard.facts import read_facts
from dashboard.models import PAIR_ONLY, Flag, FlagRule, MentorContact, Snapshot
from dashboard.weeks import History
from goals.models import Commitment, CommitmentEvent, Goal, Indicator, Outcome
from mentoring.models import Enrollment, ExitAnswer, Pair, Program, PulseAnswer
from mentoring.models.pulse import OPEN_FOR, rounds
from sessions.models import AgendaItem, AgendaTemplate, Session, SessionCommitment
from sessions.planning import rhythms

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PERIOD = timedelta(days=28)
STALE = timedelta(days=7)  # nights without a count after which an older figure is not compared
CARRIED_OFTEN = 3
ACTIVE = timedelta(days=45)  # an indicator with a value this recent
PERCENT, DAYS = "%", "days"
TEXTS = ("name", "definition", "aim")  # of a figure


@dataclass(frozen=True)
class Figure:
    """One figure. `value` is None if there is nothing to count or too few people answered; `n` counts its rows."""

    key: str
    name: "StrOrPromise"
    definition: "StrOrPromise"
    value: float | None
    n: int
    unit: str = ""
    before: float | None = None  # the value 28 days earlier
    aim: str = ""

    @property
    def display(self) -> str:
        """The value with its unit, as a page shows it: "82%", "11 days", or "–" for none."""
        return self.with_unit(self.value)

    @property
    def display_before(self) -> str:
        """The value of 28 days earlier with its unit."""
        return self.with_unit(self.before)

    def with_unit(self, value: float | None) -> str:
        if value is None:
            return "–"
        if self.unit == DAYS:
            days = number(value, 1)
            return ngettext("%(number)s day", "%(number)s days", 1 if days == "1" else 2) % {"number": days}
        return percent(value, 1) if self.unit == PERCENT else number(value, 1)

    @property
    def trend(self) -> str:
        """Return "more", "less" or "same" compared with 28 days before; empty if there is nothing to compare."""
        if self.value is None or self.before is None:
            return ""
        return "same" if self.value == self.before else "more" if self.value > self.before else "less"


def percentage(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def median_or_none(values: Iterable[float]) -> float | None:
    values = list(values)
    return median(values) if values else None


@dataclass
class ProgramData:
    """The data behind all figures of a program, read once."""

    program: Program
    today: date

    def __post_init__(self):
        pairs = Pair.objects.filter(program=self.program)
        self.running = list(pairs.active().with_people())
        self.facts = list(read_facts(self.running, self.today))
        self.active = [facts for facts in self.facts if not facts.paused]
        self.all_pairs = pairs
        self.day_before_period = self.today - PERIOD  # the last day before the period
        self.period_start = self.day_before_period + timedelta(days=1)
        # Without confidential ones: from a count, an admin who is in a pair would learn what the partner answered.
        flags = Flag.objects.for_admins().not_snoozed(self.today).exclude(rule=FlagRule.NOT_GOING_WELL)
        self.flagged_pairs = flagged_pairs(flags.filter(pair__program=self.program, pair__ended_at=None))


FIGURES: list[Callable[[ProgramData], Figure]] = []


def figure(function):
    """Add a function to the figures of every program."""
    FIGURES.append(function)
    return function


def figures(program: Program, today: date) -> list[Figure]:
    data = ProgramData(program, today)
    return [count(data) for count in FIGURES]


@figure
def active_pairs(data: ProgramData) -> Figure:
    definition = _("Running pairs that are not paused today.")
    return Figure("active", _("Active pairs"), definition, len(data.active), len(data.facts))


@figure
def paused_pairs(data: ProgramData) -> Figure:
    definition = _("Running pairs that are paused today.")
    return Figure("paused", _("Paused pairs"), definition, len(data.facts) - len(data.active), len(data.facts))


@figure
def match_rate(data: ProgramData) -> Figure:
    """Return people in a running pair ÷ people enrolled as mentor or mentee."""
    people = data.program.enrollments.current().exclude(role=Enrollment.Role.ADMIN).values_list("user", flat=True)
    enrolled = set(people)
    paired = {person for pair in data.running for person in (pair.mentor_id, pair.mentee_id)} & enrolled
    definition = _("Share of all mentors and mentees who are in a running pair today.")
    return Figure(
        "match",
        _("Match rate"),
        definition,
        percentage(len(paired), len(enrolled)),
        len(enrolled),
        PERCENT,
        aim="≥ 70%",
    )


@figure
def waiting_time(data: ProgramData) -> Figure:
    rows = data.program.enrollments.current().unpaired_mentees()
    invited = (
        data.program.date_of(at) for at in rows.filter(invited_at__isnull=False).values_list("invited_at", flat=True)
    )
    days = [max(0, (data.today - on).days) for on in invited]
    definition = _("Median days since the invitation, for mentees who have no mentor today.")
    return Figure("waiting", _("Waiting time"), definition, median_or_none(days), len(days), DAYS)


@figure
def time_to_first_session(data: ProgramData) -> Figure:
    rows = Session.objects.filter(pair__program=data.program).held().exclude(kind=AgendaTemplate.Kind.CHECK_IN)
    first = {}
    for pair, start, at in rows.order_by("starts_at").values_list("pair", "pair__started_on", "local_start"):
        first.setdefault(pair, max(0, (at.date() - start).days))
    definition = _("Median days from pairing to the first session held, for all pairs that had one.")
    return Figure(
        "first",
        _("Time to first session"),
        definition,
        median_or_none(first.values()),
        len(first),
        DAYS,
        aim=_("≤ 14 days"),
    )


@figure
def cadence_kept(data: ProgramData) -> Figure:
    found = [one.adherence for one in rhythms([f.pair for f in data.active], data.today).values() if one.adherence]
    held, expected = sum(one.held for one in found), sum(one.expected for one in found)
    definition = _("Share of the sessions expected in the last two intervals of the agreed cadence that were held.")
    return Figure("cadence", _("Cadence kept"), definition, percentage(held, expected), expected, PERCENT, aim="≥ 80%")


@figure
def sessions_held(data: ProgramData) -> Figure:
    rows = Session.objects.filter(pair__program=data.program).held()
    count = rows.planned_between(data.period_start).count()
    before = rows.planned_between(data.period_start - PERIOD, data.day_before_period).count()
    definition = _("Sessions held in the last 28 days, confirmed by at least one person.")
    return Figure("held", _("Sessions held"), definition, count, count, before=before)


@figure
def confirmed_by_both(data: ProgramData) -> Figure:
    rows = Session.objects.filter(pair__program=data.program).held().planned_between(data.period_start)
    rows = rows.annotate(met=Count("answers", filter=Q(answers__met=True)))
    both, n = rows.filter(met=2).count(), rows.count()
    definition = _("Share of the sessions held in the last 28 days that both people confirmed.")
    return Figure("both", _("Confirmed by both"), definition, percentage(both, n), n, PERCENT)


@figure
def unconfirmed_sessions(data: ProgramData) -> Figure:
    rows = Session.objects.filter(pair__program=data.program, canceled_at=None, skipped_at=None)
    rows = rows.planned_between(data.period_start).filter(ends_at__lt=data.program.start_of(data.today))
    open_, n = rows.filter(held_at=None).count(), rows.count()
    definition = _("Sessions in the last 28 days that nobody confirmed, or about which the two answers differ.")
    return Figure("unconfirmed", _("Unconfirmed sessions"), definition, open_, n)


@figure
def no_next_session(data: ProgramData) -> Figure:
    without = sum(not facts.planned for facts in data.active)
    definition = _("Active pairs that have no session scheduled today.")
    return Figure("no next", _("No next session"), definition, without, len(data.active))


@figure
def commitments_per_session(data: ProgramData) -> Figure:
    rows = Session.objects.filter(pair__program=data.program).held().planned_between(data.period_start)
    made = SessionCommitment.objects.filter(session__in=rows).count()
    n = rows.count()
    definition = _("Average number of commitments made per session held in the last 28 days.")
    return Figure("made", _("Commitments per session"), definition, round(made / n, 1) if n else None, n, aim="1–3")


@figure
def commitments_kept(data: ProgramData) -> Figure:
    kept, counted = Commitment.objects.filter(pair__program=data.program).kept_of_counted(
        data.day_before_period, data.today
    )
    before = Commitment.objects.filter(pair__program=data.program).kept_of_counted(
        data.day_before_period - PERIOD, data.day_before_period
    )
    definition = _("Share of the commitments due in the last 28 days that were done, or moved before they were due.")
    return Figure(
        "kept", _("Commitments kept"), definition, percentage(kept, counted), counted, PERCENT, percentage(*before)
    )


@figure
def commitments_moved(data: ProgramData) -> Figure:
    due = Commitment.objects.filter(pair__program=data.program).came_due(data.day_before_period, data.today)
    moves = CommitmentEvent.objects.filter(commitment=OuterRef("pk"), kind=CommitmentEvent.Kind.MOVED, undone_at=None)
    moved, n = due.filter(Exists(moves)).count(), due.count()
    definition = _("Share of the commitments due in the last 28 days whose due date was moved at least once.")
    return Figure("moved", _("Commitments moved"), definition, percentage(moved, n), n, PERCENT)


@figure
def carried_over_often(data: ProgramData) -> Figure:
    rows = AgendaItem.objects.filter(pair__in=data.running).open()
    often = rows.with_carried().filter(carried__gte=CARRIED_OFTEN).count()
    definition = _("Open topics today that were carried over three times or more without being discussed.")
    return Figure("carried", _("Carried over three times"), definition, often, rows.count())


@figure
def working_agreements(data: ProgramData) -> Figure:
    definition = _("Share of running pairs in which both people agreed to the working agreement.")
    count = sum(facts.agreed for facts in data.facts)
    return Figure(
        "agreed", _("Working agreements"), definition, percentage(count, len(data.facts)), len(data.facts), PERCENT
    )


@figure
def goals_with_priority(data: ProgramData) -> Figure:
    goals = Goal.objects.filter(pair__in=data.running).active()
    linked = goals.filter(priorities__isnull=False).values("pk").distinct().count()
    n = goals.count()
    definition = _("Share of active goals today that name a priority of the program.")
    return Figure("linked", _("Goals with a priority"), definition, percentage(linked, n), n, PERCENT)


@figure
def active_indicators(data: ProgramData) -> Figure:
    rows = Indicator.objects.filter(pair__in=data.running).current().entered()
    active = rows.filter(readings__measured_on__gt=data.today - ACTIVE).values("pk").distinct().count()
    n = rows.count()
    definition = _("Share of tracked indicators that got a value in the last 45 days.")
    return Figure("indicators", _("Active indicators"), definition, percentage(active, n), n, PERCENT)


@figure
def pulse_median(data: ProgramData) -> Figure:
    """Return the median of each person's newest answer."""
    rows = PulseAnswer.objects.filter(pair__in=data.running).order_by("asked_on")
    newest = {(row.pair_id, row.user_id): (row.user_id, row.pk, row.lowest) for row in rows}
    median_answer, n = publish(data.program, "pulse", newest.values())
    definition = _(
        "Median of each person’s newest pulse answer, the lower of both (1 to 5). Updated in steps of five people."
    )
    return Figure("pulse", _("Pulse"), definition, median_answer, n)


@figure
def answer_rate(data: ProgramData) -> Figure:
    """Return the share of people who answered; open rounds do not count, as they would show who has not yet."""
    closed = {
        facts.pair: [on for on in rounds(facts.pair.started_on, data.today) if on + OPEN_FOR < data.today]
        for facts in data.active
    }
    answered = set(PulseAnswer.objects.filter(pair__in=closed).values_list("pair", "user", "asked_on"))
    people = [
        (person, pair.pk, int((pair.pk, person, asked_on) in answered))
        for pair, days in closed.items()
        for asked_on in days[-1:]
        for person in (pair.mentor_id, pair.mentee_id)
    ]
    part, n = publish(data.program, "answers", people, mean)
    definition = _(
        "Share of people asked in the last finished round of each active pair who answered. "
        "Updated in steps of five people."
    )
    return Figure("answers", _("Pulse answered"), definition, part and round(100 * part, 1), n, PERCENT)


@figure
def red_pairs(data: ProgramData) -> Figure:
    definition = _("Running pairs that are red today, by dates and counts. Pulse answers are not included.")
    red = sum(pair.red for pair in data.flagged_pairs)
    return Figure("red", _("Red pairs"), definition, red, len(data.facts))


@figure
def amber_pairs(data: ProgramData) -> Figure:
    definition = _("Running pairs that are amber today, by dates and counts. Missing paperwork is not included.")
    amber = sum(pair.needs_help and not pair.red for pair in data.flagged_pairs)
    return Figure("amber", _("Amber pairs"), definition, amber, len(data.facts))


@figure
def time_to_recovery(data: ProgramData) -> Figure:
    rows = Flag.objects.filter(pair__program=data.program, level=Flag.Level.RED, cleared_at__isnull=False)
    rows = rows.exclude(rule__in=(*PAIR_ONLY, FlagRule.NOT_GOING_WELL))
    moments = rows.values_list("raised_at", "cleared_at")
    days = [(cleared - raised).total_seconds() / 86400 for raised, cleared in moments]
    typical = median_or_none(days)
    definition = _("Median days until a red flag, by dates and counts, was cleared; all since the program began.")
    return Figure("recovery", _("Time to recovery"), definition, typical and round(typical, 1), len(days), DAYS)


@figure
def over_capacity(data: ProgramData) -> Figure:
    rows = data.program.enrollments.current().with_pairs(Enrollment.Role.MENTOR)
    over = rows.filter(pairs_now__gt=F("capacity")).count()
    definition = _("Mentors who have more mentees today than their capacity.")
    return Figure("load", _("Over capacity"), definition, over, rows.count())


@figure
def mentor_contacts(data: ProgramData) -> Figure:
    count = MentorContact.objects.filter(
        program=data.program, created_at__gte=data.program.start_of(data.period_start)
    ).count()
    definition = _("Contacts between an admin and a mentor logged in the last 28 days.")
    return Figure("contacts", _("Mentor contacts"), definition, count, count)


@figure
def closing_sessions(data: ProgramData) -> Figure:
    ended = data.all_pairs.filter(ended_at__isnull=False)
    closing = Session.objects.filter(pair=OuterRef("pk"), kind=AgendaTemplate.Kind.CLOSING).held()
    with_one, n = ended.filter(Exists(closing)).count(), ended.count()
    definition = _("Share of all ended pairs that held a closing session.")
    return Figure("closing", _("Closing sessions"), definition, percentage(with_one, n), n, PERCENT)


@figure
def worth_the_time(data: ProgramData) -> Figure:
    """Return the median of the answers people gave when their pair ended."""
    answers = ExitAnswer.objects.filter(pair__program=data.program).values_list("user", "pk", "rating")
    median_answer, n = publish(data.program, "worth", answers)
    definition = _(
        "Median answer to “Was it worth your time?”, asked when a pair ends (1 to 5). Updated in steps of five people."
    )
    return Figure("worth", _("Worth the time"), definition, median_answer, n)


@figure
def outcomes_per_pair(data: ProgramData) -> Figure:
    n = data.all_pairs.filter(ended_at__isnull=False).count()
    count = Outcome.objects.filter(pair__program=data.program, pair__ended_at__isnull=False).current().count()
    definition = _("Average number of outcomes noted per ended pair.")
    return Figure("outcomes", _("Outcomes per pair"), definition, round(count / n, 1) if n else None, n)


def take_snapshot(program: Program, today: date) -> Snapshot:
    """Count all figures and store them as today's, each with its value 28 days before."""
    earlier = program.snapshots.filter(taken_on__lte=today - PERIOD, taken_on__gt=today - PERIOD - STALE).first()
    was = {row.key: row.value for row in figures_in(earlier)}
    rows = [row if row.before is not None else replace(row, before=was.get(row.key)) for row in figures(program, today)]
    with translation.override("en"):  # as the messages that `figures_in` translates
        kept = [asdict(row) | {name: str(getattr(row, name)) for name in TEXTS} for row in rows]
    values = {"figures": kept}
    history = History(program, Pair.objects.filter(program=program), today)
    values |= {"weeks": [week.as_json() for week in history.weeks], "states": history.recent_states}
    values |= {"funnel": funnel(program), "load": mentor_load(program), "updated_at": timezone.now()}
    return Snapshot.objects.update_or_create(program=program, taken_on=today, defaults=values)[0]


def figures_in(snapshot: Snapshot | None) -> list[Figure]:
    """Return the figures of a snapshot in the current language; an old one stored its units with a space."""
    rows = snapshot.figures if snapshot else []
    texts = [{name: gettext(row[name]) for name in TEXTS} for row in rows]
    return [Figure(**row | text | {"unit": row["unit"].strip()}) for row, text in zip(rows, texts, strict=True)]


def figures_table(rows: list[Figure]) -> tuple[list[str], list[list]]:
    """Return figures with their definitions for a file: headings and rows."""
    headings = [gettext("Figure"), gettext("Value"), gettext("n"), gettext("28 days earlier"), gettext("Definition")]
    values = (["" if value is None else value for value in (row.value, row.n, row.before)] for row in rows)
    return headings, [[row.name, *numbers, row.definition] for row, numbers in zip(rows, values, strict=True)]


# --- Steps and load ---


def funnel(program: Program) -> list[tuple[str, int]]:
    """Return how many mentees reached each step from the invitation to the third session."""
    mentees = program.enrollments.filter(role=Enrollment.Role.MENTEE)
    pairs = Pair.objects.filter(program=program)
    held = Session.objects.filter(pair__program=program).held().exclude(kind=AgendaTemplate.Kind.CHECK_IN)
    meetings = dict(held.order_by().values_list("pair__mentee").annotate(n=Count("pk")))
    return [
        ("invited", mentees.values("user").distinct().count()),
        ("joined", mentees.filter(accepted_at__isnull=False).values("user").distinct().count()),
        ("matched", pairs.values("mentee").distinct().count()),
        ("met", len(meetings)),
        ("met three times", sum(n >= 3 for n in meetings.values())),
    ]


MOST_ROOM, NAMED = 3, 9


def mentor_load(program: Program) -> list[tuple[int, int, list[int]]]:
    """Return, by room for mentees (-1: over capacity), the number of mentors and the keys of some of them."""
    rows = program.enrollments.current().with_pairs(Enrollment.Role.MENTOR).order_by("user__folded_name", "user")
    found = {room: [] for room in (0, 1, 2, MOST_ROOM, -1)}
    for user, pairs, capacity in rows.values_list("user", "pairs_now", "capacity"):
        found[max(-1, min(MOST_ROOM, capacity - pairs))].append(user)
    return [(room, len(users), users[:NAMED] if room else []) for room, users in found.items()]
