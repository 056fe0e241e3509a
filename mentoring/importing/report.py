"""What a file of people would change, compared with who is here now; nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from core.folding import folded
from mentoring.importing.lines import KINDS, Line, Problem, Reader
from mentoring.importing.table_reader import Table
from mentoring.models import Enrollment, ImportRun, Profile, Program

EVERY = 250  # lines between two signs of life
MOMENTS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %I:%M:%S %p",
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%y %H:%M:%S",
    "%m/%d/%y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M:%S %p",
)


@dataclass
class Group:
    """The lines with one kind of problem."""

    title: str
    lines: list[tuple[Line, str]]


@dataclass
class Report:
    lines: list[Line]

    def count(self, does: str) -> int:
        return sum(line.does == does and not line.errors for line in self.lines)

    @property
    def ready(self) -> int:
        return self.count("new") + self.count("known")

    @property
    def wrong(self) -> list[Line]:
        return [line for line in self.lines if line.errors]

    @property
    def asks(self) -> set[int]:
        """Columns that mean one thing for mentors and may mean another for mentees: nobody has chosen yet."""
        return {at for line in self.lines if not line.errors for at in line.asks}

    @property
    def counts(self) -> dict[str, int]:
        return {name: self.count(name) for name in ("new", "known", "same", "again")} | {"wrong": len(self.wrong)}

    def error_groups(self) -> list[Group]:
        return groups((line, problem) for line in self.lines for problem in line.errors)

    def note_groups(self) -> list[Group]:
        return groups((line, problem) for line in self.lines if not line.errors for problem in line.notes)


def groups(found) -> list[Group]:
    """One group for each kind of problem, the one with the most lines first."""
    by_kind: dict[str, Group] = {}
    for line, problem in found:
        by_kind.setdefault(problem.kind, Group(str(KINDS[problem.kind]), [])).lines.append((line, problem.text))
    return sorted(by_kind.values(), key=lambda group: -len(group.lines))


def check(run: ImportRun, moved: Callable[[int], None] = lambda _done: None) -> Report:
    """Every line of the file, read and compared with who is here; a few queries, however many lines."""
    table, lines, reader = Table.of_data(run.table), [], Reader.of(run)
    for number, row in enumerate(table.rows, start=1):
        lines.append(reader.line(row))
        if number % EVERY == 0:
            moved(number)
    if run.newest_wins:
        keep_newest(lines)
    find_doubles(lines)
    find_managers(lines, run.program)
    compare(lines, run.program)
    return Report(lines)


def keep_newest(lines: list[Line]) -> None:
    """Of several lines of one person the newest counts: by the column of dates if all lines have one, else the last."""
    good = [line for line in lines if line.email and not line.errors]
    order = moments([line.submitted for line in good]) or list(range(len(good)))
    newest: dict[str, Line] = {}
    for _at, line in sorted(zip(order, good, strict=True), key=lambda pair: pair[0]):
        newest[line.email] = line
    for line in good:
        if newest[line.email] is not line:
            line.does = "again"
            line.note("again", _("Line %(n)s is newer and counts instead.") % {"n": newest[line.email].number})


def moments(texts: list[str]) -> list[datetime] | None:
    """The moments in a column, if one format reads all of them; of two that do, the one in which they are in order."""
    texts = [" ".join(text.replace("T", " ").split()).partition(" GMT")[0].partition(" UTC")[0] for text in texts]
    read = [found for pattern in MOMENTS if (found := all_read(texts, pattern))]
    return next((found for found in read if found in (sorted(found), sorted(found, reverse=True))), (read or [None])[0])


def all_read(texts: list[str], pattern: str) -> list[datetime] | None:
    try:
        return [datetime.strptime(text.partition(".")[0] if "-" in text else text, pattern) for text in texts]
    except ValueError:
        return None


def find_doubles(lines: list[Line]) -> None:
    """The same address in the same role: said alike it counts once, said differently somebody has to choose."""
    first: dict[tuple[str, str], Line] = {}
    names: dict[str, Line] = {}
    for line in lines:
        if line.errors or line.does:
            continue
        known = [first[line.email, role] for role in line.roles if (line.email, role) in first]
        if known and all((line.email, role) in first for role in line.roles):
            before = known[0]
            if (line.name, line.facts, line.manager) == (before.name, before.facts, before.manager):
                line.does = "again"
                line.note("again", _("The same as line %(n)s; it counts once.") % {"n": before.number})
            else:
                said = _("The same person as in line %(n)s, described differently. Keep one of the two lines.")
                line.error("different", said % {"n": before.number})
            continue
        for role in line.roles:
            first.setdefault((line.email, role), line)
        twin = names.setdefault(folded(line.name), line) if line.name else line
        if twin.email != line.email:
            said = _("The same name as in line %(n)s with another address. One person or two?")
            line.note("namesake", said % {"n": twin.number})


def find_managers(lines: list[Line], program: Program) -> None:
    """Find each manager by address, or by a name that one person alone has; refuse reporting lines in a circle."""
    by_address = {line.email: line for line in lines if line.email and not line.errors}
    named = {line.manager for line in lines if line.manager}
    here = list(program.enrollments.values_list("user__email", "user__name")) if named else []
    addresses: dict[str, set[str]] = {}
    for email, name in [*here, *((line.email, line.name) for line in by_address.values())]:
        addresses.setdefault(folded(name), set()).add(email)
    known = {email for email, _name in here} | set(by_address)
    for line in lines:
        if not line.manager or line.manager in known:
            continue
        of_that_name = addresses.get(folded(line.manager), set())
        if len(of_that_name) == 1:
            line.manager = next(iter(of_that_name))
            continue
        said = (
            _("Several people are called “%(text)s”; the manager was left out.")
            if of_that_name
            else _("The manager “%(text)s” is not in this program or file and was left out.")
        )
        line.note("manager", said % {"text": line.manager[:80]})
        line.manager = ""
    above = {line.email: line.manager for line in by_address.values() if line.manager}
    above = dict(stored_lines(program)) | above
    for line in by_address.values():
        if line.manager and comes_back_to(line.email, above):
            said = _("This person would be their own manager, through %(text)s. Correct one of the two lines.")
            line.errors.append(Problem("circle", said % {"text": line.manager}))


def stored_lines(program: Program):
    rows = Profile.objects.filter(program=program, manager__isnull=False)
    return rows.values_list("user__email", "manager__email")


def comes_back_to(email: str, above: dict[str, str]) -> bool:
    at, seen = above.get(email), set()
    while at and at not in seen:
        if at == email:
            return True
        seen.add(at)
        at = above.get(at)
    return False


def compare(lines: list[Line], program: Program) -> None:
    """What each line changes, against who is here now."""
    addresses = {line.email for line in lines}
    users = {user.email: user for user in User.objects.filter(email__in=addresses)}
    here = {
        (row.user.email, row.role): row
        for row in program.enrollments.filter(user__email__in=addresses).select_related("user")
    }
    profiles = {
        row.user.email: row
        for row in program.profiles.filter(user__email__in=addresses).select_related("user", "manager")
    }
    for line in lines:
        if line.errors or line.does:
            continue
        line.changes = changes(line, here, profiles.get(line.email))
        line.does = "new" if line.email not in users else "known" if line.changes else "same"


def changes(line: Line, here: dict, profile: Profile | None) -> list[str]:
    found = []
    for role in line.roles:
        row = here.get((line.email, role))
        if row is None or row.left_at:
            found.append(role)
        elif role == Enrollment.Role.MENTOR and line.capacity not in (None, row.capacity):
            found.append("capacity")
    for name, value in line.facts.items():
        if value and (profile is None or getattr(profile, name) != value):
            found.append(name)
    if line.manager and (profile is None or profile.manager is None or profile.manager.email != line.manager):
        found.append("manager")
    return found
