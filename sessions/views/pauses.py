"""Pause a pair until a given day. Reminders and figures read the dates, so the pause ends on its own."""

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
    pairs = Pair.objects.editable_by(request.user).with_pause(today)
    pair = get_object_or_404(pairs, pk=pk).for_reader(request.user)
    form = PauseForm(request.POST or None, pair=pair, user=request.user)
    if request.method != "POST" or not form.is_valid():
        context = {"pair": pair, "other": pair.other(request.user), "form": form, "today": today}
        context["planned"] = pair.sessions.to_come().filter(started_at=None).upcoming()[:6]
        context["skipped"] = list(skipped_for_pause(pair, today)) if pair.paused_until else []
        return render(request, "sessions/pair_pause.html", context, status=form.error_status)
    data = form.cleaned_data
    with transaction.atomic():
        pause = pair.pause(request.user, data["from_on"], data["resume_on"], today)
        restored = restore(sessions_outside(pause, skipped_for_pause(pair, today), request.user))
        skipped = skip_within(pause, request.user) if data["skip"] else 0
    text = paused_message(pause.resume_on, skipped, len(restored))
    if pair.paused_until is None:
        undo = {"text": text, "url": reverse("pair_pause_undo", args=[pk])}
        text = render_to_string("components/_undo.html", undo, request)
    messages.success(request, text)
    return redirect("pair_detail", pk)


def bounds(pause: Pause, by) -> tuple[datetime, datetime]:
    """Return the start and end of the pause, at midnight for the person who sets it."""
    return instant(by, pause.from_on, time.min), instant(by, pause.resume_on, time.min)


def skip_within(pause: Pause, by) -> int:
    """Skip the sessions planned within the pause as one change; return how many."""
    start, end = bounds(pause, by)
    planned = pause.pair.sessions.live().filter(starts_at__gte=start, starts_at__lt=end, started_at=None)
    sessions, now = list(planned.select_related("pair")), timezone.now()
    for session in sessions:
        session.skip(by, _("We are on a break."), now, pause)
    return len(sessions)


def skipped_for_pause(pair: Pair, today: date):
    """Return the upcoming sessions skipped for the pair's current or next pause, by date."""
    skipped = pair.sessions.filter(skipped_for__resume_on__gt=today, skipped_at__isnull=False)
    return skipped.filter(starts_at__gt=timezone.now()).select_related("pair").order_by("starts_at", "pk")


def sessions_outside(pause: Pause, sessions, by) -> list[Session]:
    start, end = bounds(pause, by)
    return [session for session in sessions if not start <= session.starts_at < end]


def restore(sessions: Iterable[Session]) -> list[Session]:
    """Restore these sessions; return those that were not restored before."""
    restored = []
    for session in sessions:
        with suppress(NotLive):  # the other person has already restored it
            session.restore()
            restored.append(session)
    return restored


def paused_message(resume_on: date, skipped: int, restored: int) -> str:
    sentences = [_("Paused. The pause ends on its own %(day)s.") % {"day": day(resume_on)}]
    if skipped:
        sentences.append(ngettext("%(n)d session skipped.", "%(n)d sessions skipped.", skipped) % {"n": skipped})
    return with_restored(sentences, restored)


def with_restored(sentences: list[str], n: int) -> str:
    """Join the sentences of a message, with one about the restored sessions if there are any."""
    if n:
        sentences = [*sentences, ngettext("%(n)d session restored.", "%(n)d sessions restored.", n) % {"n": n}]
    return " ".join(sentences)


@require_POST
def pair_resume(request, pk):
    """End the pause now, and restore the sessions skipped for it if the form asks for that."""
    restored = end_pause(request, pk, restore_skipped=request.POST.get("restore_skipped") == "on")
    messages.success(request, with_restored([_("The pause is over. Reminders are on again.")], restored))
    return redirect("pair_detail", pk)


@require_POST
def pair_pause_undo(request, pk):
    """Undo the pause that was just set, and restore everything it skipped."""
    restored = end_pause(request, pk, restore_skipped=True)
    messages.success(request, with_restored([_("The pause is canceled.")], restored))
    return redirect("pair_detail", pk)


def end_pause(request, pk: int, restore_skipped: bool) -> int:
    """End the current pause; return how many sessions were restored."""
    pair, today = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk), request.user.today()
    with transaction.atomic():
        restored = restore(skipped_for_pause(pair, today)) if restore_skipped else []
        pair.resume(request.user, today)
    return len(restored)
