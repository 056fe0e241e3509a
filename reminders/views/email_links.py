"""Pages behind links in emails, without signing in: opening one changes nothing, pressing its button does."""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.localization import localized_for
from core.errors import typed_texts
from core.http import form_page, whole_number
from core.optimistic_locking import Conflict
from goals.forms import DoneForm, DropForm, MoveForm, PartlyForm, ReadingForm, with_current_version
from goals.indicator_charts import indicator_chart
from goals.models import Commitment, CommitmentEvent, Indicator
from goals.views.answers import describe_event
from mentoring.models import Pair
from reminders import links
from reminders.forms import SessionMovedForm, StatusUpdateForm
from reminders.links import Expired, Purpose
from reminders.models import TopicChoice
from sessions import closing, indicator_values
from sessions.checkins import wins_of
from sessions.forms.checkins import CheckInForm, CheckInReplyForm
from sessions.models import CheckIn, Session
from sessions.models.session import NotLive
from sessions.views.checkins import thanks_message

COMMITMENT_FORMS = {"done": DoneForm, "partly": PartlyForm, "move": MoveForm, "drop": DropForm}
MET_ANSWERS = {"met": _("We met"), "moved": _("We moved it"), "not-held": _("We did not meet")}


def email_page(purpose: Purpose):
    """Decorate a view of (request, person, pk) to be opened by a person's link, in their language and time zone."""

    def decorate(view):
        @login_not_required
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def wrapped(request, token):
            try:
                person, pk = links.read(purpose, token)
            except Expired:
                response = link_closed(request, 410)
            except BadSignature:
                response = link_closed(request, 404)
            else:
                with localized_for(person):
                    response = view(request, person, pk) or link_closed(request, 410, over=True)
                response.headers.setdefault("Content-Language", person.spoken_language)
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex"
            return response

        return wrapped

    return decorate


def link_closed(request, status: int, over: bool = False):
    """Render the page for an expired or invalid link, with what to do instead."""
    context = {"over": over, "typed": typed_texts(request)}
    return render(request, "reminders/email_closed.html", context, status=status)


@email_page(Purpose.COMMITMENT)
def email_commitment(request, person, pk):
    commitment = Commitment.objects.editable_by(person).select_related("pair").filter(owner=person, pk=pk).first()
    if commitment is None:
        return None
    commitment.for_reader(person)
    if "undo" in request.POST:
        return commitment_undo(request, person, commitment)
    verb = request.GET.get("do") if request.GET.get("do") in COMMITMENT_FORMS else "done"
    form = COMMITMENT_FORMS[verb](request.POST if request.method == "POST" else None, commitment=commitment)
    context = {"commitment": commitment, "form": form, "verb": verb, "person": person}
    if request.method != "POST":
        return render(request, "reminders/email_commitment.html", context | last_answer(request, person, commitment))
    if not form.is_valid():
        return render(request, "reminders/email_commitment.html", context, status=422)
    try:
        event = form.save(person)
    except Conflict:
        now = Commitment.objects.select_related("pair").get(pk=pk).for_reader(person)
        new_form = COMMITMENT_FORMS[verb](with_current_version(request.POST, now.version), commitment=now)
        context |= {"commitment": now, "form": new_form, "changed_by": now.events.select_related("created_by").last()}
        return render(request, "reminders/email_commitment.html", context, status=409)
    return redirect(f"{request.path}?answered={event.pk}")


def last_answer(request, person, commitment: Commitment) -> dict:
    """Return the context of the answer just given, unless it was undone."""
    event = own_event(commitment, person, request.GET.get("answered", ""))
    return {"event": event, "answer": describe_event(event)} if event and event.undone_at is None else {}


def commitment_undo(request, person, commitment: Commitment):
    if event := own_event(commitment, person, request.POST["undo"]):
        commitment.undo(person, event)
    return redirect(request.path)


def own_event(commitment: Commitment, person, pk: str) -> CommitmentEvent | None:
    """Return the event with this key, if it is an answer of this person about this commitment."""
    return commitment.events.filter(pk=whole_number(pk), created_by=person).first()


@email_page(Purpose.MET)
def email_met(request, person, pk):
    session = Session.objects.editable_by(person).with_people().filter(pk=pk).first()
    if session is None or not closing.may_answer(session):
        return None
    chosen = request.POST.get("answer") or request.GET.get("answer") or "met"
    form = SessionMovedForm(
        request.POST if request.method == "POST" and chosen == "moved" else None, session=session, user=person
    )
    context = {
        "session": session,
        "person": person,
        "other": session.pair.other(person),
        "chosen": chosen,
        "form": form,
    }
    if request.method != "POST":
        thanks = "thanks" in request.GET
        context |= {"answer": session.answers.filter(user=person).first(), "thanks": thanks}
        context["other_answers"] = other_answers(session, "" if thanks else chosen)
        return render(request, "reminders/email_met.html", context)
    if chosen == "moved":
        return session_moved(request, person, session, form, context)
    try:
        closing.record_answer(session, person, met=chosen == "met")
    except Conflict:
        return None
    return redirect(f"{request.path}?thanks")


