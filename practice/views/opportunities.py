"""The opportunities of a program: post, apply, answer.

An accepted application ends in a pair: as a commitment, a topic or an experiment, and once it is done as evidence of
its competency.
"""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.submit_once import earlier_response, submit_once
from core.http import add_undo_message, form_page
from core.optimistic_locking import Conflict
from goals.forms import with_current_version
from mentoring.models import Pair, Program
from mentoring.models.huddle import programs_with_page
from practice import outlets
from practice.board import read_board, read_opportunity, with_people
from practice.forms.opportunities import AnswerForm, ApplyForm, OpportunityForm
from practice.models import Opportunity, OpportunityApplication
from practice.models.opportunity import add_counts

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
USES = {
    "commitment": gettext_lazy("Added to your commitments. The due date can be changed there."),
    "topic": gettext_lazy("Added to your next agenda."),
    "experiment": gettext_lazy("Planned as an experiment. When will you stop, to be safe?"),
}


@require_safe
def opportunity_list(request, pk):
    """Show what is open in a program, and what the person posted or applied for."""
    program = get_object_or_404(Program.objects.open_to(request.user), pk=pk)
    return render(request, "practice/opportunity_list.html", {"board": read_board(program, request.user)})


@get_or_post
def opportunity_create(request, pk):
    program = get_object_or_404(programs_with_page(request.user), pk=pk)
    if request.method == "POST" and (earlier := earlier_response(request)):
        return redirect("opportunity_detail", earlier)
    data = request.POST if request.method == "POST" else None
    form = OpportunityForm(data, instance=Opportunity(poster=request.user), program=program)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "practice/opportunity_form.html", {"program": program, "form": form})
    if too_often := ratelimit.consume_or_429(request, action="opportunity"):
        return too_often
    key = submit_once(request, lambda: str(form.instance.post().pk))
    messages.success(request, _("Posted. Mentees in the program can apply now."))
    return redirect("opportunity_detail", key)


def opportunity_or_404(rows, pk: int) -> Opportunity:
    return add_counts([get_object_or_404(with_people(rows), pk=pk)])[0]


def detail(request, opportunity: Opportunity, *, apply=None, answer=None, answered=None, status: int = 200):
    """Show an opportunity; `apply` is a note, and `answer` one to the application `answered`, that was not stored."""
    page = read_opportunity(opportunity, request.user)
    initial = {"note": page.mine.note} if page.mine else {}
    context = {
        "page": page,
        "opportunity": opportunity,
        "apply_form": apply or ApplyForm(initial=initial),
        "answer_form": answer or AnswerForm(),
        "answered": answered,
    }
    return form_page(request, "practice/opportunity_detail.html", context, status=status)


@require_safe
def opportunity_detail(request, pk):
    return detail(request, opportunity_or_404(Opportunity.objects.visible_to(request.user), pk))


@get_or_post
def opportunity_edit(request, pk):
    """Change what is offered. What another device stored meanwhile is shown, not overwritten."""
    opportunity = opportunity_or_404(Opportunity.objects.editable_by(request.user), pk)
    program, data = opportunity.program, request.POST if request.method == "POST" else None
    form = OpportunityForm(data, instance=opportunity, program=program)
    context = {"program": program, "form": form, "opportunity": opportunity}
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "practice/opportunity_form.html", context)
    values = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "version"}
    try:
        opportunity.change(form.cleaned_data["version"] or 0, **values)
    except Conflict as lost:
        newer = opportunity_or_404(Opportunity.objects.all(), pk)
        data = with_current_version(request.POST, lost.current.version)
        context |= {"form": OpportunityForm(data, instance=opportunity, program=program), "newer": newer}
        return render(request, "practice/opportunity_form.html", context, status=409)
    return redirect("opportunity_detail", pk)


@require_POST
def opportunity_close(request, pk):
    """Close an opportunity (`on=1`), or open it again. Applications that were sent still get their answer."""
    opportunity = opportunity_or_404(Opportunity.objects.closable_by(request.user), pk)
    opportunity.close(request.user, request.POST.get("on") == "1")
    return redirect("opportunity_detail", pk)


@require_POST
def opportunity_take_over(request, pk):
    """Make an admin the contact of an opportunity whose poster is gone; from now on they read the applications."""
    programs = Program.objects.managed_by(request.user)
    opportunity = opportunity_or_404(Opportunity.objects.filter(program__in=programs).without_poster(), pk)
    if opportunity.take_over(request.user):
        messages.success(request, _("You’re the contact now and can read the applications."))
    return redirect("opportunity_detail", pk)


@require_POST
def opportunity_apply(request, pk):
    """Apply, or reword the note. If it closed at this moment, the note is shown again."""
    opportunity = opportunity_or_404(Opportunity.objects.visible_to(request.user), pk)
    page = read_opportunity(opportunity, request.user)
    if not page.roles.is_mentee or page.is_poster:
        raise Http404
    form = ApplyForm(request.POST)
    if not form.is_valid():
        return detail(request, opportunity, apply=form)
    if too_often := ratelimit.consume_or_429(request, action="opportunity"):
        return too_often
    if not OpportunityApplication.apply(opportunity, request.user, form.cleaned_data["note"]):
        opportunity = opportunity_or_404(Opportunity.objects.visible_to(request.user), pk)
        return detail(request, opportunity, apply=form, status=409)
    messages.success(request, _("Sent. You’ll find the answer here and in your inbox."))
    return redirect("opportunity_detail", pk)


