"""Applying to an open program, and deciding on applications."""

import time

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import AddressField, NameField
from accounts.models import Installation
from core.http import form_page
from mentoring import invitations
from mentoring.models import Application, Program
from mentoring.views.people import warn_if_email_is_off

PENDING = "pending_application"  # in the web session, until its code is typed
CODE_SECONDS = 600
CODE_ATTEMPTS = 5


class ApplicationForm(forms.ModelForm):
    """An application; a signed-in person is not asked for name and address."""

    name = NameField(label=gettext_lazy("Your name"))
    email = AddressField(label=gettext_lazy("Email address"))
    role = forms.ChoiceField(
        label=gettext_lazy("I would like to be a"), choices=Application.ROLES, widget=forms.RadioSelect
    )

    class Meta:
        model = Application
        fields = ["name", "email", "role", "why"]
        widgets = {"why": forms.Textarea(attrs={"rows": 3, "dir": "auto", "maxlength": 500})}

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        if user.is_authenticated:
            del self.fields["name"], self.fields["email"]

    @property
    def application(self) -> dict:
        known = {"name": self.user.name, "email": self.user.email} if self.user.is_authenticated else {}
        return self.cleaned_data | known


class CodeForm(forms.Form):
    """The code that was sent to the applicant's address."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )

    def __init__(self, *args, pending: dict, **kwargs):
        super().__init__(*args, **kwargs)
        self.pending = pending

    def clean_code(self) -> str:
        typed = "".join(self.cleaned_data["code"].split())
        if self.pending["attempts"] > CODE_ATTEMPTS or time.time() > self.pending["expires"]:
            raise forms.ValidationError(_("This code no longer works. Go back and send your application again."))
        if not constant_time_compare(typed, self.pending["code"]):
            raise forms.ValidationError(_("This is not the code we sent. Check the latest email."))
        return typed


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_create(request, pk):
    """Apply to a program; every address, known or not, gets the same answer: a code to confirm it."""
    program = get_object_or_404(Program.objects.filter(open_until__isnull=False), pk=pk)
    form = ApplicationForm(request.POST or None, user=request.user)
    if request.method == "POST" and program.is_open and form.is_valid():
        if too_often := ratelimit.consume_or_429(request, action="apply"):
            return too_often
        if request.user.is_authenticated:
            return store(request, program, form.application, proven=True)
        if not Installation.email_is_on():
            return store(request, program, form.application, proven=False)
        if too_often := ratelimit.consume_or_429(request, action="application_code", key=form.application["email"]):
            return too_often
        try:
            send_code(request, program, form.application)
        except OSError:  # includes every error of smtplib
            form.add_error("email", _("We could not send email to this address. Check it, or try again later."))
        else:
            return redirect("application_confirm", pk)
    context = {"program": program, "form": form, "is_open": program.is_open}
    return form_page(request, "mentoring/application_create.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_confirm(request, pk):
    """Store the application once its code is entered; until then an earlier one from the same address stays."""
    program = get_object_or_404(Program.objects.filter(open_until__isnull=False), pk=pk)
    pending = request.session.get(PENDING)
    if not pending or pending["program"] != pk or not program.is_open:
        return redirect("application_create", pk)
    if request.method == "POST":
        if too_often := ratelimit.consume_or_429(request, action="apply"):
            return too_often
        pending["attempts"] += 1
        request.session[PENDING] = pending
    form = CodeForm(request.POST or None, pending=pending)
    if request.method == "POST" and form.is_valid():
        del request.session[PENDING]
        return store(request, program, pending["application"], proven=True)
    context = {"program": program, "form": form, "email": pending["application"]["email"]}
    return form_page(request, "mentoring/application_confirm.html", context)


def send_code(request, program, application: dict) -> None:
    """Send the code and keep the application in the web session. Raises OSError if the email cannot be sent."""
    code = get_random_string(6, "0123456789")
    context = {"code": code, "program": program.name}
    get_adapter().send_mail("account/email/application_code", application["email"], context)
    request.session[PENDING] = {
        "program": program.pk,
        "application": application,
        "code": code,
        "expires": time.time() + CODE_SECONDS,
        "attempts": 0,
    }


def store(request, program, application: dict, proven: bool):
    done = Application.apply(program, proven=proven, **application)
    context = {"program": program, "done": done, "full": not done}
    return render(request, "mentoring/application_create.html", context)


@require_POST
def application_decide(request, pk):
    """Accept an application, which invites the person, or decline it, which sends nothing."""
    row = get_object_or_404(Application.objects.managed_by(request.user), pk=pk)
    accepted = request.POST.get("accept") == "1"

    with transaction.atomic():
        decided = row.decide(request.user, accepted)
        if decided and accepted:
            invitations.invite(request.user, row.program, row.role, [(row.name, row.email)])
    if not decided:
        text = _("This was already decided; nothing was changed.")
    elif accepted:
        text = _("%(name)s is invited.")
    else:
        text = _("Declined. If you want %(name)s to know why, write to them.")
    messages.success(request, text % {"name": row.name})
    if decided and accepted:
        warn_if_email_is_off(request)
    return redirect("program_detail", row.program_id)
