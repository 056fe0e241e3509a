"""A file of people: looked at first, brought in afterwards, with its progress and what came of it."""

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import AuditEvent
from mentoring import columns, importing
from mentoring.forms import ColumnsForm, ImportForm
from mentoring.models import ImportRun, Program
from mentoring.views.tables import table_response

SHOWN = 100  # lines of each sort on the page; all of them are in the file of errors
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def people_import(request, pk):
    """Choose a file. What is in it is looked at, nothing is changed."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        recent = program.imports.select_related("by")[:5]
        context = {"form": form, "program": program, "recent": recent}
        return render(request, "mentoring/people_import.html", context, status=422 if form.is_bound else 200)
    run = form.look_at(program, request.user)
    AuditEvent.record(request.user, "file of people looked at", run)
    return redirect("import_detail", run.pk)


@get_or_post
def import_detail(request, pk):
    """What would happen, line by line; which column is what; then how far it is, and what came of it."""
    run = get_object_or_404(ImportRun.objects.managed_by(request.user).select_related("program", "by"), pk=pk)
    waits = run.state in (ImportRun.State.LOOKED_AT, ImportRun.State.REFUSED)
    form = ColumnsForm(request.POST or None, run=run) if waits else None
    if request.method == "POST" and form and form.is_valid():
        form.save()
        AuditEvent.record(request.user, "columns of a file named", run)
        return redirect("import_detail", pk)
    context = {"run": run, "program": run.program, "form": form, "waits": waits}
    if waits:
        report = importing.check(run)
        context |= {
            "counts": report.counts,
            "ready": report.count("new") + report.count("known"),
            "wrong": report.wrong[:SHOWN],
            "noted": [line for line in report.lines if line.notes and not line.errors][:SHOWN],
            "coming": [line for line in report.lines if line.does in ("new", "known") and not line.errors][:SHOWN],
            "notes": run.table["notes"],
            "names": columns.FIELDS,
        }
    return render(request, "mentoring/import_detail.html", context, status=422 if form and form.errors else 200)


@require_POST
def import_start(request, pk):
    """Hand it to a worker. Lines with errors are left out only if that is said."""
    run = get_object_or_404(ImportRun.objects.managed_by(request.user), pk=pk)
    if run.begin(leave_out=request.POST.get("leave_out") == "1"):
        AuditEvent.record(request.user, "file of people handed over", run)
    return redirect("import_detail", pk)


@require_safe
def import_progress(request, pk):
    """How far it is; asked again and again by the page."""
    run = get_object_or_404(ImportRun.objects.managed_by(request.user), pk=pk)
    if not request.htmx:
        return redirect("import_detail", pk)
    return render(request, "mentoring/_import_progress.html", {"run": run})


@require_safe
def import_errors(request, pk):
    """The lines with errors as a file: number, what is wrong, and the line as it was."""
    run = get_object_or_404(ImportRun.objects.managed_by(request.user).select_related("program"), pk=pk)
    report = importing.check(run) if run.table else importing.Report([])
    rows = {row[0]: row[1] for row in run.table.get("rows", [])}
    headings = [_("Line"), _("What is wrong"), *run.table.get("headings", [])]
    lines = ([line.number, " ".join(line.errors), *rows.get(line.number, [])] for line in report.wrong)
    AuditEvent.record(request.user, "lines with errors exported", run)
    return table_response(f"errors-{run.pk}.csv", headings, lines)


@require_POST
def people_export(request, pk):
    """The people of a program in the columns that an import reads, so that it can be brought in elsewhere.

    It is written down, so that opening a page alone does nothing. The file leaves as it is read, however long.
    """
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    AuditEvent.record(request.user, "people exported", program)
    here = Prefetch("user__profiles", program.profiles.select_related("manager"), to_attr="profiles_here")
    rows = program.enrollments.here().exclude(role="admin").select_related("user").prefetch_related(here)
    rows = rows.order_by("user__email", "role").iterator(chunk_size=1000)
    lines = (as_cells(row, next(iter(row.user.profiles_here), None)) for row in rows)
    return table_response(f"people-{program.pk}.csv", columns.FIELDS, lines, streamed=True)


def as_cells(row, profile) -> list:
    """One enrollment in the order of columns.FIELDS."""
    user = row.user
    lists = [("; ".join(getattr(profile, name)) if profile else "") for name in ("wants", "offers", "interests")]
    manager = profile.manager.email if profile and profile.manager else ""
    hours = f"{user.works_from:%H:%M}-{user.works_until:%H:%M}"
    said = [user.email, user.name, row.role, profile.team if profile else "", *lists, row.capacity, user.zone, hours]
    return [*said, profile.style if profile else "", "; ".join(profile.languages) if profile else "", manager]
