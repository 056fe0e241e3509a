"""Feedback on the mentoring: the mentee answers three questions, the mentor answers with what they will try.

It ends in a commitment of the mentor, which the pair meets in its next session and in the next feedback.
"""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.http import form_page, whole_number
from mentoring.models import Pair
from practice import mentoring_feedback
from practice.forms.mentoring_feedback import AnswerForm
from practice.kinds import KINDS, EntryKind
from practice.models import Entry


def mentee_pair_or_404(request, pk: int) -> Pair:
    rows = Pair.objects.editable_by(request.user).filter(mentee=request.user)
    return get_object_or_404(rows, pk=pk).for_reader(request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def mentoring_feedback_create(request, pk):
    """Show the three questions and what the mentor tried last, and start or continue the answer."""
    pair = mentee_pair_or_404(request, pk)
    number = mentoring_feedback.newest_round(pair)
    if request.method == "POST" and number:
        return redirect("entry_edit", mentoring_feedback.start(pair, number).pk)
    context = {
        "pair": pair,
        "number": number,
        "kind": KINDS[EntryKind.MENTORING],
        "earlier": mentoring_feedback.earlier_answer(pair),
    }
    return render(request, "practice/mentoring_feedback_create.html", context)


@require_POST
def mentoring_feedback_skip(request, pk):
    """Stop asking until three more sessions were held."""
    pair = mentee_pair_or_404(request, pk)
    if number := mentoring_feedback.newest_round(pair):
        mentoring_feedback.skip(pair, number)
        messages.success(request, _("Skipped. You will be asked again after three more sessions."))
    return redirect("home")


@require_POST
def mentoring_answer(request, pk):
    """Make what the mentor will try their commitment.

    The URL names the pair, so that the answer is the same whether the feedback was taken back or never existed; what
    was typed is shown again.
    """
    rows = Pair.objects.editable_by(request.user).filter(mentor=request.user)
    pair = get_object_or_404(rows, pk=pk).for_reader(request.user)
    form = AnswerForm(request.POST)
    shared = Entry.objects.visible_to(request.user).filter(kind=EntryKind.MENTORING, pair=pair)
    entry = shared.written().filter(pk=whole_number(request.POST.get("entry", ""))).first()
    if not form.is_valid() or entry is None:
        context = {"pair": pair, "entry": entry, "form": form}
        return form_page(request, "practice/mentoring_answer.html", context, status=409)
    text = form.cleaned_data["text"]
    entry.pair = pair
    commitment = mentoring_feedback.answer(entry, text)
    if commitment.text != text:
        context = {"pair": pair, "entry": entry, "form": form, "first": commitment}
        return render(request, "practice/mentoring_answer.html", context, status=409)
    messages.success(request, _("Added to your commitments. The due date can be changed there."))
    return redirect(entry.get_absolute_url())
