"""Importing people from a file: choose its columns, review the result, then import."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import AuditEvent
from core.http import form_page
from mentoring import importing
from mentoring.csv_export import table_response
from mentoring.forms import ColumnsForm, ImportForm, ReadingForm
from mentoring.importing import columns
from mentoring.importing.line_reader import Outcome
from mentoring.models import ImportRun, Program

SHOWN, SHOWN_OF_A_KIND = 100, 10  # lines on the page; all of them are in the files it links to
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def import_create(request, pk):
    """Upload a file of people; nothing is changed yet."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = ImportForm(request.POST or None, request.FILES or None, program=program, by=request.user)
    if request.method != "POST" or not form.is_valid():
        recent = program.imports.prefetch_related("created_by").defer("content", "table")[:5]
        context = {"form": form, "program": program, "recent": recent}
        return form_page(request, "mentoring/import_create.html", context)
    AuditEvent.record(request.user, AuditEvent.Action.IMPORT_UPLOADED, form.run)
    return redirect("import_detail", form.run.pk)


@get_or_post
def import_detail(request, pk):
    """Show the columns and what would happen to each line; later the progress and the result."""
    run = get_object_or_404(ImportRun.objects.managed_by(request.user), pk=pk)
    if not run.is_open:
        return render(request, "mentoring/import_detail.html", {"run": run, "program": run.program})
    form = ColumnsForm(request.POST or None, run=run)
    if request.method == "POST" and form.is_valid():
        form.save()
        AuditEvent.record(request.user, AuditEvent.Action.IMPORT_COLUMNS_CHOSEN, run)
        form = ColumnsForm(run=run)
        if not request.htmx:
            return redirect("import_detail", pk)
    page = "mentoring/_import_choices.html" if request.htmx else "mentoring/import_detail.html"
    return form_page(request, page, choices(run, form))


def choices(run: ImportRun, form: ColumnsForm, reading: ReadingForm | None = None) -> dict:
    """Return the context of the page before the import: the forms, and the result with the current columns."""
    context = {"run": run, "program": run.program, "form": form, "names": columns.FIELDS}
    context["reading"] = reading or ReadingForm(run=run)
    if "email" not in run.columns:
        return context
    report = importing.check(run)
    coming = report.to_import
    return context | {
        "report": report,
        "counts": report.counts,
        "asks": [form.heading(at) for at in sorted(report.ambiguous_columns)],
        "coming": coming[:SHOWN],
        "coming_n": len(coming),
        "shown": SHOWN,
        "shown_of_a_kind": SHOWN_OF_A_KIND,
        "has_doubles": run.latest_line_only or any(e.kind == "different" for line in report.wrong for e in line.errors),
    }


@require_POST
def import_read(request, pk):
    """Read the file again with another sheet, delimiter or row of headings."""
    rows = ImportRun.objects.filter(pk__in=ImportRun.objects.managed_by(request.user).values("pk"))
    run = get_object_or_404(rows, pk=pk)
    if not run.is_open or not run.content:
        return redirect("import_detail", pk)
    form = ReadingForm(request.POST, run=run)
    if form.is_valid():
        AuditEvent.record(request.user, AuditEvent.Action.IMPORT_READ_AGAIN, run)
        return redirect("import_detail", pk)
    run.refresh_from_db()
    return form_page(request, "mentoring/import_detail.html", choices(run, ColumnsForm(run=run), form))


@require_POST
def import_start(request, pk):
    """Queue the import for a worker; lines with errors are skipped only if the admin chose so.

    If the columns were changed since the review, the new result is shown first.
    """
    run = get_object_or_404(ImportRun.objects.managed_by(request.user), pk=pk)
    if run.is_open and any(name.startswith("column_") for name in request.POST):
        form = ColumnsForm(request.POST, run=run)
        if not form.is_valid():
            return form_page(request, "mentoring/import_detail.html", choices(run, form))
        changed = form.changes_lines()
        form.save()
        if changed:
            messages.info(request, _("You changed how the lines are read. Review the result, then import."))
            return redirect("import_detail", pk)
    if columns.AMBIGUOUS in run.columns and run.is_open and importing.check(run).ambiguous_columns:
        return redirect("import_detail", pk)
    if run.begin(skip_errors=request.POST.get("skip_errors") == "1"):
        AuditEvent.record(request.user, AuditEvent.Action.IMPORT_QUEUED, run)
    return redirect("import_detail", pk)


@require_safe
def import_progress(request, pk):
    """Show the progress, which the page requests every two seconds; once the file is read, reload the page."""
    run = get_object_or_404(ImportRun.objects.managed_by(request.user).defer("content", "table"), pk=pk)
    if not request.htmx:
        return redirect("import_detail", pk)
    response = render(request, "mentoring/_import_progress.html", {"run": run})
    if run.is_open:
        response.headers["HX-Refresh"] = "true"
    return response


@require_safe
def import_errors(request, pk):
    """Download the lines with errors: number, what is wrong, and the original cells."""
    run = get_object_or_404(ImportRun.objects.managed_by(request.user), pk=pk)
    report = importing.check(run) if run.table else importing.Report([])
    lines = ([line.number, texts(line.errors)] for line in report.wrong)
    AuditEvent.record(request.user, AuditEvent.Action.IMPORT_ERRORS_EXPORTED, run)
    return lines_response(run, "errors", [_("Line"), _("What is wrong")], lines)


@require_safe
def import_lines(request, pk):
    """Download every line: number, result, errors, notes, and the original cells."""
    run = get_object_or_404(ImportRun.objects.managed_by(request.user), pk=pk)
    report = importing.check(run) if run.table else importing.Report([])
    results = {
        Outcome.NEW: _("new"),
        Outcome.CHANGED: _("changed"),
        Outcome.UNCHANGED: _("no change"),
        Outcome.REPEATED: _("repeated line"),
    }
    lines = (
        [line.number, _("error") if line.errors else results[line.outcome], texts(line.errors), texts(line.notes)]
        for line in report.lines
    )
    AuditEvent.record(request.user, AuditEvent.Action.IMPORT_LINES_EXPORTED, run)
    return lines_response(run, "lines", [_("Line"), _("Result"), _("What is wrong"), _("Notes")], lines)


def texts(problems) -> str:
    return " ".join(problem.text for problem in problems)


def lines_response(run: ImportRun, name: str, headings: list[str], lines):
    """Return a CSV file of these columns, followed by the original cells of each line."""
    rows = {row[0]: row[1] for row in run.table.get("rows", [])}
    whole = ([*line, *rows.get(line[0], [])] for line in lines)
    return table_response(f"{name}-{run.pk}.csv", [*headings, *run.table.get("headings", [])], whole)
