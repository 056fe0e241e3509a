"""Several programs side by side, for the people who run them: counts of today, and the weeks counted last night."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max

from accounts.models import User
from dashboard.attention import count_pairs_in_need
from dashboard.models import Snapshot
from dashboard.overview import Filters, Overview, Stat
from mentoring.models import Enrollment, Pair, Program

AT_A_TIME = 30


@dataclass(frozen=True)
class ProgramRow:
    """One program: its running pairs, what its admins have to do, and how its last four weeks went."""

    program: Program
    pairs: int
    need: int  # pairs that need attention, without the admin's own
    waiting: int  # mentees without a running pair
    invited: int  # whose invitation is open
    has_ended: bool
    held: Stat | None  # None before the first week is over
    kept: Stat | None


@dataclass(frozen=True)
class Programs:
    """A page of the programs that a person runs, worst first, and what all of them have together."""

    page: Page  # of ProgramRow
    number: int
    pairs: int
    need: int
    waiting: int


def read_programs(admin: User, number: str, today: date) -> Programs:
    """Read the programs of this admin: those with the most pairs in need first, those that have ended last."""
    programs = Program.objects.managed_by(admin).in_bulk()
    pairs = counted(Pair.objects.active(), programs)
    people = Enrollment.objects.current()
    waiting, invited = counted(people.unpaired_mentees(), programs), counted(people.invited(), programs)
    need = count_pairs_in_need(programs, admin, today)

    def rank(pk: int) -> tuple:
        program = programs[pk]
        return has_ended(program), -need.get(pk, 0), -waiting.get(pk, 0), -program.ends_on.toordinal(), program.name

    page = Paginator(sorted(programs, key=rank), AT_A_TIME).get_page(number)
    snapshots = newest_snapshots(page.object_list)
    rows = []
    for pk in page.object_list:
        program = programs[pk]
        doing = Overview(program, admin, program.today(), snapshots.get(pk), Filters.read({}, {}))
        held, kept = (doing.held, doing.kept) if doing.past else (None, None)
        counts = (found.get(pk, 0) for found in (pairs, need, waiting, invited))
        rows.append(ProgramRow(program, *counts, has_ended(program), held, kept))
    page.object_list = rows
    return Programs(page, len(programs), *(sum(found.values()) for found in (pairs, need, waiting)))


def has_ended(program: Program) -> bool:
    return program.ends_on < program.today()


def counted(rows, programs) -> dict[int, int]:
    """Return the number of rows in each of these programs."""
    return dict(rows.filter(program__in=programs).order_by().values_list("program").annotate(Count("pk")))


def newest_snapshots(programs: list[int]) -> dict[int, Snapshot]:
    """Return the newest snapshot of each of these programs, only with its weeks."""
    rows = Snapshot.objects.filter(program__in=programs)
    days = dict(rows.order_by().values_list("program").annotate(Max("taken_on")))
    found = rows.filter(taken_on__in=set(days.values())).only("program", "taken_on", "weeks")
    return {row.program_id: row for row in found if row.taken_on == days[row.program_id]}
