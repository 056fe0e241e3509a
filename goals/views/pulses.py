"""Feedback rounds: starting one, its links and results, and the page where invited people answer."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.submit_once import submit_once
from core.http import form_page
from goals.forms import PulseAnswerForm, PulseForm
from goals.models import Pulse, PulseInvite
from goals.models.pulse import FEWEST_ANSWERS
from goals.views.editing import get_or_post
from mentoring.models import Pair


@get_or_post
def pulse_create(request, pk):
    """Let the mentee start a feedback round."""
    mine = Pair.objects.editable_by(request.user).filter(mentee=request.user).with_people()
    pair = get_object_or_404(mine, pk=pk)
    form = PulseForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "pair": pair}
        return form_page(request, "goals/pulse_create.html", context)
    values = form.cleaned_data
    pulse_pk = submit_once(request, lambda: Pulse.ask(pair, values["about"], values["names"]).pk)
    return redirect("pulse_detail", pulse_pk)


@require_safe
def pulse_detail(request, pk):
    """Show the mentee the links while the round is open, and both people the answers once they may be published."""
    pulses = Pulse.objects.visible_to(request.user).select_related("pair__mentor", "pair__mentee")
    pulse = get_object_or_404(pulses, pk=pk)
    invites, today = list(pulse.invites.all()), pulse.pair.mentee.today()
    over, is_mentee = pulse.is_over(today), pulse.pair.is_mentee(request.user)
    context = {
        "pulse": pulse,
        "pair": pulse.pair,
        "is_mentee": is_mentee,
        "over": over,
        "asked": len(invites),
        "answered": sum(invite.used for invite in invites),
        "fewest": FEWEST_ANSWERS,
        "answers": pulse.published(today),
    }
    if is_mentee and not over and pulse.pair.ended_at is None:
        context["links"] = [(i.name, settings.SITE_URL + reverse("pulse_answer", args=[i.token])) for i in invites]
    return render(request, "goals/pulse_detail.html", context)


@require_POST
def pulse_end(request, pk):
    mine = Pulse.objects.editable_by(request.user).filter(pair__mentee=request.user).select_related("pair")
    pulse = get_object_or_404(mine, pk=pk)
    pulse.end()
    return redirect("pulse_detail", pulse.pk)


@login_not_required
@get_or_post
def pulse_answer(request, token):
    """Ask the owner of a link three questions. Opening the link changes nothing; it accepts one answer."""
    invite = PulseInvite.of(token)
    if invite is not None and invite.used and request.method == "POST":
        # A second press of the button keeps the stored answer and is thanked as well.
        return thanks(request, invite)
    if invite is None or not invite.takes_an_answer:
        page = render(request, "goals/pulse_closed.html", {"known": invite}, status=410 if invite else 404)
        return no_store(page)
    form = PulseAnswerForm(request.POST or None, about=invite.pulse.about)
    context = {"form": form, "pulse": invite.pulse, "mentee": invite.pulse.pair.mentee, "fewest": FEWEST_ANSWERS}
    if request.method != "POST" or not form.is_valid():
        return no_store(form_page(request, "goals/pulse_answer.html", context))
    values = form.cleaned_data
    if not invite.answer(values["more"], values["keep"], values["change"]):
        invite.refresh_from_db(fields=["used"])
        if invite.used:
            return thanks(request, invite)
        return no_store(render(request, "goals/pulse_closed.html", {"known": invite}, status=410))
    return thanks(request, invite)


def thanks(request, invite: PulseInvite):
    """Render the same thank-you page for every press of the button."""
    context = {"pulse": invite.pulse, "mentee": invite.pulse.pair.mentee, "fewest": FEWEST_ANSWERS, "thanks": True}
    return no_store(render(request, "goals/pulse_answer.html", context))


def no_store(response):
    """Keep the page out of caches and search engines: it belongs to one person."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
