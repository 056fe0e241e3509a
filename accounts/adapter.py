"""How django-allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.errors import too_many_requests
from accounts.models import AuditEvent

TOO_OFTEN = {"too_many_login_attempts": 300, "rate_limited": 60}  # and how many seconds to wait


class AccountAdapter(DefaultAccountAdapter):
    """People are invited; they register themselves only where the installation says so."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed. Ask the person who runs your program."),
        "email_password_mismatch": _("That e-mail address and password do not belong together. Check both, please."),
        "incorrect_code": _("That is not the code we sent. Check the newest mail, please."),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your password."),
    }

    def is_open_for_signup(self, request) -> bool:
        return settings.OPEN_REGISTRATION

    def login(self, request, user) -> None:
        """Every sign-in passes here: by password, by code, by invitation, into the demo.

        The address somebody was invited by is theirs; a change of it is confirmed by mail.
        """
        super().login(request, user)
        if not EmailAddress.objects.filter(user=user).exists():
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    def validation_error(self, code, *args):
        """Too often is an answer of its own (429, with the time to wait), not a remark beside a field."""
        if code in TOO_OFTEN:
            raise ImmediateHttpResponse(too_many_requests(self.request, wait=TOO_OFTEN[code]))
        return super().validation_error(code, *args)

    def set_password(self, user, password) -> None:
        super().set_password(user, password)
        AuditEvent.record(user, "password changed", user)

    def confirm_email(self, request, email_address) -> bool:
        confirmed = super().confirm_email(request, email_address)
        if confirmed:  # a mail arrived there
            email_address.user.mail_works_again()
        AuditEvent.record(email_address.user, "e-mail confirmed", email_address.user, "ok" if confirmed else "refused")
        return confirmed

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        super().send_notification_mail(template_prefix, user, context, email or user.email)
