"""Outcomes with evidence, a word about what was reached, and the program's wall."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEvent
from accounts.submit_once import submit_once
from goals.forms import CelebrationForm, OutcomeForm
from goals.models import Celebration, Goal, Milestone, Outcome
from goals.views.lasting import create, edit, get_or_post, home_of, of_both, of_this_version, verb
from mentoring.models import Pair, Program


@require_safe
def outcome_list(request, pk):
    pair = get_object_or_404(Pair.objects.visible_to(request.user).with_people(), pk=pk)
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "open": pair.ended_at is None,
        "is_mentee": pair.is_mentee(request.user),
        "is_mentor": pair.is_mentor(request.user),
        "outcomes": pair.outcomes.current().select_related("goal", "commitment", "competency"),
        "words": with_wall_actions(pair, request.user),
    }
    return render(request, "goals/outcome_list.html", context)


def with_wall_actions(pair: Pair, user) -> list[Celebration]:
    """The pair's kudos, each with what this person can do about the program's wall."""
    words = list(pair.celebrations.select_related("by", "goal", "milestone"))
    for word in words:
        word.can_leave_the_wall = word.on_the_wall_at and (pair.is_mentee(user) or word.by_id == user.pk)
        may_go_up = pair.is_mentee(user) and pair.ended_at is None and word.kept_off_at is None
        word.can_go_on_the_wall = may_go_up and not word.on_the_wall_at
    return words


@get_or_post
def outcome_create(request, pk):
    return create(request, pk, OutcomeForm, home="outcome_list")


@get_or_post
def outcome_edit(request, pk):
    return edit(request, of_both(request, Outcome, pk), OutcomeForm)


outcome_drop = verb(Outcome, "drop", gettext_lazy("Taken off the list: %(title)s"), "outcome_reopen")
outcome_reopen = verb(Outcome, "reopen")


@require_POST
def outcome_confirm(request, pk):
    """The mentor saw it, too: said of the words that were on the page."""
    mine = Outcome.objects.editable_by(request.user).current().filter(pair__mentor=request.user)
    outcome = get_object_or_404(mine.select_related("pair"), pk=pk)
    of_this_version(request, lambda version: outcome.confirm(request.user, version))
    return redirect(home_of(outcome))


@require_POST
def outcome_share(request, pk):
    """Whether the program's admins may read it: the mentee's choice, which can be taken back for ever."""
    on, rows = request.POST.get("on") == "1", Outcome.objects.filter(pair__mentee=request.user)
    rows = rows.editable_by(request.user).current() if on else rows.visible_to(request.user)
    outcome = get_object_or_404(rows.select_related("pair"), pk=pk)
    if on:
        of_this_version(request, lambda version: outcome.share(request.user, version))
    else:
        outcome.unshare(request.user)
    return redirect(home_of(outcome))


@get_or_post
def celebration_create(request, pk):
    """A word to each other about a goal or a milestone that was reached, or about nothing in particular."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people(), pk=pk)
    goal, milestone = named(request, pair)
    form = CelebrationForm(request.POST or None, instance=Celebration(pair=pair, goal=goal, milestone=milestone))
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "pair": pair, "other": pair.other(request.user), "about": milestone or goal}
        return render(request, "goals/celebration_create.html", context, status=422 if form.is_bound else 200)
    submit_once(request, lambda: str(form.make(request.user).pk))
    return redirect(reverse("outcome_list", args=[pair.pk]) + "#words")


def named(request, pair: Pair) -> tuple[Goal | None, Milestone | None]:
    """What the address says that it is about, if it is this pair's."""
    asked = {name: request.GET.get(name, "") for name in ("goal", "milestone")}
    pks = {name: int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0 for name, pk in asked.items()}
    milestone = Milestone.objects.filter(goal__pair=pair, pk=pks["milestone"]).first()
    return pair.goals.filter(pk=pks["goal"]).first(), milestone


@require_POST
def celebration_wall(request, pk):
    """Onto the program's wall, as the mentee decides; or off it, by the mentee or the author, whenever they like."""
    on, rows = request.POST.get("on") == "1", Celebration.objects.select_related("pair")
    mine = rows.editable_by(request.user).filter(pair__mentee=request.user, kept_off_at=None)
    word = get_object_or_404(mine if on else rows.withdrawable_by(request.user), pk=pk)
    if on:
        word.put_on_the_wall()
    else:
        word.take_off_the_wall(request.user)
    AuditEvent.record(request.user, "word onto the wall" if on else "word off the wall", word)
    return redirect(reverse("outcome_list", args=[word.pair_id]) + "#words")


@require_safe
def program_wall(request, pk):
    """What mentees chose to show to everybody in the program."""
    program = get_object_or_404(Program.objects.open_to(request.user), pk=pk)
    words = Celebration.objects.filter(pair__program=program).on_the_wall()
    words = words.select_related("by", "goal", "milestone", "pair__mentee").order_by("-on_the_wall_at")[:60]
    return render(request, "goals/program_wall.html", {"program": program, "words": words})
