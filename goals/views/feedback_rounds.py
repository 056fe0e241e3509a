"""Feedback rounds: starting one, its links and results, and the page where invited people answer."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.submit_once import submit_once
from core.http import add_undo_message, form_page, signed_undo, undo_facts, warn_not_undone
from goals.forms import FeedbackAnswerForm, FeedbackRoundForm
from goals.models import FeedbackInvite, FeedbackRound
from goals.models.feedback_round import MIN_ANSWERS
from goals.views.editing import get_or_post
from mentoring.models import Pair


@get_or_post
def feedback_round_create(request, pk):
    """Let the mentee start a feedback round."""
    mine = Pair.objects.editable_by(request.user).filter(mentee=request.user)
    pair = get_object_or_404(mine, pk=pk).for_reader(request.user)
    form = FeedbackRoundForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "pair": pair}
        return form_page(request, "goals/feedback_round_create.html", context)
    values = form.cleaned_data
    feedback_round_pk = submit_once(request, lambda: FeedbackRound.start(pair, values["about"], values["names"]).pk)
    return redirect("feedback_round_detail", feedback_round_pk)


@require_safe
def feedback_round_detail(request, pk):
    """Show the mentee the links while the round is open, and both people the answers once they may be published."""
    rounds = FeedbackRound.objects.visible_to(request.user).select_related("pair")
    feedback_round = get_object_or_404(rounds, pk=pk)
    feedback_round.pair.for_reader(request.user)
    invites, today = list(feedback_round.invites.all()), feedback_round.pair.mentee.today()
    over, is_mentee = feedback_round.is_closed(today), feedback_round.pair.is_mentee(request.user)
    context = {
        "feedback_round": feedback_round,
        "pair": feedback_round.pair,
        "is_mentee": is_mentee,
        "over": over,
        "asked": len(invites),
        "answered": sum(invite.used for invite in invites),
        "fewest": MIN_ANSWERS,
        "answers": feedback_round.published_answers(today),
    }
    if is_mentee and not over and feedback_round.pair.ended_at is None:
        context["links"] = [(invite.name, answer_url(invite)) for invite in invites]
    return render(request, "goals/feedback_round_detail.html", context)


def answer_url(invite: FeedbackInvite) -> str:
    return settings.SITE_URL + reverse("feedback_round_answer", args=[invite.token])


@require_POST
def feedback_round_end(request, pk):
    """End a round, or undo that while no answers were shown."""
    mine = FeedbackRound.objects.editable_by(request.user).filter(pair__mentee=request.user).select_related("pair")
    feedback_round = get_object_or_404(mine, pk=pk)
    if undo := undo_facts(request):
        if not feedback_round.reopen(datetime.fromisoformat(undo[0])):
            warn_not_undone(request)
        return redirect(feedback_round)
    feedback_round.end()
    if feedback_round.ended_at and not feedback_round.may_show_answers:
        undo = signed_undo(request, feedback_round.ended_at.isoformat())
        add_undo_message(request, _("The round has ended."), undo)
    return redirect(feedback_round)


@login_not_required
@get_or_post
def feedback_round_answer(request, token):
    """Ask the owner of a link three questions. Opening the link changes nothing; it accepts one answer."""
    invite = FeedbackInvite.from_token(token)
    if invite is not None and invite.used and request.method == "POST":
        # A second press of the button keeps the stored answer and is thanked as well.
        return thanks(request, invite)
    if invite is None or not invite.accepts_answer:
        page = render(request, "goals/feedback_round_closed.html", {"known": invite}, status=410 if invite else 404)
        return no_store(page)
    form = FeedbackAnswerForm(request.POST or None, about=invite.feedback_round.about)
    context = answer_context(invite) | {"form": form}
    if request.method != "POST" or not form.is_valid():
        return no_store(form_page(request, "goals/feedback_round_answer.html", context))
    values = form.cleaned_data
    if not invite.answer(values["frequency"], values["keep_doing"], values["change"]):
        invite.refresh_from_db(fields=["used"])
        if invite.used:
            return thanks(request, invite)
        return no_store(render(request, "goals/feedback_round_closed.html", {"known": invite}, status=410))
    return thanks(request, invite)


def thanks(request, invite: FeedbackInvite):
    """Render the same thank-you page for every press of the button."""
    context = answer_context(invite) | {"thanks": True}
    return no_store(render(request, "goals/feedback_round_answer.html", context))


def answer_context(invite: FeedbackInvite) -> dict:
    return {"mentee": invite.feedback_round.pair.mentee, "fewest": MIN_ANSWERS}


def no_store(response):
    """Keep the page out of caches and search engines: it belongs to one person."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
