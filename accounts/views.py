from functools import wraps
from urllib.parse import urlencode

from allauth.account import views as allauth_views
from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.http import require_POST, require_safe

from accounts.address_change import AddressChange
from accounts.forms import AddressChangeForm, DaysOffForm, PreferencesForm, coming_days_off
from accounts.local_access import on_this_machine
from accounts.models import AuditEvent, Installation, OutboxMail, SignIn
from accounts.reauthentication import forgets_old_forms, requires_reauthentication
from accounts.single_sign_on.views import allow_provider
from core.http import add_undo_message, form_page


def preferences(request):
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        person = form.save()
        with translation.override(person.spoken_language):
            messages.success(request, _("Saved."))
        return redirect("preferences")
    return preferences_page(request, form, DaysOffForm(person=request.user))


def preferences_page(request, form, days_off):
    context = {"form": form, "days_off_form": days_off, "days_off": coming_days_off(request.user)}
    return form_page(request, "accounts/preferences.html", context)


@require_POST
def days_off_add(request):
    form = DaysOffForm(request.POST, person=request.user)
    if not form.is_valid():
        return preferences_page(request, PreferencesForm(instance=request.user), form)
    form.save()
    messages.success(request, _("Saved. Nothing is sent to you on those days."))
    return redirect("preferences")


@require_POST
def days_off_remove(request):
    """Remove a stretch of days off, or with `undo`, its start and end, add it again."""
    if "undo" in request.GET:
        first, _slash, last = request.GET["undo"].partition("/")
        form = DaysOffForm({"first": first, "last": last}, person=request.user)
        if form.is_valid():
            form.save()
        return redirect("preferences")
    gone, days = request.POST.get("days", ""), coming_days_off(request.user)
    kept = [one for one in days if f"{one[0]}/{one[1]}" != gone]
    request.user.set_days_off(kept)
    if len(kept) < len(days):
        add_undo_message(request, _("Removed."), f"{request.path}?{urlencode({'undo': gone})}")
    return redirect("preferences")


@require_POST
def email_resume(request):
    request.user.resume_email()
    messages.success(request, _("Emails are sent to %(address)s again.") % {"address": request.user.email})
    return redirect("preferences")


@require_safe
def sign_in_list(request):
    """List where the person is signed in."""
    here = request.session.get("sign_in")
    context = {"sign_ins": SignIn.current(request.user), "here": here}
    return render(request, "accounts/sign_in_list.html", context)


@require_POST
def sign_in_end(request, pk):
    others = SignIn.objects.filter(user=request.user).exclude(session_key="").exclude(pk=request.session.get("sign_in"))
    if row := others.filter(pk=pk).first():  # a second press finds it ended
        row.end()
        AuditEvent.record(request.user, AuditEvent.Action.SIGNED_OUT_ELSEWHERE, request.user)
    messages.success(request, _("That device is signed out."))
    return redirect("sign_in_list")


@require_POST
def sign_in_end_others(request):
    SignIn.end_others(request)
    AuditEvent.record(request.user, AuditEvent.Action.SIGNED_OUT_ELSEWHERE, request.user)
    messages.success(request, _("You’re signed out on all other devices."))
    return redirect("sign_in_list")


# Keeps the language of somebody who is not signed in, in a cookie; people who are choose it in their preferences.
set_language = require_POST(login_not_required(i18n.set_language))


@require_safe
@login_not_required
def who_can_see_what(request):
    return render(request, "accounts/who_can_see_what.html", {"months": settings.RETENTION_MONTHS})


# The Mail page replaces a mailbox. It needs no sign-in because people read their sign-in codes here.


def demo_or_debug_only(view):
    """Show a view only in development, or in a demo to a browser on this machine; otherwise answer 404."""

    @login_not_required
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        installation = Installation.current()
        if settings.DEBUG or (installation and installation.demo and on_this_machine(request)):
            return view(request, *args, **kwargs)
        raise Http404

    return wrapped


@require_safe
@demo_or_debug_only
def outbox_list(request):
    mails = OutboxMail.objects.order_by("-sent_at", "-pk").only("recipients", "subject", "sent_at")[:200]
    return render(request, "accounts/outbox_list.html", {"mails": mails})


@require_safe
@demo_or_debug_only
def outbox_detail(request, pk):
    mail = get_object_or_404(OutboxMail, pk=pk)
    return render(request, "accounts/outbox_detail.html", {"mail": mail})


# Wrappers for django-allauth's views


def email_required(view):
    """Show an explanation instead of the view if no email can be sent."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if Installation.email_is_on():
            return view(request, *args, **kwargs)
        return render(request, "account/no_mail.html")

    return wrapped


@wraps(allauth_views.login)
def account_login(request):
    if not Installation.current():
        return redirect("start")
    response = allauth_views.login(request)
    if settings.IDENTITY_PROVIDER and isinstance(response, TemplateResponse) and response.context_data is not None:
        response.context_data["provider"] = settings.IDENTITY_PROVIDER.name
    return allow_provider(response)


@wraps(allauth_views.logout)
def account_logout(request):
    """Sign out and clear the cache and storage of the browser; cookies are removed by the logout itself."""
    response = allauth_views.logout(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


account_reset_password = email_required(allauth_views.password_reset)
# From then on, the password would confirm sensitive actions. So a person with a second factor confirms with that first.
account_set_password = requires_reauthentication(is_file=True)(allauth_views.password_set)
account_request_login_code = email_required(allauth_views.request_login_code)
account_reauthenticate = forgets_old_forms(allauth_views.reauthenticate)


@email_required
@reauthentication_required(allow_get=True)
def account_email(request):
    """Show the person's address and request a change, which is kept in the browser session only."""
    asked = request.session.get("new_address", "")
    if "action_remove" in request.POST:
        request.session.pop("new_address", None)
        return redirect("account_email")
    data = {"email": asked} if "action_send" in request.POST else request.POST or None
    form = AddressChangeForm(data, user=request.user)
    if request.method == "POST" and form.is_valid():
        new = form.cleaned_data["email"]
        if too_often := ratelimit.consume_or_429(request, action="change_address", user=request.user):
            return too_often
        AddressChange(request.user, new).ask(request)
        request.session["new_address"] = new
        messages.info(request, _("We sent a link to %(address)s. Follow it to confirm.") % {"address": new})
        return redirect("account_email")
    context = {"form": form, "new_address": asked if asked != request.user.email else ""}
    return form_page(request, "account/email_change.html", context)


@login_not_required
def account_confirm_email(request, key):
    """Confirm a change of address; keys of new accounts are passed to django-allauth."""
    change = AddressChange.from_key(key)
    if change is None:
        return allauth_views.confirm_email(request, key=key)
    if request.method == "POST" and not change.is_taken and change.confirm(request):
        messages.success(request, _("Your address is now %(address)s.") % {"address": change.email})
        return redirect("account_email" if request.user == change.user else "account_login")
    context = {"confirmation": change, "email": change.email, "can_confirm": not change.is_taken}
    return render(request, "account/email_confirm.html", context, status=409 if request.method == "POST" else 200)
