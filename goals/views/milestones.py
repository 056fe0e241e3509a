"""Milestones of a goal: their forms, and reaching, dropping and reopening one."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goals.forms import MilestoneForm
from goals.models import Goal, Milestone
from goals.views.editing import Action, edit, editable_or_404, get_or_post, return_to, return_with_undo, store_new


@get_or_post
def milestone_create(request, pk):
    goal = get_object_or_404(Goal.objects.editable_by(request.user).active().select_related("pair"), pk=pk)
    milestone = Milestone(goal=goal)
    form = MilestoneForm(request.POST or None, instance=milestone, pair=goal.pair, user=request.user)
    return store_new(request, form, milestone.get_absolute_url())


@get_or_post
def milestone_edit(request, pk):
    milestone = editable_or_404(request, Milestone, pk)
    return edit(request, milestone, MilestoneForm, milestone_actions(milestone))


def milestone_actions(milestone: Milestone) -> list[Action]:
    """Return the buttons below a milestone's form."""
    if not milestone.is_active:
        return [Action(reverse("milestone_reopen", args=[milestone.pk]), _("Reopen milestone"))]
    return [
        Action(reverse("milestone_reach", args=[milestone.pk]), _("Mark as reached")),
        Action(reverse("milestone_drop", args=[milestone.pk]), _("Drop milestone")),
    ]


@require_POST
def milestone_reach(request, pk):
    milestone = editable_or_404(request, Milestone, pk)
    milestone.reach()
    kudos_url = f"{reverse('celebration_create', args=[milestone.pair.pk])}?milestone={milestone.pk}"
    links = [(kudos_url, _("Give kudos"))]
    return return_with_undo(request, milestone, _("Reached: %(title)s"), "milestone_reopen", links=links)


@require_POST
def milestone_drop(request, pk):
    milestone = editable_or_404(request, Milestone, pk)
    milestone.drop(request.user)
    return return_with_undo(request, milestone, _("Dropped: %(title)s"), "milestone_reopen")


@require_POST
def milestone_reopen(request, pk):
    milestone = editable_or_404(request, Milestone, pk)
    milestone.reopen(request.user)
    return return_to(request, milestone)
