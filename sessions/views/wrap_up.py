"""Wrap up a session: what was agreed, the next date, and closing."""

from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.submit_once import submit_once
from core.optimistic_locking import Conflict, fingerprint
from mentoring import revisions
from sessions import closing
from sessions.carryover import open_and_parked_items
from sessions.forms.closing import CommitmentForm, NewCommitmentForm, WrapUpForm
from sessions.models import AgendaItem, Session
from sessions.session_room import live_poll, timer


def editable_session(request: HttpRequest, pk: int) -> Session:
    session = get_object_or_404(Session.objects.editable_by(request.user).select_related("pair"), pk=pk)
    return session.for_reader(request.user)


# --- Wrap up ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def session_wrap_up(request, pk):
    session = editable_session(request, pk)
    if request.method == "POST":
        return save_for_later(request, session)
    if not closing.may_close(session):
        return redirect_away(request, session)
    return wrap_up_page(request, session, WrapUpForm(session=session, user=request.user))


def redirect_away(request: HttpRequest, session: Session) -> HttpResponse:
    """Redirect to the recap of a closed session, or to the page of one that cannot be closed."""
    page = "session_recap" if session.closed_at else "session_prepare"
    if not session.closed_at:
        messages.info(request, _("There is nothing to wrap up yet."))
    url = reverse(page, args=[session.pk])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def save_for_later(request: HttpRequest, session: Session) -> HttpResponse:
    """Store what was typed without closing the session."""
    form = WrapUpForm(request.POST, session=session, user=request.user)
    if not (session.closed_at or closing.may_close(session)):
        return respond_not_closable(request, session, form)
    form.is_valid()
    if "takeaway" in form.errors or "need" in form.errors:
        return wrap_up_page(request, session, form, status=422)
    try:
        submit_once(request, lambda: str(form.save_texts(request.user)))
    except Conflict as conflict:
        return wrap_up_page(request, session, form, conflict.current, status=409)
    if session.closed_at:
        return redirect_to_recap(request, session, form)
    messages.success(request, _("Saved. You can finish wrapping up later."))
    return redirect("home")


@require_POST
def session_close(request, pk):
    session = editable_session(request, pk)
    if session.closed_at:
        return save_for_later(request, session)
    form = WrapUpForm(request.POST, session=session, user=request.user)
    if not closing.may_close(session):
        return respond_not_closable(request, session, form)
    if not form.is_valid():
        return wrap_up_page(request, session, form, status=422)
    try:
        closed = submit_once(request, lambda: str(form.close(request.user)))
    except closing.NextSessionChanged:  # a moment ago: now the form says so
        return session_close(request, pk)
    except Conflict as conflict:
        return wrap_up_page(request, session, form, conflict.current, status=409)
    return redirect_to_recap(request, session, form) if closed == "False" else redirect("session_recap", pk)


def redirect_to_recap(request: HttpRequest, session: Session, form: WrapUpForm) -> HttpResponse:
    """Redirect to the recap: the session was closed on another device, and what was typed is on the recap."""
    if form.has_texts:
        messages.success(request, _("The session is already closed. What you wrote was added to the recap."))
    return redirect("session_recap", session.pk)


def respond_not_closable(request: HttpRequest, session: Session, form: WrapUpForm) -> HttpResponse:
    """Show what was typed if the session was called off or moved meanwhile."""
    form.is_valid()
    if not (session.is_called_off or form.has_texts):
        return redirect_away(request, session)
    return wrap_up_page(request, session, form, session, status=409)


def wrap_up_page(request, session: Session, form: WrapUpForm, theirs: Session | None = None, status=200, **forms):
    """Return the wrap-up page. `theirs` is the session as the other person changed it meanwhile."""
    context = wrap_up_context(request, session, form, **forms) | {"refused": status != 200, "theirs": theirs}
    return render(request, "sessions/session_wrap_up.html", context, status=status)


def wrap_up_context(request, session: Session, form: WrapUpForm, **forms) -> dict:
    """Return the context of the page, with a fingerprint of each part."""
    items = open_and_parked_items(session.pair)
    still_open = [item for item in items if item.state == AgendaItem.State.OPEN]
    forms.setdefault("more", NewCommitmentForm(session=session, user=request.user, next_on=form.next_on))
    plan = form.planned or form.proposal
    blocks = list(session.blocks.all())
    minutes = timer.balance(blocks, session if session.is_running else None) if session.started_at else []
    marks = {
        "carried_over": [(item.pk, item.version, item.carried) for item in items],
        "next": (form.booked_now, plan.local_start, plan.zone, plan.place),
        "takeaway": session.takeaway,
    }
    made = commitments_context(request, session, **forms)
    marks["preview"] = (made["agreed_mark"], marks["carried_over"], marks["next"], minutes)
    return made | {
        "form": form,
        "state": state(session),
        "marks": {name: fingerprint(repr(facts)) for name, facts in marks.items()},
        "blocks": blocks,
        "minutes": minutes,
        "carried": still_open,
        "questions": [item for item in still_open if item.kind == AgendaItem.Kind.QUESTION],
        "topics": [item for item in still_open if item.kind == AgendaItem.Kind.TOPIC],
        "parked": [item for item in items if item.state == AgendaItem.State.PARKED],
    }


# --- Live, here and on the recap while closing can be undone --------------------------------------------------


