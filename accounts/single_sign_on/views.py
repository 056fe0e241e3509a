"""Signing in at the provider, and confirming there that it is still the same person."""

import logging
import time
from functools import wraps
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEvent, Installation
from accounts.single_sign_on.identities import Refused, identity_provider, is_of, person_of

logger = logging.getLogger(__name__)

FRESH = 120  # seconds since the sign-in at the provider by which somebody confirms that it is them
STATUS = {"provider": 502, "expired": 400}  # of the page with the reason; otherwise 403


def allow_provider(response):
    """Let the forms of this page lead to the provider: browsers also apply the policy to where a form redirects."""
    if settings.IDENTITY_PROVIDER:
        response._csp_update = {"form-action": [settings.IDENTITY_PROVIDER.origin]}
    return response


def conversation():
    """Return the module that talks with the provider; what it needs is imported only when somebody uses it."""
    if identity_provider().protocol == "saml":
        from accounts.single_sign_on import saml

        return saml
    from accounts.single_sign_on import openid_connect

    return openid_connect


def for_provider(view):
    """Answer 404 if no provider is set up, and show the reason if the view raises Refused."""

    @wraps(view)
    def wrapped(request):
        if not settings.IDENTITY_PROVIDER or not Installation.current():
            raise Http404
        try:
            return view(request)
        except Refused as refused:
            return refuse(request, refused)

    return wrapped


def refuse(request, refused: Refused):
    if refused.reason == "provider":
        logger.warning("The sign-in at %s failed: %r", identity_provider().issuer, refused.__cause__)
    AuditEvent.record(None, AuditEvent.Action.SINGLE_SIGN_ON_REFUSED, result="refused", detail=refused.reason)
    context = {"reason": refused.reason, "email": refused.email, "provider": identity_provider().name}
    status = STATUS.get(refused.reason, 403)
    return render(request, "account/single_sign_on_refused.html", context, status=status)


@require_POST
@login_not_required
@for_provider
def single_sign_on(request):
    """Lead to the provider, and after the sign-in to `next`."""
    next_url = get_next_redirect_url(request)
    if request.user.is_authenticated:
        return redirect(next_url or "/")
    if too_often := ratelimit.consume_or_429(request, action="single_sign_on"):
        return too_often
    return conversation().begin(request, "login", next_url)


@require_safe
@login_not_required
@for_provider
def single_sign_on_callback(request):
    """Sign in the person who comes back from the provider, or carry on with what they confirmed."""
    answer = conversation().finish(request)
    if answer.process == "confirm":
        return confirmed(request, answer)
    person = person_of(answer.identity)
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    record_authentication(request, person, "socialaccount", provider=identity_provider().provider_id)
    return perform_login(request, person, email_verification="none", redirect_url=answer.next_url or None)


@csrf_exempt  # the provider's page sends it; only what the provider signed counts, and it signs nobody in by itself
@require_POST
@login_not_required
@for_provider
def single_sign_on_saml(request):
    """Receive the provider's signed answer, and continue in the browser that asked for it."""
    if identity_provider().protocol != "saml":
        raise Http404
    if too_often := ratelimit.consume_or_429(request, action="single_sign_on_answer"):
        return too_often
    query = urlencode({"ticket": conversation().receive(request)})
    return redirect(f"{reverse('single_sign_on_callback')}?{query}")


@require_safe
@login_not_required
@for_provider
def single_sign_on_metadata(request):
    """Describe this installation to the people who set it up at a SAML provider."""
    if identity_provider().protocol != "saml":
        raise Http404
    context = conversation().our_addresses()
    return render(request, "account/saml_metadata.xml", context, content_type="application/samlmetadata+xml")


@for_provider
def single_sign_on_confirm(request):
    """Ask the person to sign in at the provider again, before a sensitive step."""
    next_url = get_next_redirect_url(request)
    if request.method == "POST":
        if too_often := ratelimit.consume_or_429(request, action="single_sign_on"):
            return too_often
        return conversation().begin(request, "confirm", next_url)
    context = {"provider": identity_provider().name, "next_url": next_url}
    return allow_provider(render(request, "account/single_sign_on_confirm.html", context))


def confirmed(request, answer):
    """Note that the person signed in at the provider just now; a provider that doesn't tell when confirms nothing."""
    if not request.user.is_authenticated:
        raise Refused("expired")
    if not is_of(request.user, answer.identity):
        raise Refused("other_person")
    if abs(time.time() - answer.signed_in_at) > FRESH:
        raise Refused("not_fresh")
    how = {"provider": identity_provider().provider_id, "reauthenticated": True}
    record_authentication(request, request.user, "socialaccount", **how)
    return redirect(answer.next_url or "/")
