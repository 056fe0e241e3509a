"""The figures of a program: counted on request, and as files."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEvent
from accounts.reauthentication import requires_reauthentication
from dashboard.figures import figures_in, figures_table, take_snapshot
from dashboard.overview import weeks_table
from mentoring.csv_export import table_response, workbook_response
from mentoring.models import Program


@require_safe
def program_figures(request, pk):
    """Show all figures of last night with their definitions."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    snapshot = program.snapshots.first()
    context = {"program": program, "snapshot": snapshot, "figures": figures_in(snapshot)}
    return render(request, "dashboard/program_figures.html", context)


@require_POST
def figures_update(request, pk):
    """Update the figures now instead of tonight."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    take_snapshot(program, program.today())
    return redirect("program_overview", pk)


@require_POST
@requires_reauthentication(is_file=True)
def figures_export(request, pk):
    """Download the figures with their definitions as CSV or XLSX."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    headings, rows = figures_table(figures_in(take_snapshot(program, program.today())))
    AuditEvent.record(request.user, AuditEvent.Action.FIGURES_EXPORTED, program)
    return file_response(request, f"figures-{program.pk}", headings, rows)


@require_POST
@requires_reauthentication(is_file=True)
def weeks_export(request, pk):
    """Download the state of each pair by week as CSV or XLSX, without the admin's own pairs."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    headings, rows = weeks_table(program, request.user, program.today())
    AuditEvent.record(request.user, AuditEvent.Action.FIGURES_EXPORTED, program)
    return file_response(request, f"weeks-{program.pk}", headings, rows)


def file_response(request, name: str, headings: list[str], rows):
    """Return the table as XLSX if the form asks for it, else as CSV."""
    if request.POST.get("format") == "xlsx":
        return workbook_response(f"{name}.xlsx", name, headings, rows)
    return table_response(f"{name}.csv", headings, rows)
