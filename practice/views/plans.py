"""Practice plans: begin, change, skip a week, tick a day, stop."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.submit_once import submit_once
from core.http import add_undo_message, form_page
from practice.forms.plans import PlanForm
from practice.kinds import EntryKind
from practice.models import PracticePlan
from practice.models.plan import monday_of
from practice.views.entries import running_pairs


def plan_or_404(request, pk: int) -> PracticePlan:
    plan = get_object_or_404(PracticePlan.objects.editable_by(request.user).select_related("pair"), pk=pk)
    plan.user = request.user
    return plan


@require_http_methods(["GET", "HEAD", "POST"])
def practice_plan_create(request):
    """Begin a practice. A third one at the same time gets a hint and nothing more."""
    pairs = running_pairs(request.user)
    if not pairs:
        return render(request, "practice/plan_form.html", {"form": None})
    data = request.POST if request.method == "POST" else None
    title = request.GET.get("title", "")[:200]
    initial = {"kind": "" if title else EntryKind.REFLECTION, "title": title}
    form = PlanForm(data, pairs=pairs, user=request.user, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "practice/plan_form.html", {"form": form})
    submit_once(request, lambda: form.create().pk)
    User.objects.filter(pk=request.user.pk, practice_since=None).update(practice_since=timezone.now())
    messages.success(request, _("Your practice is planned. Missing a week takes nothing away."))
    return redirect("practice_list")


@require_http_methods(["GET", "HEAD", "POST"])
def practice_plan_edit(request, pk):
    plan = plan_or_404(request, pk)
    data = request.POST if request.method == "POST" else None
    form = PlanForm(data, instance=plan, pairs=[plan.pair], user=request.user)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "practice/plan_form.html", {"form": form, "plan": plan})
    form.change()
    messages.success(request, _("Saved."))
    return redirect("practice_list")


@require_POST
def practice_plan_skip(request, pk):
    """Skip this week (`on=1`), or not after all."""
    plan = plan_or_404(request, pk)
    plan.skip(monday_of(request.user.today()) if request.POST.get("on") == "1" else None)
    return back()


@require_POST
def practice_plan_tick(request, pk):
    """Note that a practice of one's own was done today (`on=1`), or that it was not."""
    plan = plan_or_404(request, pk)
    if not plan.kind:
        plan.tick(request.user.today(), request.POST.get("on") == "1")
    return back()


@require_POST
def practice_plan_stop(request, pk):
    """Stop a practice, or with `undo` resume it."""
    if "undo" in request.GET:
        stopped = PracticePlan.objects.visible_to(request.user).filter(pair__ended_at=None)
        get_object_or_404(stopped, pk=pk).resume()
    else:
        plan_or_404(request, pk).stop()
        add_undo_message(request, _("Stopped. What you wrote stays."), f"{request.path}?undo=1")
    return back()


def back() -> HttpResponse:
    return redirect("practice_list")
