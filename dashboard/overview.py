"""How a program is doing: headline figures, charts, and the state of each pair by week, from last night's snapshot."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Min, Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core.charts import BarChart, Chart, Line
from core.drawing import short_date
from core.folding import folded
from core.formatting import number
from core.http import whole_number
from dashboard.attention import pairs_managed_by
from dashboard.figures import figures_in, figures_table
from dashboard.models import Snapshot
from dashboard.weeks import HELP, NOT_RUNNING, ON_TRACK, PAUSED, WATCH, WEEK, WEEKS_SHOWN, History, Week, monday_of
from mentoring.csv_export import workbook
from mentoring.models import Pair, Pause, Program
from sessions.models import Session

FOUR = 4  # weeks in each of the two periods that are compared
SPARK_WEEKS = 12
AIM_KEPT, AIM_FIRST = 70, 14
PAIRS_SHOWN, MOST_PAIRS = 16, 256
NARROW = 11  # weeks on a narrow screen
OWN_PAIRS = 20  # of an admin, at most
MOST_LISTED = 50  # mentors; of more, the name is typed
PERIODS = {"4": gettext_lazy("4 weeks"), "16": gettext_lazy("16 weeks"), "all": gettext_lazy("All")}
STATES = {
    ON_TRACK: gettext_lazy("On track"),
    WATCH: gettext_lazy("Watch"),
    HELP: gettext_lazy("Needs attention"),
    PAUSED: gettext_lazy("Paused"),
    NOT_RUNNING: gettext_lazy("Not started"),
}


@dataclass(frozen=True)
class Filters:
    """What the charts show: the pairs of one mentor or of all, in a period. They are kept in the address."""

    mentor: int | None
    period: str
    pairs: int = PAIRS_SHOWN

    @classmethod
    def read(cls, query, mentors: dict[int, str]) -> "Filters":
        """Read the filters; the mentor is given by key or by a part of the name."""
        period, pairs = query.get("period", ""), query.get("pairs", "")
        mentor = folded(query.get("mentor", "").strip())
        found = [pk for pk, name in mentors.items() if mentor in (str(pk), folded(name))]
        found += [pk for pk, name in mentors.items() if mentor and mentor in folded(name)]
        shown = min(MOST_PAIRS, int(pairs)) if pairs.isascii() and pairs.isdigit() and len(pairs) < 6 else 0
        period = period if period in PERIODS else str(WEEKS_SHOWN)
        return cls(found[0] if found else None, period, max(PAIRS_SHOWN, shown))

    @property
    def weeks(self) -> int | None:
        return None if self.period == "all" else int(self.period)


@dataclass(frozen=True)
class Stat:
    """A headline figure with its change and its shape over the last weeks."""

    title: str
    value: str
    unit: str
    note: str
    series: list[float | None]
    change: str = ""
    arrow: str = ""  # up or down
    better: bool = True
    is_time: bool = False  # the change says by itself which way it went
    part: int = 0  # of a share
    whole: int = 0


@dataclass(frozen=True)
class Step:
    """One bar of a list of bars, with what is missing to the next one."""

    label: str
    n: int
    whole: int
    gap: str = ""
    action: str = ""
    url: str = ""
    kind: str = ""


@dataclass(frozen=True)
class HeatRow:
    """A pair with its state in each week, and why it has its present one."""

    mentee: str
    mentor: str
    cells: SafeString  # of the table
    now: str


def draw_cells(states: list[str]) -> list[SafeString]:
    """Return the cells of each row; the first ones are left out on a narrow screen."""
    html = '<td class="{}{}"><i class="cell"></i><i class="visually-hidden">{}</i></td>'
    drawn = {
        (state, is_early): format_html(html, state, " early" if is_early else "", word)
        for state, word in STATES.items()
        for is_early in (False, True)
    }
    found = []
    for row in states:
        early = len(row) - NARROW
        found.append(format_html_join("", "{}", ((drawn[state, n < early],) for n, state in enumerate(row))))
    return found


@dataclass
class Overview:
    """The figures and charts of a program, as an admin sees them."""

    program: Program
    admin: User
    today: date
    snapshot: Snapshot | None
    filters: Filters
    headlines: dict[int, str] = field(default_factory=dict)  # the rule in words, of the pairs that need attention

    @cached_property
    def history(self) -> History:
        """The weeks of one mentor's pairs, without the admin's own."""
        pairs = Pair.objects.filter(program=self.program, mentor=self.filters.mentor).exclude(mentee=self.admin)
        return History(self.program, pairs, self.today)

    @cached_property
    def weeks(self) -> list[Week]:
        if self.filters.mentor:
            return self.history.weeks
        return [Week.from_json(row) for row in self.snapshot.weeks] if self.snapshot else []

    @property
    def past(self) -> list[Week]:
        """The weeks that are over."""
        return self.weeks[:-1]

    @property
    def shown(self) -> list[Week]:
        return self.past[-self.filters.weeks :] if self.filters.weeks else self.past

    # --- Headline figures ---

    @property
    def stats(self) -> list[Stat]:
        return [self.held, self.kept, self.on_track, self.first_session] if self.past else []

    @property
    def held(self) -> Stat:
        note = _("%(n)s of %(expected)s expected.")
        return self.share(_("Sessions held"), "held", "expected", note)

    @property
    def kept(self) -> Stat:
        return self.share(_("Commitments kept"), "kept", "due", _("%(n)s of %(expected)s due."))

    def share(self, title: str, part: str, whole: str, note: str) -> Stat:
        """Return the share of the last four weeks, compared with the four before."""

        def totals(weeks: list[Week]) -> tuple[int, int]:
            return sum(getattr(week, part) for week in weeks), sum(getattr(week, whole) for week in weeks)

        n, of = totals(self.past[-FOUR:])
        now, before = rounded_share(n, of), rounded_share(*totals(self.past[-2 * FOUR : -FOUR]))
        series = [rounded_share(*totals(self.past[max(0, i - FOUR) : i])) for i in range(1, len(self.past) + 1)]
        change = points_changed(now, before)
        text = ngettext("%(n)s point", "%(n)s points", abs(change)) % {"n": abs(change)}
        facts = {"n": n, "expected": of}
        if change:
            note = _("compared with the 4 weeks before.") + " " + note
        return Stat(
            title,
            "–" if now is None else f"{now}%",
            "",
            note % facts,
            series[-SPARK_WEEKS:],
            text if change else "",
            "up" if change > 0 else "down",
            change > 0,
            part=n,
            whole=of,
        )

    @property
    def on_track(self) -> Stat:
        now, before = self.weeks[-1], self.weeks[-1 - FOUR] if len(self.weeks) > FOUR else None
        change = now.on_track - before.on_track if before and before.pairs else 0
        text = ngettext("%(n)s pair", "%(n)s pairs", abs(change)) % {"n": abs(change)}
        note = _("Paused pairs don’t count.")
        return Stat(
            _("Pairs on track"),
            str(now.on_track),
            _("of %(n)s") % {"n": now.pairs},
            since_then(change, _("compared with 4 weeks ago."), before and before.pairs) + note,
            [week.on_track for week in self.weeks[-SPARK_WEEKS:]],
            text if change else "",
            "up" if change > 0 else "down",
            change > 0,
        )

    @property
    def first_session(self) -> Stat:
        now, before = self.weeks[-1], self.weeks[-1 - FOUR] if len(self.weeks) > FOUR else None
        known = before and before.first_days is not None and now.first_days is not None
        change = now.first_days - before.first_days if known else 0
        days = number(abs(change))
        faster = ngettext("%(n)s day faster", "%(n)s days faster", 1 if days == "1" else 2) % {"n": days}
        slower = ngettext("%(n)s day slower", "%(n)s days slower", 1 if days == "1" else 2) % {"n": days}
        note = ngettext("Median of %(n)s pair; aim %(aim)s.", "Median of %(n)s pairs; aim %(aim)s.", now.first_n)
        note = note % {"n": now.first_n, "aim": AIM_FIRST}
        some = now.first_days is not None
        return Stat(
            _("Time to first session"),
            number(now.first_days) if some else "–",
            ngettext("day", "days", 1 if now.first_days == 1 else 2) if some else "",
            since_then(change, _("than 4 weeks ago."), known) + note,
            [week.first_days for week in self.weeks[-SPARK_WEEKS:]],
            (faster if change < 0 else slower) if change else "",
            "down" if change < 0 else "up",
            change < 0,
            is_time=True,
        )

    # --- Charts ---

    @property
    def sessions_chart(self) -> BarChart:
        points = [(week.monday, week.held, week.expected) for week in self.shown]
        return BarChart(_("Held"), _("Expected by the agreed rhythm"), points)

    @property
    def sessions_label(self) -> str:
        last = self.past[-1]
        return _("Last week: %(n)s of %(expected)s") % {"n": last.held, "expected": last.expected}

    @property
    def sessions_sentence(self) -> str:
        held, expected = sum(week.held for week in self.shown), sum(week.expected for week in self.shown)
        weeks = len(self.shown)
        text = ngettext(
            "%(held)s of %(expected)s expected sessions were held in %(n)s week.",
            "%(held)s of %(expected)s expected sessions were held in %(n)s weeks.",
            weeks,
        )
        return text % {"held": held, "expected": expected, "n": weeks}

    @property
    def kept_chart(self) -> Chart:
        points = [(week.monday, float(rounded_share(week.kept, week.due))) for week in self.shown if week.due]
        return Chart([Line("", points)], AIM_KEPT, most=100, unit="%", target_name=_("Aim"), with_trend=False)

    @property
    def kept_sentence(self) -> str:
        kept, due = sum(week.kept for week in self.shown), sum(week.due for week in self.shown)
        return _("%(kept)s of %(due)s were done or moved in time. The aim is %(aim)s%%.") % {
            "kept": kept,
            "due": due,
            "aim": AIM_KEPT,
        }

    # --- Steps and load, of the whole program ---

    @property
    def funnel(self) -> list[Step]:
        steps = [(name, n) for name, n in self.snapshot.funnel] if self.snapshot else []
        if [name for name, _n in steps] != list(FUNNEL):  # counted by an earlier version
            return []
        found = []
        for (name, n), (_next, later) in zip(steps, [*steps[1:], ("", 0)], strict=True):
            step, missing = FUNNEL[name], n - later
            gap = step.gap(missing) if step.gap and missing > 0 else ""
            if name == "joined" and (waiting := self.waiting):
                gap = f"{gap} {waiting}".strip()
            url = reverse(step.url, args=[self.program.pk]) if step.url and gap else ""
            found.append((str(step.label), n, gap, str(step.action), url))
        # The gap is named at the step that some have not reached.
        gaps = [("", "", ""), *((gap, action, url) for _label, _n, gap, action, url in found)]
        whole = steps[0][1]
        return [Step(label, n, whole, *gaps[i]) for i, (label, n, *_rest) in enumerate(found)]

    @property
    def waiting(self) -> str:
        """How many wait for a match now, as on the pages of people and matching; also those whose pair ended."""
        n = self.program.enrollments.current().unpaired_mentees().count()
        text = ngettext("%(n)s mentee is waiting for a match.", "%(n)s mentees are waiting for a match.", n)
        return text % {"n": n} if n else ""

    @property
    def load(self) -> list[Step]:
        rows = self.snapshot.load if self.snapshot else []
        names = dict(User.objects.filter(pk__in={pk for row in rows for pk in row[2]}).values_list("pk", "name"))
        whole = sum(n for _room, n, _some in rows)
        found = []
        for room, n, some in rows:
            listed = [names[pk].split()[0] for pk in some if names.get(pk)]
            more = n - len(listed)
            if more > 0 and listed:
                listed.append(ngettext("%(n)s more", "%(n)s more", more) % {"n": more})
            kind = {0: "full", -1: "over"}.get(room, "")
            found.append(Step(room_label(room), n, whole, get_text_list(listed, _("and")) if listed else "", kind=kind))
        return found

    @property
    def load_note(self) -> str:
        rows = self.snapshot.load if self.snapshot else []
        mentors = sum(n for _room, n, _some in rows)
        return ngettext("%(n)s mentor", "%(n)s mentors", mentors) % {"n": mentors}

    # --- Pairs by week ---

    @cached_property
    def states(self) -> dict[int, str]:
        """Return a letter for each week of each pair, without the admin's own pairs."""
        stored = self.snapshot.states if self.snapshot else {}
        found = self.history.recent_states if self.filters.mentor else stored
        keep = (self.filters.weeks or WEEKS_SHOWN) + 1
        return {int(pk): states[-keep:] for pk, states in found.items()}

    @property
    def mondays(self) -> list[tuple[str, bool, bool]]:
        """Return the first day of each column, whether its label is shown, and whether it is an early one."""
        n = len(next(iter(self.states.values()), ""))
        last = monday_of(self.snapshot.taken_on if self.snapshot and not self.filters.mentor else self.today)
        return [(short_date(last - (n - 1 - i) * WEEK), i % 4 == 0 and i < n - 2, i < n - NARROW) for i in range(n)]

    @cached_property
    def own_pairs(self) -> dict[int, tuple[str, str]]:
        """Return the names of both people of the pairs that this admin may see, by pair."""
        pairs = pairs_managed_by(self.program, self.admin).filter(
            pk__in=self.worst_first[: self.filters.pairs + OWN_PAIRS]
        )
        return {pk: names for pk, *names in pairs.values_list("pk", "mentee__name", "mentor__name")}

    @cached_property
    def worst_first(self) -> list[int]:
        order = {HELP: 0, WATCH: 1, PAUSED: 2}

        def badness(pk: int) -> tuple:
            states = self.states[pk]
            weight = 2 * states.count(HELP) + states.count(WATCH)
            return order.get(states[-1:], 3), -weight, pk

        return sorted(self.states, key=badness)

    @cached_property
    def heat(self) -> list[HeatRow]:
        now = self.reasons(self.heat_pairs)
        cells = draw_cells([self.states[pk] for pk in self.heat_pairs])
        return [HeatRow(*self.own_pairs[pk], row, now[pk]) for pk, row in zip(self.heat_pairs, cells, strict=True)]

    @property
    def more_pairs(self) -> int:
        """Return how many pairs the page shows with the next press; 0 if all are shown."""
        shown = self.filters.pairs
        return min(MOST_PAIRS, 2 * shown) if shown < min(len(self.states), MOST_PAIRS) else 0

    @cached_property
    def heat_pairs(self) -> list[int]:
        return [pk for pk in self.worst_first if pk in self.own_pairs][: self.filters.pairs]

    def reasons(self, pairs: list[int]) -> dict[int, str]:
        """Say why each pair has its present state: a rule, the end of a pause, or the next session."""
        found = {}
        ahead = Session.objects.to_come().filter(pair__in=pairs).order_by().values_list("pair")
        for pk, at in ahead.annotate(first=Min("local_start")):
            found[pk] = _("Next session %(day)s") % {"day": short_date(at.date())}
        pauses = Pause.objects.filter(pair__in=pairs, from_on__lte=self.today, resume_on__gt=self.today)
        for pk, until in pauses.values_list("pair", "resume_on"):
            found[pk] = _("Paused until %(day)s") % {"day": short_date(until)}
        return {pk: self.headlines.get(pk) or found.get(pk, _("No session scheduled")) for pk in pairs}


