from itertools import permutations
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import AuditEvent, Installation
from accounts.reauthentication import requires_reauthentication
from accounts.submit_once import submit_once
from core.http import form_page, whole_number
from mentoring import invitations
from mentoring.forms import InviteForm, InviteLaterForm
from mentoring.models import Enrollment, Program

MENTOR, MENTEE = Enrollment.SIDES
MOST_AT_ONCE = 50  # people selected on one page


@requires_reauthentication(when=lambda request: request.POST.get("role") == Enrollment.Role.ADMIN)
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


@require_http_methods(["GET", "HEAD", "POST"])
def people_bulk(request, pk):
    """Invite several people again, remove them after a confirmation, or open the form for a new pair."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    sent = request.POST if request.method == "POST" else request.GET
    chosen = {whole_number(value) for value in sent.getlist("person")[:MOST_AT_ONCE]}
    current = program.enrollments.current()
    people = current.filter(user__in=current.filter(pk__in=chosen).values("user"))  # in all their roles
    rows = list(people.select_related("user").order_by("pk"))
    do = sent.get("do", "")
    if do == "pair":
        return pair_the_two(request, program, rows)
    able = [row for row in rows if not row.accepted_at] if do == "invite" else removable(program, rows)
    if not able or do not in ("invite", "remove"):
        messages.info(request, why_nobody(do, rows))
        return redirect("program_detail", pk)
    if request.method != "POST":
        context = {"program": program, "do": do, "rows": able, "kept": [row for row in rows if row not in able]}
        return render(request, "mentoring/people_bulk.html", context)
    if do == "invite":
        for row in able:
            row.invite_again(request.user)
        text = ngettext(
            "%(n)s person is invited again. The earlier link no longer works.",
            "%(n)s people are invited again. The earlier links no longer work.",
            len(able),
        )
        messages.success(request, text % {"n": len(able)})
        warn_if_email_is_off(request)
        return redirect("program_detail", pk)
    n = sum(row.leave(request.user) for row in able)
    text = ngettext("%(n)s person was removed from the program.", "%(n)s people were removed from the program.", n)
    messages.success(request, text % {"n": n})
    stays = Program.objects.managed_by(request.user).filter(pk=pk).exists()
    return redirect("program_detail", pk) if stays else redirect("home")


def pair_the_two(request, program: Program, rows: list[Enrollment]):
    """Open the form for a new pair with the selected mentor and mentee; one of them is enough."""
    people = dict.fromkeys(row.user_id for row in rows)
    sides = {(row.role, row.user_id): row.pk for row in rows if row.role in Enrollment.SIDES}
    if len(people) == 1:
        options = [{role: pk} for (role, _user), pk in sorted(sides.items(), reverse=True)]
    else:
        options = [
            {MENTOR: sides[MENTOR, mentor], MENTEE: sides[MENTEE, mentee]}
            for mentor, mentee in permutations(people, 2)
            if len(people) == 2 and (MENTOR, mentor) in sides and (MENTEE, mentee) in sides
        ]
    if not options:
        messages.info(request, _("Select one mentor and one mentee to pair them."))
        return redirect("program_detail", program.pk)
    return redirect(f"{reverse('pair_create', args=[program.pk])}?{urlencode(options[0])}")


def removable(program: Program, rows: list[Enrollment]) -> list[Enrollment]:
    """Return those without a running pair in their role, and without the only admin; two queries."""
    running = list(program.pairs.active().values_list("mentor", "mentee"))
    paired = {(role, pair[n]) for pair in running for n, role in enumerate(Enrollment.SIDES)}
    return [row for row in rows if (row.role, row.user_id) not in paired and not row.is_last_admin]


def why_nobody(do: str, rows: list[Enrollment]) -> str:
    if not rows:
        return _("Select the people first.")
    if do == "invite":
        return _("The selected people have accepted their invitation.")
    return _("Nobody was removed: end their pairs first, and keep at least one admin.")


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
