from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEvent, FormToken, Installation
from accounts.reauthentication import requires_reauthentication
from core.http import form_page
from mentoring import invitations
from mentoring.csv_export import table_response
from mentoring.forms import JoinForm
from mentoring.models import Enrollment, Program
from mentoring.models.program import INVITATION_LASTS

LINKS_PER_PAGE = 100


@login_not_required
def invitation_accept(request, token):
    """Show an invitation to the invited person; only its button changes anything."""
    enrollment = invitations.find(token)
    if enrollment and request.method == "POST" and (session := session_of_first_press(request, enrollment)):
        return share_session(request, session)
    if enrollment is None or enrollment.invitation_state != "open":
        response = closed(request, enrollment)
    elif invitations.sets_up_account(enrollment):
        response = newcomer(request, enrollment)
    else:
        response = known_person(request, enrollment)
    response.headers["Cache-Control"] = "no-store"
    return response


def closed(request, enrollment: Enrollment | None):
    """Explain why the link does not work, and what to do."""
    state = enrollment.invitation_state if enrollment else "unknown"
    if state == "used" and request.user == enrollment.user:
        return redirect("/")
    context = {"enrollment": enrollment, "state": state}
    return render(request, "mentoring/invitation_closed.html", context, status=410 if enrollment else 404)


def newcomer(request, enrollment: Enrollment):
    form = JoinForm(request.POST or None, person=enrollment.user, initial={"name": enrollment.user.name})
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "enrollment": enrollment}
        return form_page(request, "mentoring/invitation_accept.html", context)

    def accept() -> str:
        if not invitations.accept_as_newcomer(enrollment, **form.cleaned_data):
            return ""
        get_adapter().login(request, enrollment.user)
        request.session.save()
        return request.session.session_key

    token = request.POST.get("form_token", "")
    return share_session(request, FormToken.run_once(enrollment.user, token, accept, form=request.path))


def session_of_first_press(request, enrollment: Enrollment) -> str:
    """Return the key of the web session that an earlier press of the same button started, or an empty string."""
    return FormToken.earlier_response(enrollment.user, request.POST.get("form_token", ""), form=request.path)


def share_session(request, key: str):
    """Redirect into the app with the web session that the first press of the button started, while it lasts.

    A browser keeps only the answer to the last press. Only the page that was shown holds the form's token, so the
    link alone opens nothing.
    """
    if key and key != request.session.session_key and request.session.exists(key):
        request.session = type(request.session)(key)
        request.session.modified = True  # so that the cookie is set
    return redirect("/")


def known_person(request, enrollment: Enrollment):
    """Let a person with an account accept, once they are signed in and have proved their address."""
    proof = invitations.needs_proof(enrollment)
    if request.method == "POST" and request.user != enrollment.user:
        return redirect_to_login(request.path)
    if request.method == "POST" and not proof:
        enrollment.accept()
        return redirect("/")
    codes_arrive = Installation.email_is_on() and not enrollment.user.mail_suspended_at
    context = {
        "enrollment": enrollment,
        "needs_proof": proof,
        "codes_arrive": codes_arrive,
        "password_works": not codes_arrive or (enrollment.user.has_usable_password() and not proof),
    }
    return render(request, "mentoring/invitation_known.html", context, status=403 if request.method == "POST" else 200)


# --- Links to share ---------------------------------------------------------------------------------------------


def invitations_to_share(program: Program):
    """Return open invitations that cannot be delivered by email; the program admin shares their links."""
    rows = program.enrollments.with_open_invitation().prefetch_related("user").order_by("folded_name", "pk")
    return rows if not Installation.has_mail_server() else rows.filter(user__mail_suspended_at__isnull=False)


@require_safe
def invitation_list(request, pk):
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    page = Paginator(invitations_to_share(program), LINKS_PER_PAGE).get_page(request.GET.get("invitations"))
    for enrollment in page:
        enrollment.link = request.build_absolute_uri(enrollment.invitation_path())
    expired = program.enrollments.current().filter(accepted_at=None, invited_at__lt=timezone.now() - INVITATION_LASTS)
    context = {"program": program, "invitations": page, "expired_n": expired.count()}
    response = render(request, "mentoring/invitation_list.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@requires_reauthentication(is_file=True)
def invitation_export(request, pk):
    """Download the links as a CSV file, for a mail merge."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    AuditEvent.record(request.user, AuditEvent.Action.INVITATION_LINKS_EXPORTED, program)
    headings = [_("Name"), _("Email"), _("Role"), _("Invitation link"), _("Valid until")]
    rows = [
        [
            row.name,
            row.user.email,
            row.get_role_display(),
            request.build_absolute_uri(row.invitation_path()),
            f"{row.invited_at + INVITATION_LASTS:%Y-%m-%d}",
        ]
        for row in invitations_to_share(program)
    ]
    return table_response(f"invitations-{program.pk}.csv", headings, rows)