@require_safe
def wrap_up_live(request, pk):
    """Return what another device changed, or 304. While nothing changes, live_poll answers most requests."""
    session = get_object_or_404(Session.objects.visible_to(request.user).select_related("pair"), pk=pk)
    pair, just_closed = session.for_reader(request.user).pair, closing.just_closed(session)
    if not just_closed:  # that ends after a minute, without a change
        live_poll.grant(request, pair.pk)
    revisions.remember(pair.pk, pair.revision)
    etag = live_poll.etag(pair.revision, just_closed)
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    if state(session) == "open":
        context = wrap_up_context(request, session, WrapUpForm(session=session, user=request.user))
    else:
        context = {"session": session, "state": state(session), **undo_context(session, request.user)}
    response = render(request, "sessions/_wrap_up_live.html", context)
    response["ETag"] = etag
    return response


def state(session: Session) -> str:
    """Return "open" while the session can be wrapped up, "closed", or "over" for neither."""
    if session.closed_at:
        return "closed"
    return "open" if session.pair.ended_at is None and closing.may_close(session) else "over"


def undo_context(session: Session, user) -> dict:
    """Return whether closing can still be undone, and whether this person may do it."""
    may_reopen, just_closed = closing.may_reopen(session, user), closing.just_closed(session)
    return {
        "may_reopen": may_reopen,
        "just_closed": just_closed,
        "settled": not just_closed,
        "marks": {"undo": fingerprint(repr((may_reopen, just_closed)))},
    }


# --- What was agreed: the fragment that all of these answer with ----------------------------------------------


def commitments_context(request: HttpRequest, session: Session, more=None, bad: CommitmentForm | None = None) -> dict:
    """Return the commitments as sentences, each with its form; `bad` and `more` are forms with errors."""
    rows = []
    for commitment in closing.commitments_made(session):
        form = bad if bad and bad.instance.pk == commitment.pk else CommitmentForm(instance=commitment, session=session)
        rows.append({"commitment": commitment, "sentence": closing.as_sentence(commitment), "form": form})
    more = more or NewCommitmentForm(session=session, user=request.user)
    changed = session.agreed_at and any(row["commitment"].after_agreed for row in rows)
    shown = [(c.pk, c.version, session.agreed_at and c.after_agreed) for c in (row["commitment"] for row in rows)]
    return {
        "agreed_mark": fingerprint(repr((session.agreed_at, session.no_commitments_at, shown))),
        "session": session,
        "changed_since": changed,
        "partner": session.pair.other(request.user),
        "made": rows,
        "more": more,
        "more_is_open": bool(more.errors or not (rows or session.no_commitments_at)),
    }


def render_commitments(request: HttpRequest, session: Session, status: int = 200, **forms) -> HttpResponse:
    if request.htmx:
        return render(
            request, "sessions/_wrap_up_agreed.html", commitments_context(request, session, **forms), status=status
        )
    if status != 200:
        page = WrapUpForm(session=session, user=request.user)
        return wrap_up_page(request, session, page, status=status, **forms)
    return redirect("session_wrap_up", session.pk)


def respond_saved(request: HttpRequest, session: Session, text: str) -> HttpResponse:
    """Answer a saved commitment; if the session is over or called off by now, redirect with a message."""
    if closing.may_close(session):
        return render_commitments(request, session)
    if session.closed_at:
        message = _("The session is already closed, but this commitment was saved: %(text)s")
    else:
        message = _("The session was moved or called off, but this commitment was saved: %(text)s")
    messages.success(request, message % {"text": text})
    url = reverse("session_recap" if session.closed_at else "session_prepare", args=[session.pk])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


@require_POST
def wrap_up_agree(request, pk):
    session = editable_session(request, pk)
    closing.agree(session)
    return render_commitments(request, session)


@require_POST
def wrap_up_no_commitments(request, pk):
    session = editable_session(request, pk)
    closing.make_no_commitments(session)
    return render_commitments(request, session)


@require_POST
def wrap_up_commitment_create(request, pk):
    session = editable_session(request, pk)
    form = NewCommitmentForm(request.POST, session=session, user=request.user)
    if not form.is_valid():
        return render_commitments(request, session, status=422, more=form)
    submit_once(request, lambda: str(form.create(request.user).pk))
    return respond_saved(request, session, form.cleaned_data["text"])


@require_POST
def wrap_up_commitment_edit(request, pk, commitment_pk):
    session = editable_session(request, pk)
    commitment = get_object_or_404(closing.commitments_of(session), pk=commitment_pk)
    form = CommitmentForm(request.POST, instance=commitment, session=session)
    if not form.is_valid():
        return render_commitments(request, session, status=422, bad=form)
    if not closing.may_close(session):  # a due date that was agreed moves on the commitment's page, by its rules
        form.add_error(None, _("The session is over, so this was not changed. You can copy what you typed from here."))
        return render_commitments(request, session, status=409, bad=form)
    try:
        form.save(request.user)
    except Conflict:
        form.add_error(None, _("This was changed while you were typing. Your version is here, the current one above."))
        return render_commitments(request, session, status=409, bad=form)
    return render_commitments(request, session)


@require_POST
def wrap_up_item_settle(request, pk, item_pk):
    """Say what becomes of an open or parked item: "Carry over", "Answered", "Discussed" or "Park"."""
    session = editable_session(request, pk)
    unsettled = session.pair.items.filter(state__in=(AgendaItem.State.OPEN, AgendaItem.State.PARKED))
    item = get_object_or_404(unsettled, pk=item_pk)
    settle = {"discussed": item.discuss, "parked": item.park}.get(request.POST.get("as"))
    if session.is_live:
        with suppress(Conflict):  # settled by the other person meanwhile: the page shows it as it is now
            if settle:
                settle(session)
            elif request.POST.get("as") == "carried":
                item.reopen()
    if request.htmx and closing.may_close(session):
        context = wrap_up_context(request, session, WrapUpForm(session=session, user=request.user))
        return render(request, "sessions/_wrap_up_carried_over.html", context)
    return redirect("session_wrap_up", pk)
