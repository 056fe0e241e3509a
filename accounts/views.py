from django.middleware.csrf import get_token
from django.shortcuts import render


def csrf_failure(request, reason=""):
    """Refuse, with a fresh token: an open page whose token was replaced by a new sign-in tries once more with it."""
    response = render(request, "403.html", status=403)
    response["X-CSRFToken"] = get_token(request)
    return response
