"""The pairs that need attention, and the mentors an admin should contact (docs/rules.md, attention rules).

A page reads the rules and levels of all open flags, and only the pairs and people that it shows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F, Max, Min
from django.utils import timezone

from accounts.models import AuditEvent, User
from dashboard.flags import AMBER, RED, RULES, Rule, color_of
from dashboard.models import Flag, MentorContact
from mentoring.models import Enrollment, Pair, Program, attach_pairs

# --- Pairs ---

PAPERWORK = [name.value for name, rule in RULES.items() if rule.paperwork]


@dataclass(frozen=True)
class PairRow:
    """A pair as its admins see it, with its color and flags."""

    pair: Pair
    color: str
    flags: list[Flag]


def pairs_managed_by(program: Program, admin: User):
    """Return the running pairs of a program without the admin's own pairs."""
    return Pair.objects.filter(program=program).active().exclude(mentor=admin).exclude(mentee=admin)


def count_pairs_in_need(programs: Iterable[int], admin: User, today: date) -> dict[int, int]:
    """Return, by program, how many pairs of these programs need more than paperwork, without the admin's own."""
    flags = Flag.objects.for_admins().not_snoozed(today).exclude(rule__in=PAPERWORK).in_programs(programs, admin)
    return dict(flags.order_by().values_list("pair__program").annotate(Count("pair", distinct=True)))


def remind_of_paperwork(program: Program, admin: User, rule: str) -> int:
    """Have both people of each pair reminded of missing paperwork, at most once a week; return the number of pairs."""
    now = timezone.now()
    flags = Flag.objects.for_admins().not_snoozed(program.today()).filter(rule=rule).not_reminded_recently(now)
    flags = flags.in_programs([program.pk], admin)
    with transaction.atomic():
        pairs = list(flags.values_list("pair", flat=True))
        flags.update(reminded_at=now)
        Pair.objects.filter(pk__in=pairs).update(touched_at=now)
        AuditEvent.record(admin, AuditEvent.Action.PAPERWORK_REMINDED, program, detail=rule)
    return len(pairs)


class FlagFacts(NamedTuple):
    """What the color of a pair depends on."""

    rule: str
    level: str


class FlaggedPair(NamedTuple):
    """A pair with flags."""

    pair_id: int
    mentor_id: int
    red: bool
    needs_help: bool  # more than paperwork
    paperwork: list[str]  # names of rules


def flagged_pairs(flags) -> list[FlaggedPair]:
    """Return the pairs of these flags: red ones first (see `color_of`), then by age."""
    by_pair: dict[tuple[int, int], list[FlagFacts]] = defaultdict(list)
    shown = flags.order_by("raised_at", "pair").values_list("pair", "pair__mentor", "rule", "level")
    for pair, mentor, rule, level in shown.iterator(chunk_size=2000):
        by_pair[pair, mentor].append(FlagFacts(rule, level))
    found = []
    for (pair, mentor), of_pair in by_pair.items():
        rules = {flag.rule for flag in of_pair}
        paperwork = [name for name in PAPERWORK if name in rules]
        found.append(FlaggedPair(pair, mentor, color_of(of_pair) == RED, len(rules) > len(paperwork), paperwork))
    return sorted(found, key=lambda pair: not pair.red)  # otherwise in the order of the oldest flag


def pair_rows(flags, pairs: Iterable[FlaggedPair]) -> list[PairRow]:
    """Return these pairs in the same order, each with its people and flags."""
    found: dict[int, list[Flag]] = {pair.pair_id: [] for pair in pairs}
    for flag in attach_pairs(flags.filter(pair__in=found).order_by("raised_at", "pk"), named_pairs(found)):
        found[flag.pair_id].append(flag)
    return [PairRow(flags[0].pair, color_of(flags), flags) for flags in found.values() if flags]


def named_pairs(pairs: Iterable[int]):
    """Return these pairs with the names and addresses of their people, and nothing else."""
    people = [f"{role}__{name}" for role in ("mentor", "mentee") for name in ("name", "short_name", "email")]
    return Pair.objects.filter(pk__in=pairs).select_related("mentor", "mentee").only(*people)


# --- Mentors ---

FIRST_CONTACT, SECOND_CONTACT, CONTACT_INTERVAL = timedelta(days=14), timedelta(days=30), timedelta(weeks=6)
MIN_INTERVAL = timedelta(days=7)  # after a contact, before a red pair calls for another
RED_PAIRS_MAKE_RED = 2


def workload_level(mentees: int, capacity: int, red: int) -> str:
    """Return red for two red pairs, amber for more mentees than the capacity."""
    if red >= RED_PAIRS_MAKE_RED:
        return RED
    return AMBER if mentees > capacity else ""


