"""Asking to take part in an open program, and deciding about it."""

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import AddressField, NameField
from mentoring import invitations
from mentoring.models import Application, Program
from mentoring.views.people import say_not_sent


class ApplicationForm(forms.ModelForm):
    """Four fields; somebody who is signed in is not asked who they are."""

    name = NameField(label=gettext_lazy("Your name"))
    email = AddressField(label=gettext_lazy("Email address"))
    role = forms.ChoiceField(
        label=gettext_lazy("I would like to be"), choices=Application.ROLES, widget=forms.RadioSelect
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
    def said(self) -> dict:
        who = {"name": self.user.name, "email": self.user.email} if self.user.is_authenticated else {}
        return self.cleaned_data | who


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_create(request, pk):
    """Open to everybody who has the link. Whoever is here already is told the same as everybody else."""
    program = get_object_or_404(Program.objects.filter(open_until__isnull=False), pk=pk)
    is_open = program.is_open
    form = ApplicationForm(request.POST or None, user=request.user)
    context = {"program": program, "form": form, "is_open": is_open}
    if request.method == "POST" and is_open and form.is_valid():
        if too_often := ratelimit.consume_or_429(request, action="apply"):
            return too_often
        context |= {"done": Application.apply(program, **form.said), "full": True}
    return render(request, "mentoring/application_create.html", context, status=422 if form.errors else 200)


@require_POST
def application_decide(request, pk):
    """Accepted, they are invited like everybody else; declined, nothing is sent: write to them yourself."""
    row = get_object_or_404(Application.objects.managed_by(request.user).select_related("program"), pk=pk)
    accepted = request.POST.get("accept") == "1"

    with transaction.atomic():
        decided = row.decide(request.user, accepted)
        if decided and accepted:
            invitations.invite(request.user, row.program, row.role, [(row.name, row.email)])
    if not decided:
        said = _("That was decided before; nothing was changed.")
    elif accepted:
        said = _("%(name)s is invited.")
    else:
        said = _("Declined. If you want %(name)s to know why, write to them.")
    messages.success(request, said % {"name": row.name})
    if decided and accepted:
        say_not_sent(request)
    return redirect("program_detail", row.program_id)
