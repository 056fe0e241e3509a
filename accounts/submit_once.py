"""What views of every app repeat when they answer a form."""

from collections.abc import Callable

from accounts.models import FormToken


def submit_once(request, act: Callable[[], str]) -> str:
    """Run `act` in one transaction, or return what it answered when this form was submitted before.

    Raises FormToken.UsedElsewhere (answered with 409) if the token was used on another form.
    """
    return FormToken.once(request.user, request.POST.get("form_token", ""), act, form=request.path)


def earlier_answer(request) -> str:
    """Return what an earlier submission of this form was answered, before its input is judged again; else empty."""
    return FormToken.answered(request.user, request.POST.get("form_token", ""), form=request.path)
