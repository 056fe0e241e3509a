"""Feedback on a page of its own: start, write, share and read it, with the one before on the same competency.

It ends as a commitment (answer 3), as evidence of its competency and in the growth record; the throughline shows the
chain from feedback to commitment to the next feedback.
"""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.submit_once import submit_once
from core.http import form_page, safe_next_url, whole_number
from goals.models import Competency
from mentoring.models import Pair
from sessions.feedback import drafts_of, last_time, start
from sessions.forms.feedback import AboutForm, FeedbackForm, StartForm
from sessions.models import Feedback
from sessions.wording import traits_in

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def feedback_or_404(request, rows, pk: int) -> Feedback:
    rows = rows.select_related("pair__program", "competency", "work_event", "commitment", "session")
    feedback = get_object_or_404(rows, pk=pk)
    feedback.pair.for_reader(request.user)
    feedback.pair.attach_people([feedback])
    return feedback


@get_or_post
def feedback_start(request, pk):
    """Ask what the feedback is about, and start a draft. The link to it may name a work event or a competency."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    initial = {name: whole_number(request.GET.get(name, "")) for name in ("competency", "work_event")}
    form = StartForm(request.POST if request.method == "POST" else None, pair=pair, initial=initial)
    if request.method != "POST" or not form.is_valid():
        drafts = drafts_of(pair, request.user)
        context = {"pair": pair, "other": pair.other(request.user), "form": form, "drafts": drafts}
        return form_page(request, "sessions/feedback_start.html", context)
    about = form.cleaned_data
    pk = submit_once(request, lambda: start(pair, request.user, about.get("work_event"), about.get("competency")).pk)
    return redirect("feedback_edit", pk)


@get_or_post
def feedback_edit(request, pk):
    """Write. The texts save themselves; a draft is shared by its author with the first button (`share`)."""
    feedback = feedback_or_404(request, Feedback.objects.editable_by(request.user), pk)
    data = request.POST if request.method == "POST" else None
    form = FeedbackForm(data, feedback=feedback)
    about = AboutForm(data, instance=feedback, pair=feedback.pair, user=request.user)
    context = {
        "feedback": feedback,
        "pair": feedback.pair,
        "other": feedback.pair.other(request.user),
        "form": form,
        "about": about,
        "last_time": last_time(feedback),
        "next_url": safe_next_url(request),
    }
    if request.method != "POST" or False in [form.is_valid(), about.is_valid()]:
        return form_page(request, "sessions/feedback_edit.html", context)
    form.save(request.user)
    if form.conflicts:
        return render(request, "sessions/feedback_edit.html", context, status=409)
    about.save()
    feedback.refresh_from_db(fields=Feedback.FIELDS)
    if "share" in request.POST and feedback.is_draft and not feedback.is_empty:
        feedback.share()
        messages.success(request, _("Shared. %(name)s can read it now.") % {"name": context["other"].first_name})
    return redirect(context["next_url"] or feedback)


@require_safe
def feedback_detail(request, pk):
    feedback = feedback_or_404(request, Feedback.objects.visible_to(request.user), pk)
    pair, is_mine = feedback.pair, feedback.created_by_id == request.user.pk
    if feedback.commitment:
        feedback.commitment.pair = pair
        pair.attach_people([feedback.commitment], "owner")
    context = {
        "feedback": feedback,
        "pair": pair,
        "other": pair.other(request.user),
        "open": pair.ended_at is None,
        "last_time": last_time(feedback),
        "traits": traits_in(" ".join(answer for _question, answer in feedback.answers)) if is_mine else [],
    }
    return render(request, "sessions/feedback_detail.html", context)


@require_POST
def feedback_share(request, pk):
    """Show a draft to the other person."""
    drafts = Feedback.objects.editable_by(request.user).filter(created_by=request.user)
    feedback = feedback_or_404(request, drafts, pk)
    if feedback.is_empty:
        messages.warning(request, _("Nothing is written yet."))
        return redirect("feedback_edit", pk)
    feedback.share()
    name = {"name": feedback.pair.other(request.user).first_name}
    messages.success(request, _("Shared. %(name)s can read it now.") % name)
    return redirect(feedback)


@get_or_post
def feedback_delete(request, pk):
    """Delete an own draft, after asking, because nobody can restore it. What was shared stays."""
    feedback = feedback_or_404(request, Feedback.objects.editable_by(request.user).drafts_of(request.user), pk)
    if request.method != "POST":
        return render(request, "sessions/feedback_delete.html", {"feedback": feedback, "pair": feedback.pair})
    if feedback.discard():
        messages.success(request, _("Deleted."))
        return redirect("feedback_start", feedback.pair_id)
    messages.warning(request, _("You’ve shared this since, so it was not deleted."))
    return redirect(feedback)


@require_safe
def feedback_last_time(request, pk):
    """Return a fragment for the form: the last feedback on the chosen competency. As a page, it leads to the form."""
    feedback = feedback_or_404(request, Feedback.objects.editable_by(request.user), pk)
    if not request.htmx:
        return redirect("feedback_edit", pk)
    competencies = Competency.objects.filter(program=feedback.pair.program_id)
    feedback.competency = competencies.filter(pk=whole_number(request.GET.get("competency", ""))).first()
    return render(request, "sessions/_feedback_last_time.html", {"last_time": last_time(feedback)})


@require_POST
def event_feedback_switch(request, pk):
    """Turn the question for feedback after a work event on or off (`on=1`) for the pair."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk)
    pair.switch_asking_after_events(request.POST.get("on") == "1")
    if pair.asks_after_events:
        messages.success(request, _("On: the working day after a work event, the mentee is asked for feedback."))
    else:
        messages.success(request, _("Off: nobody is reminded to give feedback after a work event."))
    return redirect("pair_detail", pk)
