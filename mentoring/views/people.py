from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import AuditEvent, Installation
from accounts.submit_once import submit_once
from core.http import form_page
from mentoring import invitations
from mentoring.forms import InviteForm, InviteLaterForm
from mentoring.models import Enrollment, Program


def enrollment_create(request, pk):
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = InviteForm(request.POST or None, initial={"role": request.GET.get("role", Enrollment.Role.MENTEE)})
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "program": program}
        return form_page(request, "mentoring/enrollment_create.html", context)
    invite_once(request, program, form.cleaned_data)
    return redirect("program_detail", pk)


def invite_once(request, program: Program, values: dict) -> None:
    """Invite people and report who is new and who was invited before; a second press of the button does nothing."""

    def act() -> str:
        result = invitations.invite(request.user, program, values["role"], values["people"], values["message"])
        report_invited(request, result, Enrollment.Role(values["role"]).label)
        return "done"

    submit_once(request, act)


def report_invited(request, result: invitations.Invited, role: str) -> None:
    n = len(result.enrollments)
    if n:
        text = ngettext("%(n)s person is invited as %(role)s.", "%(n)s people are invited as %(role)s.", n)
        messages.success(request, text % {"n": n, "role": role})
        warn_if_email_is_off(request)
    if result.already:
        names = ", ".join(user.email for user in result.already[:10])
        messages.info(
            request,
            _("Already in the program as %(role)s, nothing changed: %(names)s.") % {"role": role, "names": names},
        )


def warn_if_email_is_off(request) -> None:
    """If email is not set up, tell the admin to share the invitation link."""
    if not Installation.email_is_on():
        messages.warning(request, _("Email is not set up, so nothing was sent. Share the invitation link yourself."))


def enrollment_invite(request, pk):
    """Invite everybody who was imported without an invitation, with a personal message."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    waiting = program.enrollments.current().not_invited()
    form = InviteLaterForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "program": program, "count": waiting.count()}
        return form_page(request, "mentoring/enrollment_invite.html", context)
    n = Enrollment.objects.filter(pk__in=waiting.values("pk")).invite(request.user, form.cleaned_data["message"])
    AuditEvent.record(request.user, AuditEvent.Action.INVITATIONS_SENT, program)
    messages.success(request, ngettext("%(n)s person is invited.", "%(n)s people are invited.", n) % {"n": n})
    warn_if_email_is_off(request)
    return redirect("program_detail", pk)


def enrollment_remove(request, pk):
    """Remove somebody or withdraw an invitation, after a confirmation; running pairs have to be ended first."""
    rows = Enrollment.objects.managed_by(request.user).current()
    enrollment = get_object_or_404(rows, pk=pk)
    if request.method == "POST" and enrollment.leave(request.user):
        messages.success(request, _("%(name)s was removed from the program.") % {"name": enrollment.shown_name})
        stays = Program.objects.managed_by(request.user).filter(pk=enrollment.program_id).exists()
        return redirect("program_detail", enrollment.program_id) if stays else redirect("home")
    context = {"enrollment": enrollment, "running": enrollment.running_pairs(), "last": enrollment.is_last_admin}
    return render(request, "mentoring/enrollment_remove.html", context, status=409 if request.method == "POST" else 200)


@require_POST
def enrollment_resend(request, pk):
    enrollment = get_object_or_404(
        Enrollment.objects.managed_by(request.user).current().filter(accepted_at=None), pk=pk
    )
    enrollment.invite_again(request.user)
    messages.success(
        request,
        _("%(name)s is invited again. The earlier link no longer works.") % {"name": enrollment.shown_name},
    )
    warn_if_email_is_off(request)
    return redirect("program_detail", enrollment.program_id)
