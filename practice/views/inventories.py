"""Inventories: answer one, see what changed between two days, and take one statement further."""

from itertools import count

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.submit_once import submit_once
from core.http import add_undo_message, form_page, whole_number
from practice.forms.inventories import CompetencyForm, MarkForm
from practice.inventories import offered, offered_now, result, runs_of, start
from practice.models import InventoryPick, InventoryRun
from practice.models.inventory import mark_choices
from practice.views.entries import chosen_pair, running_pairs
from sessions.models import AgendaItem

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def own_run_or_404(request, pk: int) -> InventoryRun:
    rows = InventoryRun.objects.filter(entry__author=request.user)
    run = get_object_or_404(rows.select_related("entry"), entry__pk=pk)
    run.entry.author = request.user
    if run.inventory is None:
        raise Http404
    return run


@require_safe
def practice_inventory_list(request):
    return render(request, "practice/inventory_list.html", {"offered": offered(request.user)})


@require_safe
def practice_inventory(request, name):
    """Show two days of an inventory side by side (`now` and `before`, by default the newest two of one version).

    Two versions are not compared. An inventory that is no longer offered is shown to those who answered it.
    """
    runs, current = runs_of(request.user, name), offered_now(request.user, name)
    if not (runs or current):
        raise Http404
    by_key = {str(run.entry_id): run for run in runs}
    now = by_key.get(request.GET.get("now")) or (runs[0] if runs else None)
    same = [run for run in runs if run != now and run.source == now.source]
    before = by_key.get(request.GET.get("before")) or (same[0] if same else None)
    other = before if before and before.source != now.source else None
    context = {
        "inventory": current or runs[0].inventory,
        "is_offered": current is not None,
        "runs": runs,
        "other_version": other,
        "result": result(now, None if other else before) if now else None,
    }
    return render(request, "practice/inventory.html", context)


@require_POST
def practice_inventory_start(request, name):
    inventory = offered_now(request.user, name)
    if inventory is None:
        raise Http404
    pk = submit_once(request, lambda: start(request.user, inventory).pk)
    return redirect("practice_inventory_answer", pk)


@require_safe
def practice_inventory_answer(request, pk):
    """Show the statements, to answer them or to correct the answers."""
    return answers_page(request, own_run_or_404(request, pk))


def answers_page(request, run: InventoryRun, form: MarkForm | None = None, is_part: bool = False):
    """Show the statements by theme, each with its number and its answer; with `is_part`, without the page around."""
    numbers, answers = count(1), run.answers
    themes = [
        (theme, [(next(numbers), one, answers.get(one.key)) for one in theme.statements])
        for theme in run.inventory.themes
    ]
    total = len(run.inventory.statements)
    answered = sum(one.key in answers for one in run.inventory.statements)
    context = {"run": run, "inventory": run.inventory, "themes": themes, "answered": answered, "total": total}
    context |= {"scale": mark_choices(run.inventory), "form": form}
    template = "practice/_inventory_answers.html" if is_part else "practice/inventory_answer.html"
    return form_page(request, template, context)


@require_POST
def practice_inventory_mark(request, pk, key):
    """Store the answer to one statement (`value`, empty: none), so that nothing waits for the end of the page."""
    run = own_run_or_404(request, pk)
    if key not in {one.key for one in run.inventory.statements}:
        raise Http404
    form = MarkForm(request.POST)
    if not form.is_valid():
        return answers_page(request, run, form)
    run.mark(key, form.cleaned_data["value"])
    if request.htmx:
        return answers_page(request, run, is_part=True)
    return redirect(f"{reverse('practice_inventory_answer', args=[pk])}#statement-{key}")


@get_or_post
def practice_inventory_use(request, pk, key):
    """Take one statement further: to the next agenda, a goal, or a competency as evidence.

    With `take_back` in the address, it is no longer evidence for that competency.
    """
    run = own_run_or_404(request, pk)
    statement = next((one for one in run.inventory.statements if one.key == key), None)
    if statement is None:
        raise Http404
    picks = InventoryPick.objects.filter(run=run, key=key)
    if request.method == "POST" and "take_back" in request.GET:
        picks.filter(competency=whole_number(request.GET["take_back"])).delete()
        messages.success(request, _("It no longer counts as evidence."))
        return redirect("practice_inventory_use", pk, key)
    pairs = running_pairs(request.user)
    use = request.POST.get("use")
    form = CompetencyForm(request.POST if use == "competency" else None, user=request.user)
    if request.method == "POST" and use == "agenda":
        pair = chosen_pair(request, run.entry)
        if pair is None:
            messages.warning(request, _("First choose with whom you want to talk about it."))
            return redirect("practice_inventory_use", pk, key)
        item = submit_once(request, lambda: AgendaItem.add(pair, request.user, statement.text[:300]).pk)
        back = f"{reverse('item_drop', args=[item])}?next={request.path}"
        add_undo_message(request, _("Added to your next agenda."), back)
        return redirect("entry_detail", pk)
    if request.method == "POST" and form.is_bound and form.is_valid():
        competency = form.cleaned_data["competency"]
        InventoryPick.objects.get_or_create(run=run, key=key, competency=competency)
        text = _("It now counts as evidence for “%(title)s”.") % {"title": competency.title}
        add_undo_message(request, text, f"{request.path}?take_back={competency.pk}")
        return redirect("entry_detail", pk)
    context = {"run": run, "statement": statement, "mark": run.answers.get(key), "form": form, "pairs": pairs}
    context["picks"] = picks.select_related("competency").order_by("competency__title", "pk")
    return form_page(request, "practice/inventory_use.html", context)
