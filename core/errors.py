"""Answers to requests that went wrong, each with a next step."""

from django.http import HttpResponse, HttpResponseServerError
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static

FILLED_IN = {"csrfmiddlewaretoken", "form_token", "started_from", "next", "zone"}


def csrf_failure(request, reason=""):
    """The page was open while somebody signed in or out elsewhere. Nothing typed is lost.

    Our own script gets a fresh token and tries once more by itself. A form sent from one of our own pages (the
    browser vouches for that) can be sent again with one press. Anybody else's form is refused.
    """
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=403, headers={"X-CSRFToken": get_token(request)})
    return render(request, "403_csrf.html", {"again": _sent_from_here(request)}, status=403)


def form_used_elsewhere(request):
    """The form carries a token that was used on another form: nothing is stored, and one press sends it again."""
    response = render(request, "409.html", {"again": _sent_from_here(request)}, status=409)
    if request.headers.get("HX-Request") == "true":
        response.headers |= {"HX-Retarget": "body", "HX-Reswap": "innerHTML"}
    return response


def unreadable_text(request):
    """Private writing that the keys of this installation do not open. Nothing is overwritten."""
    return render(request, "unreadable.html", status=503)


def _sent_from_here(request) -> list[tuple[str, str]]:
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or any("password" in name for name in request.POST):
        return []
    spent = ("csrfmiddlewaretoken", "form_token")  # the page that offers to send it again has its own
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in spent]


def not_found(request, exception):
    """There is nothing here. What somebody wrote into a form for it is shown again, so that it can be copied."""
    return render(request, "404.html", {"typed": typed_texts(request)}, status=404)


def typed_texts(request) -> list[str]:
    """The texts of a submitted form, in its order, without what the form itself filled in.

    Only of forms that passed the CSRF check, which an address that leads to no view never reaches.
    """
    if not request.resolver_match or any("password" in name for name in request.POST):
        return []
    values = [value for name in request.POST if name not in FILLED_IN for value in request.POST.getlist(name)]
    return [value for value in values if any(letter.isalpha() for letter in value)]


def server_error(request):
    """Asks neither the database nor the session, and does without the style sheet if that is the trouble."""
    try:
        style = static("css/app.css")
    except ValueError:
        style = ""
    return HttpResponseServerError(render_to_string("500.html", {"style": style}))


def too_many_requests(request, exception=None, wait: int = 60):
    """That was more than we accept in so short a time. Says after how many seconds to try again."""
    response = render(request, "429.html", {"minutes": -(-wait // 60)}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
