"""Code shared by the views of goals, plans, indicators and outcomes: forms, and actions with an undo."""

from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.submit_once import submit_once
from core.http import form_page, safe_next_url, whole_number
from core.optimistic_locking import Conflict
from goals.forms import with_current_version
from mentoring.models import Pair

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class Action(NamedTuple):
    """A button below an edit form. `opens_page`: the action asks more on a page of its own."""

    url: str
    label: str
    opens_page: bool = False


def editable_or_404(request, model, pk: int):
    """Return a row that this person may change, with its pair."""
    rows = model.objects.editable_by(request.user).select_related(model.objects.all().pair_path)
    row = get_object_or_404(rows, pk=pk)
    row.pair.for_reader(request.user)
    return row


def create(request, pk: int, form_class, list_url_name: str = "pair_detail"):
    """Show the form for a new row of pair `pk`, or store the row."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    form = form_class(request.POST or None, pair=pair, user=request.user)
    return store_new(request, form, reverse(list_url_name, args=[pair.pk]))


def store_new(request, form, list_url: str, hint: str = ""):
    """Show the form of a new row, or store the row once and return to the page that asked for it."""
    next_url = safe_next_url(request)
    if request.method != "POST" or not form.is_valid():
        context = {
            "form": form,
            "button": _("Add"),
            "cancel_url": next_url or list_url,
            "next_url": next_url,
            "hint": hint,
        }
        return form_page(request, "goals/pair_content_form.html", context)
    submit_once(request, lambda: str(form.create().pk))
    return redirect(next_url or list_url)


def edit(request, row, form_class, actions: Iterable[Action] = ()):
    """Show the form of an existing row, or store the change; if the other person saved first, show both versions."""
    next_url, form = safe_next_url(request), form_class(request.POST or None, instance=row, user=request.user)
    context = {
        "form": form,
        "row": row,
        "button": _("Save"),
        "cancel_url": next_url or row.get_absolute_url(),
        "next_url": next_url,
        "actions": actions,
    }
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "goals/pair_content_form.html", context)
    try:
        form.change(request.user)
    except Conflict as lost:
        context["form"] = form_class(
            with_current_version(request.POST, lost.current.version), instance=lost.current, user=request.user
        )
        context["now"] = type(row).objects.get(pk=row.pk)
        return render(request, "goals/pair_content_form.html", context, status=409)
    return redirect(next_url or row.get_absolute_url())


def return_to(request, row):
    """Redirect to the page that the form names, or to the page that lists the row."""
    return redirect(safe_next_url(request, row.get_absolute_url()))


def return_with_undo(request, row, text: str, undo: str, *, events: Iterable[int] = (), links: Iterable = ()):
    """Redirect as return_to() does, with a message that offers an undo.

    `undo` is the name of the URL that reverses the action, `events` are the commitment events it also reverses,
    and `links` are more links in the message, each with its label.
    """
    url = reverse(undo, args=[row.pk])
    if events:
        url += f"?{urlencode({'event': events}, doseq=True)}"
    context = {"text": text % {"title": row.title}, "url": url, "more": links}
    messages.success(request, render_to_string("components/_undo.html", context, request))
    return return_to(request, row)


def with_version(request, action: Callable[[int], object]) -> None:
    """Call action(version) with the version that was on the page; if the row has changed since, show a warning."""
    try:
        action(whole_number(request.POST.get("version", ""), 8))
    except Conflict:
        messages.warning(request, _("This has changed since you opened the page. Read it again first."))
