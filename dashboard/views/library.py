"""The library of a program: add, change and remove resources."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import AuditEvent
from accounts.submit_once import earlier_response, submit_once
from core.http import form_page
from core.optimistic_locking import Conflict
from dashboard.library import library_rows
from dashboard.priorities import SMALLEST_GROUP
from mentoring.models import Program
from practice.forms.resources import ResourceEditForm, ResourceForm
from practice.models import Resource

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def resource_list(request, pk):
    """Show the library of a program, and add to it."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    if request.method == "POST" and earlier_response(request):
        return redirect("resource_list", pk)
    form = ResourceForm(request.POST if request.method == "POST" else None, program=program)
    if request.method == "POST" and form.is_valid():
        submit_once(request, lambda: add(request.user, form))
        return redirect("resource_list", pk)
    context = {"program": program, "form": form, "rows": library_rows(program), "fewest": SMALLEST_GROUP}
    return form_page(request, "dashboard/resource_list.html", context)


def add(user, form: ResourceForm) -> int:
    resource = form.save()
    AuditEvent.record(user, AuditEvent.Action.RESOURCE_ADDED, resource)
    return resource.pk


def resource_or_404(request, pk: int) -> Resource:
    rows = Resource.objects.managed_by(request.user).current()
    return get_object_or_404(rows.select_related("program"), pk=pk)


@get_or_post
def resource_edit(request, pk):
    """Change a resource, also for the pairs that use it."""
    while True:
        resource = resource_or_404(request, pk)
        data = request.POST if request.method == "POST" else None
        form = ResourceEditForm(data, instance=resource, program=resource.program)
        if request.method != "POST" or not form.is_valid():
            context = {"program": resource.program, "form": form, "resource": resource}
            return render(request, "dashboard/resource_edit.html", context, status=form.error_status)
        try:
            changed = form.save_changes()
        except Conflict:  # another admin saved at the same moment: load the resource again
            continue
        if changed:
            AuditEvent.record(request.user, AuditEvent.Action.RESOURCE_CHANGED, resource)
        return redirect("resource_list", resource.program_id)


@require_POST
def resource_remove(request, pk):
    """Remove a resource from the library; the pairs that use it keep it."""
    resource = resource_or_404(request, pk)
    Resource.objects.filter(pk=pk).update(dropped_at=timezone.now())
    AuditEvent.record(request.user, AuditEvent.Action.RESOURCE_REMOVED, resource)
    messages.success(request, _("Removed: %(title)s") % {"title": resource.title})
    return redirect("resource_list", resource.program_id)
