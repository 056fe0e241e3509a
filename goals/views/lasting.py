"""Rows that last: one line each, changed by either person, never deleted. One frame shows every form."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.submit_once import submit_once
from core.optimistic_locking import Conflict
from goals.forms import GoalForm, LetGoForm, MilestoneForm, WorkItemForm, WorkItemReviewForm, on_top_of
from goals.models import CommitmentEvent, Goal, Indicator, Milestone, Outcome, Plan, WorkItem
from goals.models.goal import ACTIVE_GOALS
from goals.tree import priority_map, tree
from goals.views.back import named_way_back
from mentoring.models import Pair

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def goal_list(request, pk):
    """Where everything the two do leads, on one page."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user).with_people(), pk=pk)
    grown = tree(pair)
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "open": pair.ended_at is None,
        "tree": grown,
        "map": priority_map(pair, grown),
        "pivots": pair.pivots.select_related("by")[:PIVOTS],
    }
    return render(request, "goals/goal_list.html", context)


MOST_DROPPED = 100  # commitments that one undo looks at
PIVOTS = 12  # the older ones are on the timeline


# --- Making and changing ---


@get_or_post
def goal_create(request, pk):
    return create(request, pk, GoalForm)


@get_or_post
def work_item_create(request, pk):
    return create(request, pk, WorkItemForm)


@get_or_post
def goal_edit(request, pk):
    return edit(request, of_both(request, Goal, pk), GoalForm)


@get_or_post
def milestone_create(request, pk):
    goal = get_object_or_404(Goal.objects.editable_by(request.user).active().select_related("pair"), pk=pk)
    form = MilestoneForm(request.POST or None, instance=Milestone(goal=goal), pair=goal.pair, user=request.user)
    return make(request, form, f"{reverse('goal_list', args=[goal.pair_id])}#goal-{goal.pk}")


@get_or_post
def milestone_edit(request, pk):
    return edit(request, of_both(request, Milestone, pk), MilestoneForm)


@get_or_post
def work_item_edit(request, pk):
    return edit(request, of_both(request, WorkItem, pk), WorkItemForm)


@get_or_post
def work_item_review(request, pk):
    """ "How did it go?", once the day of a work event is over."""
    event = of_both(request, WorkItem, pk)
    if event.dropped_at or event.on >= request.user.today():
        raise Http404
    return edit(request, event, WorkItemReviewForm)


def of_both(request, model, pk: int):
    """A row that this person may change, with its pair."""
    way = model.objects.all().pair_path
    return get_object_or_404(
        model.objects.editable_by(request.user).select_related(f"{way}__mentor", f"{way}__mentee"), pk=pk
    )


def create(request, pk: int, form_class, home: str = "pair_detail", hint: str = ""):
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people(), pk=pk)
    form = form_class(request.POST or None, pair=pair, user=request.user)
    if form_class is GoalForm and pair.goals.active().count() >= ACTIVE_GOALS:
        hint = _("You have three goals already. With more, each gets less: finish one first, or let one go.")
    return make(request, form, reverse(home, args=[pair.pk]), hint)


def make(request, form, home: str, hint: str = ""):
    """The form of a new row; once it is valid, the row, and back to where it was asked for."""
    back = named_way_back(request)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "button": _("Add"), "leave": back or home, "back": back, "hint": hint}
        return render(request, "goals/lasting_form.html", context, status=422 if form.is_bound else 200)
    submit_once(request, lambda: str(form.make().pk))
    return redirect(back or home)


def edit(request, row, form_class):
    back, form = named_way_back(request), form_class(request.POST or None, instance=row, user=request.user)
    context = {"form": form, "row": row, "button": _("Save"), "leave": back or home_of(row), "back": back}
    context["verbs"] = verbs_of(row)
    if request.method != "POST" or not form.is_valid():
        return render(request, "goals/lasting_form.html", context, status=422 if form.is_bound else 200)
    try:
        form.change(request.user)
    except Conflict as lost:
        context["form"] = form_class(
            on_top_of(request.POST, lost.current.version), instance=lost.current, user=request.user
        )
        context["now"] = type(row).objects.get(pk=row.pk)
        return render(request, "goals/lasting_form.html", context, status=409)
    return redirect(back or home_of(row))


# --- Reached, let go, taken up again ---


def verb(model, name: str, said: str = "", undo: str = ""):
    """A view that says one word about a row, and how to take it back."""

    @require_POST
    def view(request, pk):
        row = of_both(request, model, pk)
        getattr(row, name)(request.user)
        return marked(request, row, said, undo) if said else redirect(named_way_back(request) or home_of(row))

    return view


def marked(request, row, said: str, undo: str, dropped: list[int] = ()):
    """Back to the page where it stands, with the way to take it back; what was reached deserves a word.

    `dropped`: the events of commitments that were dropped in the same act, and are undone with it.
    """
    url = reverse(undo, args=[row.pk]) + (f"?{urlencode({'event': dropped}, doseq=True)}" if dropped else "")
    words = {"text": said % {"title": row.title}, "url": url}
    if getattr(row, "reached_at", None):
        words["more"] = [(celebrate(row), _("A word about it"))]
    messages.success(request, render_to_string("components/_undo.html", words, request))
    return redirect(named_way_back(request) or home_of(row))


