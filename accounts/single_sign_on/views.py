"""Signing in at the provider, and confirming there that it is still the same person."""

import logging
import time
from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEvent, Installation
from accounts.single_sign_on.identities import Refused, is_of, person_of

logger = logging.getLogger(__name__)

FRESH = 120  # seconds since the sign-in at the provider by which somebody confirms that it is them
STATUS = {"provider": 502, "expired": 400}  # of the page with the reason; otherwise 403


def allow_provider(response):
    """Let the forms of this page lead to the provider: browsers also apply the policy to where a form redirects."""
    if settings.OIDC:
        response._csp_update = {"form-action": [settings.OIDC.origin]}
    return response


def for_provider(view):
    """Answer 404 if no provider is set up, and show the reason if the view raises Refused."""

    @wraps(view)
    def wrapped(request):
        if not settings.OIDC or not Installation.current():
            raise Http404
        try:
            return view(request)
        except Refused as refused:
            return refuse(request, refused)

    return wrapped


def refuse(request, refused: Refused):
    if refused.reason == "provider":
        logger.warning("The sign-in at %s failed: %r", settings.OIDC.issuer, refused.__cause__)
    AuditEvent.record(None, AuditEvent.Action.SINGLE_SIGN_ON_REFUSED, result="refused", detail=refused.reason)
    context = {"reason": refused.reason, "email": refused.email, "provider": settings.OIDC.name}
    status = STATUS.get(refused.reason, 403)
    return render(request, "account/single_sign_on_refused.html", context, status=status)


@require_POST
@login_not_required
@for_provider
def single_sign_on(request):
    """Lead to the provider, and after the sign-in to `next`."""
    from accounts.single_sign_on import provider

    next_url = get_next_redirect_url(request)
    if request.user.is_authenticated:
        return redirect(next_url or "/")
    if too_often := ratelimit.consume_or_429(request, action="single_sign_on"):
        return too_often
    return provider.begin(request, "login", next_url)


@require_safe
@login_not_required
@for_provider
def single_sign_on_callback(request):
    """Sign in the person who comes back from the provider, or carry on with what they confirmed."""
    from accounts.single_sign_on import provider

    answer = provider.finish(request)
    if answer.process == "confirm":
        return confirmed(request, answer)
    person = person_of(answer.identity)
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    record_authentication(request, person, "socialaccount", provider=settings.OIDC.provider_id)
    return perform_login(request, person, email_verification="none", redirect_url=answer.next_url or None)


@for_provider
def single_sign_on_confirm(request):
    """Ask the person to sign in at the provider again, before a sensitive step."""
    from accounts.single_sign_on import provider

    next_url = get_next_redirect_url(request)
    if request.method == "POST":
        if too_often := ratelimit.consume_or_429(request, action="single_sign_on"):
            return too_often
        return provider.begin(request, "confirm", next_url, prompt="login", max_age="0")
    context = {"provider": settings.OIDC.name, "next_url": next_url}
    return allow_provider(render(request, "account/single_sign_on_confirm.html", context))


def confirmed(request, answer):
    """Note that the person signed in at the provider just now; a provider that doesn't tell when confirms nothing."""
    if not request.user.is_authenticated:
        raise Refused("expired")
    if not is_of(request.user, answer.identity):
        raise Refused("other_person")
    if abs(time.time() - answer.signed_in_at) > FRESH:
        raise Refused("not_fresh")
    how = {"provider": settings.OIDC.provider_id, "reauthenticated": True}
    record_authentication(request, request.user, "socialaccount", **how)
    return redirect(answer.next_url or "/")
