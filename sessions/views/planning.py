"""Planning: the list of sessions, a new date or series, another date, none at all; a meeting elsewhere."""

import re
from collections import defaultdict
from contextlib import suppress
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.submit_once import earlier_answer, submit_once
from core.formatting import day, when
from core.optimistic_locking import Conflict
from mentoring.models import Pair, lend_pairs
from sessions.forms.planning import CallOffForm, LogForm, MoveForm, ScheduleForm
from sessions.models import NotLive, Session
from sessions.planning import best_time, dismiss_change, log_meeting, plan_series, plan_session, suggest_times

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
PAGE = 30
PICKED = r"(?P<on>\d{4}-\d\d-\d\d)T(?P<at>\d\d:\d\d) (?P<zone>[\w/+-]{1,64})"


@require_safe
def session_list(request):
    """All my sessions over all pairs: what is to come by month, what has been below."""
    pairs = list(Pair.objects.visible_to(request.user).with_people().order_by("pk"))
    sessions = Session.objects.visible_to(request.user)
    now = timezone.now()
    left_out = (Q(canceled_at__isnull=False) | Q(skipped_at__isnull=False)) & Q(starts_at__gt=now)
    to_come = sessions.to_come().filter(pair__ended_at=None)
    past = sessions.exclude(pk__in=to_come).exclude(left_out).order_by("-starts_at", "-pk")
    past = Paginator(past, PAGE).get_page(request.GET.get("page"))
    past.object_list = lend_pairs(past.object_list, pairs)
    context = {
        "months": by_month(lend_pairs(to_come.numbered().upcoming(), pairs)),
        "left_out": by_act(
            lend_pairs(sessions.filter(left_out).select_related("ended_by").order_by("starts_at"), pairs)
        ),
        "past": past,
        "pairs": [pair for pair in pairs if pair.ended_at is None],
    }
    return render(request, "sessions/session_list.html", context)


def by_act(sessions) -> list[list[Session]]:
    """Those that were canceled or skipped together, in one list each, by date."""
    acts = defaultdict(list)
    for session in sessions:
        acts[session.pair_id, session.ended_by_id, session.canceled_at, session.skipped_at].append(session)
    return list(acts.values())


@require_POST
def session_change_seen(request, pk):
    """The line about a move or a cancellation is dismissed, for whoever presses."""
    dismiss_change(get_object_or_404(Session.objects.visible_to(request.user), pk=pk), request.user)
    return redirect("home")


def by_month(sessions) -> list[tuple[date, list[Session]]]:
    """In the reader's zone, first month first."""
    months = defaultdict(list)
    for session in sessions:
        months[timezone.localdate(session.starts_at).replace(day=1)].append(session)
    return sorted(months.items())


@get_or_post
@vary_on_headers("HX-Request")
def session_schedule(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people(), pk=pk)
    if answer := earlier_answer(request):
        return redirect(answer)
    form = ScheduleForm(asked(request), pair=pair, user=request.user, initial=first_guess(request, pair))
    if not is_pressed(request) or not form.is_valid():
        return time_answer(request, "sessions/session_schedule.html", form, pair=pair)
    url = submit_once(request, lambda: schedule(request, form))
    return redirect(url)


def schedule(request, form: ScheduleForm) -> str:
    """Plan what the form says, tell how much that was, and return where to look at it."""
    said, by = form.cleaned_data, request.user
    time = (form.local_start, said["zone"], said["minutes"])
    if not said["repeat"]:
        session = plan_session(form.pair, by, *time, said["place"], kind=said["kind"])
        messages.success(request, _("Planned: %(when)s.") % {"when": when(session.starts_at)})
        return reverse("session_prepare", args=[session.pk])
    sessions = plan_series(
        form.pair, by, *time, rule=said["repeat"], place=said["place"], until=said["until"], kind=said["kind"]
    )
    messages.success(request, planned(sessions))
    return reverse("session_list")


