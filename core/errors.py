"""Error pages, each with a next step."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static

FILLED_IN = {"csrfmiddlewaretoken", "form_token", "started_from", "next", "zone"}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a failed CSRF check, for example after signing in or out in another tab, without losing input.

    An htmx request gets a fresh token, and our script retries it once. A form that the browser reports as sent from
    our own pages can be resubmitted with one button. All other forms are rejected.
    """
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=403, headers={"X-CSRFToken": get_token(request)})
    return render(request, "403_csrf.html", {"again": _sent_from_here(request)}, status=403)


def form_used_elsewhere(request: HttpRequest) -> HttpResponse:
    """Answer 409 to a form whose token was used on another form; nothing is stored, and one button resubmits it."""
    response = render(request, "409.html", {"again": _sent_from_here(request)}, status=409)
    if request.headers.get("HX-Request") == "true":
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def unreadable_text(request: HttpRequest) -> HttpResponse:
    """Answer 503 if private text cannot be decrypted with the keys of this installation; nothing is overwritten."""
    return render(request, "unreadable.html", status=503)


def _sent_from_here(request: HttpRequest) -> list[tuple[str, str]]:
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or any("password" in name for name in request.POST):
        return []
    spent = ("csrfmiddlewaretoken", "form_token")  # the page with the resubmit button has its own
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in spent]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the 404 page; it shows submitted text again, so that people can copy it."""
    return render(request, "404.html", {"typed": typed_texts(request)}, status=404)


def typed_texts(request: HttpRequest) -> list[str]:
    """Return the texts that a person entered into a submitted form, in form order.

    Empty for forms with a password, and for URLs without a view, because the CSRF check did not run for them.
    """
    if not request.resolver_match or any("password" in name for name in request.POST):
        return []
    values = [value for name in request.POST if name not in FILLED_IN for value in request.POST.getlist(name)]
    return [value for value in values if any(char.isalpha() for char in value)]


def server_error(request: HttpRequest) -> HttpResponse:
    """Render the 500 page without database or session, and without the style sheet if it cannot be found."""
    try:
        style = static("css/app.css")
    except ValueError:
        style = ""
    return HttpResponseServerError(render_to_string("500.html", {"style": style}))


def too_many_requests(request: HttpRequest, exception: Exception | None = None, wait: int = 60) -> HttpResponse:
    """Answer 429 with a Retry-After header of `wait` seconds."""
    response = render(request, "429.html", {"minutes": -(-wait // 60)}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
