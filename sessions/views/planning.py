"""Session pages: list, schedule, reschedule, cancel, skip and restore sessions, and log a past meeting."""

import re
from collections import defaultdict
from contextlib import suppress
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, prefetch_related_objects
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.submit_once import earlier_response, submit_once
from core.formatting import day, when
from core.http import form_page
from core.optimistic_locking import Conflict
from mentoring.models import Pair, attach_pairs
from sessions.forms.planning import CallOffForm, LogForm, MoveForm, ScheduleForm
from sessions.models import NotLive, Session
from sessions.models.session import is_to_come, number_sessions
from sessions.month import month_of, read_month
from sessions.planning import (
    SessionProposal,
    dismiss_change,
    log_meeting,
    plan_series,
    plan_session,
    propose_next,
    rhythms,
    suggest_plan,
    suggest_times,
)

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
PAGE = 30
SHOWN = (  # in the list
    *("pair", "kind", "starts_at", "ends_at", "place", "started_at", "closed_at", "held_at"),
    *("canceled_at", "skipped_at", "called_off_by", "reason"),
)
PICKED = r"(?P<on>\d{4}-\d\d-\d\d)T(?P<at>\d\d:\d\d) (?P<zone>[\w/+-]{1,64})"


@require_safe
def session_list(request):
    """List the sessions of all the user's pairs, upcoming, called-off and past ones, or show one month."""
    mine = Pair.objects.visible_to(request.user).select_related("program").order_by("pk")
    pairs = mine.for_reader(request.user)
    running = [pair for pair in pairs if pair.ended_at is None]
    if request.GET.get("view") == "month":
        return month_page(request, pairs, running)
    sessions = Session.objects.filter(pair__in=pairs).only(*SHOWN)
    called_off = (Q(canceled_at__isnull=False) | Q(skipped_at__isnull=False)) & Q(starts_at__gt=timezone.now())
    ahead = attach_pairs(sessions.filter(called_off | is_to_come() & Q(pair__in=running)).started_first(), pairs)
    coming = number_sessions([session for session in ahead if not session.is_called_off])
    called_off = sorted((session for session in ahead if session.is_called_off), key=lambda row: row.starts_at)
    prefetch_related_objects(called_off, "called_off_by")
    past = sessions.exclude(pk__in=[session.pk for session in ahead]).order_by("-starts_at", "-pk")
    past = Paginator(past, PAGE).get_page(request.GET.get("page"))
    past.object_list = attach_pairs(past.object_list, pairs)
    kept = rhythms(running, request.user.today())
    context = {
        "months": by_month(coming),
        "coming": len(coming),
        "called_off": group_called_off(called_off),
        "past": past,
        "past_months": by_month(past.object_list)[::-1],
        "pairs": running,
        "rhythms": [(pair, kept[pair.pk].strip) for pair in running],
    }
    return render(request, "sessions/session_list.html", context)


def month_page(request, pairs: list[Pair], running: list[Pair]):
    month = read_month(request.user, pairs, month_of(request.GET.get("month", ""), request.user.today()))
    count = sum(len(day.sessions) for day in month.days)
    return render(request, "sessions/session_month.html", {"month": month, "count": count, "pairs": running})


def group_called_off(sessions) -> list[list[Session]]:
    """Group the sessions that were canceled or skipped together, by date."""
    groups = defaultdict(list)
    for session in sessions:
        groups[session.pair_id, session.called_off_by_id, session.canceled_at, session.skipped_at].append(session)
    return list(groups.values())


@require_POST
def session_dismiss_change(request, pk):
    """Dismiss the notice about a moved or canceled session for this user."""
    dismiss_change(get_object_or_404(Session.objects.visible_to(request.user), pk=pk), request.user)
    return redirect("home")


def by_month(sessions) -> list[tuple[date, list[Session]]]:
    """Group sessions by month in the reader's time zone, earliest month first."""
    months = defaultdict(list)
    for session in sessions:
        months[timezone.localdate(session.starts_at).replace(day=1)].append(session)
    return sorted(months.items())


