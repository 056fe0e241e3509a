"""Private notes: closed at every page load, and hidden while the screen is shared."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from core.http import safe_next_url
from mentoring.models import Pair
from sessions.models import Session
from sessions.texts import private_note

SHARING = "sharing_screen"  # in the web session: the session in which this browser's screen is shared


def is_sharing(request: HttpRequest) -> bool:
    """Return True if this browser shares its screen in a session that is not over."""
    pk = request.session.get(SHARING)
    return pk is not None and Session.objects.visible_to(request.user).live().filter(pk=pk).exists()


@require_safe
@vary_on_headers("HX-Request")
def session_private_note(request, pk):
    session = get_object_or_404(Session.objects.visible_to(request.user).select_related("pair"), pk=pk)
    session.for_reader(request.user)
    notes = [private_note(request.user, session.pair, session), private_note(request.user, session.pair)]
    return note_answer(request, notes, session=session, pair=session.pair)


@require_safe
@vary_on_headers("HX-Request")
def pair_private_note(request, pk):
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    return note_answer(request, [private_note(request.user, pair)], pair=pair)


@require_POST
def screen_share(request, pk):
    """Hide private notes in this browser until the session is over (`sharing=1`), or show them again."""
    session = get_object_or_404(Session.objects.editable_by(request.user).select_related("pair"), pk=pk)
    session.for_reader(request.user)
    if request.POST.get("sharing") == "1":
        request.session[SHARING] = session.pk
    else:
        request.session.pop(SHARING, None)
    if request.htmx:
        return closed_notes(request, session=session, pair=session.pair)
    return redirect(safe_next_url(request, "/"))


def note_answer(request: HttpRequest, notes: list, **where) -> HttpResponse:
    if is_sharing(request) or "closed" in request.GET:
        return closed_notes(request, **where)
    may_edit = where["pair"].ended_at is None
    return answer(request, "sessions/_private_note_panel.html", notes=notes, may_edit=may_edit, **where)


def closed_notes(request: HttpRequest, **where) -> HttpResponse:
    return answer(request, "sessions/_private_note_closed.html", sharing=is_sharing(request), **where)


def answer(request: HttpRequest, fragment: str, pair: Pair, **more) -> HttpResponse:
    context = {"pair": pair, "other": pair.other(request.user), "next": safe_next_url(request, "/"), **more}
    return render(request, fragment if request.htmx else "sessions/private_note.html", context)
