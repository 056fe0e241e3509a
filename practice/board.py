"""What the board of a program and the page of one opportunity show, in a few plain queries."""

from dataclasses import dataclass, field

from django.db.models import Q

from mentoring.models import Enrollment, Pair, Program
from practice.models import Opportunity, OpportunityApplication
from practice.models.opportunity import OpportunityQuerySet, add_counts, poster_is_here
from practice.outlets import one_line
from sessions.models import AgendaItem

MOST = 100  # opportunities on a board, those with the latest last day


@dataclass(frozen=True)
class Roles:
    """What a person is in a program now."""

    may_post: bool
    runs_it: bool
    is_mentee: bool

    @classmethod
    def of(cls, user, program: int) -> "Roles":
        found = set(Enrollment.objects.active_of(user).filter(program=program).values_list("role", flat=True))
        roles = Enrollment.Role
        return cls(bool(found & {roles.MENTOR, roles.ADMIN}), roles.ADMIN in found, roles.MENTEE in found)


@dataclass(frozen=True)
class BoardLine:
    """An opportunity as one person sees it, with their application if there is one."""

    opportunity: Opportunity
    mine: OpportunityApplication | None
    shows_counts: bool


@dataclass(frozen=True)
class Board:
    program: Program
    roles: Roles
    open: list[BoardLine]
    earlier: list[BoardLine]  # closed ones, of one's own or of the programs one runs


def with_people(rows: OpportunityQuerySet) -> OpportunityQuerySet:
    """Return the opportunities with what a page shows of each; then use add_counts()."""
    rows = rows.annotate(poster_is_here=poster_is_here())
    return rows.select_related("program", "competency", "poster")


def read_board(program: Program, user) -> Board:
    """Return what is open, soonest first, and the closed ones that concern this person, newest first."""
    roles = Roles.of(user, program.pk)
    own = OpportunityApplication.objects.filter(applicant=user, opportunity__program=program)
    mine = {row.opportunity_id: row for row in own.exclude(state=OpportunityApplication.State.WITHDRAWN)}
    rows = Opportunity.objects.filter(program=program)
    if not roles.runs_it:
        is_open = Q(closed_at=None, apply_by__gte=program.today())
        rows = rows.filter(is_open | Q(poster=user) | Q(pk__in=list(mine)))
    lines = []
    for row in add_counts(with_people(rows).order_by("-apply_by", "-pk")[:MOST]):
        is_poster = row.poster_id == user.pk and roles.may_post
        lines.append(BoardLine(row, mine.get(row.pk), roles.runs_it or is_poster))
    earlier = [one for one in lines if not one.opportunity.is_open and (one.mine or one.shows_counts)]
    return Board(program, roles, [one for one in lines if one.opportunity.is_open][::-1], earlier)


@dataclass(frozen=True)
class OpportunityPage:
    """One opportunity as one person sees it: its applications if they posted it, counts if they run the program."""

    opportunity: Opportunity
    roles: Roles
    is_poster: bool
    mine: OpportunityApplication | None = None
    pairs: list[Pair] = field(default_factory=list)  # of an applicant, as a mentee of this program
    applications: list[OpportunityApplication] = field(default_factory=list)
    mentees: list[tuple[Pair, bool]] = field(default_factory=list)  # of a mentor; whether it is on their agenda

    @property
    def may_apply(self) -> bool:
        return self.roles.is_mentee and not self.is_poster and self.opportunity.is_open

    @property
    def may_close(self) -> bool:
        return self.is_poster or self.roles.runs_it

    @property
    def may_take_over(self) -> bool:
        return self.roles.runs_it and not self.opportunity.poster_is_here

    @property
    def chosen_pairs(self) -> list[Pair]:
        """The pairs into which the application can lead: any, until it led into one."""
        return [pair for pair in self.pairs if self.mine and self.mine.pair_id in (None, pair.pk)]


def read_opportunity(opportunity: Opportunity, user) -> OpportunityPage:
    """Return the page; `opportunity` is of `with_people()`, with its counts."""
    roles = Roles.of(user, opportunity.program_id)
    is_poster = opportunity.poster_id == user.pk and roles.may_post
    mine, applications, mentees = None, [], []
    here = Pair.objects.editable_by(user).filter(program=opportunity.program_id).order_by("pk").for_reader(user)
    if roles.is_mentee:
        own = opportunity.applications.filter(applicant=user).select_related("commitment", "topic", "experiment")
        mine = own.first()
    if is_poster:
        rows = OpportunityApplication.objects.visible_to_poster(user).filter(opportunity=opportunity)
        applications = list(rows.select_related("applicant"))
    as_mentor = [pair for pair in here if pair.is_mentor(user)]
    if as_mentor and opportunity.is_open:
        title = one_line(opportunity.title, 300)
        topics = AgendaItem.objects.filter(pair__in=as_mentor, title=title).open().values_list("pair", flat=True)
        there = set(topics)
        mentees = [(pair, pair.pk in there) for pair in as_mentor]
    as_mentee = [pair for pair in here if pair.is_mentee(user)]
    return OpportunityPage(opportunity, roles, is_poster, mine, as_mentee, applications, mentees)
