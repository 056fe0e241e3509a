"""The page on which a person takes their data away, closes their account, or has it erased."""

from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import AddressField
from accounts.models import AuditEvent
from accounts.reauthentication import requires_reauthentication
from core.http import form_page
from operations.own_data import closing, download
from records.retention import PURGED_AFTER


class ErasureForm(forms.Form):
    """The address, typed to confirm that this person wants to be erased."""

    email = AddressField(label=gettext_lazy("Enter your email address to confirm"))

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self):
        email = self.cleaned_data["email"]
        if email != self.person.email:
            raise forms.ValidationError(_("This is not the email address of your account."))
        return email


def your_data_page(request, form, status: int = 200):
    context = {"form": form, "blocked_by": closing.programs_without_other_admin(request.user)}
    context |= {"months": settings.RETENTION_MONTHS, "hours": closing.ERASURE_DELAY.seconds // 3600}
    context |= {"purge_days": PURGED_AFTER.days if settings.ERASED_TEXT == "purge" else 0}
    return form_page(request, "operations/your_data.html", context, status)


@require_safe
def your_data(request):
    return your_data_page(request, ErasureForm(person=request.user))


@require_POST
@requires_reauthentication(is_file=True)
def your_data_download(request):
    """Download everything that the person wrote or may read, as one ZIP file."""
    if too_often := ratelimit.consume_or_429(request, action="download_own_data", user=request.user):
        return too_often
    file = download.as_zip(request.user)
    AuditEvent.record(request.user, AuditEvent.Action.OWN_DATA_EXPORTED, request.user)
    response = FileResponse(file, as_attachment=True, filename=download.file_name(request.user))
    response.headers["Content-Type"] = "application/zip"
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@reauthentication_required
def account_close(request):
    """Close the account, unless a program would be left without an admin, and sign the person out."""
    if closing.programs_without_other_admin(request.user):
        return your_data_page(request, ErasureForm(person=request.user), status=409)
    closing.close(request.user, request.user)
    logout(request)
    messages.success(request, _("Your account is closed."))
    return redirect("account_inactive")


@require_POST
@reauthentication_required
def account_erase(request):
    """Have the account erased in twelve hours, unless a program would be left without an admin."""
    form = ErasureForm(request.POST, person=request.user)
    if not form.is_valid():
        return your_data_page(request, form)
    if closing.programs_without_other_admin(request.user):
        return your_data_page(request, form, status=409)
    closing.request_erasure(request.user, request.user)
    return redirect("your_data")


@require_POST
def account_keep(request):
    """Withdraw the request to be erased."""
    if closing.withdraw_erasure(request.user, request.user):
        messages.success(request, _("Nothing will be erased. Your account stays as it is."))
    return redirect("your_data")
