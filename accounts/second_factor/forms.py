"""The forms of `allauth.mfa`, with our words and limits. Bad input is an error message, never a crash."""

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn import forms as webauthn_forms
from cryptography.exceptions import InvalidSignature
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.adapter import network_of
from accounts.models import AuditEvent, SignInFailure, User
from accounts.second_factor import codes
from core.addresses import one_line


def begin_attempt(user: User) -> SignInFailure:
    """Count an attempt to enter a code; answer 429 after five in five minutes per person, or ten a minute per address.

    They are counted in the database, because a code of six digits must not become guessable when the cache is away.
    """
    adapter = get_account_adapter(context.request)
    address = network_of(adapter.get_client_ip(context.request))
    attempt = SignInFailure.begin(f"second factor {user.pk}", address)
    if attempt is None:
        raise adapter.validation_error("too_many_login_attempts")
    return attempt


def code_field(label) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(label=label, max_length=40, widget=forms.TextInput(attrs=attrs))


class CodeMixin(forms.BaseForm):
    """Form mixin that accepts the code of the app or a recovery code, each once."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        attempt = begin_attempt(self.user)
        code = self.cleaned_data["code"]
        for row in Authenticator.objects.filter(user=self.user).exclude(type=codes.PASSKEY).order_by("-type"):
            if codes.accepts(row, code):
                row.refresh_from_db()
                row.user = self.user
                self.authenticator = row
                attempt.delete()
                return code
        AuditEvent.record(None, AuditEvent.Action.SECOND_FACTOR_FAILED, self.user, "refused")
        if attempt.is_last:
            AuditEvent.record(None, AuditEvent.Action.SIGN_IN_LOCKED, self.user, "refused")
        raise get_adapter().validation_error("incorrect_code")


class AuthenticateForm(CodeMixin, base_forms.AuthenticateForm):
    code = code_field(_("Code from your app, or a recovery code"))


class ReauthenticateForm(CodeMixin, base_forms.ReauthenticateForm):
    code = code_field(_("Code from your app, or a recovery code"))


class ActivateAppForm(totp_forms.ActivateTOTPForm):
    """Form that sets up an authenticator app; until then the secret is in the browser session, encrypted."""

    code = code_field(_("Code from the app"))

    def __init__(self, *args, user, **kwargs):
        forms.Form.__init__(self, *args, **kwargs)
        self.user, web = user, context.request.session
        if not self.is_bound or totp.SECRET_SESSION_KEY not in web:
            web[totp.SECRET_SESSION_KEY] = encrypt(totp.generate_totp_secret())
        self.secret = decrypt(web[totp.SECRET_SESSION_KEY])

    @property
    def spaced_secret(self) -> str:
        """The secret in groups of four, for typing."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


class PasskeyMixin(forms.BaseForm):
    """Form mixin for what a browser sends about a passkey: whatever cannot be read is a wrong passkey."""

    data: QueryDict

    UNREADABLE = (AttributeError, IndexError, InvalidSignature, KeyError, RecursionError, TypeError, ValueError)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credential"].label = _("Passkey")
        self.fields["credential"].error_messages["required"] = _("Your browser didn’t send a passkey. Try again.")

    def full_clean(self):
        if len(str(self.data.get("credential", ""))) > 20_000:
            self.drop_credential()
        try:
            super().full_clean()
        except self.UNREADABLE:
            self.drop_credential()
            self.cleaned_data = {}
            self.add_error(None, _("This passkey didn’t work. Try again, or use another one."))

    def drop_credential(self) -> None:
        """Forget what was sent, which the page would otherwise show and read again."""
        self.data = self.data.copy()
        self.data["credential"] = ""


class AddPasskeyForm(PasskeyMixin, webauthn_forms.AddWebAuthnForm):
    """Form that adds a passkey: it can sign in by itself, and asks for a fingerprint, face or PIN."""

    name = forms.CharField(
        label=_("Passkey name"),
        max_length=60,
        required=False,
        help_text=_("To help you recognize it, such as “My phone”."),
    )
    passwordless = None  # type: ignore[assignment]  # removes the field

    def clean_name(self) -> str:
        return one_line(super().clean_name())

    def clean(self) -> dict:
        self.cleaned_data["passwordless"] = True
        return super().clean()


class EditPasskeyForm(webauthn_forms.EditWebAuthnForm):
    name = forms.CharField(label=_("Passkey name"), max_length=60)

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class AuthenticatePasskeyForm(PasskeyMixin, webauthn_forms.AuthenticateWebAuthnForm):
    pass


class LoginPasskeyForm(PasskeyMixin, webauthn_forms.LoginWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(PasskeyMixin, webauthn_forms.ReauthenticateWebAuthnForm):
    pass
