"""Improvement plans, each for one skill, with all their versions."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEvent
from core.http import form_page, safe_next_url
from core.optimistic_locking import Conflict
from goals.differences import differences
from goals.forms import PlanForm, with_current_version
from goals.models import Plan
from goals.views.editing import editable_or_404, get_or_post, return_to, return_with_undo, store_new
from mentoring.models import Pair


@require_safe
def plan_list(request, pk):
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    plans = sorted(pair.plans.with_versions(), key=lambda plan: plan.dropped_at is not None)
    context = {"pair": pair, "other": pair.other(request.user), "open": pair.ended_at is None, "plans": plans}
    return render(request, "goals/plan_list.html", context)


@get_or_post
def plan_create(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    form = PlanForm(request.POST or None, pair=pair, user=request.user)
    return store_new(request, form, reverse("plan_list", args=[pair.pk]))


@get_or_post
def plan_edit(request, pk):
    """Add a version to the plan; if the other person added one first, show both."""
    plan, next_url = editable_or_404(request, Plan, pk), safe_next_url(request)
    form = PlanForm(request.POST or None, plan=plan, user=request.user)
    context = {
        "form": form,
        "row": plan,
        "button": _("Save new version"),
        "cancel_url": next_url or plan.get_absolute_url(),
        "next_url": next_url,
    }
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "goals/pair_content_form.html", context)
    try:
        form.change(request.user)
    except Conflict as lost:
        again = PlanForm(
            with_current_version(request.POST, lost.current.number), plan=Plan.objects.get(pk=pk), user=request.user
        )
        return render(
            request, "goals/pair_content_form.html", context | {"form": again, "now": lost.current}, status=409
        )
    return redirect(next_url or plan.get_absolute_url())


@require_safe
def plan_history(request, pk):
    """Show every version, newest first, with what it changed."""
    plans = Plan.objects.visible_to(request.user).with_versions().select_related("pair")
    plan = get_object_or_404(plans, pk=pk)
    versions = plan.pair.for_reader(request.user).attach_people(plan.versions.all())
    changes = [
        (new, differences(old, new) if old else []) for new, old in zip(versions, [*versions[1:], None], strict=True)
    ]
    return render(request, "goals/plan_history.html", {"plan": plan, "pair": plan.pair, "changes": changes})


@require_safe
def plan_export(request, pk):
    """Download all versions as one plain text file."""
    plans = Plan.objects.visible_to(request.user).with_versions().select_related("pair")
    plan = get_object_or_404(plans, pk=pk)
    text = render_to_string("goals/plan_export.txt", {"plan": plan, "versions": plan.versions.all()})
    AuditEvent.record(request.user, AuditEvent.Action.PLAN_EXPORTED, plan)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="plan-{plan.pk}.txt"'
    return response


@require_POST
def plan_drop(request, pk):
    plan = editable_or_404(request, Plan, pk)
    plan.drop(request.user)
    return return_with_undo(request, plan, _("Dropped: %(title)s"), "plan_reopen")


@require_POST
def plan_reopen(request, pk):
    plan = editable_or_404(request, Plan, pk)
    plan.reopen(request.user)
    return return_to(request, plan)
