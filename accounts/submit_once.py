"""Helpers for views that must process each form submission only once."""

from collections.abc import Callable

from accounts.models import FormToken


def submit_once(request, act: Callable[[], str]) -> str:
    """Run `act` in one transaction, or return its earlier response if this form was submitted before.

    Raises FormToken.UsedElsewhere (answered with 409) if the token was used on another form.
    """
    return FormToken.run_once(request.user, request.POST.get("form_token", ""), act, form=request.path)


def earlier_response(request) -> str:
    """Return the response to an earlier submission of this form, or an empty string; call it before validation."""
    return FormToken.earlier_response(request.user, request.POST.get("form_token", ""), form=request.path)
