"""The short word between sessions: three taps, read by the mentor before the next one."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mentoring.models import Pair
from sessions.checkins import wins_of
from sessions.forms.checkins import CheckInForm
from sessions.models import CheckIn

SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request, pk):
    """The mentee answers; the mentor reads. An ended pair is read only."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user).with_people(), pk=pk)
    may_answer = pair.is_mentee(request.user) and pair.ended_at is None
    if request.method == "POST":
        get_object_or_404(Pair.objects.editable_by(request.user).filter(mentee=request.user), pk=pk)
    form = CheckInForm(request.POST or None, initial={"answer": request.GET.get("answer", "")})
    if request.method == "POST" and form.is_valid():
        said = form.say(pair, request.user)
        messages.success(request, thanks(said))
        return redirect("check_in", pk)
    answer = form["answer"].value()
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "form": form if may_answer else None,
        "answer": answer,
        "wins": wins_of(pair, pair.mentee) if may_answer and answer == CheckIn.Answer.STUCK else [],
        "check_ins": list(pair.check_ins.all()[:SHOWN]),
    }
    return render(request, "sessions/check_in.html", context, status=422 if form.errors else 200)


def thanks(said: CheckIn) -> str:
    words = {"name": said.pair.mentor.first_name}
    if said.calls:
        return _("Said. %(name)s sees it when preparing your next session.") % words
    return _("Good to hear. %(name)s sees it, too.") % words


@require_POST
def check_ins_switch(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk)
    pair.switch_check_ins(request.POST.get("on") == "1")
    said = _("Check-ins are on: half-way between two sessions the mentee says in three taps how it goes.")
    messages.success(request, said if pair.check_ins_since else _("Check-ins are off."))
    return redirect("pair_detail", pk)
