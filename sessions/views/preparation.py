"""Prepare a session: the page, the status update, and the mentor's “Read” mark."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sessions.forms.items import ItemForm
from sessions.forms.preparation import StatusForm
from sessions.models import Session, StatusUpdate
from sessions.preparation import preparation
from sessions.texts import status_update

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def session_prepare(request, pk):
    session = get_object_or_404(Session.objects.visible_to(request.user).select_related("pair"), pk=pk).for_reader(
        request.user
    )
    context = preparation(session, request.user)
    if not context["was_opened"]:
        session.mark_opened(request.user)
    context["item_form"] = ItemForm(pair=session.pair, user=request.user)
    if context["is_mentee"]:
        context["status_form"] = StatusForm(update=context["update"])
    return render(request, "sessions/session_prepare.html", context)


@get_or_post
def status_edit(request, pk):
    """Edit the status update on its own page; saving keeps it a draft."""
    session, form = status_form(request, pk)
    if request.method != "POST":
        return render_status(request, session, form)
    return save_status(request, session, form) or redirect("session_prepare", pk=session.pk)


@require_POST
def status_share(request, pk):
    session, form = status_form(request, pk)
    problem = save_status(request, session, form)
    if problem:
        return problem
    form.update.share()
    messages.success(request, _("Shared. %(name)s sees it now.") % {"name": session.pair.mentor.first_name})
    return redirect("session_prepare", pk=session.pk)


@require_POST
def status_mark_read(request, pk):
    mine = Session.objects.editable_by(request.user).filter(pair__mentor=request.user).live()
    session = get_object_or_404(mine.select_related("pair"), pk=pk).for_reader(request.user)
    session.mark_read(request.user)
    return redirect("session_prepare", pk=session.pk)


def status_form(request, pk: int) -> tuple[Session, StatusForm]:
    """Return the session and the mentee's status form, while the session is live."""
    mine = Session.objects.editable_by(request.user).filter(pair__mentee=request.user).live()
    session = get_object_or_404(mine.select_related("pair"), pk=pk).for_reader(request.user)
    try:
        update = status_update(request.user, session)
    except StatusUpdate.DoesNotExist:
        raise Http404 from None
    return session, StatusForm(request.POST if request.method == "POST" else None, update=update)


def save_status(request, session: Session, form: StatusForm):
    """Store the three fields. Return None, or a response if they were invalid or changed meanwhile."""
    if not form.is_valid():
        return render_status(request, session, form, status=422)
    form.save(request.user)
    if form.conflicts:
        return render_status(request, session, form, status=409)
    return None


def render_status(request, session: Session, form: StatusForm, status: int = 200):
    context = {"session": session, "form": form, "update": form.update, "other": session.pair.other(request.user)}
    return render(request, "sessions/status_edit.html", context, status=status)
