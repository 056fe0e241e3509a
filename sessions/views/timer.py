"""The presses that move a session along. Each names the block it was meant for; one that comes late changes nothing."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from sessions import timer
from sessions.models import Session
from sessions.views.room import answer_room


def press(request, pk: int, verb, **more):
    """One press: `expected` is the block it was meant for."""
    session = get_object_or_404(Session.objects.editable_by(request.user).with_people(), pk=pk)
    verb(session, request.user, number(request, "expected"), **more)
    return answer_room(request, session, "agenda", "cue", "now")


def number(request, name: str) -> int:
    """A number that a button sent; -1, a block that never is, where it sent none."""
    value = request.POST.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else -1


@require_POST
def session_start(request, pk):
    session = get_object_or_404(Session.objects.editable_by(request.user).with_people(), pk=pk)
    timer.start(session, request.user)
    return answer_room(request, session)


@require_POST
def session_next(request, pk):
    return press(request, pk, timer.next_block)


@require_POST
def session_go_to(request, pk, position):
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
def session_timer(request, pk):
    """Show or hide the timer, for this person alone."""
    session = get_object_or_404(Session.objects.editable_by(request.user).with_people(), pk=pk)
    timer.hide(session, request.user, hidden=request.POST.get("timer") == "hide")
    return answer_room(request, session, "agenda")
