"""Who needs help: pairs with flags, and mentors to be in touch with (docs/rules.md, health).

The database groups, sorts and cuts, so that a page reads what it shows, however large the program.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from django.db.models import Case, Count, F, Max, Min, Q, Value, When

from accounts.models import User
from dashboard.flags import AMBER, AMBERS_MAKE_RED, RED, RULES, Rule, color_of
from dashboard.models import Flag, MentorContact
from mentoring.models import Enrollment, Pair, Program

# --- Pairs ---

PAPERWORK = [name for name, rule in RULES.items() if rule.paperwork]


@dataclass(frozen=True)
class Row:
    """A pair as its admins see it: names, color, and its flags."""

    pair: Pair
    color: str
    flags: list[Flag]


def theirs_to_see(program: Program, admin: User):
    """The running pairs of a program without the admin's own: there they are one of the two, and no admin."""
    return Pair.objects.filter(program=program).active().exclude(mentor=admin).exclude(mentee=admin)


def pairs_in_need(admin: User, today: date) -> dict[int, int]:
    """For each program this person runs, with how many pairs there is more than paperwork. One query."""
    pairs = Pair.objects.managed_by(admin).active().exclude(mentor=admin).exclude(mentee=admin)
    flags = flags_on(pairs, today).exclude(rule__in=PAPERWORK).order_by()
    return dict(flags.values_list("pair__program").annotate(Count("pair", distinct=True)))


def flags_on(pairs, today: date, now=None):
    """The flags of these pairs that admins may see."""
    return Flag.objects.for_admins(now).awake(today).filter(pair__in=pairs)


class Flagged(NamedTuple):
    """A pair with flags, before anything of it is read."""

    pair_id: int
    mentor_id: int
    red: bool
    helps: bool  # more than paperwork
    paperwork: list[str]  # names of rules


def flagged(flags) -> list[Flagged]:
    """The pairs of these flags: red ones first (as `color_of` says), then the oldest."""
    counts = {
        "reds": Count("pk", filter=Q(level=RED)),
        "ambers": Count("pk", filter=Q(level=AMBER)),
        "helps": Count("pk", filter=~Q(rule__in=PAPERWORK)),
        **{name: Count("pk", filter=Q(rule=name)) for name in PAPERWORK},
    }
    rows = flags.order_by().values("pair", "pair__mentor").annotate(**counts).alias(first=Min("since"))
    is_red = Case(When(Q(reds__gt=0) | Q(ambers__gte=AMBERS_MAKE_RED), then=Value(1)), default=Value(0))
    return [
        Flagged(
            row["pair"],
            row["pair__mentor"],
            red=bool(row["red"]),
            helps=bool(row["helps"]),
            paperwork=[name for name in PAPERWORK if row[name]],
        )
        for row in rows.annotate(red=is_red).order_by("-red", "first", "pair")
    ]


def rows_of(flags, pairs: Iterable[Flagged]) -> list[Row]:
    """These pairs, in their order, with their people and those of the flags that are theirs."""
    found: dict[int, list[Flag]] = {pair.pair_id: [] for pair in pairs}
    with_people = flags.filter(pair__in=list(found)).select_related("pair__mentor", "pair__mentee")
    for flag in with_people.order_by("since", "pk"):
        found[flag.pair_id].append(flag)
    return [Row(flags[0].pair, color_of(flags), flags) for flags in found.values() if flags]


# --- Mentors ---

FIRST, SECOND, THEN = timedelta(days=14), timedelta(days=30), timedelta(weeks=6)
RESTS = timedelta(days=7)  # so long a contact settles what calls for one at once
TOO_MANY_RED = 2


def load_level(mentees: int, capacity: int, red: int) -> str:
    """A13: red with two red pairs, amber with more mentees than there is room for."""
    if red >= TOO_MANY_RED:
        return RED
    return AMBER if mentees > capacity else ""


