"""Check-ins between sessions: the mentee answers in three taps, and the mentor can reply in one line."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.http import form_page, safe_next_url
from core.optimistic_locking import Conflict
from mentoring.models import Pair
from sessions.checkins import wins_of
from sessions.forms.checkins import CheckInForm, CheckInReplyForm
from sessions.models import CheckIn

SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request, pk):
    """The mentee answers; the mentor reads. An ended pair is read only."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    may_answer = pair.is_mentee(request.user) and pair.ended_at is None
    if request.method == "POST":
        get_object_or_404(Pair.objects.editable_by(request.user).filter(mentee=request.user), pk=pk)
    form = CheckInForm(request.POST or None, initial={"answer": request.GET.get("answer", "")})
    if request.method == "POST" and form.is_valid():
        check_in = form.save(pair, request.user)
        messages.success(request, thanks_message(check_in))
        return redirect("check_in", pk)
    answer = form["answer"].value()
    check_ins = list(pair.check_ins.all()[:SHOWN])
    open_one = CheckIn.open_of(pair) if pair.is_mentor(request.user) and pair.ended_at is None else None
    to_answer = open_one if open_one and open_one.awaits_reply else None
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "form": form if may_answer else None,
        "answer": answer,
        "wins": wins_of(pair, pair.mentee) if may_answer and answer == CheckIn.Answer.STUCK else [],
        "check_ins": [earlier for earlier in check_ins if earlier != to_answer],
        "to_answer": to_answer,
    }
    return form_page(request, "sessions/check_in.html", context)


def thanks_message(check_in: CheckIn) -> str:
    name = {"name": check_in.pair.mentor.first_name}
    if check_in.answer == CheckIn.Answer.HELP:
        return _("Check-in sent. %(name)s will be notified and can answer you in one line.") % name
    if check_in.asks_for_help:
        return _("Check-in sent. %(name)s sees it when preparing your next session.") % name
    return _("Good to hear. %(name)s sees it, too.") % name


@require_http_methods(["GET", "HEAD", "POST"])
def check_in_reply(request, pk):
    """The mentor answers a check-in that asks for help."""
    check_in = get_object_or_404(CheckIn.objects.asking(request.user).select_related("pair"), pk=pk)
    check_in.pair.for_reader(request.user)
    if not check_in.is_current:
        raise Http404
    form = CheckInReplyForm(request.POST or None, check_in=check_in)
    context = {"check_in": check_in, "form": form, "back": safe_next_url(request, "/")}
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "sessions/check_in_reply.html", context)
    try:
        form.save()
    except Conflict as conflict:
        current = get_object_or_404(CheckIn.objects.asking_for_help().with_people(), pk=conflict.current.pk)
        context |= {"check_in": current, "form": form.for_version(current), "changed": True}
        return render(request, "sessions/check_in_reply.html", context, status=409)
    messages.success(request, answered_message(check_in))
    return redirect(safe_next_url(request, "/"))


def answered_message(check_in: CheckIn) -> str:
    return _("Answer sent. %(name)s will be notified.") % {"name": check_in.pair.mentee.first_name}


@require_POST
def check_ins_switch(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk)
    pair.switch_check_ins(request.POST.get("on") == "1")
    on = _("Check-ins are on: halfway between sessions, the mentee is asked how it is going.")
    messages.success(request, on if pair.check_ins_since else _("Check-ins are off."))
    return redirect("pair_detail", pk)
