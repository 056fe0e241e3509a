"""The timer buttons. Each names the block it was meant for; a late press changes nothing."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.formatting import when
from sessions.models import Session
from sessions.session_room import timer
from sessions.views.room import answer_room


def press(request, pk: int, action: Callable, **more):
    """Run a timer action for the block `expected`."""
    session = get_object_or_404(Session.objects.editable_by(request.user).select_related("pair"), pk=pk)
    action(session, number(request, "expected"), **more)
    return answer_room(request, session, "agenda", "cue", "now")


def number(request, name: str) -> int:
    """Return a number that a button sent, or -1, which matches no block."""
    value = request.POST.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else -1


@require_POST
def session_start(request, pk):
    """Start the session. More than two hours early it takes a confirmation, which moves the session to now."""
    session = get_object_or_404(Session.objects.editable_by(request.user).select_related("pair"), pk=pk)
    early = timer.is_early(session)
    if early and request.POST.get("now") != "1":
        context = {"session": session, "partner": session.pair.other(request.user)}
        return render(request, "sessions/session_start_early.html", context)
    started = timer.start_now(session, request.user) if early else timer.start(session)
    if started:
        undo = {"text": _("The session has started."), "url": reverse("session_start_undo", args=[pk])}
        messages.success(request, render_to_string("components/_undo.html", undo, request))
    return answer_room(request, session)


@require_POST
def session_start_undo(request, pk):
    session = get_object_or_404(Session.objects.editable_by(request.user).select_related("pair"), pk=pk)
    if timer.undo_start(session, request.user):
        messages.success(
            request, _("Start undone. The session is scheduled for %(when)s.") % {"when": when(session.starts_at)}
        )
    else:
        messages.warning(request, _("A start can be undone within a minute, before anything else happens."))
    return redirect("session_detail", pk)


@require_POST
def session_next_block(request, pk):
    return press(request, pk, timer.next_block)


@require_POST
def session_go_to_block(request, pk, position):
    return press(request, pk, timer.go_to_block, to=position)


@require_POST
def session_pause(request, pk):
    return press(request, pk, timer.pause)


@require_POST
def session_resume(request, pk):
    return press(request, pk, timer.resume)


@require_POST
def session_extend(request, pk, planned):
    return press(request, pk, timer.extend, planned=planned)


@require_POST
def session_toggle_timer(request, pk):
    """Show or hide the timer, for this person alone."""
    session = get_object_or_404(Session.objects.editable_by(request.user).select_related("pair"), pk=pk)
    timer.set_hidden(session, request.user, hidden=request.POST.get("timer") == "hide")
    return answer_room(request, session, "agenda")