class Support(NamedTuple):
    """A mentor, since when a contact is due, the last one, and what they carry."""

    mentor_id: int
    due_on: date
    last_on: date | None
    red: int = 0  # of their pairs
    mentees: int = 0  # where these are more than the capacity
    capacity: int = 0

    @property
    def level(self) -> str:
        return load_level(self.mentees, self.capacity, self.red)


def support(program: Program, pairs, red: Counter, today: date) -> list[Support]:
    """Mentors whose contact is due: day 14, day 30, then every six weeks; at once with a red pair or too many (A13).

    `red` counts, for each mentor, those of `pairs`. What is red among other pairs, a reader's own, does not count.
    """
    began = pairs.order_by().values_list("mentor").annotate(Min("started_on"))
    contacts = MentorContact.objects.filter(program=program).order_by().values_list("mentor")
    last = {mentor: program.date_of(at) for mentor, at in contacts.annotate(Max("at"))}
    over, due = overloaded(program), []
    for mentor, since in began:
        last_on = last[mentor] if mentor in last and last[mentor] >= since else None
        due_on = next_contact(since, last_on)
        if (red[mentor] or mentor in over) and (last_on is None or today - last_on > RESTS):
            due_on = min(due_on, today)
        if due_on <= today:
            due.append(Support(mentor, due_on, last_on, red[mentor], *over.get(mentor, (0, 0))))
    return sorted(due, key=lambda one: (one.level != RED, not one.red, one.level != AMBER, one.due_on, one.mentor_id))


def next_contact(began: date, last_on: date | None) -> date:
    """Day 14, day 30, then six weeks after the last one; never within a week of one."""
    if last_on is None:
        return began + FIRST
    for milestone in (began + FIRST, began + SECOND):
        if last_on < milestone:
            return max(milestone, last_on + RESTS)
    return last_on + THEN


def with_names(found: Iterable[Support]) -> list[tuple[User, Support]]:
    """The same beside their mentors: as many as a page shows."""
    found = list(found)
    people = User.objects.in_bulk([one.mentor_id for one in found])
    return [(people[one.mentor_id], one) for one in found]


def overloaded(program: Program) -> dict[int, tuple[int, int]]:
    """Mentors with more mentees than they have room for: how many, and for how many they have room."""
    mentors = program.enrollments.here().filter(role=Enrollment.Role.MENTOR).with_pairs()
    over = mentors.filter(pairs_now__gt=F("capacity")).values_list("user", "pairs_now", "capacity")
    return {user: (mentees, capacity) for user, mentees, capacity in over}


# --- Both ---


@dataclass(frozen=True)
class Needs:
    """What there is to do in a program for one who runs it."""

    program: Program
    admin: User
    today: date

    @cached_property
    def own(self):
        return theirs_to_see(self.program, self.admin)

    @cached_property
    def flags(self):
        return flags_on(self.own, self.today)

    @cached_property
    def flagged(self) -> list[Flagged]:
        return flagged(self.flags)

    @property
    def postponed(self) -> list[tuple[Flag, Rule]]:
        """What is put off until another day, with the reason that was given."""
        flags = Flag.objects.for_admins().filter(pair__in=self.own).postponed(self.today)
        people = flags.select_related("pair__mentor", "pair__mentee", "snoozed_by")
        return [(flag, RULES[flag.rule]) for flag in people]

    @property
    def pairs(self) -> list[Flagged]:
        """More than paperwork."""
        return [pair for pair in self.flagged if pair.helps]

    def rows(self, pairs: Iterable[Flagged]) -> list[Row]:
        """Some of `pairs`, to be shown."""
        return rows_of(self.flags, pairs)

    @property
    def paperwork(self) -> list[tuple[Rule, int]]:
        """What is merely not filled in, each in one line: the rule and how many pairs."""
        names = Counter(name for pair in self.flagged for name in pair.paperwork)
        return [(RULES[name], n) for name, n in sorted(names.items())]

    @cached_property
    def mentors(self) -> list[Support]:
        red = Counter(pair.mentor_id for pair in self.flagged if pair.red)
        return support(self.program, self.own, red, self.today)

    def __bool__(self) -> bool:
        return bool(self.flagged or self.mentors)
