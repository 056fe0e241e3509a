"""Agenda templates, for program admins; and the agenda of one session, for its pair."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import AuditEvent
from mentoring.models import Program
from sessions.agendas import ensure_templates, shipped_templates
from sessions.forms.agenda_templates import AgendaForm, TemplateForm
from sessions.models import AgendaTemplate, Session
from sessions.models.session import BlockHasNotes
from sessions.preparation import Shares

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def agenda_template_list(request, pk):
    """List the agenda templates; POST copies the built-in ones into the program, so that they can be edited."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    if request.method == "POST":
        ensure_templates(program)
        AuditEvent.record(request.user, AuditEvent.Action.AGENDAS_COPIED, program)
        return redirect("agenda_template_list", pk=program.pk)
    own = [(t, list(t.blocks.all())) for t in program.agenda_templates.in_order().prefetch_related("blocks")]
    shown = own or shipped_templates(program.spoken_language)
    rows = [(template, blocks, Shares(blocks, template.minutes)) for template, blocks in shown]
    context = {"program": program, "rows": rows, "own": bool(own)}
    return render(request, "sessions/agenda_template_list.html", context)


@get_or_post
def agenda_template_edit(request, pk):
    template = get_object_or_404(AgendaTemplate.objects.managed_by(request.user), pk=pk)
    form = TemplateForm(request.POST if request.method == "POST" else None, instance=template)
    context = {"template": template, "length": template.minutes}
    if refused := save_rows(request, form, "sessions/agenda_template_edit.html", context):
        return refused
    AuditEvent.record(request.user, AuditEvent.Action.AGENDA_TEMPLATE_CHANGED, template)
    messages.success(request, _("Saved. Sessions scheduled from now on use this agenda."))
    return redirect("agenda_template_list", pk=template.program_id)


@get_or_post
def agenda_edit(request, pk):
    """Edit the agenda of one session; both people may, until it starts."""
    mine = Session.objects.editable_by(request.user).live().filter(started_at__isnull=True)
    session = get_object_or_404(mine.select_related("pair"), pk=pk).for_reader(request.user)
    form = AgendaForm(request.POST if request.method == "POST" else None, session=session)
    context = {"session": session, "other": session.pair.other(request.user), "length": session.minutes}
    if refused := save_rows(request, form, "sessions/agenda_edit.html", context):
        return refused
    messages.success(request, _("Agenda saved. You both see it."))
    return redirect("session_prepare", pk=session.pk)


def save_rows(request, form, template: str, context: dict):
    """Save the rows if asked to. Return None, or the page again with every input kept."""
    status = 200
    if request.method == "POST" and request.POST.get("press") == "save":
        status = 422 if not form.is_valid() else 409 if form.is_stale else 0
    if status == 0:
        try:
            form.save()
            return None
        except BlockHasNotes as kept:
            form.add_error(None, _("“%(title)s” has notes, so it cannot be removed.") % {"title": kept})
            status = 422
    context |= {"form": form, "stale": status == 409, "saving": status != 200}
    return render(request, template, context, status=status)