def rounded_share(part: int, whole: int) -> int | None:
    """Return a share in percent, or None of nothing. More sessions than expected count as all of them."""
    return min(100, round(100 * part / whole)) if whole else None


def since_then(change: float, words: str, known) -> str:
    """Return the words after a change, or that there is none if the earlier figure is known."""
    return f"{words} " if change else _("Same as 4 weeks ago.") + " " if known else ""


def points_changed(now: int | None, before: int | None) -> int:
    return now - before if now is not None and before is not None else 0


def room_label(room: int) -> str:
    return {
        -1: _("Over capacity"),
        0: _("Full"),
        1: _("Room for one"),
        2: _("Room for two"),
    }.get(room, _("Room for three or more"))


@dataclass(frozen=True)
class FunnelStep:
    label: str
    gap: object = None  # a function of the number of people who have not reached the next step
    action: str = ""
    url: str = ""


FUNNEL = {
    "invited": FunnelStep(
        gettext_lazy("Invited"),
        lambda n: ngettext("%(n)s hasn’t signed in.", "%(n)s haven’t signed in.", n) % {"n": n},
        gettext_lazy("Resend invitations"),
        "invitation_list",
    ),
    "joined": FunnelStep(
        gettext_lazy("Signed in"),
        lambda n: ngettext("%(n)s has never been matched.", "%(n)s have never been matched.", n) % {"n": n},
        gettext_lazy("Open matching"),
        "matching",
    ),
    "matched": FunnelStep(
        gettext_lazy("Matched"),
        lambda n: ngettext("%(n)s has had no session yet.", "%(n)s have had no session yet.", n) % {"n": n},
        gettext_lazy("Show pairs"),
        "program_detail",
    ),
    "met": FunnelStep(
        gettext_lazy("Met once"),
        lambda n: ngettext("%(n)s met once or twice.", "%(n)s met once or twice.", n) % {"n": n},
    ),
    "met three times": FunnelStep(gettext_lazy("Met three times")),
}


