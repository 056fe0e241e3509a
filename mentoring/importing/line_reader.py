"""One line of an import: the values of its cells, its errors, and what was skipped or guessed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.addresses import normalize_address, one_line, validate_address
from core.folding import folded
from mentoring.importing import columns
from mentoring.importing.table_reader import Row
from mentoring.models import Enrollment, ImportRun

LONGEST_NAME, LONGEST_TEAM = 200, 120

KINDS = {
    # Errors: the line is not imported.
    "quotes": gettext_lazy("A quotation mark is not closed"),
    "no address": gettext_lazy("No email address"),
    "address": gettext_lazy("Not an email address"),
    "name": gettext_lazy("Not a name"),
    "no role": gettext_lazy("No role"),
    "role": gettext_lazy("Unknown role"),
    "different": gettext_lazy("One person with different details"),
    "circle": gettext_lazy("Circular reporting line"),
    # Notes: the line is imported anyway.
    "cut": gettext_lazy("Shortened"),
    "no name": gettext_lazy("No name"),
    "style": gettext_lazy("Unknown style"),
    "grade": gettext_lazy("A grade without a number"),
    "capacity": gettext_lazy("Unknown number of mentees"),
    "limit": gettext_lazy("More mentees than this program allows"),
    "zone": gettext_lazy("Unknown time zone"),
    "hours": gettext_lazy("Unknown working hours"),
    "again": gettext_lazy("In the file more than once"),
    "namesake": gettext_lazy("Same name, different address"),
    "manager": gettext_lazy("Unknown manager"),
}


class Outcome(StrEnum):
    """What importing a line does; the values are stored with the result of an import."""

    NEW = "new"
    CHANGED = "known"  # a member gets another role or other values
    UNCHANGED = "same"
    REPEATED = "again"  # another line of the same person is used


class Problem(NamedTuple):
    kind: str  # of KINDS
    text: str


@dataclass
class Line:
    """One line of the file and its result; `errors` block it, `notes` list what was guessed or skipped."""

    number: int
    email: str = ""
    name: str = ""
    roles: list[str] = field(default_factory=list)
    capacity: int | None = None
    profile_values: dict = field(default_factory=dict)  # of the profile
    account_values: dict = field(default_factory=dict)  # zone and working hours, for somebody who is new
    manager: str = ""
    submitted: str = ""
    ambiguous_columns: set[int] = field(default_factory=set)  # columns whose meaning the admin has to choose
    errors: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    outcome: Outcome | None = None  # None until the line is compared with the members
    changes: list[str] = field(default_factory=list)

    def error(self, kind: str, text: str) -> None:
        self.errors.append(Problem(kind, text))

    def note(self, kind: str, text: str) -> None:
        self.notes.append(Problem(kind, text))


class LineReader:
    """Reads the rows of one file with the chosen columns and options."""

    def __init__(self, headings: list[str], where: dict[str, list[int]], role: str, role_choices: dict, limit: int):
        self.headings, self.where, self.role, self.role_choices, self.limit = headings, where, role, role_choices, limit

    @classmethod
    def for_run(cls, run: ImportRun) -> "LineReader":
        return cls(run.table["headings"], run.columns, run.role, run.role_choices, run.program.most_mentees)

    def cells(self, row: Row, name: str) -> list[tuple[int, str]]:
        """Return the columns of a field with their values; in a checkbox matrix, the checked options."""
        found = [(at, row.cells[at]) for at in self.where.get(name, []) if at < len(row.cells)]
        matrix = len(found) > 1 or any(columns.option_of(self.headings[at])[1] for at, _text in found)
        if matrix and name in (*columns.LISTS, columns.AMBIGUOUS, "role"):
            found = [(at, columns.checked_option(self.headings[at], text)) for at, text in found]
        return [(at, text) for at, text in found if text]

    def line(self, row: Row) -> Line:
        """Return the line for one row, without comparing it with others."""

        def cell(name: str, joined: str = "") -> str:
            texts = [text for _at, text in self.cells(row, name)]
            return joined.join(texts) if joined else "".join(texts[:1])

        line = Line(row.line, email=normalize_address(cell("email")), submitted=cell("submitted"))
        if row.trouble:
            line.error("quotes", row.trouble)
            return line
        if row.cut:
            line.note("cut", _("A cell is longer than 5,000 characters; the rest was skipped."))
        read_address(line)
        read_name(line, " ".join(filter(None, [cell("name", " "), cell("first_name", " "), cell("last_name", " ")])))
        self.read_roles(line, cell("role", ", "))
        self.read_lists(line, row)
        self.read_capacity(line, cell("capacity"))
        read_facts(line, cell)
        line.manager = normalize_address(cell("manager"))
        return line

    def read_roles(self, line: Line, text: str) -> None:
        found = self.role_choices.get(folded(text)) or columns.roles(text)
        if found is None:
            message = _("Role must be mentor, mentee or both (found “%(text)s”).")
            line.error("role", message % {"text": text[:40]})
        elif not found and not self.role:
            line.error("no role", _("Enter mentor, mentee or both, or choose a role for everyone without one."))
        else:
            line.roles = found or [self.role]

    def read_lists(self, line: Line, row: Row) -> None:
        """Read the lists; a column of topics is what mentees want to learn and what mentors can help with."""
        mentor, mentee = Enrollment.Role.MENTOR in line.roles, Enrollment.Role.MENTEE in line.roles
        texts = {name: [text for _at, text in self.cells(row, name)] for name in columns.LISTS}
        topics = texts.pop("topics")
        for at, text in self.cells(row, columns.AMBIGUOUS):
            if mentee:
                line.ambiguous_columns.add(at)
            else:
                texts["offers"].append(text)
        texts["offers"] += topics if mentor else []
        texts["wants"] += topics if mentee else []
        for name, cells in texts.items():
            every = columns.split_list("\n".join(cells) if len(cells) > 1 else "".join(cells))
            line.profile_values[name] = [item[: columns.LONGEST_ITEM] for item in every[: columns.MAX_ITEMS]]
            if line.profile_values[name] != every:
                note = _("%(field)s: only the first %(n)s items are kept, and %(length)s characters of each.")
                values = {"field": columns.FIELDS[name], "n": columns.MAX_ITEMS, "length": columns.LONGEST_ITEM}
                line.note("cut", note % values)

    def read_capacity(self, line: Line, text: str) -> None:
        if not text or Enrollment.Role.MENTOR not in line.roles:
            return
        line.capacity = columns.capacity(text)
        if line.capacity is None:
            message = _("“%(text)s” is not a number of mentees; their current number stays (2 for new mentors).")
            line.note("capacity", message % {"text": text[:40]})
        elif line.capacity > self.limit:
            message = _("This program allows %(limit)s mentees, not %(n)s; %(limit)s will be stored.")
            line.note("limit", message % {"n": line.capacity, "limit": self.limit})
            line.capacity = self.limit


def read_address(line: Line) -> None:
    if not line.email:
        line.error("no address", _("No email address. Add it, or skip this line."))
        return
    try:
        validate_address(line.email)
    except ValidationError:
        line.error("address", _("“%(text)s” is not an email address. Correct it.") % {"text": line.email[:80]})


def read_name(line: Line, text: str) -> None:
    line.name = one_line(text)
    if line.name.startswith(("=", "@", "+", "-")):
        line.error("name", _("The name starts like a formula: “%(text)s”. Enter the name.") % {"text": line.name[:40]})
    elif len(line.name) > LONGEST_NAME:
        line.error("name", _("The name is longer than 200 characters. Shorten it."))
    elif not line.name:
        line.note("no name", _("They enter their name when they join."))


def read_facts(line: Line, cell: Callable[..., str]) -> None:
    """Read the other facts, with a note for each value that cannot be used."""
    team = " ".join(cell("team", ", ").split())
    line.profile_values |= {"team": team[:LONGEST_TEAM], "style": columns.style(cell("style"))}
    if len(team) > LONGEST_TEAM:
        line.note("cut", _("The team is longer than 120 characters; the rest was skipped."))
    if cell("style") and not line.profile_values["style"]:
        line.note("style", _("“%(text)s” is not a known style; it was skipped.") % {"text": cell("style")[:40]})
    if text := cell("grade"):
        line.profile_values["grade"] = columns.grade(text)
        if line.profile_values["grade"] is None:
            line.note("grade", _("The grade “%(text)s” has no number and was skipped.") % {"text": text[:40]})
    if text := cell("timezone"):
        line.account_values["zone"] = columns.zone(text)
        if not line.account_values["zone"]:
            message = _("The time zone “%(text)s” is unknown or ambiguous. They choose one when they join.")
            line.note("zone", message % {"text": text[:40]})
    if text := cell("hours"):
        found = columns.hours(text)
        if found:
            line.account_values |= {"works_from": found[0], "works_until": found[1]}
        else:
            line.note("hours", _("The working hours “%(text)s” were skipped.") % {"text": text[:40]})
