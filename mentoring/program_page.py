"""The people and pairs of a program as rows of its page, for its admins: names, states, dates and counts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, Count, F, Q, When
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Installation
from accounts.names import initials
from core.folding import folded
from core.formatting import day, full_date
from core.hooks import Hook
from mentoring.models import Enrollment, Pair, Program
from mentoring.models.program import INVITED, NOT_INVITED

MENTOR, MENTEE = Enrollment.Role.MENTOR, Enrollment.Role.MENTEE
# (keys of pairs): when the next session of each pair starts, for those that have one.
next_starts = Hook(lambda pairs: {})


# --- Which people, in which order ---


class State(NamedTuple):
    """A filter of the list: its label, its icon, and the people whom it keeps; `pairs_now` is annotated."""

    label: str
    icon: str
    keeps: Q


STATES = {
    "waiting": State(gettext_lazy("Waiting for a match"), "clock", Q(role=MENTEE, pairs_now=0)),
    "uninvited": State(gettext_lazy("Not invited yet"), "user-plus", NOT_INVITED),
    "invited": State(gettext_lazy("Invited"), "envelope", INVITED),
    "room": State(gettext_lazy("Room for a mentee"), "user-plus", Q(role=MENTOR, pairs_now__lt=F("capacity"))),
    "bouncing": State(gettext_lazy("Email bounces"), "exclamation-triangle", Q(user__mail_suspended_at__isnull=False)),
}
STATUS = Case(  # what an admin has to do something about comes first
    When(NOT_INVITED, then=0),
    When(INVITED, then=1),
    When(role=MENTEE, pairs_now=0, then=2),
    When(pairs_now=0, then=3),
    default=4,
)
ORDERS = {"name": "name_here", "role": "role", "status": "status", "mentees": "mentees_now"}


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
            state if state in STATES else "",
            " ".join(query.get("q", "").replace("\0", "").split())[:100],
            order if order.removeprefix("-") in ORDERS else "name",
        )

    def people(self, program: Program):
        """Return the people of the program that the filter keeps, in its order."""
        people = program.enrollments.current().with_shown_name().with_pairs_now()
        people = people.filter(role=self.role) if self.role else people
        people = people.filter(STATES[self.state].keeps) if self.state else people
        if self.asked:
            people = people.filter(Q(name_here__contains=folded(self.asked)) | Q(user__email__icontains=self.asked))
        mentees_now = Case(When(role=MENTOR, then="pairs_now"), default=-1)
        people = people.annotate(status=STATUS, mentees_now=mentees_now)
        name, down = ORDERS[self.order.removeprefix("-")], self.order.startswith("-")
        return people.order_by(f"-{name}" if down else name, "name_here", "pk")

    def pairs(self, program: Program):
        """Return the pairs with their dates and agreement states, and nothing that they wrote."""
        pairs = program.pairs.select_related("mentor", "mentee").with_agreement().with_pause(program.today())
        if self.asked:
            pairs = pairs.filter(self._is_found("mentor") | self._is_found("mentee"))
        shown = ("started_on", "ends_on", "ended_at", "mentor__name", "mentor__email", "mentee__name", "mentee__email")
        return pairs.only("program", *shown).order_by("ended_at", "mentor__folded_name", "pk")

    def _is_found(self, person: str) -> Q:
        """Match the search text in the name, ignoring accents and case, or in the address."""
        name, address = f"{person}__folded_name__contains", f"{person}__email__icontains"
        return Q((name, folded(self.asked))) | Q((address, self.asked))

    def query(self, **changes: str) -> str:
        """Return the query string of the page with these changes, without parameters at their default."""
        values = {"role": self.role, "state": self.state, "q": self.asked, "sort": self.order} | changes
        usual = {"sort": "name"}
        return urlencode({name: value for name, value in values.items() if value != usual.get(name, "")})

    def chips(self, program: Program) -> list[tuple[str, str, int, str, bool]]:
        """Return the icon, the label and the number of each role and state, its query, and whether it is chosen."""
        counts = count_people(program)
        chips = [("", _("Everyone"), counts["all"], self.query(role="", state=""), not (self.role or self.state))]
        for role, label in ((MENTOR, _("Mentors")), (MENTEE, _("Mentees")), (Enrollment.Role.ADMIN, _("Admins"))):
            chips.append(("", label, counts[role], self.query(role=role, state=""), self.role == role))
        for name, state in STATES.items():
            chosen = self.state == name
            chips.append((state.icon, state.label, counts[name], self.query(role="", state=name), chosen))
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
    """Return the number of current people: all, in each role, and in each state."""
    people = program.enrollments.current().with_pairs_now()
    roles = {role: Count("pk", filter=Q(role=role)) for role in Enrollment.Role.values}
    states = {name: Count("pk", filter=state.keeps) for name, state in STATES.items()}
    return people.aggregate(all=Count("pk"), **roles, **states)


# --- One person ---


@dataclass(frozen=True)
class PersonRow:
    """One person in one role: how far they are, whom they are matched with, and what an admin can do."""

    enrollment: Enrollment
    pairs: list[Pair] = field(default_factory=list)  # running, in this role
    next_at: datetime | None = None  # the first session of any of them
    is_paused: bool = False  # every running pair is
    link: str = ""  # of an invitation that cannot be emailed
    # Another program has invited them since: the link alone no longer opens the account.
    invited_elsewhere: bool = False

    @property
    def name(self) -> str:
        return self.enrollment.shown_name

    @property
    def initials(self) -> str:
        return initials(self.name)

    @cached_property
    def role(self) -> str:
        return capfirst(self.enrollment.get_role_display())

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

    @property
    def partners(self) -> list[str]:
        return [str(pair.mentee if self.is_mentor else pair.mentor) for pair in self.pairs]

    @property
    def next_day(self) -> str:
        return day(self.next_at) if self.next_at else ""

    @property
    def since(self) -> str:
        """The day of an invitation that was sent."""
        row = self.enrollment
        return day(row.invited_at) if row.invitation_was_sent and not row.accepted_at else ""

    @property
    def load(self) -> str:
        """How many mentees a mentor has."""
        row = self.enrollment
        if not self.is_mentor:
            return ""
        if not (row.capacity or row.pairs_now):
            return _("takes no mentees now")
        return _("%(now)s of %(most)s") % {"now": row.pairs_now, "most": row.capacity}

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
    """Return these people of a program with their running pairs, in a fixed number of queries."""
    rows, by_hand, today = list(rows), not Installation.has_mail_server(), program.today()
    people = {row.user_id for row in rows}
    pairs = program.pairs.active().filter(Q(mentor__in=people) | Q(mentee__in=people)).with_pause(today)
    pairs = pairs.select_related("mentor", "mentee").order_by("mentee__folded_name", "pk")
    pairs = pairs.only("program", "mentor__name", "mentor__email", "mentee__name", "mentee__email")
    mine: dict[tuple[str, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        mine[MENTOR, pair.mentor_id].append(pair)
        mine[MENTEE, pair.mentee_id].append(pair)
    starts, elsewhere = next_starts.ask([pair.pk for pair in pairs]), invited_later_elsewhere(rows)
    found = []
    for row in rows:
        own = mine[row.role, row.user_id]
        row.pairs_now = len(own)
        by_link = (by_hand or row.user.mail_suspended_at) and row.invitation_state == "open"
        link = settings.SITE_URL + row.invitation_path() if by_link else ""
        next_at = min((starts[pair.pk] for pair in own if pair.pk in starts), default=None)
        paused = bool(own) and all(pair.paused_from and pair.paused_from <= today for pair in own)
        found.append(PersonRow(row, own, next_at, paused, link, row.pk in elsewhere))
    return found


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

    pair: Pair
    next_at: datetime | None = None

    @property
    def dates(self) -> str:
        return f"{full_date(self.pair.started_on)} – {full_date(self.pair.ends_on)}"

    @property
    def next_day(self) -> str:
        return day(self.next_at) if self.next_at else ""

    @property
    def state(self) -> tuple[str, str, str]:
        """The kind of pill, its icon, and the words."""
        if self.pair.ended_at:
            return "line", "", _("Ended")
        return ("", "pause", _("Paused")) if self.pair.paused_until else ("ok", "", _("Active"))

    @property
    def since(self) -> str:
        """When it ended, or from when until when it is paused, now or soon."""
        if self.pair.ended_at:
            return day(self.pair.ended_at)
        if not self.pair.paused_until:
            return ""
        days = {"start": day(self.pair.paused_from), "day": day(self.pair.paused_until)}
        return _("from %(start)s until %(day)s") % days

    @property
    def agreement(self) -> str:
        if self.pair.ended_at:
            return ""
        return _("Agreed") if self.pair.mentor_agreed_at and self.pair.mentee_agreed_at else _("Not agreed yet")


def pair_rows(pairs: Iterable[Pair]) -> list[PairRow]:
    """Return these pairs, loaded with people, agreements and pauses, as rows."""
    pairs = list(pairs)
    starts = next_starts.ask([pair.pk for pair in pairs if not pair.ended_at])
    return [PairRow(pair, starts.get(pair.pk)) for pair in pairs]
