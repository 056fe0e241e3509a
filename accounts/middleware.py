"""Middleware: request checks, sign-in, rate limits, the reader's time zone and language, and error pages."""

import logging
import time

from django.conf import settings
from django.contrib.auth import middleware
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import BaseStorage
from django.core.cache import cache
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.decorators import sync_only_middleware

from accounts.localization import localized_for
from accounts.models import AuditEvent, FormToken, Installation
from core.cache import count_up
from core.errors import form_used_elsewhere, too_many_requests, unreadable_text
from core.fields import UnreadableText
from core.http import largest_body
from core.token_paths import holds_token

logger = logging.getLogger(__name__)


class Middleware:
    """Middleware that passes every request on."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


class SameOriginMiddleware(Middleware):
    """Reject unsafe requests that the browser reports as cross-origin; mail clients do not send Sec-Fetch-Site.

    Only the page of a SAML provider sends its signed answer from elsewhere.
    """

    def __call__(self, request):
        is_unsafe = request.method not in ("GET", "HEAD", "OPTIONS")
        is_from_elsewhere = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
        if is_unsafe and is_from_elsewhere and request.path != reverse("single_sign_on_saml"):
            raise PermissionDenied
        return self.get_response(request)


class Utf8OnlyMiddleware(Middleware):
    """Reject requests that declare another character set: Django would fail while rendering the page."""

    def __call__(self, request):
        charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
        if charset.strip("'\" ").lower() not in ("utf-8", "utf8"):
            request.encoding = "utf-8"  # so that the error page can be rendered
            raise BadRequest("Forms are read as UTF-8 only.")
        return self.get_response(request)


class BodyLimitMiddleware(Middleware):
    """Reject oversized requests before reading them: uploads are written to disk before authentication."""

    def __call__(self, request):
        most = largest_body(request.headers.get("Cookie", ""))
        size = request.META.get("CONTENT_LENGTH") or "0"
        if size.isdecimal() and (len(size) > 12 or int(size) > most):
            return render(request, "413.html", status=413)
        return self.get_response(request)


class NoReferrerMiddleware(Middleware):
    """Send `Referrer-Policy: no-referrer` on pages with a secret link, so that no other page learns the URL.

    From such a page, browsers submit forms with "Origin: null". It is accepted for these URLs only: the CSRF token is
    still required, and `SameOriginMiddleware` rejects requests from other origins.
    """

    def __call__(self, request):
        response = self.get_response(request)
        if holds_token(request):
            response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def process_view(self, request, view, args, kwargs):
        if request.META.get("HTTP_ORIGIN") == "null" and holds_token(request):
            request.META["HTTP_ORIGIN"] = settings.SITE_URL  # one of CSRF_TRUSTED_ORIGINS


@sync_only_middleware
class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Require a sign-in unless a view is marked @login_not_required; redirect to setup if it is not done yet."""

    def handle_no_permission(self, request, view_func):
        answer = super().handle_no_permission(request, view_func) if Installation.current() else redirect("start")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": answer.url})
        return answer


class DeviceCookieMiddleware(Middleware):
    """Set the cookie by which a device is known, once somebody signed in on it (accounts/models/sign_in.py)."""

    def __call__(self, request):
        response = self.get_response(request)
        if token := getattr(request, "new_device_token", ""):
            kept = {"max_age": 365 * 24 * 3600, "httponly": True, "samesite": "Lax", "secure": settings.HTTPS}
            response.set_cookie(settings.DEVICE_COOKIE_NAME, token, **kept)
        return response


class PreferencesMiddleware(Middleware):
    """Activate the user's time zone and language, and forbid caching of signed-in pages."""

    def __call__(self, request):
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        with localized_for(user):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", user.spoken_language)  # LocaleMiddleware knows the browser's
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True)
        return response


class HtmxMessagesMiddleware(Middleware):
    """Append pending messages to htmx responses, as an out-of-band swap into the message area of the page."""

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and request.headers.get("HX-Request") == "true" and _takes_messages(response):
            messages = get_messages(request)
            if isinstance(messages, BaseStorage) and not messages.used and len(messages):
                response.write(render_to_string("components/_messages_oob.html", {"messages": messages}, request))
        return response


def _takes_messages(response) -> bool:
    return (
        not response.streaming
        and response.status_code in (200, 201, 409, 422)
        and not response.has_header("HX-Redirect")
        and response.headers.get("Content-Type", "").startswith("text/html")
    )


class PostLimitMiddleware(Middleware):
    """Limit each user to 60 POST requests per minute, or 300 in the session room, which saves automatically."""

    def __call__(self, request):
        if request.method != "POST" or not request.user.is_authenticated:
            return self.get_response(request)
        room, limit = ("room", 300) if request.path.startswith("/sessions/") else ("site", 60)
        now = int(time.time())
        if count_up(f"posts:{room}:{request.user.pk}:{now // 60}", timeout=120) > limit:
            return too_many_requests(request, wait=60 - now % 60)
        return self.get_response(request)


class RefusalAuditMiddleware(Middleware):
    """Record 403 and 404 responses to signed-in users in the audit log: user, time and row, no content.

    The same request is recorded once per minute, and at most twenty requests per minute, to save disk space.
    """

    def __call__(self, request):
        response = self.get_response(request)
        match = request.resolver_match
        if response.status_code in (403, 404) and match and match.url_name and request.user.is_authenticated:
            pk = match.kwargs.get("pk")
            what = f"{match.url_name}:{pk}" if isinstance(pk, int) else match.url_name  # never a token: it is a secret
            if _is_worth_recording(request.user, what):
                AuditEvent.record(request.user, AuditEvent.Action.PAGE_REQUESTED, what, "refused")
        return response


REFUSALS_A_MINUTE = 20


def _is_worth_recording(user, what: str) -> bool:
    minute = int(time.time()) // 60
    if not cache.add(f"refused:{user.pk}:{what}:{minute}", 1, timeout=60):
        return False
    return count_up(f"refused:{user.pk}:{minute}", timeout=120) <= REFUSALS_A_MINUTE


class DeadlockRetryMiddleware(Middleware):
    """Retry a view when PostgreSQL rolled back its transaction because of a deadlock or serialization failure."""

    ATTEMPTS = 3
    SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"

    def process_exception(self, request, exception):
        view = request.resolver_match
        for _attempt in range(1, self.ATTEMPTS):
            if not self.is_deadlock(exception):
                return None
            try:
                return view.func(request, *view.args, **view.kwargs)
            except OperationalError as error:
                exception = error
        return None

    def is_deadlock(self, exception) -> bool:
        sqlstate = getattr(exception.__cause__, "sqlstate", "")
        return isinstance(exception, OperationalError) and sqlstate in (self.SERIALIZATION_FAILURE, self.DEADLOCK)


class FormErrorStatusMiddleware(Middleware):
    """Answer 422 instead of 200 when a django-allauth form has errors, as on every other page."""

    def process_template_response(self, request, response):
        context = response.context_data or {}
        forms = (context.get("form"), context.get("webauthn_form"))
        if (
            request.method == "POST"
            and response.status_code == 200
            and any(getattr(form, "errors", None) for form in forms)
        ):
            response.status_code = 422
        return response


class ErrorPageMiddleware(Middleware):
    """Render an error page for exceptions that no view can handle: a reused form token, an unreadable private text."""

    def process_exception(self, request, exception):
        if isinstance(exception, FormToken.UsedElsewhere):
            return form_used_elsewhere(request)
        if isinstance(exception, UnreadableText):
            logger.error("%s", exception)
            return unreadable_text(request)
        return None