@require_POST
def opportunity_recommend(request, pk):
    """Put an opportunity on the agenda of a mentor and a mentee."""
    opportunity = opportunity_or_404(Opportunity.objects.visible_to(request.user), pk)
    pairs = Pair.objects.editable_by(request.user).filter(program=opportunity.program_id, mentor=request.user)
    pairs = pairs.order_by("pk").for_reader(request.user)
    if not pairs:
        raise Http404
    pair = chosen(request, pairs)
    if pair is None:
        messages.warning(request, _("First choose who it’s for."))
    else:
        outlets.recommend(opportunity, pair, request.user)
        messages.success(request, _("On your agenda with %(name)s.") % {"name": pair.mentee.first_name})
    return redirect("opportunity_detail", pk)


def chosen(request, pairs: list[Pair]) -> Pair | None:
    """Return the pair that the form names; the only one needs no name."""
    if len(pairs) == 1:
        return pairs[0]
    return next((pair for pair in pairs if str(pair.pk) == request.POST.get("pair")), None)


# --- One application ---


def application_or_404(rows, pk: int) -> OpportunityApplication:
    return get_object_or_404(rows.select_related("opportunity__program", "applicant", "pair"), pk=pk)


def own_or_404(request, pk: int, *states: str) -> OpportunityApplication:
    rows = OpportunityApplication.objects.filter(applicant=request.user, state__in=states)
    return application_or_404(rows.filter(opportunity__in=Opportunity.objects.visible_to(request.user)), pk)


@require_POST
def opportunity_decide(request, pk):
    """Accept (`accept=1`) or decline an application, with one line."""
    application = application_or_404(OpportunityApplication.objects.visible_to_poster(request.user), pk)
    opportunity = opportunity_or_404(Opportunity.objects.all(), application.opportunity_id)
    form, name = AnswerForm(request.POST), {"name": application.applicant.first_name}
    if not form.is_valid():
        return detail(request, opportunity, answer=form, answered=pk)
    if application.is_waiting and form.cleaned_data["accept"] and opportunity.is_full:
        form.add_error(None, _("All places are taken. Add a place first, or decline."))
        return detail(request, opportunity, answer=form, answered=pk)
    if not application.decide(request.user, form.cleaned_data["accept"], form.cleaned_data["line"]):
        messages.warning(request, _("This was already decided; nothing was changed."))
    else:
        accepted, declined = _("Accepted. %(name)s will be notified."), _("Declined. %(name)s will get your answer.")
        text = accepted if form.cleaned_data["accept"] else declined
        add_undo_message(request, text % name, reverse("opportunity_answer_undo", args=[pk]))
    return redirect(opportunity)


@require_POST
def opportunity_answer_undo(request, pk):
    """Let an application wait again, unless something came of it."""
    application = application_or_404(OpportunityApplication.objects.visible_to_poster(request.user), pk)
    if not application.take_back_answer():
        messages.warning(request, _("It’s too late to undo this answer."))
    return redirect(application.opportunity)


@require_POST
def opportunity_withdraw(request, pk):
    states = OpportunityApplication.State
    application = own_or_404(request, pk, states.WAITING, states.ACCEPTED, states.WITHDRAWN)
    application.withdraw()
    messages.success(request, _("Withdrawn. Nobody else can read your note anymore."))
    return redirect(application.opportunity)


def accepted_or_404(request, pk: int) -> tuple[OpportunityApplication, Pair | None]:
    """Return an accepted application of this person, and the pair into which it leads."""
    application = own_or_404(request, pk, OpportunityApplication.State.ACCEPTED)
    pairs = Pair.objects.editable_by(request.user).filter(program=application.opportunity.program_id)
    pairs = pairs.filter(mentee=request.user).order_by("pk").for_reader(request.user)
    return application, chosen(request, [pair for pair in pairs if application.pair_id in (None, pair.pk)])


@require_POST
def opportunity_use(request, pk):
    """Make an accepted application a commitment, a topic or an experiment (`use`) of the mentee's pair."""
    application, pair = accepted_or_404(request, pk)
    use = request.POST.get("use")
    if pair is None or use not in USES:
        messages.warning(request, _("First choose who it’s with."))
        return redirect(application.opportunity)
    found = outlets.use_opportunity(application, pair, use)
    messages.success(request, USES[use])
    return redirect("entry_edit", found.pk) if use == "experiment" else redirect(application.opportunity)


@require_POST
def opportunity_finish(request, pk):
    """Note that it is done (`on=1`), or take that back."""
    application, pair = accepted_or_404(request, pk)
    application.finish(request.POST.get("on") == "1", pair)
    return redirect(application.opportunity)
