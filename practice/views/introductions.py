"""Introductions: ask for one, make it, talk, and note what was learned. They end in a commitment."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goals.views.editing import Action, edit, editable_or_404, get_or_post, return_to, return_with_undo, store_new
from mentoring.models import Pair
from practice.forms.introductions import IntroductionForm, LearnedForm
from practice.models import Introduction
from practice.models.introduction import STAGES


@require_safe
def introduction_list(request, pk):
    """Show the introductions of a pair with their stages, and the guide to the conversation."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    rows = list(pair.introductions.current().select_related("commitment"))
    for row in rows:
        row.pair = pair
        row.is_mine = row.waits_for_id == request.user.pk
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "open": pair.ended_at is None,
        "is_mentee": pair.is_mentee(request.user),
        "introductions": rows,
        "stages": list(STAGES.values()),
    }
    return render(request, "practice/introduction_list.html", context)


@get_or_post
def introduction_create(request, pk):
    """Let the mentee ask for an introduction."""
    pairs = Pair.objects.editable_by(request.user).filter(mentee=request.user)
    pair = get_object_or_404(pairs, pk=pk).for_reader(request.user)
    form = IntroductionForm(request.POST or None, pair=pair, user=request.user)
    return store_new(request, form, reverse("introduction_list", args=[pk]))


@get_or_post
def introduction_edit(request, pk):
    row = editable_or_404(request, Introduction, pk)
    action = Action(reverse("introduction_drop", args=[pk]), _("Let it go"))
    if row.dropped_at:
        action = Action(reverse("introduction_reopen", args=[pk]), _("Ask for it after all"))
    return edit(request, row, IntroductionForm, [action])


@require_POST
def introduction_drop(request, pk):
    """Let an introduction go; either person may, the mentor also if they cannot make it."""
    row = editable_or_404(request, Introduction, pk)
    row.drop(request.user)
    return return_with_undo(request, row, _("Let go: %(title)s"), "introduction_reopen")


@require_POST
def introduction_reopen(request, pk):
    row = editable_or_404(request, Introduction, pk)
    row.reopen(request.user)
    return return_to(request, row)


@require_POST
def introduction_make(request, pk):
    """Let the mentor mark it as made (`on=1`), or take that back."""
    rows = Introduction.objects.editable_by(request.user).filter(pair__mentor=request.user)
    row = get_object_or_404(rows.select_related("pair"), pk=pk)
    row.mark_made(request.POST.get("on") == "1")
    return redirect(row.get_absolute_url())


@require_POST
def introduction_talk(request, pk):
    """Let the mentee mark that they talked (`on=1`), or take that back. What they learned is asked next."""
    row = of_mentee_or_404(request, pk)
    row.mark_talked(request.POST.get("on") == "1")
    return redirect("introduction_learn", pk) if row.talked_at else redirect(row.get_absolute_url())


@get_or_post
def introduction_learn(request, pk):
    return edit(request, of_mentee_or_404(request, pk), LearnedForm)


def of_mentee_or_404(request, pk: int) -> Introduction:
    """Return an introduction that was made to this mentee and may still be changed."""
    rows = Introduction.objects.editable_by(request.user).current().filter(pair__mentee=request.user)
    row = get_object_or_404(rows.filter(made_at__isnull=False).select_related("pair"), pk=pk)
    row.pair.for_reader(request.user)
    return row
