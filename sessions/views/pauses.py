"""A break with the day on which it goes on (S39). That day comes by itself: reminders and figures read the dates."""

from datetime import time

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.when import day
from accounts.working_days import instant
from mentoring.models import Pair
from sessions.forms.pauses import PauseForm
from sessions.models import Session


@require_http_methods(["GET", "HEAD", "POST"])
def pair_pause(request, pk):
    today = request.user.today()
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people().with_pause(today), pk=pk)
    form = PauseForm(request.POST or None, pair=pair, user=request.user)
    if request.method != "POST" or not form.is_valid():
        context = {"pair": pair, "other": pair.other(request.user), "form": form, "today": today}
        context["planned"] = pair.sessions.to_come().filter(started_at=None).upcoming()[:6]
        return render(request, "sessions/pair_pause.html", context, status=422 if form.errors else 200)
    said = form.cleaned_data
    with transaction.atomic():
        pause = pair.pause(request.user, said["from_on"], said["resume_on"], today)
        skipped = skip_between(pair, request.user, pause.from_on, pause.resume_on) if said["skip"] else 0
    messages.success(request, told(pause.resume_on, skipped))
    return redirect("pair_detail", pk)


def skip_between(pair: Pair, by, from_on, resume_on) -> int:
    """Skip what is planned within the break, on the clock of whoever pauses; how many."""
    start, end = (instant(by, on, time.min) for on in (from_on, resume_on))
    planned = Session.objects.filter(pair=pair, starts_at__gte=start, starts_at__lt=end, started_at=None).live()
    sessions = list(planned.select_related("pair"))
    for session in sessions:
        session.skip(by, _("We pause."))
    return len(sessions)


def told(resume_on, skipped: int) -> str:
    said = _("You pause. It goes on %(day)s by itself.") % {"day": day(resume_on)}
    if skipped:
        said += " " + ngettext("%(n)d session is skipped.", "%(n)d sessions are skipped.", skipped) % {"n": skipped}
    return said


@require_POST
def pair_go_on(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk)
    pair.go_on(request.user, request.user.today())
    messages.success(request, _("You go on. Reminders come again."))
    return redirect("pair_detail", pk)
