"""What an import would change, compared with the current members; nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from core.folding import folded
from mentoring.importing.columns import FIELDS
from mentoring.importing.line_reader import KINDS, Line, LineReader, Outcome, Problem
from mentoring.importing.table_reader import Table
from mentoring.models import Enrollment, ImportRun, Profile, Program

EVERY = 250  # lines between two progress updates
DATE_FORMATS = (
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

    def count(self, outcome: Outcome) -> int:
        return sum(line.outcome == outcome and not line.errors for line in self.lines)

    @property
    def to_import(self) -> list[Line]:
        return [line for line in self.lines if not line.errors and line.outcome in (Outcome.NEW, Outcome.CHANGED)]

    @property
    def wrong(self) -> list[Line]:
        return [line for line in self.lines if line.errors]

    @property
    def ambiguous_columns(self) -> set[int]:
        """Columns that may mean different things for mentors and mentees, until the admin chooses."""
        return {at for line in self.lines if not line.errors for at in line.ambiguous_columns}

    @property
    def counts(self) -> dict[str, int]:
        return {outcome.value: self.count(outcome) for outcome in Outcome} | {"wrong": len(self.wrong)}

    def error_groups(self) -> list[Group]:
        return groups((line, problem) for line in self.lines for problem in line.errors)

    def note_groups(self) -> list[Group]:
        return groups((line, problem) for line in self.lines if not line.errors for problem in line.notes)


def groups(found) -> list[Group]:
    """Group the lines by kind of problem, the largest group first."""
    by_kind: dict[str, Group] = {}
    for line, problem in found:
        by_kind.setdefault(problem.kind, Group(str(KINDS[problem.kind]), [])).lines.append((line, problem.text))
    return sorted(by_kind.values(), key=lambda group: -len(group.lines))


def check(run: ImportRun, report_progress: Callable[[int], None] = lambda _done: None) -> Report:
    """Read every line and compare it with the current members, in a constant number of queries."""
    table, lines, reader = Table.from_data(run.table), [], LineReader.for_run(run)
    for number, row in enumerate(table.rows, start=1):
        lines.append(reader.line(row))
        if number % EVERY == 0:
            report_progress(number)
    if run.latest_line_only:
        keep_latest_lines(lines)
    find_duplicates(lines)
    find_managers(lines, run.program)
    compare(lines, run.program)
    return Report(lines)


def keep_latest_lines(lines: list[Line]) -> None:
    """Keep only the newest line of each person: by the submission date if all lines have one, else the last."""
    good = [line for line in lines if line.email and not line.errors]
    order = parse_dates([line.submitted for line in good]) or list(range(len(good)))
    newest: dict[str, Line] = {}
    for _at, line in sorted(zip(order, good, strict=True), key=lambda pair: pair[0]):
        newest[line.email] = line
    for line in good:
        if newest[line.email] is not line:
            line.outcome = Outcome.REPEATED
            line.note("again", _("Line %(n)s is newer and is used instead.") % {"n": newest[line.email].number})


def parse_dates(texts: list[str]) -> list[datetime] | None:
    """Parse a column in the one format that fits all of it; if several fit, prefer one that gives sorted dates."""
    texts = [" ".join(text.replace("T", " ").split()).partition(" GMT")[0].partition(" UTC")[0] for text in texts]
    read = [found for pattern in DATE_FORMATS if (found := parse_all(texts, pattern))]
    return next((found for found in read if found in (sorted(found), sorted(found, reverse=True))), (read or [None])[0])


def parse_all(texts: list[str], pattern: str) -> list[datetime] | None:
    try:
        return [datetime.strptime(text.partition(".")[0] if "-" in text else text, pattern) for text in texts]
    except ValueError:
        return None


def find_duplicates(lines: list[Line]) -> None:
    """Find repeated people: the same address and role counts once, or is an error if the details differ."""
    first: dict[tuple[str, str], Line] = {}
    names: dict[str, Line] = {}
    for line in lines:
        if line.errors or line.outcome:
            continue
        known = [first[line.email, role] for role in line.roles if (line.email, role) in first]
        if known and all((line.email, role) in first for role in line.roles):
            before = known[0]
            if (line.name, line.profile_values, line.manager) == (before.name, before.profile_values, before.manager):
                line.outcome = Outcome.REPEATED
                line.note("again", _("Same as line %(n)s; it is imported once.") % {"n": before.number})
            else:
                text = _("Same person as in line %(n)s, but with different details. Keep only one of these lines.")
                line.error("different", text % {"n": before.number})
            continue
        for role in line.roles:
            first.setdefault((line.email, role), line)
        twin = names.setdefault(folded(line.name), line) if line.name else line
        if twin.email != line.email:
            text = _("Same name as in line %(n)s, but a different address. Check whether this is the same person.")
            line.note("namesake", text % {"n": twin.number})


def find_managers(lines: list[Line], program: Program) -> None:
    """Find each manager by address or by a unique name; reject cycles in the reporting line."""
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
        same_name = addresses.get(folded(line.manager), set())
        if len(same_name) == 1:
            line.manager = next(iter(same_name))
            continue
        text = (
            _("Several people have the name “%(text)s”; the manager was skipped.")
            if same_name
            else _("The manager “%(text)s” is not in this program or file and was skipped.")
        )
        line.note("manager", text % {"text": line.manager[:80]})
        line.manager = ""
    above = {line.email: line.manager for line in by_address.values() if line.manager}
    above = dict(stored_managers(program)) | above
    for line in by_address.values():
        if line.manager and is_own_manager(line.email, above):
            text = _("This person would be their own manager through %(text)s. Correct one of these lines.")
            line.errors.append(Problem("circle", text % {"text": line.manager}))


def stored_managers(program: Program):
    rows = Profile.objects.filter(program=program, manager__isnull=False)
    return rows.values_list("user__email", "manager__email")


def is_own_manager(email: str, above: dict[str, str]) -> bool:
    """Return True if the reporting line of this person leads back to them."""
    at, seen = above.get(email), set()
    while at and at not in seen:
        if at == email:
            return True
        seen.add(at)
        at = above.get(at)
    return False


def compare(lines: list[Line], program: Program) -> None:
    """Set what each line changes, compared with the current members."""
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
        if line.errors or line.outcome:
            continue
        line.changes = changes(line, here, profiles.get(line.email))
        known = Outcome.CHANGED if line.changes else Outcome.UNCHANGED
        line.outcome = known if line.email in users else Outcome.NEW


def changes(line: Line, here: dict, profile: Profile | None) -> list[str]:
    """Return the names of new roles and of fields with another value."""
    found = []
    for role in line.roles:
        row = here.get((line.email, role))
        if row is None or row.left_at:
            found.append(str(Enrollment.Role(role).label))
        elif role == Enrollment.Role.MENTOR and line.capacity not in (None, row.capacity):
            found.append(str(FIELDS["capacity"]))
    for name, value in line.profile_values.items():
        if value and (profile is None or getattr(profile, name) != value):
            found.append(str(FIELDS[name]))
    if line.manager and (profile is None or profile.manager is None or profile.manager.email != line.manager):
        found.append(str(FIELDS["manager"]))
    return found
