"""People from a file: first what would happen, line by line, then all of it or nothing (docs/rules.md, import).

Checking reads, carrying out writes, and both see the same lines. Running the same file twice changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.addresses import normalize_address, validate_address
from accounts.models import AuditEvent, User
from mentoring import columns
from mentoring.models import Enrollment, ImportRun, Profile, Program
from mentoring.tables import Row, Table

LONGEST_NAME = 200
EVERY = 250  # lines between two signs of life


@dataclass
class Line:
    """One line of the file and what it would do. `errors` stop it; `notes` tell what was guessed or left out."""

    number: int
    email: str = ""
    name: str = ""
    roles: list[str] = field(default_factory=list)
    capacity: int | None = None
    facts: dict = field(default_factory=dict)  # of the profile
    person: dict = field(default_factory=dict)  # zone and working hours, for somebody who is new
    manager: str = ""
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    does: str = ""  # "new", "known" (another role or new facts), "same", "again" (said before in this file)
    changes: list[str] = field(default_factory=list)


@dataclass
class Report:
    lines: list[Line]

    def count(self, does: str) -> int:
        return sum(line.does == does and not line.errors for line in self.lines)

    @property
    def wrong(self) -> list[Line]:
        return [line for line in self.lines if line.errors]

    @property
    def counts(self) -> dict[str, int]:
        return {name: self.count(name) for name in ("new", "known", "same", "again")} | {"wrong": len(self.wrong)}


# --- What would happen ---


def check(run: ImportRun, moved: Callable[[int], None] = lambda _done: None) -> Report:
    """Every line of the file, read and compared with who is here; four queries, however many lines."""
    table, lines = Table.of_data(run.table), []
    for number, row in enumerate(table.rows, start=1):
        lines.append(read_line(row, run.columns, run.role))
        if number % EVERY == 0:
            moved(number)
    tell_doubles(lines)
    tell_managers(lines, run.program)
    compare(lines, run.program)
    return Report(lines)


def read_line(row: Row, where: dict[str, int], role: str) -> Line:
    """One row by itself."""

    def cell(name: str) -> str:
        at = where.get(name)
        return row.cells[at] if at is not None and at < len(row.cells) else ""

    line = Line(row.line, email=normalize_address(cell("email")))
    if row.trouble:
        line.errors.append(row.trouble)
        return line
    read_address(line)
    read_name(line, cell("name"))
    read_roles(line, cell("role"), role)
    read_facts(line, cell)
    line.manager = normalize_address(cell("manager"))
    return line


def read_address(line: Line) -> None:
    if not line.email:
        line.errors.append(_("No e-mail address. Add it, or leave this line out."))
        return
    try:
        validate_address(line.email)
    except ValidationError:
        line.errors.append(_("“%(text)s” is no e-mail address. Correct it.") % {"text": line.email[:80]})


def read_name(line: Line, text: str) -> None:
    line.name = " ".join(text.split())
    if line.name.startswith(("=", "@", "+", "-")):
        line.errors.append(_("The name begins like a formula: “%(text)s”. Type the name.") % {"text": line.name[:40]})
    elif len(line.name) > LONGEST_NAME:
        line.errors.append(_("The name is longer than 200 letters. Shorten it."))
    elif not line.name:
        line.notes.append(_("No name; they give it when they come in."))


def read_roles(line: Line, text: str, role: str) -> None:
    found = columns.roles(text)
    if found is None:
        line.errors.append(_("“%(text)s” is no role. Say mentor, mentee or both.") % {"text": text[:40]})
    elif not found and not role:
        line.errors.append(_("No role. Say mentor, mentee or both, or choose above what all are who have none."))
    else:
        line.roles = found or [role]


def read_facts(line: Line, cell: Callable[[str], str]) -> None:
    """What can be used, and a note for what cannot; only a mentor's capacity is needed as it is."""
    line.facts = {name: columns.things(cell(name)) for name in ("wants", "offers", "interests", "languages")}
    line.facts |= {"team": " ".join(cell("team").split())[:120], "style": columns.style(cell("style"))}
    if cell("style") and not line.facts["style"]:
        line.notes.append(_("The style “%(text)s” is not one of ours and was left out.") % {"text": cell("style")[:40]})
    if text := cell("capacity"):
        line.capacity = columns.capacity(text)
        if line.capacity is None and Enrollment.Role.MENTOR in line.roles:
            said = _("“%(text)s” mentees? A mentor takes 1, 2 or 3. Correct it, or leave the cell empty for 2.")
            line.errors.append(said % {"text": text[:40]})
    if text := cell("timezone"):
        line.person["zone"] = columns.zone(text)
        if not line.person["zone"]:
            said = _("The time zone “%(text)s” is not known or not clear. They are asked for theirs when they join.")
            line.notes.append(said % {"text": text[:40]})
    if text := cell("hours"):
        found = columns.hours(text)
        if found:
            line.person |= {"works_from": found[0], "works_until": found[1]}
        else:
            line.notes.append(_("The working hours “%(text)s” were left out.") % {"text": text[:40]})


