"""The people and pairs of a program as rows of its page, for its admins: names, states, dates and counts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, Count, Exists, F, OuterRef, Q, When, functions
from django.db.models.lookups import Exact
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Installation
from accounts.names import initials
from core.folding import folded
from core.formatting import day, period
from core.hooks import Hook
from mentoring.models import Agreement, Enrollment, Pause, Program
from mentoring.models.program import INVITED, NOT_INVITED, EnrollmentQuerySet, running_pairs

MENTOR, MENTEE = Enrollment.Role.MENTOR, Enrollment.Role.MENTEE
# What can be done about selected people: the value, the words and the icon of its button.
BULK = [
    ("invite", gettext_lazy("Invite again"), "envelope"),
    ("pair", gettext_lazy("Pair these two"), "arrows-right-left"),
    ("remove", gettext_lazy("Remove from program"), "user-minus"),
]
# (keys of pairs): when the next session of each pair starts, for those that have one.
next_starts = Hook(lambda pairs: {})


# --- Which people, in which order ---


class State(NamedTuple):
    """A filter of the list: its label, its icon, and the people whom it keeps."""

    label: str
    icon: str
    keeps: Callable[[EnrollmentQuerySet], EnrollmentQuerySet]


STATES = {
    "waiting": State(gettext_lazy("Waiting for a match"), "clock", EnrollmentQuerySet.unpaired_mentees),
    "uninvited": State(gettext_lazy("Not invited yet"), "user-plus", EnrollmentQuerySet.not_invited),
    "invited": State(gettext_lazy("Invited"), "envelope", EnrollmentQuerySet.invited),
    "room": State(gettext_lazy("Room for a mentee"), "user-plus", EnrollmentQuerySet.with_room),
    "bouncing": State(gettext_lazy("Email bounces"), "exclamation-triangle", EnrollmentQuerySet.with_bouncing_email),
}
STATUS = Case(  # what an admin has to do something about comes first
    When(NOT_INVITED, then=0),
    When(INVITED, then=1),
    When(Q(Exact(running_pairs(MENTEE), 0), role=MENTEE), then=2),
    default=3,
)
PAIRS = "pairs"  # in place of a state: the pairs instead of the people
MENTEES = Case(When(role=MENTOR, then=running_pairs(MENTOR)), default=-1)
ORDERS = {
    "name": F("name_here"),
    "role": F("role"),
    "status": STATUS,
    "mentees": MENTEES,
    "seen": functions.TruncDate("user__seen_at"),  # the reader's day, as it is shown: no order within it
}
SHOWN = ("program", "role", "name", "capacity", "invited_at", "invitation_sent_at", "accepted_at", "left_at")
SHOWN += tuple(f"user__{name}" for name in ("name", "email", "last_login", "is_active", "mail_suspended_at", "seen_at"))
NAMES = ("mentor__name", "mentor__email", "mentee__name", "mentee__email")


@dataclass(frozen=True)
class PeopleFilter:
    """What the address of the page asks for: a role, a state, a search, and an order."""

    role: str = ""
    state: str = ""
    asked: str = ""
    order: str = "name"

    @classmethod
    def read(cls, query: QueryDict) -> "PeopleFilter":
        role, state, order = query.get("role", ""), query.get("state", ""), query.get("sort", "")
        return cls(
            role if role in Enrollment.Role.values else "",
            state if state in STATES or state == PAIRS else "",
            " ".join(query.get("q", "").replace("\0", "").split())[:100],
            order if order.removeprefix("-") in ORDERS else "name",
        )

    @property
    def shows_pairs(self) -> bool:
        return self.state == PAIRS

    def people(self, program: Program):
        """Return the people of the program that the filter keeps, in its order: each with one of their roles.

        That is the mentor's role, else the mentee's, of those that the filter keeps.
        """
        people = program.enrollments.current().with_shown_name()
        people = people.filter(role=self.role) if self.role else people
        people = STATES[self.state].keeps(people) if self.state else people
        people = people.search(self.asked) if self.asked else people
        if not self.role and self.state not in ("waiting", "room"):  # these are of one role
            people = people.exclude(Exists(people.filter(user=OuterRef("user"), role__gt=OuterRef("role"))))
        column, down = ORDERS[self.order.removeprefix("-")], self.order.startswith("-")
        column = column.desc(nulls_last=True) if down else column.asc(nulls_first=True)
        people = people.order_by(column, "name_here", "pk")
        return people.select_related("user").only(*SHOWN)

    def pairs(self, program: Program):
        """Return the keys, dates and names of the pairs, for `pair_rows()`."""
        pairs = program.pairs.order_by("ended_at", "mentor__folded_name", "pk")
        if self.asked:
            pairs = pairs.filter(self._is_found("mentor") | self._is_found("mentee"))
        return pairs.values_list("pk", "started_on", "ends_on", "ended_at", *NAMES)

    def _is_found(self, person: str) -> Q:
        """Match the search text in the name, ignoring accents and case, or in the address."""
        name, address = f"{person}__folded_name__contains", f"{person}__email__icontains"
        return Q((name, folded(self.asked))) | Q((address, self.asked))

    def count(self, counts: dict[str, int]) -> int | None:
        """Return how many people or pairs the filter keeps, if `count_people()` counted them already."""
        return None if self.asked or (self.role and self.state) else counts[self.role or self.state or "all"]

    def query(self, **changes: str) -> str:
        """Return the query string of the page with these changes, without parameters at their default."""
        values = {"role": self.role, "state": self.state, "q": self.asked, "sort": self.order} | changes
        usual = {"sort": "name"}
        return urlencode({name: value for name, value in values.items() if value != usual.get(name, "")})

    def chips(self, counts: dict[str, int]) -> list[tuple[str, str, int, str, bool]]:
        """Return the icon, the label and the number of each role and state, its query, and whether it is chosen.

        `counts` is of `count_people()`.
        """
        chips = [("", _("Everyone"), counts["all"], self.query(role="", state=""), not (self.role or self.state))]
        for role, label in ((MENTOR, _("Mentors")), (MENTEE, _("Mentees")), (Enrollment.Role.ADMIN, _("Admins"))):
            chips.append(("", label, counts[role], self.query(role=role, state=""), self.role == role))
        for name, state in STATES.items():
            chosen = self.state == name
            chips.append((state.icon, state.label, counts[name], self.query(role="", state=name), chosen))
        query = self.query(role="", state=PAIRS, sort="name")
        chips.append(("arrows-right-left", _("Pairs"), counts[PAIRS], query, self.shows_pairs))
        return [chip for chip in chips if chip[2] or chip[4]]

    @property
    def heads(self) -> dict[str, tuple[str, str]]:
        """For each column to sort by: the query of its link, and its aria-sort."""
        found = {}
        for name in ORDERS:
            down = self.order == name
            aria = "ascending" if down else "descending" if self.order == f"-{name}" else ""
            found[name] = self.query(sort=f"-{name}" if down else name), aria
        return found


def count_people(program: Program) -> dict[str, int]:
    """Return the number of current people: all, in each role, and in each state; and of pairs, also running."""
    people = program.enrollments.current()
    counts = people.aggregate(
        all=Count("user", distinct=True),
        uninvited=Count("user", distinct=True, filter=NOT_INVITED),
        invited=Count("user", distinct=True, filter=INVITED),
        bouncing=Count("user", distinct=True, filter=Q(user__mail_suspended_at__isnull=False)),
        **{str(role): Count("pk", filter=Q(role=role)) for role in Enrollment.Role},
    )
    waiting, room = people.unpaired_mentees().count(), people.with_room().count()
    pairs = program.pairs.aggregate(pairs=Count("pk"), running=Count("pk", filter=Q(ended_at=None)))
    return Counter(counts, waiting=waiting, room=room, **pairs)


# --- One person ---


class Match(NamedTuple):
    """A running pair, with the names of its people."""

    pk: int
    mentor: str
    mentee: str

    @property
    def end_label(self) -> str:
        return _("End the pair %(mentor)s and %(mentee)s") % self._asdict()


@dataclass(frozen=True)
class PersonRow:
    """One person in one role: how far they are, whom they are matched with, and what an admin can do."""

    enrollment: Enrollment
    pairs: list[Match] = field(default_factory=list)  # in this role
    next_at: datetime | None = None  # the first session of any of them
    is_paused: bool = False  # every running pair is
    link: str = ""  # of an invitation that cannot be emailed
    # Another program has invited them since: the link alone no longer opens the account.
    invited_elsewhere: bool = False
    more: list["PersonRow"] = field(default_factory=list)  # the same person in their other roles

    @property
    def key(self) -> str:
        return str(self.enrollment.pk)

    @cached_property
    def name(self) -> str:
        return self.enrollment.shown_name

    @property
    def initials(self) -> str:
        return initials(self.name)

    @cached_property
    def role(self) -> str:
        return capfirst(str(Enrollment.Role(self.enrollment.role).label))

    @cached_property
    def who(self) -> str:
        """What tells this row from all others."""
        return f"{self.name}, {self.role}"

    @property
    def select_label(self) -> str:
        return _("Select %(who)s") % {"who": self.who}

    @property
    def menu_label(self) -> str:
        return _("More for %(who)s") % {"who": self.who}

    @cached_property
    def invite(self) -> tuple[str, str]:
        """The text of the button that invites, and its full label; only for those who have not joined."""
        if self.enrollment.invited_at:
            return _("Invite again"), _("Invite %(name)s again") % {"name": self.name}
        return _("Invite"), _("Invite %(name)s") % {"name": self.name}

    @property
    def is_mentor(self) -> bool:
        return self.enrollment.role == MENTOR

    @property
    def is_waiting(self) -> bool:
        """Return True for a mentee without a mentor."""
        return self.enrollment.role == MENTEE and not self.pairs

    @property
    def load_kind(self) -> str:
        """The kind of bar for the number of mentees."""
        row = self.enrollment
        return "over" if row.pairs_now > row.capacity else "" if row.has_room else "full"

    @cached_property
    def partners(self) -> list[str]:
        return [pair.mentee if self.is_mentor else pair.mentor for pair in self.pairs]

    @cached_property
    def next_day(self) -> str:
        """When the next session is, for those who have a pair that meets."""
        if self.is_paused or not self.pairs:
            return ""
        return capfirst(day(self.next_at)) if self.next_at else _("Not scheduled")

    @property
    def since(self) -> str:
        """The day of an invitation that was sent."""
        row = self.enrollment
        return day(row.invited_at) if row.invitation_was_sent and not row.accepted_at else ""

    @cached_property
    def load(self) -> str:
        """How many mentees a mentor has."""
        row = self.enrollment
        if not self.is_mentor:
            return ""
        if not (row.capacity or row.pairs_now):
            return _("takes no mentees now")
        return _("%(now)s of %(most)s") % {"now": row.pairs_now, "most": row.capacity}

    @cached_property
    def in_roles(self) -> list["PersonRow"]:
        return [self, *self.more]

    @property
    def roles(self) -> str:
        """All their roles in the program."""
        return ", ".join([self.role, *(one.role.lower() for one in self.more)])

    @property
    def states(self) -> list[tuple[str, str, str]]:
        """The state in each role, without repetition; that of an admin only if it is the only role."""
        rows = [row for row in self.in_roles if row.enrollment.role != Enrollment.Role.ADMIN] or [self]
        return list(dict.fromkeys(row.state for row in rows))

    @property
    def partner_labels(self) -> list[str]:
        """The partners in all roles, with the role of each partner if the person has several kinds."""
        found = [(row, partner) for row in self.in_roles for partner in row.partners]
        if len({row.is_mentor for row, _partner in found}) < 2:
            return [partner for _row, partner in found]
        return [
            (_("%(name)s (mentee)") if row.is_mentor else _("%(name)s (mentor)")) % {"name": partner}
            for row, partner in found
        ]

    @property
    def first_next_day(self) -> str:
        """When the next session in any role is."""
        rows = [row for row in self.in_roles if row.next_day]
        dated = [row for row in rows if row.next_at]
        return min(dated, key=lambda row: row.next_at).next_day if dated else rows[0].next_day if rows else ""

    @property
    def seen_day(self) -> str:
        """The day of the last visit; admins see no more of it."""
        seen_at = self.enrollment.user.seen_at
        return capfirst(day(seen_at)) if seen_at else _("Never")

    @property
    def on_a_phone(self) -> str:
        """The roles, the load and a partner, for a phone, which has no room for their columns."""
        partner = _("with %(name)s") % {"name": self.partners[0]} if self.partners else ""
        return ", ".join(filter(None, (self.roles, self.load, partner)))

    @property
    def state(self) -> tuple[str, str, str]:
        """How far somebody is in the program: the kind of pill, its icon, and the word."""
        row = self.enrollment
        if not row.accepted_at:
            return invitation_state(row)
        if self.is_paused:
            return "", "pause", _("Paused")
        if self.pairs:
            return "ok", "", _("Matched")
        return ("watch", "clock", _("Waiting")) if self.is_waiting else ("line", "", _("Joined"))


def invitation_state(row: Enrollment) -> tuple[str, str, str]:
    if row.invitation_state == "expired":
        return "watch", "clock", _("Invitation expired")
    if row.invitation_state == "none":
        return "line", "", _("Not invited yet")
    if row.invitation_was_sent:
        return "line", "envelope", _("Invited")
    return "watch", "envelope", _("Invitation not sent yet")


def person_rows(program: Program, rows: Iterable[Enrollment]) -> list[PersonRow]:
    """Return these people of a program with all their roles and running pairs, in a fixed number of queries."""
    first, by_hand = list(rows), not Installation.has_mail_server()
    people = {row.user_id: row.user for row in first}
    shown = {row.pk for row in first}
    others = program.enrollments.current().filter(user__in=people).exclude(pk__in=shown).with_shown_name()
    rows = [*first, *others.order_by("-role").only(*(name for name in SHOWN if "__" not in name), "user")]
    for row in rows[len(first) :]:
        row.user = people[row.user_id]
    pairs = program.pairs.active().filter(Q(mentor__in=people) | Q(mentee__in=people))
    pairs = pairs.order_by("mentee__folded_name", "pk").values_list("pk", "mentor", "mentee", *NAMES)
    mine: dict[tuple[str, int], list[Match]] = defaultdict(list)
    for pk, mentor, mentee, mentor_name, mentor_email, mentee_name, mentee_email in pairs:
        pair = Match(pk, mentor_name or mentor_email, mentee_name or mentee_email)
        mine[MENTOR, mentor].append(pair)
        mine[MENTEE, mentee].append(pair)
    keys, today = {pair.pk for own in mine.values() for pair in own}, program.today()
    starts, elsewhere = next_starts.ask(keys), invited_later_elsewhere(rows)
    paused = {pair for pair, (start, _end) in pauses(keys, today).items() if start <= today}
    found: dict[int, PersonRow] = {}
    for row in rows:
        own = mine[row.role, row.user_id]
        row.pairs_now = len(own)
        by_link = (by_hand or row.user.mail_suspended_at) and row.invitation_state == "open"
        link = settings.SITE_URL + row.invitation_path() if by_link else ""
        next_at = min((starts[pair.pk] for pair in own if pair.pk in starts), default=None)
        is_paused = bool(own) and paused.issuperset(pair.pk for pair in own)
        line = PersonRow(row, own, next_at, is_paused, link, row.pk in elsewhere)
        if row.pk in shown:
            found[row.user_id] = line
        else:
            found[row.user_id].more.append(line)
    return list(found.values())


def invited_later_elsewhere(rows: list[Enrollment]) -> set[int]:
    """Return those of these rows whose person another program has invited since.

    The later program does not learn that the person was known.
    """
    waiting = {row.user_id: row for row in rows if not row.accepted_at and row.user.last_login is None}
    if not waiting:
        return set()
    others = Enrollment.objects.filter(user__in=waiting).values_list("user", "program", "pk")
    return {
        row.pk
        for row in rows
        if row.user_id in waiting
        and any(user == row.user_id and program != row.program_id and pk > row.pk for user, program, pk in others)
    }


# --- One pair ---


@dataclass(frozen=True)
class PairRow:
    """The names, dates and states of a pair."""

    pk: int
    started_on: date
    ends_on: date
    ended_at: datetime | None
    mentor: str
    mentee: str
    is_agreed: bool = False  # both signed the newest version of their agreement
    pause: tuple[date, date] | None = None
    next_at: datetime | None = None

    @property
    def menu_label(self) -> str:
        return _("More for %(mentor)s and %(mentee)s") % {"mentor": self.mentor, "mentee": self.mentee}

    @property
    def dates(self) -> str:
        return period(self.started_on, self.ends_on)

    @property
    def next_day(self) -> str:
        return capfirst(day(self.next_at)) if self.next_at else ""

    @property
    def state(self) -> tuple[str, str, str]:
        """The kind of pill, its icon, and the words."""
        if self.ended_at:
            return "line", "", _("Ended")
        return ("", "pause", _("Paused")) if self.pause else ("ok", "", _("Active"))

    @property
    def since(self) -> str:
        """When it ended, or from when until when it is paused, now or soon."""
        if self.ended_at:
            return day(self.ended_at)
        if not self.pause:
            return ""
        start, end = self.pause
        return _("from %(start)s until %(day)s") % {"start": day(start), "day": day(end)}

    @property
    def agreement(self) -> str:
        if self.ended_at:
            return ""
        return _("Agreed") if self.is_agreed else _("Not agreed yet")


def pair_rows(program: Program, pairs: Iterable[tuple]) -> list[PairRow]:
    """Return these pairs, as `PeopleFilter.pairs` found them, as rows."""
    pairs = list(pairs)
    keys = [pk for pk, _start, _end, ended_at, *_names in pairs if not ended_at]
    starts, paused, agreed = next_starts.ask(keys), pauses(keys, program.today()), agreed_pairs(keys)
    rows = []
    for pk, *dates, mentor, mentor_email, mentee, mentee_email in pairs:
        names = mentor or mentor_email, mentee or mentee_email
        rows.append(PairRow(pk, *dates, *names, pk in agreed, paused.get(pk), starts.get(pk)))
    return rows


def pauses(pairs: Iterable[int], today: date) -> dict[int, tuple[date, date]]:
    """Return the first day of the current or else the next pause of each pair, and the day after it."""
    coming = Pause.objects.filter(pair__in=pairs, resume_on__gt=today).order_by("-from_on")
    return {pair: (start, end) for pair, start, end in coming.values_list("pair", "from_on", "resume_on")}


def agreed_pairs(pairs: Iterable[int]) -> set[int]:
    """Return those of these pairs in which both people signed the newest version of their agreement."""
    versions = Agreement.objects.filter(pair__in=pairs).order_by("version").values_list("pair")
    return {pair for pair, signed in dict(versions.annotate(Count("signatures"))).items() if signed == 2}
