"""Reauthentication before sensitive actions: enter the password, a code or a passkey again."""

import time
from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, is_reauthentication_required
from allauth.core.internal.httpkit import serialize_request
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.http import referring_path

KEPT_FOR = 600  # seconds in which a form that was put off is carried out after a confirmation
PUT_OFF = "put_off"  # in the web session: when a form was put off, and the page it was on


def requires_reauthentication(view=None, *, when=None, is_file: bool = False):
    """Decorate a view whose POST is a sensitive action; `when(request)` tells which of its POSTs are.

    Nobody is asked within fifteen minutes after a sign-in or an earlier confirmation. A form is not lost: it is kept
    in the web session and carried out after a confirmation within ten minutes. A download would leave the person on
    the page where they confirmed. So they are redirected back instead, with a message to press the button again.
    """

    def decorator(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            is_sensitive = request.method == "POST" and (when is None or when(request))
            if is_sensitive and is_reauthentication_required(request, app="throughline"):
                return reauthenticate(request, is_file)
            return view(request, *args, **kwargs)

        return wrapped

    return decorator(view) if view else decorator


def reauthenticate(request, is_file: bool) -> HttpResponse:
    method_url = get_adapter(request).get_reauthentication_methods(request.user)[0]["url"]
    by_script = request.headers.get("HX-Request") == "true"
    if is_file or by_script:
        request.session.pop(STATE_SESSION_KEY, None)  # a form of earlier that was put off must not be carried out now
        messages.info(request, _("Confirm that it’s you, then press the button again."))
        back = referring_path(request) or "/"
    else:
        request.session[STATE_SESSION_KEY] = {"request": serialize_request(request)}
        back = request.path
    url = f"{method_url}?{urlencode({'next': back})}"
    return HttpResponse(status=204, headers={"HX-Redirect": url}) if by_script else redirect(url)


def note_put_off(request: HttpRequest) -> None:
    """Store when the form of this request was put off, and the page to return to if it is confirmed too late."""
    request.session[PUT_OFF] = [int(time.time()), referring_path(request) or "/"]


def forgets_old_forms(view):
    """Decorate a page of confirmation: a form that was put off more than ten minutes ago is not carried out."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        at, back = request.session.get(PUT_OFF, (0, "/"))
        if STATE_SESSION_KEY in request.session and not 0 <= time.time() - at < KEPT_FOR:
            del request.session[STATE_SESSION_KEY]
            messages.warning(
                request, _("You took more than ten minutes to confirm, so nothing was changed. Try again.")
            )
            return redirect(back)
        return view(request, *args, **kwargs)

    return wrapped
