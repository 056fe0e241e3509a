"""The stakeholder map: only its author reads it, and it cannot be shared."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.submit_once import submit_once
from core.http import form_page
from core.optimistic_locking import Conflict
from goals.default_due_dates import default_due_on
from practice import stakeholders
from practice.forms.stakeholders import LeadForm, StakeholderForm
from practice.models import Stakeholder
from practice.models.stakeholder import MOST
from practice.outlets import one_line
from practice.views.entries import running_pairs

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def own_or_404(request, pk: int) -> Stakeholder:
    rows = Stakeholder.objects.editable_by(request.user)
    return get_object_or_404(rows.select_related("author", "commitment", "topic"), pk=pk)


@require_safe
def stakeholder_list(request):
    """Show the map as a drawing and a table. Each row leads to a topic, a commitment, or an introduction."""
    return render(request, "practice/stakeholder_list.html", {"map": stakeholders.map_of(request.user)})


@get_or_post
def stakeholder_create(request):
    form = StakeholderForm(request.POST if request.method == "POST" else None)
    is_full = Stakeholder.objects.visible_to(request.user).count() >= MOST
    if request.method == "POST" and is_full:
        form.add_error(None, _("Your map is full. Delete someone who no longer matters for it."))
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "practice/stakeholder_form.html", {"form": form})
    submit_once(request, lambda: form.create(request.user).pk)
    return redirect("stakeholder_list")


@get_or_post
def stakeholder_edit(request, pk):
    """Change a person or group. Beside it is what came of it."""
    row = own_or_404(request, pk)
    form = StakeholderForm(request.POST if request.method == "POST" else None, instance=own_or_404(request, pk))
    if request.method != "POST" or not form.is_valid():
        return stakeholder_page(request, row, form)
    try:
        form.change(row)
    except Conflict:  # another window saved in this very moment
        return stakeholder_page(request, row, StakeholderForm(request.POST, instance=own_or_404(request, pk)), 409)
    return redirect("stakeholder_list")


def stakeholder_page(request, row: Stakeholder, form: StakeholderForm, status: int = 0, lead: LeadForm | None = None):
    context = {
        "row": row,
        "form": form,
        "pairs": running_pairs(request.user),
        "lead": lead or LeadForm(initial={"line": one_line(row.approach or row.name, 300)}),
        "introduction": _("Ask for an introduction: %(name)s") % {"name": row.name},
    }
    status = status or (422 if lead and lead.errors else form.error_status)
    return render(request, "practice/stakeholder_form.html", context, status=status)


@require_POST
def stakeholder_lead(request, pk):
    """Make one line a commitment of the author or a topic of a pair. The partner sees that line and nothing else."""
    row, form = own_or_404(request, pk), LeadForm(request.POST)
    pairs = running_pairs(request.user)
    chosen = [pair for pair in pairs if len(pairs) == 1 or str(pair.pk) == request.POST.get("pair")]
    if not form.is_valid():
        return stakeholder_page(request, row, StakeholderForm(instance=row), lead=form)
    if not chosen:
        messages.warning(request, _("First choose with whom you want to talk about it."))
        return redirect("stakeholder_edit", pk)
    line = form.cleaned_data["line"]
    is_commitment = form.cleaned_data["kind"] == LeadForm.COMMITMENT
    earlier = row.commitment and row.commitment.text if is_commitment else row.topic and row.topic.title
    if earlier and earlier != line:  # from a page that was opened before
        messages.warning(request, _("Not added, because there is one already: “%(line)s”") % {"line": line})
        return redirect("stakeholder_edit", pk)
    if is_commitment:
        stakeholders.commit(row, chosen[0], line, default_due_on.ask(chosen[0], request.user.today()))
        messages.success(request, _("Added to your commitments. The due date can be changed there."))
    else:
        stakeholders.add_to_agenda(row, chosen[0], line)
        messages.success(request, _("Added to your next agenda."))
    return redirect("stakeholder_edit", pk)


@get_or_post
def stakeholder_delete(request, pk):
    """Ask first, because nobody can restore private text."""
    row = own_or_404(request, pk)
    if request.method != "POST":
        return render(request, "practice/stakeholder_delete.html", {"row": row})
    row.delete()
    messages.success(request, _("Deleted."))
    return redirect("stakeholder_list")