def planned(sessions: list[Session]) -> str:
    if not sessions:
        return _("All of these were planned already.")
    said = ngettext("%(n)d session planned, %(day)s.", "%(n)d sessions planned, the last one %(day)s.", len(sessions))
    return said % {"n": len(sessions), "day": day(sessions[-1].starts_at)}


@get_or_post
@vary_on_headers("HX-Request")
def session_move(request, pk):
    mine = Session.objects.editable_by(request.user).with_people()
    while True:
        session = get_object_or_404(mine, pk=pk)
        if not session.is_live:
            return over_already(request, session)
        form = MoveForm(asked(request), session=session, user=request.user)
        if not is_pressed(request) or not form.is_valid():
            moved = session.moves.select_related("by").last() if form.lost_the_time else None
            context = {"session": session, "pair": session.pair, "moved": moved}
            return time_answer(request, "sessions/session_move.html", form, **context)
        try:
            form.save(request.user)
        except NotLive:
            return over_already(request, session)
        except Conflict:  # the other person was faster by a moment: look again at what is stored
            continue
        messages.success(request, moved_to(session, len(form.moved_along)))
        return redirect("session_prepare", pk=session.pk)


def moved_to(session: Session, later: int) -> str:
    said = ngettext(
        "It is now %(when)s, and %(n)d later session is moved as well.",
        "It is now %(when)s, and %(n)d later sessions are moved as well.",
        later,
    )
    return (said if later else _("It is now %(when)s.")) % {"when": when(session.starts_at), "n": later}


@get_or_post
def session_cancel(request, pk):
    return call_off(request, pk, "cancel")


@get_or_post
def session_skip(request, pk):
    return call_off(request, pk, "skip")


def call_off(request, pk: int, verb: str):
    session = get_object_or_404(Session.objects.editable_by(request.user).with_people(), pk=pk)
    if not session.is_live:
        return over_already(request, session)
    later = session.series_id and session.series.sessions.live().filter(starts_at__gt=session.starts_at).count()
    with_later = bool(later) and verb == "cancel"
    form = CallOffForm(request.POST or None, session=session, with_later=with_later)
    if request.method != "POST" or not form.is_valid():
        context = {"session": session, "form": form, "verb": verb, "other": session.pair.other(request.user)}
        return render(request, "sessions/session_call_off.html", context, status=422 if form.is_bound else 200)
    try:
        said = called_off(session, request.user, verb, form)
    except NotLive:
        return over_already(request, session)
    undo = {"text": said, "url": reverse("session_restore_all", args=[session.pk])}
    messages.success(request, render_to_string("components/_undo.html", undo, request))
    return redirect("session_list")


def called_off(session: Session, by, verb: str, form: CallOffForm) -> str:
    reason, told = form.cleaned_data["reason"], {"when": when(session.starts_at)}
    if form.cleaned_data.get("and_later"):
        told["n"] = session.series.cancel_from(by, session, reason)
        return _("%(n)d sessions canceled, from %(when)s on.") % told
    if verb == "skip":
        session.skip(by, reason)
        return _("Skipped: %(when)s. Everything on its agenda comes along to the next one.") % told
    session.cancel(by, reason)
    return _("Canceled: %(when)s. Everything on its agenda comes along to the next one.") % told


@require_POST
def session_restore(request, pk):
    """One session is back, whatever became of those that were canceled or skipped together with it."""
    session = get_object_or_404(Session.objects.editable_by(request.user).with_people(), pk=pk)
    with suppress(NotLive):  # the other person was faster: it is back already
        session.restore(request.user)
        messages.success(request, restored([session]))
    return redirect("session_list")


@require_POST
def session_restore_all(request, pk):
    """Undo: every session that was canceled or skipped together with this one is back."""
    session = get_object_or_404(Session.objects.editable_by(request.user).with_people(), pk=pk)
    if back := session.restore_act(request.user):
        messages.success(request, restored(back))
    return redirect("session_list")


