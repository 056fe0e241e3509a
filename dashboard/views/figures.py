"""The figures of a program: counted on request, and as CSV."""

from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import AuditEvent
from dashboard.figures import figures_in, take_snapshot
from mentoring.csv_export import table_response
from mentoring.models import Program


@require_POST
def figures_update(request, pk):
    """Update the figures now instead of tonight."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    take_snapshot(program, program.today())
    return redirect("program_overview", pk)


@require_POST
def figures_export(request, pk):
    """Download the figures with their definitions as CSV."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    headings = [_("Figure"), _("Value"), _("n"), _("28 days earlier"), _("Definition")]
    figures = figures_in(take_snapshot(program, program.today()))
    values = (["" if value is None else value for value in (row.value, row.n, row.before)] for row in figures)
    rows = [[row.name, *numbers, row.definition] for row, numbers in zip(figures, values, strict=True)]
    AuditEvent.record(request.user, AuditEvent.Action.FIGURES_EXPORTED, program)
    return table_response(f"figures-{program.pk}.csv", headings, rows)
