"""Helpers that views share: safe return URLs, numbers from requests, pages with forms."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.forms import BaseForm, BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

UNENCRYPTED = "Use https. If you sent a token, replace it: it was sent unencrypted."
MAX_UPLOAD_BYTES = 6 * 1024 * 1024  # the largest upload is an import of people, which may have 5 MB


def largest_body(cookies: str) -> int:
    """Return the size in bytes up to which the body of a request is read, by its Cookie header.

    Only a signed-in person may upload a file; a sign-in is not checked yet.
    """
    signed_in = f"{settings.SESSION_COOKIE_NAME}=" in cookies
    return MAX_UPLOAD_BYTES if signed_in else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def is_unencrypted(request: HttpRequest) -> bool:
    """Return True if the request came over http although the installation has https."""
    return settings.SECURE_SSL_REDIRECT and not request.is_secure()


def is_local_path(path: str) -> bool:
    """Return True if redirecting to `path` stays on this site."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def safe_next_url(request: HttpRequest, default: str = "") -> str:
    """Return the `next` parameter if it is a path on this site, else `default`."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    return path if is_local_path(path) else default


def referring_path(request: HttpRequest) -> str:
    """Return the path of the page that sent the request, or an empty string."""
    path = urlsplit(request.headers.get("Referer", ""))._replace(scheme="", netloc="").geturl()
    return path if is_local_path(path) else ""


def whole_number(text: str, max_digits: int = 18) -> int:
    """Return the parameter as an integer; 0 if it is not a number or too long for a database key."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= max_digits else 0


def form_page(request: HttpRequest, template: str, context: dict, status: int = 200) -> HttpResponse:
    """Render a page with forms: `status`, or 422 if a form of the context was submitted with errors."""
    forms = (value for value in context.values() if isinstance(value, BaseForm | BaseFormSet))
    if any(form.is_bound and not form.is_valid() for form in forms):
        status = 422
    return render(request, template, context, status=status)


def add_undo_message(request: HttpRequest, text: str, url: str) -> None:
    """Add a message about what was done, with a button that sends a POST to `url` to undo it."""
    messages.success(request, render_to_string("components/_undo.html", {"text": text, "url": url}, request))


def signed_undo(request: HttpRequest, *facts) -> str:
    """Return the URL that undoes what this request did.

    It carries what was there before (`facts`, values that JSON can hold), signed for this person and this path.
    """
    return f"{request.path}?{urlencode({'undo': signing.dumps(facts, salt=_salt(request))})}"


def undo_facts(request: HttpRequest) -> list | None:
    """Return the facts of a URL of signed_undo(), or None if the request is not an undo; a forged one is not found."""
    if "undo" not in request.GET:
        return None
    try:
        return signing.loads(request.GET["undo"], salt=_salt(request))
    except signing.BadSignature:
        raise Http404 from None


def _salt(request: HttpRequest) -> str:
    return f"undo {request.user.pk} {request.path}"


def warn_not_undone(request: HttpRequest) -> None:
    """Add a message for an undo that came too late: somebody has changed the same thing since."""
    messages.warning(request, _("This has changed since, so nothing was undone."))
