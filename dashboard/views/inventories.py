"""A program's own inventories: begin, edit and publish one, and retire it. No page here shows an answer or a number."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import AuditEvent
from accounts.submit_once import earlier_response, submit_once
from core.http import add_undo_message, form_page
from core.optimistic_locking import Conflict
from mentoring.models import Program
from practice.forms.program_inventories import InventoryEditForm, InventoryForm
from practice.models import ProgramInventory

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
Action = AuditEvent.Action


@get_or_post
def program_inventory_list(request, pk):
    """Show the inventories of a program, and begin one with its title."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    if request.method == "POST" and (earlier := earlier_response(request)):
        return redirect("program_inventory_edit", earlier)
    form = InventoryForm(request.POST if request.method == "POST" else None, program=program)
    if request.method == "POST" and form.is_valid():
        return redirect("program_inventory_edit", submit_once(request, lambda: add(request.user, form)))
    rows = list(ProgramInventory.objects.filter(program=program).order_by("title", "pk"))
    context = {
        "program": program,
        "form": form,
        "rows": [row for row in rows if not row.retired_at],
        "retired": [row for row in rows if row.retired_at],
    }
    return form_page(request, "dashboard/program_inventory_list.html", context)


def add(user, form: InventoryForm) -> int:
    row = form.save()
    AuditEvent.record(user, Action.INVENTORY_ADDED, row)
    return row.pk


@get_or_post
def program_inventory_edit(request, pk):
    """Change the draft, and with `publish` make it the version that people answer from now on."""
    while True:
        rows = ProgramInventory.objects.managed_by(request.user).current().select_related("program")
        row = get_object_or_404(rows, pk=pk)
        form = InventoryEditForm(request.POST if request.method == "POST" else None, instance=row, program=row.program)
        if request.method != "POST" or not form.is_valid():
            newest = row.versions.filter(number=row.number).first()
            context = {"program": row.program, "row": row, "form": form, "newest": newest}
            return render(request, "dashboard/program_inventory_edit.html", context, status=form.error_status)
        try:
            changed = form.save_changes()
        except Conflict:  # another admin saved at the same moment: load the draft again
            continue
        if changed:
            AuditEvent.record(request.user, Action.INVENTORY_CHANGED, row)
        if not form.is_publishing:
            messages.success(request, _("Draft saved. Only admins see it until you publish it."))
            return redirect("program_inventory_edit", pk)
        if row.publish(request.user):
            AuditEvent.record(request.user, Action.INVENTORY_PUBLISHED, row)
        messages.success(request, _("Published. People can answer it now."))
        return redirect("program_inventory_list", row.program_id)


@require_POST
def program_inventory_retire(request, pk):
    """Offer an inventory no longer, or with `undo` again. What people answered stays theirs."""
    row = get_object_or_404(ProgramInventory.objects.managed_by(request.user), pk=pk)
    undo = "undo" in request.GET
    others = ProgramInventory.objects.filter(program=row.program_id).exclude(pk=pk)
    titles = {row.title, *(version.content["title"] for version in row.versions.filter(number=row.number))}
    if undo and any(others.has_title(title) for title in titles):
        messages.warning(request, _("Another inventory has this title now. Rename that one first."))
        return redirect("program_inventory_list", row.program_id)
    retired_at = None if undo else timezone.now()
    if ProgramInventory.objects.filter(pk=pk, retired_at__isnull=not undo).update(retired_at=retired_at):
        AuditEvent.record(request.user, Action.INVENTORY_OFFERED_AGAIN if undo else Action.INVENTORY_RETIRED, row)
    if not undo:
        add_undo_message(request, _("Retired: %(title)s") % {"title": row.title}, f"{request.path}?undo=1")
    return redirect("program_inventory_list", row.program_id)
