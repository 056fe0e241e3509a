"""Outcomes with evidence, and kudos, which a mentee may share with the program."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEvent
from accounts.submit_once import submit_once
from core.http import form_page, whole_number
from goals.forms import CelebrationForm, OutcomeForm
from goals.models import Celebration, Goal, Milestone, Outcome
from goals.views.editing import (
    Action,
    create,
    edit,
    editable_or_404,
    get_or_post,
    return_to,
    return_with_undo,
    with_version,
)
from mentoring.models import Pair, Program, attach_pairs


@require_safe
def outcome_list(request, pk):
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "open": pair.ended_at is None,
        "is_mentee": pair.is_mentee(request.user),
        "is_mentor": pair.is_mentor(request.user),
        "outcomes": pair.outcomes.current().select_related("goal", "commitment", "competency"),
        "kudos": kudos_with_actions(pair, request.user),
    }
    return render(request, "goals/outcome_list.html", context)


def kudos_with_actions(pair: Pair, user) -> list[Celebration]:
    """Return the pair's kudos, each with whether this person may share it with the program or stop sharing it."""
    kudos = pair.attach_people(pair.celebrations.select_related("goal", "milestone"))
    for row in kudos:
        row.may_unshare = row.published_at and (pair.is_mentee(user) or row.created_by_id == user.pk)
        may_share = pair.is_mentee(user) and pair.ended_at is None and row.withheld_at is None
        row.may_share = may_share and not row.published_at
    return kudos


@get_or_post
def outcome_create(request, pk):
    return create(request, pk, OutcomeForm, list_url_name="outcome_list")


@get_or_post
def outcome_edit(request, pk):
    outcome = editable_or_404(request, Outcome, pk)
    action = Action(reverse("outcome_drop", args=[outcome.pk]), _("Remove outcome"))
    if outcome.dropped_at:
        action = Action(reverse("outcome_reopen", args=[outcome.pk]), _("Restore outcome"))
    return edit(request, outcome, OutcomeForm, [action])


@require_POST
def outcome_drop(request, pk):
    outcome = editable_or_404(request, Outcome, pk)
    outcome.drop(request.user)
    return return_with_undo(request, outcome, _("Removed: %(title)s"), "outcome_reopen")


@require_POST
def outcome_reopen(request, pk):
    outcome = editable_or_404(request, Outcome, pk)
    outcome.reopen(request.user)
    return return_to(request, outcome)


@require_POST
def outcome_confirm(request, pk):
    """Let the mentor confirm the version of the outcome that was on the page."""
    outcomes = Outcome.objects.editable_by(request.user).current().filter(pair__mentor=request.user)
    outcome = get_object_or_404(outcomes.select_related("pair"), pk=pk)
    with_version(request, lambda version: outcome.confirm(version))
    return redirect(outcome.get_absolute_url())


@require_POST
def outcome_share(request, pk):
    """Let the mentee share the outcome with the program's admins, or stop sharing it, even after the pair has ended."""
    on, rows = request.POST.get("on") == "1", Outcome.objects.filter(pair__mentee=request.user)
    rows = rows.editable_by(request.user).current() if on else rows.visible_to(request.user)
    outcome = get_object_or_404(rows.select_related("pair"), pk=pk)
    if on:
        with_version(request, lambda version: outcome.share(request.user, version))
    else:
        outcome.unshare(request.user)
    return redirect(outcome.get_absolute_url())


@get_or_post
def celebration_create(request, pk):
    """Give kudos about a goal or milestone that was reached, or about anything else."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    goal, milestone = linked_goal_and_milestone(request, pair)
    form = CelebrationForm(request.POST or None, instance=Celebration(pair=pair, goal=goal, milestone=milestone))
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "pair": pair, "other": pair.other(request.user), "about": milestone or goal}
        return form_page(request, "goals/celebration_create.html", context)
    submit_once(request, lambda: str(form.create(request.user).pk))
    return redirect(form.instance.get_absolute_url())


def linked_goal_and_milestone(request, pair: Pair) -> tuple[Goal | None, Milestone | None]:
    """Return the goal and the milestone that the address names, if they belong to this pair."""
    goal = pair.goals.filter(pk=whole_number(request.GET.get("goal", ""))).first()
    milestone = Milestone.objects.filter(goal__pair=pair, pk=whole_number(request.GET.get("milestone", ""))).first()
    return goal, milestone


@require_POST
def celebration_publish(request, pk):
    """Let the mentee share kudos with the program; let the mentee or the author stop sharing them at any time."""
    on, rows = request.POST.get("on") == "1", Celebration.objects.select_related("pair")
    shareable = rows.editable_by(request.user).filter(pair__mentee=request.user, withheld_at=None)
    kudos = get_object_or_404(shareable if on else rows.withdrawable_by(request.user), pk=pk)
    if on:
        kudos.share_with_program()
    else:
        kudos.stop_sharing(request.user)
    action = AuditEvent.Action.KUDOS_SHARED if on else AuditEvent.Action.KUDOS_NO_LONGER_SHARED
    AuditEvent.record(request.user, action, kudos)
    return redirect(kudos.get_absolute_url())


@require_safe
def program_kudos(request, pk):
    """Show the kudos that mentees have shared with everyone in the program."""
    program = get_object_or_404(Program.objects.open_to(request.user), pk=pk)
    kudos = Celebration.objects.filter(pair__program=program).shared_with_program()
    kudos = list(kudos.select_related("goal", "milestone").order_by("-published_at")[:60])
    pairs = Pair.objects.filter(pk__in={row.pair_id for row in kudos}).prefetch_related("mentor", "mentee")
    context = {"program": program, "kudos": attach_pairs(kudos, pairs, "created_by")}
    return render(request, "goals/program_kudos.html", context)
