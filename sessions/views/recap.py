"""The recap of a session, the answers to "Did you meet?", and its rating."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.optimistic_locking import Conflict
from mentoring.models import attach_pairs
from sessions import closing
from sessions.forms.closing import AnswerForm, RatingForm
from sessions.models import ItemOutcome, Session, SessionRating
from sessions.session_room import timer
from sessions.views.wrap_up import editable_session, state, undo_context


@require_safe
def session_recap(request, pk):
    session = get_object_or_404(Session.objects.visible_to(request.user).select_related("pair"), pk=pk)
    session.for_reader(request.user)
    if session.is_live and not session.answers.exists():
        return redirect("session_wrap_up", pk)
    return render(request, "sessions/session_recap.html", recap_context(request, session))


def recap_context(request: HttpRequest, session: Session, answer: AnswerForm | None = None) -> dict:
    user = request.user
    blocks = list(session.blocks.all())
    held = closing.meeting_answers(session)
    return {
        "session": session,
        "partner": session.pair.other(user),
        "made": [(c, closing.as_sentence(c, to=user)) for c in closing.commitments_made(session)],
        "outcomes": by_outcome(session),
        "feedback": attach_pairs(session.feedback.written().select_related("competency"), [session.pair], "created_by"),
        "noted": [block for block in blocks if block.note.strip()],
        "minutes": closing.minutes_by_purpose(session, blocks),
        "left_running": timer.was_left_running(session, blocks),
        "next": closing.next_session_after(session),
        "held": held,
        "mine": next((answer for answer in held.answers if answer.user_id == user.pk), None),
        "may_change": session.pair.ended_at is None,
        "state": state(session),
        **undo_context(session, user),
        "form": answer or AnswerForm(),
        **rating_context(session, user),
    }


def by_outcome(session: Session) -> list[tuple[str, list[ItemOutcome]]]:
    """Return the session's items under a heading for each outcome that occurred, discussed ones first."""
    headings = {
        ItemOutcome.Outcome.DISCUSSED: _("What you talked about"),
        ItemOutcome.Outcome.PARKED: _("Parked"),
        ItemOutcome.Outcome.CARRIED: _("Carried over to next time"),
        ItemOutcome.Outcome.DROPPED: _("Dropped"),
    }
    rows = list(session.outcomes.select_related("item").order_by("pk"))
    attach_pairs([row.item for row in rows], [session.pair], "created_by")
    found = [(heading, [row for row in rows if row.outcome == kind]) for kind, heading in headings.items()]
    return [(heading, rows) for heading, rows in found if rows]


@require_POST
def session_reopen(request, pk):
    session = editable_session(request, pk)
    if closing.reopen(session, request.user):
        messages.success(request, _("The session is open again. No recap was sent."))
        return redirect("session_wrap_up", pk)
    messages.warning(request, _("The recap is on its way, so the session stays closed."))
    return redirect("session_recap", pk)


@require_POST
def session_answer(request, pk):
    """Record the answer to "Did you meet?", or another memory of a closed session."""
    session = editable_session(request, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return render(request, "sessions/session_recap.html", recap_context(request, session, form), status=422)
    try:
        done = closing.record_answer(
            session, request.user, form.cleaned_data["met"] == "met", form.cleaned_data["note"]
        )
    except Conflict:
        return respond_nothing_to_confirm(request, session, form)
    if done:
        return redirect("session_recap", pk)
    messages.info(request, _("Noted that you met. When do you meet next?"))
    return redirect("session_wrap_up", pk)


def respond_nothing_to_confirm(request: HttpRequest, session: Session, form: AnswerForm) -> HttpResponse:
    """Answer for a session that was called off or moved; a note is shown again."""
    text = _("This session was called off or moved, so there is nothing to confirm.")
    if not form.cleaned_data["note"]:
        messages.info(request, text)
        return redirect("home")
    form.add_error("note", text)
    return render(request, "sessions/session_recap.html", recap_context(request, session, form), status=409)


@require_POST
def session_rate(request, pk):
    session = editable_session(request, pk)
    if not closing.may_rate(session, request.user):
        raise Http404
    form = RatingForm(request.POST)
    if form.is_valid():
        closing.rate(session, form.cleaned_data["question"], form.cleaned_data["value"])
    if request.htmx:
        facts = {"session": session, "partner": session.pair.mentor} | rating_context(session, request.user)
        return render(request, "sessions/_session_rating.html", facts, status=200 if form.is_valid() else 422)
    return redirect(reverse("session_recap", args=[pk]) + "#rating")


def rating_context(session: Session, user) -> dict:
    """Return the rating questions for the mentee, or the trend for the mentor."""
    if session.pair.is_mentor(user):
        return {"trend": SessionRating.objects.trend(session.pair)}
    if not closing.may_rate(session, user):
        return {}
    given = SessionRating.objects.filter(session=session).first()
    questions = [
        ("heard", _("I felt heard"), given and given.heard),
        ("useful", _("This was useful"), given and given.useful),
    ]
    return {"questions": questions, "scale": SessionRating.Scale.choices}
