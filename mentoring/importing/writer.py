"""Writing the people of a file: all of them in one transaction, or nothing."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEvent, User
from mentoring.importing.line_reader import Line
from mentoring.importing.report import Report, check
from mentoring.models import Enrollment, ImportRun, Profile

# The fields of an enrollment that an import may change.
FIELDS = ["name", "capacity", "invited_at", "invited_by", "invitation_message", "accepted_at", "left_at"]


def import_people(run: ImportRun) -> None:
    """Check again against the current members, then write everything in one transaction, or nothing.

    Only one worker claims the run. A worker that died leaves nothing behind, and the next one starts over.
    """
    if not run.claim():
        return
    run.refresh_from_db()
    report = check(run, run.save_progress)
    if (report.wrong and not run.skip_errors) or report.ambiguous_columns:
        finish(run, ImportRun.State.REFUSED, report)
        return
    with transaction.atomic():
        write_people(run, report.to_import)
        AuditEvent.record(run.created_by, AuditEvent.Action.PEOPLE_IMPORTED, run)
        finish(run, ImportRun.State.DONE, report)


def finish(run: ImportRun, state: str, report: Report) -> None:
    """Store the result; the file and its rows are deleted once the import is done."""
    gone = {"table": {}, "content": b"", "role_choices": {}} if state == ImportRun.State.DONE else {}
    ImportRun.objects.filter(pk=run.pk).update(
        state=state, result=report.counts, done=len(report.lines), progress_at=timezone.now(), **gone
    )


def write_people(run: ImportRun, lines: list[Line]) -> None:
    """Write the people of these lines; later lines of the same person add to earlier ones."""
    now, addresses = timezone.now(), {line.email for line in lines} | {line.manager for line in lines}
    users = {user.email: user for user in User.objects.filter(email__in=addresses)}
    created: dict[str, User] = {}
    for line in lines:
        if line.email not in users and line.email not in created:
            person = {name: value for name, value in line.account_values.items() if value}
            nobody_knows = make_password(None)
            created[line.email] = User(email=line.email, name=line.name, password=nobody_knows, **person)
            created[line.email].language = run.program.language  # until they join; the invitation is in it
    User.objects.create_people(list(created.values()))
    users |= created
    write_enrollments(run, lines, users, now)
    update_profiles(run, lines, users, now)


def write_enrollments(run: ImportRun, lines: list[Line], users: dict[str, User], now) -> None:
    existing = {(row.user_id, row.role): row for row in run.program.enrollments.filter(user__in=list(users.values()))}
    made, again, audit = {}, [], []
    invited_at = None if run.invite_later else now
    for line in lines:
        for role in line.roles:
            key = users[line.email].pk, role
            capacity = {"capacity": run.program.usual_capacity if line.capacity is None else line.capacity}
            row = existing.get(key) or made.get(key)
            if row is None:
                made[key] = Enrollment(
                    program=run.program,
                    user=users[line.email],
                    role=role,
                    name=line.name,
                    invited_by=run.created_by,
                    invited_at=invited_at,
                    invitation_message=run.message,
                    **capacity,
                )
                continue
            row.capacity = row.capacity if line.capacity is None else line.capacity
            if row.left_at:
                row.name = line.name or (users[line.email].name if row.accepted_at else row.name)
                row.invited_at, row.invited_by, row.accepted_at, row.left_at = invited_at, run.created_by, None, None
                row.invitation_message = run.message
            again.append(row)
    Enrollment.objects.bulk_create(made.values(), batch_size=500)
    stored = [row for row in again if row.pk]
    Enrollment.objects.bulk_update(stored, FIELDS, batch_size=500)
    for row in made.values():
        action = AuditEvent.Action.ADDED if run.invite_later else AuditEvent.Action.INVITED
        audit.append(AuditEvent.build(run.created_by, action, row, detail=row.role))
    AuditEvent.objects.bulk_create(audit, batch_size=500)


def update_profiles(run: ImportRun, lines: list[Line], users: dict[str, User], now) -> None:
    existing = {row.user_id: row for row in run.program.profiles.filter(user__in=list(users.values()))}
    made: dict[int, Profile] = {}
    for line in lines:
        user = users[line.email]
        row = existing.get(user.pk) or made.setdefault(user.pk, Profile(program=run.program, user=user))
        for name, value in line.profile_values.items():
            if value:
                setattr(row, name, value)
        if line.manager in users:
            row.manager = users[line.manager]
        row.updated_at = now
    Profile.objects.bulk_create(made.values(), batch_size=500)
    Profile.objects.bulk_update(existing.values(), [*Profile.FACTS, "manager", "updated_at"], 500)