def week_of(program: Program, today: date) -> tuple[int, int]:
    """Return the number of the present week of the program, and how many it has."""
    last = max(1, -(-((program.ends_on - program.starts_on).days) // 7))
    return min(last, max(1, (today - program.starts_on).days // 7 + 1)), last


def mentors_of(program: Program, admin: User, asked: str) -> tuple[dict[int, str], bool]:
    """Return the mentors of running pairs by name, without the admin, and whether they are more than a list shows.

    In that case, only those whose key or name matches what was asked.
    """
    pairs = pairs_managed_by(program, admin).order_by()
    listed = list(pairs.values_list("mentor", flat=True).distinct()[: MOST_LISTED + 1])
    if too_many := len(listed) > MOST_LISTED:
        name = folded(asked.replace("\0", "").strip())
        known = Q(mentor=whole_number(asked)) | Q(mentor__folded_name__contains=name)
        listed = pairs.filter(known).values("mentor") if name else []
    people = User.objects.filter(pk__in=listed).order_by("folded_name", "pk")
    return dict(people.values_list("pk", "name")), too_many


def overview_file(program: Program, admin: User, today: date) -> tuple[str, bytes]:
    """Return the name and content of an XLSX file with what the overview exports: last night's figures, and weeks.

    Like the page, it has dates, states and counts, nothing that anyone wrote, and not the admin's own pairs.
    """
    figures = figures_in(program.snapshots.first())
    sheets = [
        (_("Figures"), *figures_table(figures)),
        (_("Pairs by week"), *weeks_table(program, admin, today)),
    ]
    with workbook(sheets) as file:
        return f"overview-{program.pk}-{today.isoformat()}.xlsx", file.read()


def weeks_table(program: Program, admin: User, today: date) -> tuple[list[str], list[list[str]]]:
    """Return the states of all pairs by week for a file: headings and rows."""
    pairs = pairs_managed_by(program, admin)
    history = History(program, pairs, today)
    names = {pk: people for pk, *people in pairs.values_list("pk", "mentee__name", "mentor__name")}
    words = {state: str(word) for state, word in STATES.items()}
    headings = [_("Mentee"), _("Mentor"), *(monday.isoformat() for monday in history.mondays)]
    states = history.states
    return headings, [[*names[pk], *(words[state] for state in states[pk])] for pk in sorted(states)]
