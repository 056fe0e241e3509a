"""The goals of a pair: the page that lists them, their forms, and reaching, keeping, dropping and reopening one."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.http import form_page, safe_next_url, whole_number
from goals.forms import DropGoalForm, GoalForm
from goals.models import CommitmentEvent, Goal
from goals.models.goal import ACTIVE_GOALS
from goals.tree import goal_tree, priority_map
from goals.views.editing import Action, edit, editable_or_404, get_or_post, return_to, return_with_undo, store_new
from mentoring.models import Pair, attach_pairs

MAX_UNDONE_EVENTS = 100
RECENT_PIVOTS = 12  # the older ones are on the timeline


@require_safe
def goal_list(request, pk):
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    tree = goal_tree(pair)
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "open": pair.ended_at is None,
        "tree": tree,
        "map": priority_map(pair, tree),
        "pivots": pair.attach_people(pair.pivots.all()[:RECENT_PIVOTS]),
    }
    return render(request, "goals/goal_list.html", context)


@get_or_post
def goal_create(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    initial = {"title": request.GET.get("title", "")[:200]}
    form = GoalForm(request.POST or None, pair=pair, user=request.user, initial=initial)
    hint = ""
    if pair.goals.active().count() >= ACTIVE_GOALS:
        hint = _("You already have three active goals. Consider finishing or dropping one first.")
    return store_new(request, form, reverse("pair_detail", args=[pair.pk]), hint)


@get_or_post
def goal_edit(request, pk):
    goal = editable_or_404(request, Goal, pk)
    return edit(request, goal, GoalForm, goal_actions(goal))


def goal_actions(goal: Goal) -> list[Action]:
    """Return the buttons below a goal's form."""
    if not goal.is_active:
        return [Action(reverse("goal_reopen", args=[goal.pk]), _("Reopen goal"))]
    return [
        Action(reverse("goal_reach", args=[goal.pk]), _("Mark as reached")),
        Action(reverse("goal_drop", args=[goal.pk]), _("Drop goal"), opens_page=True),
    ]


@require_POST
def goal_reach(request, pk):
    goal = editable_or_404(request, Goal, pk)
    goal.reach()
    kudos_url = f"{reverse('celebration_create', args=[goal.pair_id])}?goal={goal.pk}"
    links = [(kudos_url, _("Give kudos"))]
    return return_with_undo(request, goal, _("Reached: %(title)s"), "goal_reopen", links=links)


@require_POST
def goal_keep(request, pk):
    goal = editable_or_404(request, Goal, pk)
    goal.keep(request.user)
    return return_to(request, goal)


@get_or_post
def goal_drop(request, pk):
    """Ask why, and whether the goal's open commitments are dropped as well. They stay open by default."""
    goal = editable_or_404(request, Goal, pk)
    commitments = attach_pairs(goal.commitments.open().soonest_first(), [goal.pair], "owner")
    form = DropGoalForm(request.POST if request.method == "POST" else None, open_commitments=commitments)
    if request.method != "POST" or not form.is_valid():
        next_url = safe_next_url(request)
        context = {
            "form": form,
            "goal": goal,
            "commitments": commitments,
            "next_url": next_url,
            "cancel_url": next_url or reverse("goal_edit", args=[goal.pk]),
        }
        return form_page(request, "goals/goal_drop.html", context)
    goal.drop(request.user, form.cleaned_data["reason"])
    events = []
    for commitment in commitments if form.cleaned_data.get("drop_open") else ():
        events.append(commitment.drop(request.user, commitment.version, form.cleaned_data["reason"]).pk)
    return return_with_undo(request, goal, _("Dropped: %(title)s"), "goal_reopen", events=events)


@require_POST
def goal_reopen(request, pk):
    """Reopen the goal and undo the commitment events in `event`: the commitments that were dropped with the goal."""
    goal = editable_or_404(request, Goal, pk)
    goal.reopen(request.user)
    keys = [whole_number(key, 9) for key in request.GET.getlist("event")[:MAX_UNDONE_EVENTS]]
    events = CommitmentEvent.objects.editable_by(request.user).filter(pk__in=keys, commitment__goal=goal)
    for event in events.select_related("commitment__pair"):
        event.commitment.undo(request.user, event)
    return return_to(request, goal)
