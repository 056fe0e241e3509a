"""Who needs help: pairs with flags, and mentors to be in touch with (docs/rules.md, health)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import F

from accounts.models import User
from dashboard.flags import AMBER, RED, RULES, color_of
from dashboard.models import Flag, MentorContact
from mentoring.models import Enrollment, Pair, Program

# --- Pairs ---


@dataclass(frozen=True)
class Row:
    """A pair as its admins see it: names, color, and its flags."""

    pair: Pair
    color: str
    flags: list[Flag]

    @property
    def needs_help(self) -> bool:
        """More than paperwork."""
        return any(not RULES[flag.rule].paperwork for flag in self.flags)


def theirs_to_see(program: Program, admin: User):
    """The running pairs of a program without the admin's own: there they are one of the two, and no admin."""
    return Pair.objects.filter(program=program).active().exclude(mentor=admin).exclude(mentee=admin)


def rows_of(pairs, today: date, now=None) -> list[Row]:
    """Pairs with flags that admins may see, red first, then the oldest. The page of the two shows the same rows.

    The people of the pairs are not read: see `with_people`.
    """
    found: dict[int, list[Flag]] = {}
    flags = Flag.objects.for_admins(now).awake(today).filter(pair__in=pairs)
    for flag in flags.order_by("since", "pk"):
        found.setdefault(flag.pair_id, []).append(flag)
    rows = [Row(Pair(pk=pk), color_of(flags), flags) for pk, flags in found.items()]
    return sorted(rows, key=lambda row: (row.color != RED, row.flags[0].since, row.pair.pk))


def with_people(rows: Iterable[Row]) -> list[Row]:
    """The same rows with the names of their pairs: as many as a page shows."""
    rows = list(rows)
    people = Pair.objects.filter(pk__in=[row.pair.pk for row in rows]).with_people().in_bulk()
    return [replace(row, pair=people[row.pair.pk]) for row in rows]


# --- Mentors ---

FIRST, SECOND, THEN = timedelta(days=14), timedelta(days=30), timedelta(weeks=6)
RESTS = timedelta(days=7)  # so long a contact settles what calls for one at once
TOO_MANY_RED = 2


def load_level(mentees: int, capacity: int, red: int) -> str:
    """A13: red with two red pairs, amber with more mentees than there is room for."""
    if red >= TOO_MANY_RED:
        return RED
    return AMBER if mentees > capacity else ""


@dataclass(frozen=True)
class Support:
    """A mentor, since when a contact is due, the last one, and what they carry."""

    mentor: User
    due_on: date
    last_on: date | None
    red: int = 0  # of their pairs
    mentees: int = 0  # where these are more than the capacity
    capacity: int = 0

    @property
    def level(self) -> str:
        return load_level(self.mentees, self.capacity, self.red)


def support(program: Program, pairs, rows: list[Row], today: date) -> list[Support]:
    """Mentors whose contact is due: day 14, day 30, then every six weeks; at once with a red pair or too many (A13).

    `rows` are those of `pairs`. What is red among other pairs, a reader's own, does not count.
    """
    contacts = MentorContact.objects.filter(program=program).order_by("at").values_list("mentor", "at")
    last = {mentor: at.date() for mentor, at in contacts}
    reds = {row.pair.pk for row in rows if row.color == RED}
    over, began, red = overloaded(program), {}, Counter()
    for pk, mentor, started_on in pairs.order_by("started_on").values_list("pk", "mentor", "started_on"):
        began.setdefault(mentor, started_on)
        red[mentor] += pk in reds
    due = []
    for mentor, since in began.items():
        last_on = last[mentor] if mentor in last and last[mentor] >= since else None
        due_on = next_contact(since, last_on)
        if (red[mentor] or mentor in over) and (last_on is None or today - last_on > RESTS):
            due_on = min(due_on, today)
        if due_on <= today:
            due.append(Support(User(pk=mentor), due_on, last_on, red[mentor], *over.get(mentor, (0, 0))))
    return sorted(due, key=lambda one: (one.level != RED, not one.red, one.level != AMBER, one.due_on, one.mentor.pk))


def next_contact(began: date, last_on: date | None) -> date:
    """Day 14, day 30, then six weeks after the last one; never within a week of one."""
    if last_on is None:
        return began + FIRST
    for milestone in (began + FIRST, began + SECOND):
        if last_on < milestone:
            return max(milestone, last_on + RESTS)
    return last_on + THEN


def with_names(found: Iterable[Support]) -> list[Support]:
    """The same, with the mentors read: as many as a page shows."""
    found = list(found)
    people = User.objects.in_bulk([one.mentor.pk for one in found])
    return [replace(one, mentor=people[one.mentor.pk]) for one in found]


def overloaded(program: Program) -> dict[int, tuple[int, int]]:
    """Mentors with more mentees than they have room for: how many, and for how many they have room."""
    mentors = program.enrollments.here().filter(role=Enrollment.Role.MENTOR).with_pairs()
    over = mentors.filter(pairs_now__gt=F("capacity")).values_list("user", "pairs_now", "capacity")
    return {user: (mentees, capacity) for user, mentees, capacity in over}


# --- Both ---


@dataclass(frozen=True)
class Needs:
    """What there is to do in a program for one who runs it."""

    rows: list[Row]
    mentors: list[Support]

    @property
    def pairs(self) -> list[Row]:
        """More than paperwork."""
        return [row for row in self.rows if row.needs_help]

    @property
    def paperwork(self) -> list[tuple[object, int]]:
        """What is merely not filled in, each in one line: the rule and how many pairs."""
        names = Counter(flag.rule for row in self.rows for flag in row.flags if RULES[flag.rule].paperwork)
        return [(RULES[name], n) for name, n in sorted(names.items())]

    @classmethod
    def of(cls, program: Program, admin: User, today: date) -> "Needs":
        pairs = theirs_to_see(program, admin)
        rows = rows_of(pairs, today)
        return cls(rows, support(program, pairs, rows, today))
