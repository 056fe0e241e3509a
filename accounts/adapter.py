"""The django-allauth adapter: registration, rate limits and links in account emails."""

import ipaddress
import time
from contextlib import nullcontext
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import EmailAlternative
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.context_processors import known_installation
from accounts.localization import localized_for
from accounts.models import AuditEvent, SignIn, SignInFailure, User
from accounts.reauthentication import note_put_off
from accounts.single_sign_on.identities import has_identity
from core.addresses import normalize_address
from core.emails import inline_styles
from core.errors import too_many_requests
from core.http import referring_path

TOO_OFTEN = {"too_many_login_attempts": 300, "rate_limited": 60}  # seconds until the next attempt
WAYS_TO_CONFIRM = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code from your app, or a recovery code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
}


def network_of(ip: str) -> str:
    """Return the IPv4 address, or the /64 network of an IPv6 address: one customer usually gets a whole /64."""
    address = ipaddress.ip_address(ip)
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def on_our_site(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((settings.SITE.scheme, settings.SITE.netloc, *parts[2:])) if parts.netloc else url


class AccountAdapter(DefaultAccountAdapter):
    """Account adapter that allows sign-up by invitation only, unless OPEN_REGISTRATION is set."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed. Ask the person who runs your program."),
        "email_password_mismatch": _("This email address and password do not match. Check both."),
        "incorrect_code": _("This is not the code we sent. Check the latest email."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your password."),
    }

    def is_open_for_signup(self, request) -> bool:
        return settings.OPEN_REGISTRATION

    def login(self, request, user) -> None:
        """Sign the user in and record it; every sign-in method (password, code, invitation, demo) ends here."""
        super().login(request, user)
        AuditEvent.record(user, AuditEvent.Action.SIGNED_IN, user)
        SignIn.begin(request, user, announce=not known_installation().demo)

    def logout(self, request) -> None:
        SignIn.objects.filter(pk=request.session.get("sign_in")).update(session_key="")
        super().logout(request)

    def pre_authenticate(self, request, **credentials) -> None:
        """Reject the attempt after five failures in five minutes per account, or ten in a minute per IP address."""
        attempt = SignInFailure.begin(credentials.get("email", ""), network_of(self.get_client_ip(request)))
        if attempt is None:
            raise self.validation_error("too_many_login_attempts")
        self._attempt = attempt

    def authenticate(self, request, **credentials):
        user = super().authenticate(request, **credentials)
        if user:
            self._attempt.delete()
        return user

    def authentication_failed(self, request, **credentials) -> None:
        user = User.objects.filter(email__iexact=credentials.get("email", "")).first()
        AuditEvent.record(None, AuditEvent.Action.SIGN_IN_FAILED, user, "refused")
        if self._attempt.is_last:
            AuditEvent.record(None, AuditEvent.Action.SIGN_IN_LOCKED, user, "refused")

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """Ask nobody again who signed in or confirmed within the last fifteen minutes, and nobody in a demo.

        A change of the email address (no `app`) is always confirmed: a sign-in is not enough. Somebody without password
        and second factor confirms at the identity provider, or else has to sign in again by email.
        """
        if self.request.method != "POST":  # a form that was put off is not carried out when a page is confirmed
            self.request.session.pop(STATE_SESSION_KEY, None)
        user, installation = self.request.user, known_installation()
        records = get_authentication_records(self.request, user)
        at = max(self.request.session.get("signed_in_at", 0), *(record["at"] for record in records), 0)
        is_old = time.time() - at >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT and not installation.demo
        codes_arrive = installation.shows_email and not user.mail_suspended_at
        if is_old and not self.get_reauthentication_methods(user):
            if has_identity(user):
                raise ImmediateHttpResponse(self.ask_provider())
            if codes_arrive:
                raise ImmediateHttpResponse(self.ask_to_sign_in_again())
        if (is_old or not app) and self.request.method == "POST":
            note_put_off(self.request)
        return is_old or not app

    def ask_provider(self) -> HttpResponse:
        """Lead to the page that asks to sign in at the provider again, and from there back to this page."""
        back = self.request.path
        if self.request.method != "GET":
            messages.info(self.request, gettext("Confirm that it’s you, then press the button again."))
            back = referring_path(self.request) or "/"
        url = f"{reverse('single_sign_on_confirm')}?{urlencode({'next': back})}"
        if self.request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return redirect(url)

    def ask_to_sign_in_again(self) -> HttpResponse:
        text = gettext("Confirm that it’s you: sign out, then sign in again with a code by email.")
        messages.warning(self.request, text)
        if self.request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("preferences")})
        return redirect("preferences")

    def get_reauthentication_methods(self, user) -> list[dict]:
        methods = super().get_reauthentication_methods(user)
        return [method | {"description": WAYS_TO_CONFIRM[method["id"]]} for method in methods]

    def is_safe_url(self, url) -> bool:
        """Return True for paths and for URLs on SITE_URL; the Host header of the request is not trusted."""
        return url_has_allowed_host_and_scheme(url, {settings.SITE.netloc}, require_https=settings.HTTPS)

    def send_mail(self, template_prefix, email, context) -> None:
        """Send the email in the language of its recipient, with links to SITE_URL, regardless of the request.

        Somebody without an account gets it in the language of the page on which they asked for it.
        """
        links = {name: on_our_site(value) for name, value in context.items() if name.endswith("url")}
        site = SimpleNamespace(domain=settings.SITE.netloc, name=settings.SITE.netloc)
        person = context.get("user") or User.objects.filter(email=normalize_address(email)).first()
        with localized_for(person) if person else nullcontext():
            usual = {"request": self.request, "email": email}  # a task has no request
            context = usual | context | links | {"current_site": site}
            self.render_mail(template_prefix, email, context).send()

    def render_mail(self, template_prefix, email, context, headers=None):
        """Return the email with the styles of its HTML part inlined."""
        message = super().render_mail(template_prefix, email, context, headers)
        if isinstance(message, EmailMultiAlternatives):
            message.alternatives = [
                EmailAlternative(inline_styles(str(content)), mimetype) for content, mimetype in message.alternatives
            ]
        return message

    def validation_error(self, code, *args):
        """Answer 429 with a Retry-After header when a rate limit is exceeded, instead of returning a form error."""
        if code in TOO_OFTEN:
            raise ImmediateHttpResponse(too_many_requests(self.request, wait=TOO_OFTEN[code]))
        return super().validation_error(code, *args)

    def set_password(self, user, password) -> None:
        super().set_password(user, password)
        here = self.request.session.get("sign_in", 0) if self.request else 0
        SignIn.objects.filter(user=user).exclude(pk=here).update(session_key="")  # their web sessions have ended
        AuditEvent.record(user, AuditEvent.Action.PASSWORD_CHANGED, user)

    def confirm_email(self, request, email_address) -> bool:
        with transaction.atomic():
            confirmed = super().confirm_email(request, email_address)
        if confirmed:  # the link in an email was followed, so the address receives mail
            email_address.user.resume_email()
        user, result = email_address.user, "ok" if confirmed else "refused"
        AuditEvent.record(user, AuditEvent.Action.EMAIL_CONFIRMED, user, result)
        return confirmed

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        super().send_notification_mail(template_prefix, user, context, email or user.email)
