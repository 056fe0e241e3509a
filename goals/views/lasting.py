"""Goals, their milestones, and real events: one line each, changed by either person, never deleted."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Conflict, FormToken
from goals.forms import GoalForm, MilestoneForm, WorkItemForm, on_top_of
from goals.models import Goal, Milestone, WorkItem
from goals.models.goal import ACTIVE_GOALS
from goals.tree import tree
from goals.views.back import named_way_back
from mentoring.models import Pair

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def goal_list(request, pk):
    """Where everything the two do leads, on one page."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user).with_people(), pk=pk)
    context = {"pair": pair, "other": pair.other(request.user), "open": pair.ended_at is None, "tree": tree(pair)}
    return render(request, "goals/goal_list.html", context)


@get_or_post
def goal_create(request, pk):
    return create(request, pk, GoalForm, "goals/goal_create.html")


@get_or_post
def work_item_create(request, pk):
    return create(request, pk, WorkItemForm, "goals/work_item_create.html")


@get_or_post
def goal_edit(request, pk):
    goal = get_object_or_404(Goal.objects.editable_by(request.user).select_related("pair"), pk=pk)
    return edit(request, goal, GoalForm, "goals/goal_edit.html")


@get_or_post
def milestone_create(request, pk):
    goal = get_object_or_404(Goal.objects.editable_by(request.user).active().select_related("pair"), pk=pk)
    form = MilestoneForm(request.POST or None, instance=Milestone(goal=goal))
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "goal": goal}
        return render(request, "goals/milestone_create.html", context, status=422 if form.is_bound else 200)
    FormToken.once(request.user, request.POST.get("form_token", ""), lambda: str(form.make(goal.pair, request.user).pk))
    return redirect(home_of(form.instance))


@get_or_post
def milestone_edit(request, pk):
    return edit(request, milestone_or_404(request, pk), MilestoneForm, "goals/milestone_edit.html")


def milestone_or_404(request, pk) -> Milestone:
    return get_object_or_404(Milestone.objects.editable_by(request.user).select_related("goal__pair"), pk=pk)


@get_or_post
def work_item_edit(request, pk):
    event = get_object_or_404(WorkItem.objects.editable_by(request.user).select_related("pair"), pk=pk)
    return edit(request, event, WorkItemForm, "goals/work_item_edit.html")


def create(request, pk: int, form_class, template: str):
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people(), pk=pk)
    form = form_class(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        enough = pair.goals.active().count() >= ACTIVE_GOALS
        context = {"form": form, "pair": pair, "enough": enough, "back": named_way_back(request)}
        return render(request, template, context, status=422 if form.is_bound else 200)
    FormToken.once(request.user, request.POST.get("form_token", ""), lambda: str(form.make(pair, request.user).pk))
    return redirect(named_way_back(request) or pair_page(pair.pk))


def edit(request, row, form_class, template: str):
    form = form_class(request.POST or None, instance=row)
    context = {"form": form, "row": row, "back": named_way_back(request)}
    if request.method != "POST" or not form.is_valid():
        return render(request, template, context, status=422 if form.is_bound else 200)
    try:
        form.change()
    except Conflict as lost:
        form = form_class(on_top_of(request.POST, lost.current.version), instance=lost.current)
        now = type(row).objects.get(pk=row.pk)
        return render(request, template, {"form": form, "row": now, "now": now}, status=409)
    return redirect(named_way_back(request) or home_of(row))


@require_POST
def goal_reach(request, pk):
    goal = get_object_or_404(Goal.objects.editable_by(request.user).select_related("pair"), pk=pk)
    goal.reach()
    return marked(request, goal, _("Reached: %(title)s"), "goal_reopen")


@require_POST
def goal_drop(request, pk):
    goal = get_object_or_404(Goal.objects.editable_by(request.user).select_related("pair"), pk=pk)
    goal.drop()
    return marked(request, goal, _("Let go: %(title)s"), "goal_reopen")


@require_POST
def goal_reopen(request, pk):
    goal = get_object_or_404(Goal.objects.editable_by(request.user).select_related("pair"), pk=pk)
    goal.reopen()
    return redirect(pair_page(goal.pair_id))


@require_POST
def milestone_reach(request, pk):
    step = milestone_or_404(request, pk)
    step.reach()
    return marked(request, step, _("Reached: %(title)s"), "milestone_reopen")


@require_POST
def milestone_drop(request, pk):
    step = milestone_or_404(request, pk)
    step.drop()
    return marked(request, step, _("Let go: %(title)s"), "milestone_reopen")


@require_POST
def milestone_reopen(request, pk):
    step = milestone_or_404(request, pk)
    step.reopen()
    return redirect(home_of(step))


@require_POST
def work_item_drop(request, pk):
    event = get_object_or_404(WorkItem.objects.editable_by(request.user).select_related("pair"), pk=pk)
    event.drop()
    return marked(request, event, _("Called off: %(title)s"), "work_item_reopen")


@require_POST
def work_item_reopen(request, pk):
    event = get_object_or_404(WorkItem.objects.editable_by(request.user).select_related("pair"), pk=pk)
    event.reopen()
    return redirect(pair_page(event.pair_id))


def marked(request, row, said: str, undo: str):
    """Back to the page where it stands, with the way to take it back."""
    words = {"text": said % {"title": row.title}, "url": reverse(undo, args=[row.pk])}
    messages.success(request, render_to_string("components/_undo.html", words, request))
    return redirect(home_of(row))


def home_of(row) -> str:
    """A milestone stands under its goal; goals and events stand on the pair's page."""
    if isinstance(row, Milestone):
        return f"{reverse('goal_list', args=[row.goal.pair_id])}#goal-{row.goal_id}"
    return pair_page(row.pair_id)


def pair_page(pk: int) -> str:
    """The pair's page belongs to a room above this one: its address is known by name alone."""
    return reverse("pair_detail", args=[pk])
