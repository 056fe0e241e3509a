"""Who may pass the door, and in whose zone and language the page speaks."""

import logging
import time

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.decorators import sync_only_middleware

from accounts.models import AuditEvent, FormToken, Installation
from core.errors import form_used_elsewhere, too_many_requests, unreadable_text
from core.fields import UnreadableText
from core.formatting import clock_24
from core.token_paths import holds_token

logger = logging.getLogger(__name__)
LARGEST_FILE = 6 * 1024 * 1024  # a file of people, which is the largest there is, has at most 5 MB


def same_origin(get_response):
    """Refuse a changing request that the browser says another site started. A mail client sends no such header."""

    def middleware(request):
        if request.method not in ("GET", "HEAD", "OPTIONS") and request.headers.get("Sec-Fetch-Site") in (
            "cross-site",
            "same-site",
        ):
            raise PermissionDenied
        return get_response(request)

    return middleware


def utf8_only(get_response):
    """Refuse a request that declares any other character set: Django would fail on it halfway through a page."""

    def middleware(request):
        charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
        if charset.strip("'\" ").lower() not in ("utf-8", "utf8"):
            request.encoding = "utf-8"  # for the page that says so
            raise BadRequest("Forms are read as UTF-8 only.")
        return get_response(request)

    return middleware


def body_limit(get_response):
    """Refuse what is too large before any of it is read: a file goes to the disk before anybody asks who sends it."""

    def middleware(request):
        most = LARGEST_FILE if settings.SESSION_COOKIE_NAME in request.COOKIES else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        size = request.META.get("CONTENT_LENGTH") or "0"
        if size.isdecimal() and (len(size) > 12 or int(size) > most):
            return render(request, "413.html", status=413)
        return get_response(request)

    return middleware


class no_referrer:
    """The address of a page with a secret link is told to no other page, not even one of ours.

    From such a page a browser sends its form with "Origin: null". It is taken for our own here and nowhere else: the
    form's token is asked for all the same, and `same_origin` refuses what the browser says another site started.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if holds_token(request):
            response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def process_view(self, request, view, args, kwargs):
        if request.META.get("HTTP_ORIGIN") == "null" and holds_token(request):
            request.META["HTTP_ORIGIN"] = settings.SITE_URL  # one of CSRF_TRUSTED_ORIGINS


@sync_only_middleware
class login_required(LoginRequiredMiddleware):
    """Every page needs a sign-in unless its view says @login_not_required. Before the first visit all lead there."""

    def handle_no_permission(self, request, view_func):
        answer = super().handle_no_permission(request, view_func) if Installation.current() else redirect("start")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": answer.url})
        return answer


def personal(get_response):
    """Show times in the reader's own zone, and keep signed-in pages out of every cache."""

    def middleware(request):
        user = request.user
        if not user.is_authenticated:
            return get_response(request)
        clock_24.set(user.clock == user.Clock.H24)
        with timezone.override(user.tzinfo), translation.override(user.language):
            response = get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True)
        return response

    return middleware


def messages_for_htmx(get_response):
    """An htmx answer to an action carries the pending messages with it, appended to the page's message area."""

    def middleware(request):
        response = get_response(request)
        if request.method == "POST" and request.headers.get("HX-Request") == "true" and _takes_messages(response):
            messages = get_messages(request)
            if not messages.used and len(messages):
                response.write(render_to_string("components/_messages_oob.html", {"messages": messages}, request))
        return response

    return middleware


def _takes_messages(response) -> bool:
    return (
        not response.streaming
        and response.status_code in (200, 201, 409, 422)
        and not response.has_header("HX-Redirect")
        and response.headers.get("Content-Type", "").startswith("text/html")
    )


def few_changes(get_response):
    """No person sends more than 60 changes a minute, or 300 in the session room, where the page saves by itself."""

    def middleware(request):
        if request.method != "POST" or not request.user.is_authenticated:
            return get_response(request)
        room, limit = ("room", 300) if request.path.startswith("/sessions/") else ("site", 60)
        now = int(time.time())
        key = f"posts:{room}:{request.user.pk}:{now // 60}"
        cache.add(key, 0, timeout=120)
        try:
            count = cache.incr(key)
        except ValueError:  # the cache came back, or let the key go, between the two
            count = 1
        if count > limit:
            return too_many_requests(request, wait=60 - now % 60)
        return get_response(request)

    return middleware


def refusals_are_written_down(get_response):
    """Whoever asks for what is not theirs, or not there, is written down: who, when and which row, never more.

    The same once a minute, and at most twenty in a minute, so that nobody fills the disk.
    """

    def middleware(request):
        response = get_response(request)
        match = request.resolver_match
        if response.status_code in (403, 404) and match and match.url_name and request.user.is_authenticated:
            pk = match.kwargs.get("pk")
            what = f"{match.url_name}:{pk}" if isinstance(pk, int) else match.url_name  # a token is a secret
            if _first_of_a_few(request.user, what):
                AuditEvent.objects.create(who=request.user, what="asked for", object=what[:100], result="refused")
        return response

    return middleware


REFUSALS_A_MINUTE = 20


def _first_of_a_few(user, what: str) -> bool:
    minute = int(time.time()) // 60
    if not cache.add(f"refused:{user.pk}:{what}:{minute}", 1, timeout=60):
        return False
    key = f"refused:{user.pk}:{minute}"
    cache.add(key, 0, timeout=120)
    try:
        return cache.incr(key) <= REFUSALS_A_MINUTE
    except ValueError:  # the cache came back, or let the key go, between the two
        return True


class RetryDeadlocks:
    """Run a view again when PostgreSQL ended its transaction in favor of another one; nothing of it was stored."""

    ATTEMPTS = 3
    SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

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


class refused_forms_say_so:
    """django-allauth answers 200 to a form it refuses; here a refused form is a 422, as on every other page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        form = (response.context_data or {}).get("form")
        if request.method == "POST" and response.status_code == 200 and getattr(form, "errors", None):
            response.status_code = 422
        return response


class exceptions_in_words:
    """Answer with a page what no view can go on after: the token of another form, private text without its key."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, FormToken.UsedElsewhere):
            return form_used_elsewhere(request)
        if isinstance(exception, UnreadableText):
            logger.error("%s", exception)
            return unreadable_text(request)
        return None