class MentorToContact(NamedTuple):
    """A mentor to contact: when it is due, the last contact, and the mentor's workload."""

    mentor_id: int
    due_on: date
    last_on: date | None
    red: int = 0  # of the mentor's pairs
    mentees: int = 0  # only set if above the capacity
    capacity: int = 0

    @property
    def is_over_capacity(self) -> bool:
        return self.mentees > self.capacity

    @property
    def level(self) -> str:
        return workload_level(self.mentees, self.capacity, self.red)


def mentors_to_contact(program: Program, pairs, red: Counter, today: date) -> list[MentorToContact]:
    """Return the mentors to contact: on day 14, day 30 and every six weeks, or at once if red or overloaded.

    `red` counts the red ones among `pairs` for each mentor. The reader's own pairs do not count.
    """
    began = pairs.order_by().values_list("mentor").annotate(Min("started_on"))
    contacts = MentorContact.objects.filter(program=program).order_by().values_list("mentor")
    last = {mentor: program.date_of(at) for mentor, at in contacts.annotate(Max("created_at"))}
    over, due = mentors_over_capacity(program), []
    for mentor, since in began:
        last_on = last[mentor] if mentor in last and last[mentor] >= since else None
        due_on = next_contact_on(since, last_on)
        if (red[mentor] or mentor in over) and (last_on is None or today - last_on > MIN_INTERVAL):
            due_on = min(due_on, today)
        if due_on <= today:
            due.append(MentorToContact(mentor, due_on, last_on, red[mentor], *over.get(mentor, (0, 0))))
    return sorted(due, key=lambda one: (one.level != RED, not one.red, one.level != AMBER, one.due_on, one.mentor_id))


def next_contact_on(began: date, last_on: date | None) -> date:
    """Return day 14, day 30, then six weeks after the last contact; never within a week of one."""
    if last_on is None:
        return began + FIRST_CONTACT
    for milestone in (began + FIRST_CONTACT, began + SECOND_CONTACT):
        if last_on < milestone:
            return max(milestone, last_on + MIN_INTERVAL)
    return last_on + CONTACT_INTERVAL


def with_names(found: Iterable[MentorToContact]) -> list[tuple[User, MentorToContact]]:
    """Return the same rows, each with its mentor."""
    found = list(found)
    people = User.objects.only("name", "email").in_bulk([one.mentor_id for one in found])
    return [(people[one.mentor_id], one) for one in found]


def mentors_over_capacity(program: Program) -> dict[int, tuple[int, int]]:
    """Return the mentors above their capacity, each with their number of mentees and the capacity."""
    mentors = program.enrollments.current().with_pairs(Enrollment.Role.MENTOR)
    over = mentors.filter(pairs_now__gt=F("capacity")).values_list("user", "pairs_now", "capacity")
    return {user: (mentees, capacity) for user, mentees, capacity in over}


# --- Both ---


@dataclass(frozen=True)
class NeedsAttention:
    """What an admin can do in a program right now: pairs, paperwork and mentors."""

    program: Program
    admin: User
    today: date

    @cached_property
    def flags(self):
        return Flag.objects.for_admins().not_snoozed(self.today).in_programs([self.program.pk], self.admin)

    @cached_property
    def flagged_pairs(self) -> list[FlaggedPair]:
        return flagged_pairs(self.flags)

    @property
    def snoozed(self) -> list[tuple[Flag, Rule]]:
        """The snoozed flags, each with its rule."""
        flags = Flag.objects.for_admins().snoozed(self.today).in_programs([self.program.pk], self.admin)
        flags = list(flags.prefetch_related("snoozed_by"))
        pairs = named_pairs({flag.pair_id for flag in flags})
        return [(flag, RULES[flag.rule]) for flag in attach_pairs(flags, pairs)]

    @cached_property
    def pairs(self) -> list[FlaggedPair]:
        """The pairs that need more than paperwork."""
        return [pair for pair in self.flagged_pairs if pair.needs_help]

    def rows(self, pairs: Iterable[FlaggedPair]) -> list[PairRow]:
        """Return some of `pairs` with their people and flags."""
        return pair_rows(self.flags, pairs)

    @property
    def paperwork(self) -> list[tuple[Rule, int]]:
        """The paperwork rules, each with the number of pairs in which it is missing."""
        names = Counter(name for pair in self.flagged_pairs for name in pair.paperwork)
        return [(RULES[name], n) for name, n in sorted(names.items())]

    @cached_property
    def mentors(self) -> list[MentorToContact]:
        red = Counter(pair.mentor_id for pair in self.flagged_pairs if pair.red)
        pairs = pairs_managed_by(self.program, self.admin)
        return mentors_to_contact(self.program, pairs, red, self.today)

    def __bool__(self) -> bool:
        return bool(self.flagged_pairs or self.mentors)