def tell_doubles(lines: list[Line]) -> None:
    """The same address in the same role: said alike it counts once, said differently somebody has to choose."""
    first: dict[tuple[str, str], Line] = {}
    names: dict[str, Line] = {}
    for line in lines:
        if line.errors:
            continue
        known = [first[line.email, role] for role in line.roles if (line.email, role) in first]
        if known and all((line.email, role) in first for role in line.roles):
            before = known[0]
            if (line.name, line.facts, line.manager) == (before.name, before.facts, before.manager):
                line.does = "again"
                line.notes.append(_("The same as line %(n)s; it counts once.") % {"n": before.number})
            else:
                said = _("The same person as in line %(n)s, described differently. Keep one of the two.")
                line.errors.append(said % {"n": before.number})
            continue
        for role in line.roles:
            first.setdefault((line.email, role), line)
        twin = names.setdefault(columns.plain(line.name), line) if line.name else line
        if twin.email != line.email:
            said = _("The same name as in line %(n)s with another address. One person or two?")
            line.notes.append(said % {"n": twin.number})


def tell_managers(lines: list[Line], program: Program) -> None:
    """A manager has to be somebody; nobody manages themself, also not around a corner."""
    by_address = {line.email: line for line in lines if line.email and not line.errors}
    named = {line.manager for line in lines if line.manager}
    here = program.enrollments.filter(user__email__in=named).values_list("user__email", flat=True)
    known = set(here) | set(by_address)
    for line in lines:
        if line.manager and line.manager not in known:
            said = _("Nobody here has the manager’s address “%(text)s”; it was left out.")
            line.notes.append(said % {"text": line.manager[:80]})
            line.manager = ""
    above = {line.email: line.manager for line in by_address.values() if line.manager}
    above = dict(stored_lines(program)) | above
    for line in by_address.values():
        if line.manager and comes_back_to(line.email, above):
            said = _("This person would be their own manager, through %(text)s. Correct one of the two lines.")
            line.errors.append(said % {"text": line.manager})


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
        elif role == Enrollment.Role.MENTOR and line.capacity and row.capacity != line.capacity:
            found.append("capacity")
    for name, value in line.facts.items():
        if value and (profile is None or getattr(profile, name) != value):
            found.append(name)
    if line.manager and (profile is None or profile.manager is None or profile.manager.email != line.manager):
        found.append("manager")
    return found


# --- All of it or nothing ---


def carry_out(run: ImportRun) -> None:
    """Check once more against who is here now, then write everything in one transaction, or nothing at all.

    Claimed first: of two workers one does it. A worker that died leaves nothing behind, and the next one begins anew.
    """
    if not run.claim():
        return
    run.refresh_from_db()
    report = check(run, run.moved)
    if report.wrong and not run.leave_out:
        finish(run, ImportRun.State.REFUSED, report)
        return
    with transaction.atomic():
        write(run, [line for line in report.lines if not line.errors and line.does in ("new", "known")])
        AuditEvent.record(run.by, "people imported", run)
        finish(run, ImportRun.State.DONE, report)


def finish(run: ImportRun, state: str, report: Report) -> None:
    kept = {} if state == ImportRun.State.DONE else run.table
    ImportRun.objects.filter(pk=run.pk).update(
        state=state, result=report.counts, done=len(report.lines), table=kept, moved_at=timezone.now()
    )


def write(run: ImportRun, lines: list[Line]) -> None:
    """A person in several lines is one person; what a later line does not say stays."""
    now, addresses = timezone.now(), {line.email for line in lines} | {line.manager for line in lines}
    users = {user.email: user for user in User.objects.filter(email__in=addresses)}
    fresh: dict[str, User] = {}
    for line in lines:
        if line.email not in users and line.email not in fresh:
            person = {name: value for name, value in line.person.items() if value}
            nobody_knows = make_password(None)
            fresh[line.email] = User(email=line.email, name=line.name, password=nobody_knows, **person)
    User.objects.bulk_create(fresh.values(), batch_size=500)
    users |= fresh
    enroll(run, lines, users, now)
    describe(run, lines, users, now)


def enroll(run: ImportRun, lines: list[Line], users: dict[str, User], now) -> None:
    there = {(row.user_id, row.role): row for row in run.program.enrollments.filter(user__in=list(users.values()))}
    made, again, audit = {}, [], []
    for line in lines:
        for role in line.roles:
            key, room = (users[line.email].pk, role), {"capacity": line.capacity} if line.capacity else {}
            row = there.get(key) or made.get(key)
            if row is None:
                made[key] = Enrollment(
                    program=run.program, user=users[line.email], role=role, invited_by=run.by, invited_at=now, **room
                )
                continue
            row.capacity = room.get("capacity", row.capacity)
            if row.left_at:
                row.invited_at, row.invited_by, row.accepted_at, row.left_at = now, run.by, None, None
            again.append(row)
    Enrollment.objects.bulk_create(made.values(), batch_size=500)
    stored = [row for row in again if row.pk]
    Enrollment.objects.bulk_update(stored, ["capacity", "invited_at", "invited_by", "accepted_at", "left_at"], 500)
    for row in made.values():
        audit.append(AuditEvent(who=run.by, what=f"invited as {row.role}", object=f"mentoring.enrollment:{row.pk}"))
    AuditEvent.objects.bulk_create(audit, batch_size=500)


def describe(run: ImportRun, lines: list[Line], users: dict[str, User], now) -> None:
    there = {row.user_id: row for row in run.program.profiles.filter(user__in=list(users.values()))}
    made: dict[int, Profile] = {}
    for line in lines:
        user = users[line.email]
        row = there.get(user.pk) or made.setdefault(user.pk, Profile(program=run.program, user=user))
        for name, value in line.facts.items():
            if value:
                setattr(row, name, value)
        if line.manager in users:
            row.manager = users[line.manager]
        row.changed_at = now
    Profile.objects.bulk_create(made.values(), batch_size=500)
    Profile.objects.bulk_update(there.values(), [*Profile.FACTS, "manager", "changed_at"], 500)
