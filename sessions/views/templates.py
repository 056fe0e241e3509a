"""The agendas of a program, for its admins: what each session starts from."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mentoring.models import Program
from sessions.agendas import ensure_templates, shipped_templates
from sessions.forms.templates import TemplateForm
from sessions.models import AgendaTemplate
from sessions.preparing import Shares

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def template_list(request, pk):
    """What sessions start from. Until an admin wants to change them, a program uses the ones that come with us."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    if request.method == "POST":
        ensure_templates(program)
        return redirect("template_list", pk=program.pk)
    own = [(t, list(t.blocks.all())) for t in program.agenda_templates.prefetch_related("blocks")]
    rows = [(template, blocks, Shares(blocks, template.minutes)) for template, blocks in own or shipped_templates()]
    context = {"program": program, "rows": rows, "own": bool(own)}
    return render(request, "sessions/template_list.html", context)


@get_or_post
def template_edit(request, pk):
    template = get_object_or_404(AgendaTemplate.objects.managed_by(request.user), pk=pk)
    form = TemplateForm(request.POST if request.method == "POST" else None, instance=template)
    if request.method != "POST" or request.POST.get("press") != "save":
        return template_answer(request, form)
    if not form.is_valid():
        return template_answer(request, form, status=422)
    if form.is_stale:
        return template_answer(request, form, status=409)
    form.save()
    messages.success(request, _("Saved. Sessions planned from now on start from it."))
    return redirect("template_list", pk=template.program_id)


def template_answer(request, form: TemplateForm, status: int = 200):
    context = {"form": form, "template": form.instance, "stale": status == 409, "saving": status != 200}
    return render(request, "sessions/template_edit.html", context, status=status)