def restored(sessions: list[Session]) -> str:
    """`sessions` by date, one at least."""
    said = ngettext(
        "Back on the calendar: %(when)s.", "%(n)d sessions are back on the calendar, from %(when)s on.", len(sessions)
    )
    return said % {"n": len(sessions), "when": when(sessions[0].starts_at)}


@get_or_post
@vary_on_headers("HX-Request")
def session_log(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people(), pk=pk)
    form = LogForm(asked(request), pair=pair, user=request.user, initial=just_now(pair, request.user))
    if request.method != "POST" or not form.is_valid():
        return time_answer(request, "sessions/session_log.html", form, pair=pair)
    said = form.cleaned_data
    time = (form.local_start, said["zone"], said["minutes"])
    act = lambda: log_meeting(pair, request.user, *time, said["line"], form.planned).pk  # noqa: E731
    try:
        submit_once(request, act)
    except NotLive:
        return over_already(request, form.planned)
    messages.success(request, _("Noted: you met %(day)s.") % {"day": day(form.times[0])})
    return redirect("session_list")


# --- What these pages share -------------------------------------------------------------------------------


def asked(request):
    """The form's fields: of a press, or of the look ahead while somebody picks a time (htmx, changes nothing).

    `pick` is the button of a suggested time: it takes the place of day, time and clock, and the rest stays as typed.
    """
    if request.method != "POST":
        return request.GET if request.htmx and "on" in request.GET else None
    picked = re.fullmatch(PICKED, request.POST.get("pick", ""))
    if not picked:
        return request.POST
    said = request.POST.copy()
    for name, value in picked.groupdict().items():
        said[name] = value
    return said


def is_pressed(request) -> bool:
    """Whether the person asked to store what is in the form."""
    return request.method == "POST" and "pick" not in request.POST


def time_answer(request, template: str, form, **context):
    """The page; or, while somebody picks a time, what that time means for both people."""
    context |= {"form": form, "other": form.pair.other(request.user)}
    if request.htmx and request.method != "POST":
        form.is_valid()
        return render(request, "sessions/_times.html", context)
    context["suggested"], context["suit"] = suggest_times(form.pair, request.user, form.moving)
    status = (409 if form.is_stale else 422) if is_pressed(request) else 200
    return render(request, template, context, status=status)


def over_already(request, session: Session):
    """Somebody was faster: say what it is now."""
    session.refresh_from_db()
    said = {"when": when(session.starts_at), "name": session.ended_by.first_name if session.ended_by else ""}
    if session.is_called_off:
        messages.warning(request, _("The session %(when)s does not take place: %(name)s called it off.") % said)
    elif session.closed_at:
        messages.warning(request, _("The session %(when)s was closed already.") % said)
    else:
        messages.warning(request, _("The session %(when)s was started meanwhile.") % said)
    return redirect("session_list")


def first_guess(request, pair: Pair) -> dict:
    """The best of the suggested times; a series if nothing is planned yet. A link may name the agenda (`kind`)."""
    proposal = best_time(pair, request.user)
    kind = request.GET.get("kind", "")
    return {
        "on": proposal.local_start.date(),
        "at": proposal.local_start.time(),
        "zone": proposal.zone,
        "minutes": proposal.minutes,
        "place": proposal.place,
        "kind": kind if kind in Session.Kind.values else proposal.kind,
        "repeat": "" if kind or pair.sessions.to_come().exists() else pair.cadence,
        "until": pair.ends_on,
    }


def just_now(pair: Pair, user) -> dict:
    """The meeting has just ended: it began its usual length ago, to the quarter of an hour."""
    start: datetime = user.local(timezone.now() - timedelta(minutes=pair.minutes))
    start -= timedelta(minutes=start.minute % 15)
    return {"on": start.date(), "at": start.time(), "zone": user.zone, "minutes": pair.minutes}
