from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, render

from accounts.models import FormToken, Installation
from mentoring import invitations
from mentoring.forms import ComeInForm
from mentoring.models import Enrollment


@login_not_required
def invitation_accept(request, token):
    """What an invited person sees first: who invites them to what. Reading changes nothing; the button does."""
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
    """The link cannot be used (any more): say why, and what to do."""
    state = enrollment.invitation_state if enrollment else "unknown"
    if state == "used" and request.user == enrollment.user:
        return redirect("/")
    context = {"enrollment": enrollment, "state": state}
    return render(request, "mentoring/invitation_closed.html", context, status=410 if enrollment else 404)


def newcomer(request, enrollment: Enrollment):
    form = ComeInForm(request.POST or None, person=enrollment.user, initial={"name": enrollment.user.name})
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "enrollment": enrollment}
        return render(request, "mentoring/invitation_accept.html", context, status=422 if form.errors else 200)

    def accept() -> str:
        if not invitations.come_in(enrollment, **form.cleaned_data):
            return ""
        get_adapter().login(request, enrollment.user)
        request.session.save()
        return request.session.session_key

    token = request.POST.get("form_token", "")
    return share_session(request, FormToken.once(enrollment.user, token, accept, form=request.path))


def session_of_first_press(request, enrollment: Enrollment) -> str:
    """Return the key of the session that an earlier press of the same button began; else empty."""
    return FormToken.answered(enrollment.user, request.POST.get("form_token", ""), form=request.path)


def share_session(request, key: str):
    """Lead into the program, signed in by the session that the first press of the button began, while it lasts.

    A browser keeps only the answer to the last press. Only the page that was shown holds the form's token, so the
    link alone opens nothing.
    """
    if key and key != request.session.session_key and request.session.exists(key):
        request.session = type(request.session)(key)
        request.session.modified = True  # so that the cookie is set
    return redirect("/")


def known_person(request, enrollment: Enrollment):
    """One button for the person themselves, once they are signed in and the address is known to be theirs."""
    proof = invitations.needs_proof(enrollment)
    if request.method == "POST" and request.user != enrollment.user:
        return redirect_to_login(request.path)
    if request.method == "POST" and not proof:
        enrollment.accept()
        return redirect("/")
    context = {
        "enrollment": enrollment,
        "needs_proof": proof,
        "codes_arrive": Installation.mail_arrives() and not enrollment.user.mail_suspended_at,
    }
    return render(request, "mentoring/invitation_known.html", context, status=403 if request.method == "POST" else 200)