def of_this_version(request, say) -> None:
    """Call say(version) with the version that was on the page; somebody who read other words is asked to look again."""
    version = request.POST.get("version", "")
    try:
        say(int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0)
    except Conflict:
        messages.warning(request, _("It reads differently now. Look again before you say so."))


REACHED, LET_GO = gettext_lazy("Reached: %(title)s"), gettext_lazy("Let go: %(title)s")
CALLED_OFF = gettext_lazy("Called off: %(title)s")
KEPT = gettext_lazy("Kept: %(title)s")

goal_reach = verb(Goal, "reach", REACHED, "goal_reopen")
goal_keep = verb(Goal, "keep")
milestone_reach = verb(Milestone, "reach", REACHED, "milestone_reopen")
milestone_drop = verb(Milestone, "drop", LET_GO, "milestone_reopen")
milestone_reopen = verb(Milestone, "reopen")
work_item_drop = verb(WorkItem, "drop", CALLED_OFF, "work_item_reopen")
work_item_reopen = verb(WorkItem, "reopen")


@get_or_post
def goal_drop(request, pk):
    """Why, and what becomes of the open commitments that serve it: they stay, unless somebody says otherwise."""
    goal = of_both(request, Goal, pk)
    waiting = list(goal.commitments.open().soonest_first().select_related("owner", "pair"))
    form = LetGoForm(request.POST if request.method == "POST" else None, open_commitments=waiting)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "goal": goal, "waiting": waiting, "back": named_way_back(request)}
        return render(request, "goals/goal_drop.html", context, status=422 if form.is_bound else 200)
    goal.drop(request.user, form.cleaned_data["why"])
    dropped = []
    for row in waiting if form.cleaned_data.get("drop_open") else ():
        row.pair = goal.pair
        dropped.append(row.drop(request.user, row.version, form.cleaned_data["why"]).pk)
    return marked(request, goal, LET_GO, "goal_reopen", dropped)


@require_POST
def goal_reopen(request, pk):
    """The goal is active again; undone right away, so are the commitments that were dropped with it (`event`)."""
    goal = of_both(request, Goal, pk)
    goal.reopen(request.user)
    asked = [pk for pk in request.GET.getlist("event")[:MOST_DROPPED] if pk.isascii() and pk.isdigit() and len(pk) < 10]
    events = CommitmentEvent.objects.editable_by(request.user).filter(pk__in=asked, commitment__goal=goal)
    for event in events.select_related("commitment__pair"):
        event.commitment.undo(request.user, event)
    return redirect(named_way_back(request) or home_of(goal))


def celebrate(row) -> str:
    kind = "milestone" if isinstance(row, Milestone) else "goal"
    return f"{reverse('celebration_create', args=[row.pair.pk])}?{kind}={row.pk}"


def verbs_of(row) -> list[tuple[str, str, bool]]:
    """What else can be said of it, under its form: address, words, and whether a page asks more first."""

    def to(name: str, words: str, asks: bool = False) -> tuple[str, str, bool]:
        return reverse(name, args=[row.pk]), words, asks

    match row:
        case Goal(is_active=True):
            return [to("goal_reach", _("Reached")), to("goal_drop", _("Let it go"), True)]
        case Goal():
            return [to("goal_reopen", _("Take it up again"))]
        case Milestone(is_active=True):
            return [to("milestone_reach", _("Reached")), to("milestone_drop", _("Let it go"))]
        case Milestone():
            return [to("milestone_reopen", _("Take it up again"))]
        case WorkItem(dropped_at=None):
            return [to("work_item_drop", _("It is off"))]
        case WorkItem():
            return [to("work_item_reopen", _("It is on again"))]
        case Indicator(dropped_at=None):
            return [to("indicator_drop", _("Stop watching it"))]
        case Indicator():
            return [to("indicator_reopen", _("Watch it again"))]
        case Outcome(dropped_at=None):
            return [to("outcome_drop", _("Take it off the list"))]
        case Outcome():
            return [to("outcome_reopen", _("Put it back"))]
    return []


def home_of(row) -> str:
    """The page on which a row stands. Those of rooms above this one are known by name alone."""
    match row:
        case Milestone():
            return f"{reverse('goal_list', args=[row.goal.pair_id])}#goal-{row.goal_id}"
        case Plan():
            return f"{reverse('plan_list', args=[row.pair_id])}#plan-{row.pk}"
        case Indicator():
            return f"{reverse('progress', args=[row.pair_id])}#indicator-{row.pk}"
        case Outcome():
            return f"{reverse('outcome_list', args=[row.pair_id])}#outcome-{row.pk}"
    return reverse("pair_detail", args=[row.pair_id])
