"""The figures of a program: counts, shares and medians, each with its definition, how many it is made of, and a trend.

Made of dates, states and counts alone. What people said of themselves (the pulse) is told from five people on.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from statistics import mean, median

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.anonymity import tell
from dashboard.facts import facts_of
from dashboard.models import PAIR_ONLY, Flag, MentorContact, Snapshot
from dashboard.support import flagged, flags_on
from goals.models import Commitment, CommitmentEvent, Goal, Indicator, Outcome
from mentoring.models import Enrollment, ExitAnswer, Pair, PairPulse, Program
from mentoring.models.pulse import OPEN_FOR, rounds
from sessions.models import AgendaItem, AgendaTemplate, Session, SessionCommitment
from sessions.planning import rhythms

PERIOD = timedelta(days=28)
STALE = timedelta(days=7)  # nights without counting after which an older figure is no comparison
CARRIED_OFTEN = 3
ALIVE = timedelta(days=45)  # an indicator with a value this recent


@dataclass(frozen=True)
class Figure:
    """`value` is None where there is nothing to count, or too few people to tell; `n` is what it is made of."""

    key: str
    name: str
    definition: str
    value: float | None
    n: int
    unit: str = ""
    before: float | None = None  # the same, 28 days earlier
    aim: str = ""

    @property
    def said(self) -> str:
        if self.value is None:
            return "–"
        number = f"{self.value:.1f}".removesuffix(".0")
        return f"{number}{self.unit}"

    @property
    def trend(self) -> str:
        """ "more", "less", "same", or empty where there is nothing to compare with."""
        if self.value is None or self.before is None:
            return ""
        return "same" if self.value == self.before else "more" if self.value > self.before else "less"


def share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def middle(values: Iterable[float]) -> float | None:
    values = list(values)
    return median(values) if values else None


@dataclass
class Now:
    """What all figures of a program read, once."""

    program: Program
    today: date

    def __post_init__(self):
        pairs = Pair.objects.filter(program=self.program)
        self.running = list(pairs.active().with_people())
        self.facts = list(facts_of(self.running, self.today))
        self.active = [facts for facts in self.facts if not facts.paused]
        self.all_pairs = pairs
        self.since = self.today - PERIOD  # the last day before the period
        self.first = self.since + timedelta(days=1)
        # Without A7: an admin who is one of the two would learn from a count what the other said.
        self.flagged = flagged(flags_on(pairs.active(), self.today).exclude(rule="A7"))


FIGURES: list[Callable[[Now], Figure]] = []


def figure(function):
    FIGURES.append(function)
    return function


def figures(program: Program, today: date) -> list[Figure]:
    now = Now(program, today)
    return [of(now) for of in FIGURES]


@figure
def active_pairs(now: Now) -> Figure:
    said = _("Running pairs that do not pause.")
    return Figure("active", _("Active pairs"), said, len(now.active), len(now.facts))


@figure
def paused_pairs(now: Now) -> Figure:
    said = _("Running pairs that pause today.")
    return Figure("paused", _("Paused pairs"), said, len(now.facts) - len(now.active), len(now.facts))


@figure
def match_rate(now: Now) -> Figure:
    """People in a running pair ÷ people enrolled as mentor or mentee."""
    people = now.program.enrollments.here().exclude(role=Enrollment.Role.ADMIN).values_list("user", flat=True)
    enrolled = set(people)
    paired = {person for pair in now.running for person in (pair.mentor_id, pair.mentee_id)} & enrolled
    said = _("People in a running pair, of all mentors and mentees.")
    return Figure("match", _("Match rate"), said, share(len(paired), len(enrolled)), len(enrolled), " %", aim="≥ 70 %")


@figure
def waiting(now: Now) -> Figure:
    rows = now.program.enrollments.here().filter(role=Enrollment.Role.MENTEE).with_pairs().filter(pairs_now=0)
    invited = (
        now.program.date_of(at) for at in rows.filter(invited_at__isnull=False).values_list("invited_at", flat=True)
    )
    days = [max(0, (now.today - on).days) for on in invited]
    said = _("Mentees without a mentor: the median of days since they were invited.")
    return Figure("waiting", _("Waiting time"), said, middle(days), len(days), _(" days"))


@figure
def time_to_first(now: Now) -> Figure:
    rows = Session.objects.filter(pair__program=now.program).held().exclude(kind=AgendaTemplate.Kind.CHECK_IN)
    first = {}
    for pair, start, at in rows.order_by("starts_at").values_list("pair", "pair__started_on", "local_start"):
        first.setdefault(pair, max(0, (at.date() - start).days))
    said = _("From pairing to the first session that was held: the median over all pairs that had one.")
    return Figure(
        "first", _("Time to first session"), said, middle(first.values()), len(first), _(" days"), aim=_("≤ 14 days")
    )


@figure
def cadence_kept(now: Now) -> Figure:
    found = [one.adherence for one in rhythms([f.pair for f in now.active], now.today).values() if one.adherence]
    held, expected = sum(one.held for one in found), sum(one.expected for one in found)
    said = _("Sessions held, of those the agreed rhythm expects in the last two intervals.")
    return Figure("cadence", _("Cadence adherence"), said, share(held, expected), expected, " %", aim="≥ 80 %")


@figure
def held(now: Now) -> Figure:
    rows = Session.objects.filter(pair__program=now.program).held()
    count = rows.planned_between(now.first).count()
    before = rows.planned_between(now.first - PERIOD, now.since).count()
    said = _("Sessions held in the last 28 days, as at least one of the two said.")
    return Figure("held", _("Sessions held"), said, count, count, before=before)


@figure
def confirmed(now: Now) -> Figure:
    rows = Session.objects.filter(pair__program=now.program).held().planned_between(now.first)
    rows = rows.annotate(met=Count("answers", filter=Q(answers__met=True)))
    both, n = rows.filter(met=2).count(), rows.count()
    said = _("Of the sessions held in the last 28 days, those that both said took place.")
    return Figure("both", _("Confirmed by both"), said, share(both, n), n, " %")


@figure
def unconfirmed(now: Now) -> Figure:
    rows = Session.objects.filter(pair__program=now.program, canceled_at=None, skipped_at=None)
    rows = rows.planned_between(now.first).filter(ends_at__lt=now.program.start_of(now.today))
    open_, n = rows.filter(held_at=None).count(), rows.count()
    said = _("Sessions of the last 28 days of which nobody, or only one against the other, said that they took place.")
    return Figure("unconfirmed", _("Unconfirmed sessions"), said, open_, n)


@figure
def no_next_date(now: Now) -> Figure:
    without = sum(not facts.planned for facts in now.active)
    said = _("Active pairs without a planned session.")
    return Figure("no next", _("Without a next date"), said, without, len(now.active))


@figure
def commitments_a_session(now: Now) -> Figure:
    rows = Session.objects.filter(pair__program=now.program).held().planned_between(now.first)
    made = SessionCommitment.objects.filter(session__in=rows).count()
    n = rows.count()
    said = _("Commitments made in the sessions of the last 28 days, for each session.")
    return Figure("made", _("Commitments a session"), said, round(made / n, 1) if n else None, n, aim="1–3")


@figure
def kept_in_time(now: Now) -> Figure:
    kept, counted = Commitment.objects.filter(pair__program=now.program).kept_of_counted(now.since, now.today)
    before = Commitment.objects.filter(pair__program=now.program).kept_of_counted(now.since - PERIOD, now.since)
    said = _("Commitments due in the last 28 days that were done, or moved before their day.")
    return Figure("kept", _("Kept in time"), said, share(kept, counted), counted, " %", share(*before))


@figure
def renegotiated(now: Now) -> Figure:
    due = Commitment.objects.filter(pair__program=now.program).came_due(now.since, now.today)
    moves = CommitmentEvent.objects.filter(commitment=OuterRef("pk"), kind=CommitmentEvent.Kind.MOVED, undone_at=None)
    moved, n = due.filter(Exists(moves)).count(), due.count()
    said = _("Commitments due in the last 28 days whose day was moved at least once.")
    return Figure("moved", _("Moved to another day"), said, share(moved, n), n, " %")


@figure
def carried(now: Now) -> Figure:
    rows = AgendaItem.objects.filter(pair__in=now.running).open()
    often = rows.with_carried().filter(carried__gte=CARRIED_OFTEN).count()
    said = _("Topics that came along three times or more without being talked about.")
    return Figure("carried", _("Carried three times"), said, often, rows.count())


@figure
def agreed(now: Now) -> Figure:
    said = _("Running pairs in which both agreed how they work together.")
    count = sum(facts.agreed for facts in now.facts)
    return Figure("agreed", _("Agreed"), said, share(count, len(now.facts)), len(now.facts), " %")


@figure
def goals_linked(now: Now) -> Figure:
    goals = Goal.objects.filter(pair__in=now.running).active()
    linked = goals.filter(priorities__isnull=False).values("pk").distinct().count()
    n = goals.count()
    said = _("Active goals that name a priority of the program.")
    return Figure("linked", _("Goals with a priority"), said, share(linked, n), n, " %")


@figure
def indicators_alive(now: Now) -> Figure:
    rows = Indicator.objects.filter(pair__in=now.running).current().entered()
    alive = rows.filter(readings__on__gt=now.today - ALIVE).values("pk").distinct().count()
    n = rows.count()
    said = _("Indicators that got a value in the last 45 days.")
    return Figure("indicators", _("Indicators alive"), said, share(alive, n), n, " %")


@figure
def pulse_median(now: Now) -> Figure:
    """The newest answer of each person."""
    rows = PairPulse.objects.filter(pair__in=now.running).order_by("asked_on")
    newest = {(row.pair_id, row.user_id): (row.user_id, row.pk, row.lowest) for row in rows}
    told, n = tell(now.program, "pulse", newest.values())
    said = _("The median of each person’s newest, lower answer to the pulse (1 to 5). In steps of five people.")
    return Figure("pulse", _("Pulse"), said, told, n)


@figure
def answer_rate(now: Now) -> Figure:
    """Who answered, of those who were asked; never what. Open rounds are left out: they would show who still has to."""
    closed = {
        facts.pair: [on for on in rounds(facts.pair.started_on, now.today) if on + OPEN_FOR < now.today]
        for facts in now.active
    }
    answered = set(PairPulse.objects.filter(pair__in=closed).values_list("pair", "user", "asked_on"))
    people = [
        (person, pair.pk, int((pair.pk, person, asked_on) in answered))
        for pair, days in closed.items()
        for asked_on in days[-1:]
        for person in (pair.mentor_id, pair.mentee_id)
    ]
    part, n = tell(now.program, "answers", people, mean)
    said = _("Pulse answers in the last finished round of each active pair, of those asked. In steps of five people.")
    return Figure("answers", _("Pulse answered"), said, part and round(100 * part, 1), n, " %")


@figure
def red_pairs(now: Now) -> Figure:
    said = _("Running pairs that are red by dates and counts. What people said of themselves is not in it.")
    red = sum(pair.red for pair in now.flagged)
    return Figure("red", _("Red pairs"), said, red, len(now.facts))


@figure
def amber_pairs(now: Now) -> Figure:
    said = _("Running pairs that are amber by dates and counts, paperwork left out.")
    amber = sum(pair.helps and not pair.red for pair in now.flagged)
    return Figure("amber", _("Amber pairs"), said, amber, len(now.facts))


@figure
def recovery(now: Now) -> Figure:
    rows = Flag.objects.filter(pair__program=now.program, level=Flag.Level.RED, cleared_at__isnull=False)
    rows = rows.exclude(rule__in=(*PAIR_ONLY, "A7"))
    days = [(cleared - since).total_seconds() / 86400 for since, cleared in rows.values_list("since", "cleared_at")]
    told = middle(days)
    said = _("From a red flag, by dates and counts, to its end: the median of days.")
    return Figure("recovery", _("Time to recovery"), said, told and round(told, 1), len(days), _(" days"))


@figure
def load(now: Now) -> Figure:
    rows = now.program.enrollments.here().filter(role=Enrollment.Role.MENTOR).with_pairs()
    over = rows.filter(pairs_now__gt=F("capacity")).count()
    said = _("Mentors with more mentees than they have room for.")
    return Figure("load", _("Over capacity"), said, over, rows.count())


@figure
def contacts(now: Now) -> Figure:
    count = MentorContact.objects.filter(program=now.program, at__gte=now.program.start_of(now.first)).count()
    said = _("How often an admin was in touch with a mentor in the last 28 days.")
    return Figure("contacts", _("Contacts with mentors"), said, count, count)


@figure
def closings(now: Now) -> Figure:
    ended = now.all_pairs.filter(ended_at__isnull=False)
    closing = Session.objects.filter(pair=OuterRef("pk"), kind=AgendaTemplate.Kind.CLOSING).held()
    with_one, n = ended.filter(Exists(closing)).count(), ended.count()
    said = _("Ended pairs that held a closing session.")
    return Figure("closing", _("Closed with a session"), said, share(with_one, n), n, " %")


@figure
def worth_it(now: Now) -> Figure:
    """What people said at the end."""
    answers = ExitAnswer.objects.filter(pair__program=now.program).values_list("user", "pk", "worth")
    told, n = tell(now.program, "worth", answers)
    said = _("“Was it worth your time?”, asked at the end: the median (1 to 5). In steps of five people.")
    return Figure("worth", _("Worth the time"), said, told, n)


@figure
def outcomes(now: Now) -> Figure:
    n = now.all_pairs.filter(ended_at__isnull=False).count()
    count = Outcome.objects.filter(pair__program=now.program, pair__ended_at__isnull=False).current().count()
    said = _("Outcomes noted, for each ended pair.")
    return Figure("outcomes", _("Outcomes a pair"), said, round(count / n, 1) if n else None, n)


def count(program: Program, today: date) -> Snapshot:
    """Count all figures and keep them as today's, each beside what it was 28 days before."""
    earlier = program.snapshots.filter(on__lte=today - PERIOD, on__gt=today - PERIOD - STALE).first()
    was = {row.key: row.value for row in kept_figures(earlier)}
    rows = [row if row.before is not None else replace(row, before=was.get(row.key)) for row in figures(program, today)]
    kept = [asdict(row) | {"name": str(row.name), "definition": str(row.definition)} for row in rows]
    steps = [[str(name), n] for name, n in funnel(program)]
    said = {"figures": [{k: str(v) if k in ("unit", "aim") else v for k, v in row.items()} for row in kept]}
    said |= {"funnel": steps, "at": timezone.now()}
    return Snapshot.objects.update_or_create(program=program, on=today, defaults=said)[0]


def kept_figures(snapshot: Snapshot | None) -> list[Figure]:
    return [Figure(**row) for row in snapshot.figures] if snapshot else []


# --- The funnel ---


def funnel(program: Program) -> list[tuple[str, int]]:
    """How far people came, each step a part of the one before."""
    people = program.enrollments.exclude(role=Enrollment.Role.ADMIN)
    pairs = Pair.objects.filter(program=program)
    met = Session.objects.filter(pair=OuterRef("pk")).held()
    third = Session.objects.filter(pair__program=program).held().values("pair").annotate(n=Count("pk")).filter(n__gte=3)
    return [
        (_("Invited"), people.values("user").distinct().count()),
        (_("Came in"), people.filter(accepted_at__isnull=False).values("user").distinct().count()),
        (_("Pairs"), pairs.count()),
        (_("Had a first session"), pairs.filter(Exists(met)).count()),
        (_("Had three"), third.count()),
        (_("Ended with a closing session"), pairs.filter(Exists(met.filter(kind=AgendaTemplate.Kind.CLOSING))).count()),
    ]
