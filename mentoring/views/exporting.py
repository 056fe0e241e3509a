"""Downloads of a program's people and pairs, streamed and recorded in the audit log."""

from itertools import chain, islice

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.models import AuditEvent
from accounts.reauthentication import requires_reauthentication
from mentoring.csv_export import table_response, workbook_response
from mentoring.importing import columns
from mentoring.models import Profile, Program, add_pairs_now, attach_signatures

CHUNK = 1000  # rows
# In English whatever the reader's language: the columns are what an import reads.
STATE_COLUMNS = ["state", "invited on", "joined on", "pairs now"]
ENROLLMENT_FIELDS = ["program", "role", "name", "capacity", "invited_at", "accepted_at", "left_at"]
ENROLLMENT_FIELDS += [f"user__{name}" for name in ("email", "name", "zone", "works_from", "works_until", "is_active")]
PROFILE_FIELDS = ["program", "user", "manager__email", *Profile.FACTS]
PAIR_COLUMNS = [
    *["mentor email", "mentor name", "mentee email", "mentee name", "state", "started on", "ends on", "ended on"],
    *["paused from", "paused until", "mentor agreed on", "mentee agreed on"],
]


@require_POST
@requires_reauthentication(is_file=True)
def people_export(request, pk):
    """Export the people: the columns that an import reads, then their state and its dates."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    AuditEvent.record(request.user, AuditEvent.Action.PEOPLE_EXPORTED, program)
    profiles = program.profiles.select_related("manager").only(*PROFILE_FIELDS)
    rows = program.enrollments.current().exclude(role="admin").select_related("user").only(*ENROLLMENT_FIELDS)
    rows = rows.prefetch_related(Prefetch("user__profiles", profiles, to_attr="profiles_here"))
    rows = rows.order_by("user__email", "role").iterator(chunk_size=CHUNK)
    chunks = iter(lambda: add_pairs_now(list(islice(rows, CHUNK))), [])
    lines = (
        [*as_cells(row, next(iter(row.user.profiles_here), None)), *state_of(row, program)]
        for chunk in chunks
        for row in chunk
    )
    return file_response(request, program, "people", [*columns.EXPORTED, *STATE_COLUMNS], lines)


@require_POST
@requires_reauthentication(is_file=True)
def pairs_export(request, pk):
    """Export the pairs, running and ended: who with whom, their state and its dates, and nothing they wrote."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    AuditEvent.record(request.user, AuditEvent.Action.PAIRS_EXPORTED, program)
    today = program.today()
    rows = program.pairs.select_related("mentor", "mentee").with_pause(today)
    rows = rows.order_by("mentor__email", "mentee__email", "pk").iterator(chunk_size=CHUNK)
    chunks = iter(lambda: attach_signatures(islice(rows, CHUNK)), [])
    lines = (pair_as_cells(pair, program, today) for pair in chain.from_iterable(chunks))
    return file_response(request, program, "pairs", PAIR_COLUMNS, lines)


def file_response(request, program: Program, name: str, headings: list[str], lines):
    """Return the table as XLSX if the form asks for it, else as CSV."""
    if request.POST.get("format") == "xlsx":
        return workbook_response(f"{name}-{program.pk}.xlsx", name, headings, lines)
    return table_response(f"{name}-{program.pk}.csv", headings, lines, streamed=True)


def as_cells(row, profile) -> list:
    """Return one enrollment in the order of columns.EXPORTED."""
    user, accepted = row.user, row.accepted_at is not None  # before that, nothing of an account leaves
    lists = [("; ".join(getattr(profile, name)) if profile else "") for name in ("wants", "offers", "interests")]
    manager = profile.manager.email if profile and profile.manager else ""
    name, zone = (user.name, user.zone) if accepted else (row.name, "")
    hours = f"{user.works_from:%H:%M}-{user.works_until:%H:%M}" if accepted else ""
    cells = [user.email, name, row.role, profile.team if profile else "", *lists, row.capacity, zone, hours]
    grade = profile.grade if profile and profile.grade else ""
    return [*cells, profile.style if profile else "", "; ".join(profile.languages) if profile else "", grade, manager]


def state_of(row, program: Program) -> list:
    """Return one enrollment in the order of STATE_COLUMNS."""
    states = {"none": "not invited", "open": "invited", "expired": "invitation expired", "used": "joined"}
    dates = [program.date_of(at).isoformat() if at else "" for at in (row.invited_at, row.accepted_at)]
    return [states[row.invitation_state], *dates, row.pairs_now]


def pair_as_cells(pair, program: Program, today) -> list:
    """Return one pair in the order of PAIR_COLUMNS."""
    pause = (None, None) if pair.ended_on else (pair.paused_from, pair.paused_until)  # the current or the next one
    if pair.ended_on:
        state = "ended"
    elif pause[0] and pause[0] <= today:
        state = "paused"
    else:
        state = "to come" if pair.started_on > today else "running"
    agreed = [at and program.date_of(at) for at in (pair.mentor_agreed_at, pair.mentee_agreed_at)]
    people = [pair.mentor.email, pair.mentor.name, pair.mentee.email, pair.mentee.name]
    dates = [pair.started_on, pair.ends_on, pair.ended_on, *pause, *agreed]
    return [*people, state, *(day.isoformat() if day else "" for day in dates)]
