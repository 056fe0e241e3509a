"""Pages about the second factor: our own, and those of `allauth.mfa` with our additions."""

import base64
import json
import time
from dataclasses import dataclass, field

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as base_views
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery_flows
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.generic.base import ContextMixin

from accounts.models import User
from accounts.reauthentication import forgets_old_forms
from accounts.second_factor import codes


@dataclass
class SecondFactors:
    """What a person has set up."""

    app: Authenticator | None = None
    passkeys: list[Authenticator] = field(default_factory=list)
    recovery: Authenticator | None = None

    @classmethod
    def of(cls, user: User) -> "SecondFactors":
        found = cls()
        for row in Authenticator.objects.filter(user=user).order_by("pk"):
            if row.type == codes.APP:
                found.app = row
            elif row.type == codes.RECOVERY:
                found.recovery = row
            else:
                found.passkeys.append(row)
        return found

    @property
    def codes_left(self) -> int:
        return codes.left(self.recovery) if self.recovery else 0

    @property
    def codes_unsaved(self) -> bool:
        return self.recovery is not None and "viewed_at" not in self.recovery.data


@require_safe
def mfa_index(request):
    return render(request, "mfa/index.html", {"factors": SecondFactors.of(request.user)})


@reauthentication_required(allow_get=True, app="allauth.mfa")
def mfa_view_recovery_codes(request):
    """Show how many recovery codes are left; a POST shows the first ones, or creates new ones and shows them once."""
    row = codes.recovery_row(request.user)
    if row is None:
        raise Http404
    shown = []
    if request.method == "POST" and "new" in request.POST:
        row = recovery_flows.generate_recovery_codes(request)
    if request.method == "POST" and codes.can_be_shown(row):
        if "viewed_at" not in row.data:
            row.data["viewed_at"] = time.time()
            row.save(update_fields=["data"])
        shown = RecoveryCodes(row).get_unused_codes()
    elif request.method == "POST":
        return redirect("mfa_view_recovery_codes")
    context = {
        "codes": shown,
        "left": codes.left(row),
        "unseen": "viewed_at" not in row.data,
        "onward": request.session.get("after_second_factor", "/"),
    }
    return render(request, "mfa/recovery_codes.html", context)


@require_POST
@reauthentication_required(app="allauth.mfa")
def recovery_codes_download(request):
    """Download the codes as a text file, within ten minutes after they were first shown."""
    row = codes.recovery_row(request.user)
    if row is None or not codes.can_be_shown(row) or "viewed_at" not in row.data:
        raise Http404
    lines = [_("Recovery codes for Throughline"), request.user.email, "", *RecoveryCodes(row).get_unused_codes()]
    response = HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


class PasskeyOptions(ContextMixin):
    """View mixin: gives the template the `options` for the browser, JSON in base64, and whether there is a passkey."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        for options in context.get("js_data", {}).values():
            text = json.dumps(options["publicKey"], default=dict)
            context["options"] = base64.b64encode(text.encode()).decode()
            context["has_passkey"] = bool(json.loads(text).get("allowCredentials"))
        return context


class Authenticate(PasskeyOptions, base_views.AuthenticateView):
    pass


class AddPasskey(PasskeyOptions, webauthn_views.AddWebAuthnView):
    pass


class ReauthenticateByPasskey(PasskeyOptions, webauthn_views.ReauthenticateWebAuthnView):
    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | kwargs


class LoginByPasskey(webauthn_views.LoginWebAuthnView):
    def form_invalid(self, form):
        for message in (*form.non_field_errors(), *form.errors.get("credential", [])):
            get_adapter().add_message(self.request, 40, message=str(message))
        return redirect("account_login")


mfa_authenticate = base_views.login_stage_required(
    stage=base_views.AuthenticateStage.key, redirect_urlname="account_login"
)(Authenticate.as_view())
mfa_reauthenticate = forgets_old_forms(base_views.reauthenticate)
mfa_activate_totp, mfa_deactivate_totp = totp_views.activate_totp, totp_views.deactivate_totp
mfa_add_webauthn = AddPasskey.as_view()
mfa_reauthenticate_webauthn = forgets_old_forms(ReauthenticateByPasskey.as_view())
mfa_edit_webauthn, mfa_remove_webauthn = webauthn_views.edit_webauthn, webauthn_views.remove_webauthn
mfa_login_webauthn = login_not_required(LoginByPasskey.as_view())
