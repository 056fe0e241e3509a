"""A break with the day on which it goes on (S39). That day comes by itself: reminders and figures read the dates."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.working_hours import instant
from core.formatting import day
from mentoring.models import Pair, Pause
from sessions.forms.pauses import PauseForm
from sessions.models import NotLive, Session


@require_http_methods(["GET", "HEAD", "POST"])
def pair_pause(request, pk):
    today = request.user.today()
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people().with_pause(today), pk=pk)
    form = PauseForm(request.POST or None, pair=pair, user=request.user)
    if request.method != "POST" or not form.is_valid():
        context = {"pair": pair, "other": pair.other(request.user), "form": form, "today": today}
        context["planned"] = pair.sessions.to_come().filter(started_at=None).upcoming()[:6]
        context["skipped"] = list(skipped_for_pause(pair, today)) if pair.paused_until else []
        return render(request, "sessions/pair_pause.html", context, status=form.error_status)
    said = form.cleaned_data
    with transaction.atomic():
        pause = pair.pause(request.user, said["from_on"], said["resume_on"], today)
        back = put_back(outside(pause, skipped_for_pause(pair, today), request.user), request.user)
        skipped = skip_within(pause, request.user) if said["skip"] else 0
    text = told(pause.resume_on, skipped, len(back))
    if pair.paused_until is None:
        undo = {"text": text, "url": reverse("pair_pause_undo", args=[pk])}
        text = render_to_string("components/_undo.html", undo, request)
    messages.success(request, text)
    return redirect("pair_detail", pk)


def bounds(pause: Pause, by) -> tuple[datetime, datetime]:
    """When the pause begins and ends, on the clock of whoever sets it."""
    return instant(by, pause.from_on, time.min), instant(by, pause.resume_on, time.min)


def skip_within(pause: Pause, by) -> int:
    """Skip what is planned within the pause, in one act; how many sessions."""
    start, end = bounds(pause, by)
    planned = pause.pair.sessions.live().filter(starts_at__gte=start, starts_at__lt=end, started_at=None)
    sessions, now = list(planned.select_related("pair")), timezone.now()
    for session in sessions:
        session.skip(by, _("We pause."), now, pause)
    return len(sessions)


def skipped_for_pause(pair: Pair, today: date):
    """The sessions still ahead that were skipped for the pair's present or next pause, by date."""
    skipped = pair.sessions.filter(skipped_for__resume_on__gt=today, skipped_at__isnull=False)
    return skipped.filter(starts_at__gt=timezone.now()).select_related("pair").order_by("starts_at", "pk")


def outside(pause: Pause, sessions, by) -> list[Session]:
    start, end = bounds(pause, by)
    return [session for session in sessions if not start <= session.starts_at < end]


def put_back(sessions: Iterable[Session], by) -> list[Session]:
    """Restore these sessions; those that are back."""
    back = []
    for session in sessions:
        with suppress(NotLive):  # the other person was faster: it is back already
            session.restore(by)
            back.append(session)
    return back


def told(resume_on: date, skipped: int, back: int) -> str:
    said = [_("You pause. It goes on %(day)s by itself.") % {"day": day(resume_on)}]
    if skipped:
        said.append(ngettext("%(n)d session is skipped.", "%(n)d sessions are skipped.", skipped) % {"n": skipped})
    if back:
        said.append(back_on_the_calendar(back))
    return " ".join(said)


def back_on_the_calendar(n: int) -> str:
    return ngettext("%(n)d session is back on the calendar.", "%(n)d sessions are back on the calendar.", n) % {"n": n}


@require_POST
def pair_go_on(request, pk):
    """The pause ends now. The sessions skipped for it are put back where the form asks for that."""
    back = end_pause(request, pk, put_them_back=request.POST.get("put_back") == "on")
    messages.success(
        request, " ".join([_("You go on. Reminders come again."), *([back_on_the_calendar(back)] * (back > 0))])
    )
    return redirect("pair_detail", pk)


@require_POST
def pair_pause_undo(request, pk):
    """The pause that was just set is taken back, with everything it skipped."""
    back = end_pause(request, pk, put_them_back=True)
    messages.success(request, " ".join([_("No pause, then."), *([back_on_the_calendar(back)] * (back > 0))]))
    return redirect("pair_detail", pk)


def end_pause(request, pk: int, put_them_back: bool) -> int:
    """How many sessions are back."""
    pair, today = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk), request.user.today()
    with transaction.atomic():
        back = put_back(skipped_for_pause(pair, today), request.user) if put_them_back else []
        pair.go_on(request.user, today)
    return len(back)