@get_or_post
@vary_on_headers("HX-Request")
def session_schedule(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    if answer := earlier_response(request):
        return redirect(answer)
    proposal = propose_next(pair, request.user)
    suggested, suit = suggest_times(pair, request.user, proposal=proposal)
    initial = initial_plan(request, pair, suggest_plan(pair, proposal, suggested, suit))
    form = ScheduleForm(form_data(request), pair=pair, user=request.user, initial=initial)
    if not is_submitted(request) or not form.is_valid():
        times = {"suggested": suggested, "suit": suit}
        return render_time_form(request, "sessions/session_schedule.html", form, pair=pair, **times)
    url = submit_once(request, lambda: schedule(request, form))
    return redirect(url)


def schedule(request, form: ScheduleForm) -> str:
    """Plan one session or a series, add a message, and return the URL of the page that shows it."""
    data, by = form.cleaned_data, request.user
    if not data["repeat"]:
        session = plan_session(form.pair, by, form.slot, data["kind"])
        messages.success(request, _("Session scheduled: %(when)s.") % {"when": when(session.starts_at)})
        return reverse("session_prepare", args=[session.pk])
    sessions = plan_series(form.pair, by, form.slot, data["repeat"], data["until"], data["kind"])
    messages.success(request, planned_message(sessions))
    return reverse("session_list")


def planned_message(sessions: list[Session]) -> str:
    if not sessions:
        return _("All of these sessions were already scheduled.")
    text = ngettext(
        "%(n)d session scheduled, %(day)s.", "%(n)d sessions scheduled, the last one %(day)s.", len(sessions)
    )
    return text % {"n": len(sessions), "day": day(sessions[-1].starts_at)}


@get_or_post
@vary_on_headers("HX-Request")
def session_move(request, pk):
    while True:
        session = editable_session(request, pk)
        if not session.is_live:
            return redirect_not_live(request, session)
        form = MoveForm(form_data(request), session=session, user=request.user)
        if not is_submitted(request) or not form.is_valid():
            moved = session.moves.select_related("created_by").last() if form.is_time_stale else None
            context = {"session": session, "pair": session.pair, "moved": moved}
            return render_time_form(request, "sessions/session_move.html", form, **context)
        try:
            form.save(request.user)
        except NotLive:
            return redirect_not_live(request, session)
        except Conflict:  # the other person changed it a moment before: read it again
            continue
        messages.success(request, moved_message(session, len(form.later_moved)))
        return redirect("session_prepare", pk=session.pk)


def moved_message(session: Session, later: int) -> str:
    text = _("The session is now %(when)s.")
    if later:
        text = ngettext(
            "The session is now %(when)s, and %(n)d later session moved too.",
            "The session is now %(when)s, and %(n)d later sessions moved too.",
            later,
        )
    return text % {"when": when(session.starts_at), "n": later}


@get_or_post
def session_cancel(request, pk):
    return call_off(request, pk, "cancel")


@get_or_post
def session_skip(request, pk):
    return call_off(request, pk, "skip")


def call_off(request, pk: int, verb: str):
    session = editable_session(request, pk)
    if not session.is_live:
        return redirect_not_live(request, session)
    later = session.series_id and session.series.sessions.live().filter(starts_at__gt=session.starts_at).count()
    with_later = bool(later) and verb == "cancel"
    form = CallOffForm(request.POST or None, session=session, with_later=with_later)
    if request.method != "POST" or not form.is_valid():
        context = {"session": session, "form": form, "verb": verb, "other": session.pair.other(request.user)}
        return form_page(request, "sessions/session_call_off.html", context)
    try:
        text = cancel_or_skip(session, request.user, verb, form)
    except NotLive:
        return redirect_not_live(request, session)
    undo = {"text": text, "url": reverse("session_restore_all", args=[session.pk])}
    messages.success(request, render_to_string("components/_undo.html", undo, request))
    return redirect("session_list")


def cancel_or_skip(session: Session, by, verb: str, form: CallOffForm) -> str:
    """Cancel or skip the session, or cancel the rest of its series, and return a message about it."""
    reason, values = form.cleaned_data["reason"], {"when": when(session.starts_at)}
    if form.cleaned_data.get("and_later"):
        values["n"] = session.series.cancel_from(by, session, reason)
        return _("%(n)d sessions canceled, starting %(when)s.") % values
    if verb == "skip":
        session.skip(by, reason)
        return _("Session skipped: %(when)s. Its topics and questions carry over to your next session.") % values
    session.cancel(by, reason)
    return _("Session canceled: %(when)s. Its topics and questions carry over to your next session.") % values


@require_POST
def session_restore(request, pk):
    """Restore one session; others canceled or skipped together with it stay as they are."""
    session = editable_session(request, pk)
    with suppress(NotLive):  # the other person has already restored it
        session.restore()
        messages.success(request, restored_message([session]))
    return redirect("session_list")


@require_POST
def session_restore_all(request, pk):
    """Undo: restore every session that was canceled or skipped together with this one."""
    session = editable_session(request, pk)
    if restored := session.restore_together():
        messages.success(request, restored_message(restored))
    return redirect("session_list")


def restored_message(sessions: list[Session]) -> str:
    """Return a message about these sessions: at least one, ordered by date."""
    text = ngettext("Session restored: %(when)s.", "%(n)d sessions restored, starting %(when)s.", len(sessions))
    return text % {"n": len(sessions), "when": when(sessions[0].starts_at)}


@get_or_post
@vary_on_headers("HX-Request")
def session_log(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    form = LogForm(form_data(request), pair=pair, user=request.user, initial=initial_log(pair, request.user))
    if request.method != "POST" or not form.is_valid():
        return render_time_form(request, "sessions/session_log.html", form, pair=pair)
    data = form.cleaned_data
    try:
        submit_once(request, lambda: log_meeting(pair, request.user, form.slot, data["line"], form.planned).pk)
    except NotLive:
        return redirect_not_live(request, form.planned)
    messages.success(request, _("Meeting logged: %(day)s.") % {"day": day(form.times[0])})
    return redirect("session_list")


# --- What these pages share -------------------------------------------------------------------------------


def editable_session(request, pk: int) -> Session:
    session = get_object_or_404(Session.objects.editable_by(request.user).select_related("pair"), pk=pk)
    return session.for_reader(request.user)


def form_data(request):
    """Return the submitted fields, those of a preview while a time is being chosen (htmx), or None.

    `pick` is the button of a suggested time: it replaces day, time and time zone; the other fields stay as typed.
    """
    if request.method != "POST":
        return request.GET if request.htmx and "on" in request.GET else None
    picked = re.fullmatch(PICKED, request.POST.get("pick", ""))
    if not picked:
        return request.POST
    data = request.POST.copy()
    for name, value in picked.groupdict().items():
        data[name] = value
    return data


def is_submitted(request) -> bool:
    """Return True if the form is to be saved, not only filled with a suggested time."""
    return request.method == "POST" and "pick" not in request.POST


def render_time_form(request, template: str, form, **context):
    """Render the page with the form; for a preview (htmx), only what the chosen time means for both people."""
    context |= {"form": form, "other": form.pair.other(request.user)}
    if request.htmx and request.method != "POST":
        form.is_valid()
        return render(request, "sessions/_times.html", context)
    if "suggested" not in context:
        context["suggested"], context["suit"] = suggest_times(form.pair, request.user, form.moving)
    status = (409 if form.is_stale else 422) if is_submitted(request) else 200
    return render(request, template, context, status=status)


def redirect_not_live(request, session: Session):
    """Go back to the list with a message: the session has been called off, closed or started by someone."""
    session.refresh_from_db()
    name = session.called_off_by.first_name if session.called_off_by else _("Someone")
    if session.canceled_at:
        text = _("%(name)s canceled the session %(when)s.")
    elif session.skipped_at:
        text = _("%(name)s skipped the session %(when)s.")
    elif session.closed_at:
        text = _("The session %(when)s is already closed.")
    else:
        text = _("The session %(when)s has already started.")
    messages.warning(request, text % {"when": when(session.starts_at), "name": name})
    return redirect("session_list")


def initial_plan(request, pair: Pair, proposal: SessionProposal) -> dict:
    """Return the best suggested time, as a series if nothing is planned yet. A link may set the agenda (`kind`)."""
    kind = request.GET.get("kind", "")
    return {
        **proposal.initial,
        "kind": kind if kind in Session.Kind.values else proposal.kind,
        "repeat": "" if kind or pair.sessions.to_come().exists() else pair.cadence,
        "until": pair.ends_on,
    }


def initial_log(pair: Pair, user) -> dict:
    """Return a meeting of the usual length that has just ended, rounded down to a quarter of an hour."""
    start: datetime = user.local(timezone.now() - timedelta(minutes=pair.minutes))
    start -= timedelta(minutes=start.minute % 15)
    return {"on": start.date(), "at": start.time(), "zone": user.zone, "minutes": pair.minutes}
