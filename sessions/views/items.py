"""Topics and questions: add, edit, reorder, park, drop and reopen them."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.submit_once import submit_once
from core.http import form_page, safe_next_url
from core.optimistic_locking import Conflict
from mentoring.models import Pair
from sessions.forms.items import ItemEditForm, ItemForm, ReplyForm
from sessions.models import AgendaItem, Session
from sessions.planning import next_session
from sessions.preparation import topic_lists

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def item_create(request, pk):
    """Add a topic or question from any page, even while no session is planned."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    form = ItemForm(request.POST or None, pair=pair, user=request.user)
    if request.method != "POST" or not form.is_valid():
        return render_add_form(request, pair, form, status=422 if form.is_bound else 200)
    submit_once(request, lambda: form.save(request.user).pk)
    if request.htmx:
        return render_add_form(request, pair, ItemForm(pair=pair, user=request.user), added=True)
    planned = next_session(pair) is not None
    text = _("Added to the agenda: %(title)s") if planned else _("Saved for your next session: %(title)s")
    messages.success(request, text % {"title": form.cleaned_data["title"]})
    return redirect(back_to(request, pair))


@get_or_post
def item_edit(request, pk):
    item = found(request, editable_items(request), pk)
    form = ItemEditForm(request.POST or None, instance=item, pair=item.pair, user=request.user)
    if request.method != "POST" or not form.is_valid():
        return render_edit_form(request, item, form, status=422 if form.is_bound else 200)
    try:
        form.save(request.user)
    except Conflict as conflict:
        data, current = request.POST.copy(), conflict.current
        data["version"] = current.version
        form = ItemEditForm(data, instance=current, pair=item.pair, user=request.user)
        return render_edit_form(request, current, form, status=409, theirs=current.title)
    return redirect(back_to(request, item.pair))


@require_POST
def item_park(request, pk):
    item = found(request, editable_items(request), pk)
    return settle(request, item, item.park)


@require_POST
def item_drop(request, pk):
    item = found(request, editable_items(request).droppable_by(request.user), pk)
    return settle(request, item, lambda session: item.drop(request.user, session))


@require_POST
def item_keep(request, pk):
    item = found(request, editable_items(request), pk)
    return apply_action(request, item, item.keep)


@require_POST
def item_reopen(request, pk):
    item = found(request, editable_items(request), pk)
    return apply_action(request, item, item.reopen)


@get_or_post
def item_reply(request, pk):
    """Answer the other person's question in one line before the session; the question stays open."""
    theirs = editable_items(request).questions().open().exclude(created_by=request.user)
    item = found(request, theirs, pk)
    form = ReplyForm(request.POST or None, item=item)
    context = {"item": item, "form": form, "back": back_to(request, item.pair)}
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "sessions/item_reply.html", context)
    try:
        form.save(request.user)
    except Conflict as conflict:
        context |= {"item": conflict.current, "form": ReplyForm(form.data_for(conflict.current), item=conflict.current)}
        return render(request, "sessions/item_reply.html", context | {"changed": True}, status=409)
    text = _("Answer saved. %(name)s sees it.") if item.reply else _("Your answer was deleted.")
    messages.success(request, text % {"name": item.pair.other(request.user).first_name})
    return redirect(back_to(request, item.pair))


@require_POST
def item_mark_answered(request, pk):
    """The person who asked marks their question as answered."""
    asked = editable_items(request).questions().filter(created_by=request.user)
    item = found(request, asked, pk)
    return settle(request, item, item.discuss)


@require_POST
def item_move_up(request, pk):
    item = found(request, editable_items(request), pk)
    return apply_action(request, item, item.move_up)


@require_POST
def item_move_down(request, pk):
    item = found(request, editable_items(request), pk)
    return apply_action(request, item, item.move_down)


# --- What these pages share -------------------------------------------------------------------------------


def editable_items(request):
    return AgendaItem.objects.editable_by(request.user).select_related("pair")


def found(request, items, pk: int) -> AgendaItem:
    item = get_object_or_404(items, pk=pk)
    item.pair.for_reader(request.user)
    return item


def settle(request, item: AgendaItem, action: Callable[[Session | None], None]):
    """Apply an action that settles the item; the pair's running session, if there is one, records the outcome."""
    running = Session.objects.filter(pair=item.pair, started_at__isnull=False).live().first()
    return apply_action(request, item, lambda: action(running))


def apply_action(request, item: AgendaItem, action: Callable[[], None]):
    """Apply one action to the item and show the list again."""
    try:
        action()
        stale = False
    except Conflict:
        stale = True
    if request.htmx:
        return render_items(request, item, stale)
    if stale:
        form = ItemForm(pair=item.pair, user=request.user)
        return render_add_form(request, item.pair, form, status=409, stale=True)
    if item.state != AgendaItem.State.OPEN:
        add_undo_message(request, item)
    return redirect(back_to(request, item.pair))


def add_undo_message(request, item: AgendaItem) -> None:
    """Add a message about the settled item, with an undo that leads to the same page."""
    texts = {
        "parked": _("Parked: %(title)s"),
        "dropped": _("Dropped: %(title)s"),
        "discussed": _("Answered: %(title)s"),
    }
    back = urlencode({"next": back_to(request, item.pair)})
    undo = {"text": texts[item.state] % {"title": item.title}}
    undo["url"] = f"{reverse('item_reopen', args=[item.pk])}?{back}"
    messages.success(request, render_to_string("components/_undo.html", undo, request))


def render_items(request, item: AgendaItem, stale: bool):
    """Render the topics, questions and parking lot again (htmx)."""
    undo = item if item.state != AgendaItem.State.OPEN else None
    context = list_context(request, item.pair) | {"undo": undo, "stale": stale}
    return render(request, "sessions/_items.html", context, status=409 if stale else 200)


def render_add_form(request, pair: Pair, form: ItemForm, status: int = 200, **more):
    """Render the one-line form (htmx: with the list it just changed), or a page with it."""
    context = list_context(request, pair) | {"item_form": form, "form": form, "other": pair.other(request.user)}
    template = "sessions/_item_add.html" if request.htmx else "sessions/item_create.html"
    return render(request, template, context | more, status=status)


def list_context(request, pair: Pair) -> dict:
    session = next_session(pair)
    length = session.minutes if session else pair.minutes
    lists = topic_lists(pair, request.user, length)
    return {"pair": pair, "session": session, "topic_lists": lists, "back": back_to(request, pair)}


def render_edit_form(request, item: AgendaItem, form: ItemEditForm, status: int, **more):
    context = {"item": item, "form": form, "pair": item.pair, "back": back_to(request, item.pair)}
    return render(request, "sessions/item_edit.html", context | more, status=status)


def back_to(request, pair: Pair) -> str:
    """Return the URL the form names, else the next session's page, else the pair's topics and questions."""
    if request.POST.get("next") or request.GET.get("next"):
        return safe_next_url(request, "/")
    session = next_session(pair)
    return reverse("session_prepare", args=[session.pk]) if session else reverse("item_create", args=[pair.pk])