def other_answers(session: Session, shown: str) -> list[tuple[str, str]]:
    """Return the answers other than the one shown; a closed session cannot be moved."""
    hidden = {shown, "moved"} if session.closed_at else {shown}
    return [(value, str(label)) for value, label in MET_ANSWERS.items() if value not in hidden]


def session_moved(request, person, session: Session, form: SessionMovedForm, context: dict):
    if not form.is_valid():
        context["other_answers"] = other_answers(session, "moved")
        return render(request, "reminders/email_met.html", context, status=422)
    try:
        form.save(person)
    except NotLive:
        return None
    return render(request, "reminders/email_met.html", context | {"moved": True})


@email_page(Purpose.UPDATE)
def email_update(request, person, pk):
    """Share a new status update; an existing one is never shown without signing in."""
    rows = Session.objects.editable_by(person).filter(pair__mentee=person).live()
    session = rows.with_people().select_related("status_update").filter(pk=pk).first()
    if session is None:
        return None
    update = getattr(session, "status_update", None)
    context = {"session": session, "person": person, "other": session.pair.mentor, "update": update}
    if update and (update.shared_at or not update.is_empty):
        return render(request, "reminders/email_update.html", context)
    form = StatusUpdateForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "reminders/email_update.html", context | {"form": form})
    try:
        form.share(session, person)
    except Conflict:
        return render(
            request, "reminders/email_update.html", context | {"form": form, "started_elsewhere": True}, status=409
        )
    return redirect(request.path)


@email_page(Purpose.CHECK_IN)
def email_check_in(request, person, pk):
    """Answer a check-in; the mentee's recent wins are shown only if they are signed in."""
    pair = Pair.objects.editable_by(person).filter(mentee=person).with_people().filter(pk=pk).first()
    if pair is None:
        return None
    form = CheckInForm(request.POST or None, initial={"answer": request.GET.get("answer", "")})
    context = {"pair": pair, "person": person, "form": form, "thanks": ""}
    if request.method == "POST" and form.is_valid():
        context["thanks"] = thanks_message(form.save(pair, person))
    elif request.user == person and form["answer"].value() == CheckIn.Answer.STUCK:
        context["wins"] = wins_of(pair, person)
    return form_page(request, "reminders/email_check_in.html", context)


@email_page(Purpose.HELP)
def email_help(request, person, pk):
    """Reply to a mentee who asked for help; the note and an earlier reply are shown only after signing in."""
    rows = CheckIn.objects.asking(person).filter(answer=CheckIn.Answer.HELP).with_people()
    check_in = rows.filter(pk=pk).first()
    if check_in is None or not check_in.is_current:
        return None
    form = CheckInReplyForm(request.POST or None, check_in=check_in)
    context = {"check_in": check_in, "person": person, "form": form, "signed_in": request.user == person}
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "reminders/email_help.html", context)
    try:
        form.save()
    except Conflict:
        if (current := rows.filter(pk=pk).first()) is None or not current.is_current:
            return None
        context |= {"check_in": current, "form": form.for_version(current), "changed": True}
        return render(request, "reminders/email_help.html", context, status=409)
    return redirect(request.path)


@email_page(Purpose.INDICATOR)
def email_indicator(request, person, pk):
    """Add one value to an indicator; the chart is shown only after that, so that the link alone reveals no values."""
    rows = Indicator.objects.editable_by(person).current().entered_by(person)
    indicator = rows.select_related("pair__mentor", "pair__mentee").filter(pk=pk).first()
    if indicator is None:
        return None
    form = ReadingForm(request.POST or None, indicator=indicator, user=person)
    context = {"indicator": indicator, "person": person, "form": form}
    if request.method == "POST" and form.is_valid():
        indicator_values.add_value(indicator, person, **form.cleaned_data)
        context["chart"] = indicator_chart(indicator)
    return form_page(request, "reminders/email_indicator.html", context)


@csrf_exempt  # mail clients post this for the reader (RFC 8058); the token authenticates it
@email_page(Purpose.STOP)
def email_stop(request, person, pk):
    """Turn off reminders by email, from the page's button or the mail client's."""
    if request.method == "POST":
        TopicChoice.stop_mail(person)
    stopped = all(mode == TopicChoice.Mode.INBOX for mode in TopicChoice.of(person).values())
    context = {"person": person, "stopped": stopped, "at": timezone.now()}
    return render(request, "reminders/email_stop.html", context)
