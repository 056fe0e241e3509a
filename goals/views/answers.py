"""Answers to a commitment, from either person of the pair: done, partly done, move, drop, split, undo."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from core.optimistic_locking import Conflict
from goals.forms import AnswerForm, DoneForm, DropForm, MoveForm, PartlyForm, SplitForm, with_current_version
from goals.models import Commitment, CommitmentEvent
from goals.views.commitments import commitment_line, commitment_or_404, return_path


def get_or_post(view):
    """Decorate a view that shows its form on GET and stores the answer on POST, as a page or, for htmx, a list line."""
    return vary_on_headers("HX-Request")(require_http_methods(["GET", "HEAD", "POST"])(view))


@get_or_post
def commitment_complete(request, pk):
    return answer(request, pk, DoneForm)


@get_or_post
def commitment_partly(request, pk):
    return answer(request, pk, PartlyForm)


@get_or_post
def commitment_move(request, pk):
    return answer(request, pk, MoveForm)


@get_or_post
def commitment_drop(request, pk):
    return answer(request, pk, DropForm)


@get_or_post
def commitment_split(request, pk):
    return answer(request, pk, SplitForm)


def answer(request, pk: int, form_class: type[AnswerForm]):
    """Show the form, or store the answer once; if the other person was first, show both versions."""
    commitment = commitment_or_404(request, Commitment.objects.editable_by(request.user), pk)
    form = form_class(request.POST or None, commitment=commitment)
    context = {"commitment": commitment, "form": form, "back": return_path(request, commitment)}
    if request.method != "POST":
        return answer_form(request, context | {"settled": not commitment.is_open})
    if not form.is_valid():
        return answer_form(request, context, status=422)
    try:
        event = form.save(request.user)
    except Conflict:
        return answer_conflict(request, pk, form_class, context)
    return answered(request, commitment, event, context["back"])


def answer_form(request, context: dict, status: int = 200):
    """Render the form, in the list line for htmx or else as a page."""
    if request.htmx:
        return commitment_line(request, context, status)
    return render(request, "goals/commitment_answer.html", context, status=status)


def answer_conflict(request, pk: int, form_class: type[AnswerForm], context: dict):
    """Render the commitment as it is now with the answer that was entered, ready to be submitted again."""
    now = Commitment.objects.select_related("pair").get(pk=pk).for_reader(request.user)
    form = form_class(with_current_version(request.POST, now.version), commitment=now)
    last = now.events.last()
    return answer_form(request, context | {"commitment": now, "form": form, "lost_to": last}, status=409)


def answered(request, commitment: Commitment, event: CommitmentEvent, back: str):
    """Render the changed line with an undo, or redirect to the page that asked, with the same undo in a message."""
    if request.htmx:
        return commitment_line(request, {"commitment": commitment, "event": event, "fresh": True})
    undo = {"text": describe_event(event), "url": reverse("commitment_undo", args=[event.pk])}
    messages.success(request, render_to_string("components/_undo.html", undo, request))
    return redirect(back)


def describe_event(event: CommitmentEvent) -> str:
    """Return the message that confirms an answer."""
    kinds = CommitmentEvent.Kind
    return {
        kinds.DONE: _("Done: %(text)s"),
        kinds.PARTLY: _("Partly done, still open: %(text)s"),
        kinds.MOVED: _("Moved: %(text)s"),
        kinds.DROPPED: _("Dropped: %(text)s"),
        kinds.SPLIT: _("Split into steps: %(text)s"),
        kinds.REWORDED: _("Saved: %(text)s"),
    }[event.kind] % {"text": event.commitment.text}


@require_POST
@vary_on_headers("HX-Request")
def commitment_undo(request, pk):
    event = get_object_or_404(CommitmentEvent.objects.editable_by(request.user), pk=pk)
    commitment = event.commitment.for_reader(request.user)
    undone = commitment.undo(request.user, event) or event.undone_at is not None
    back = return_path(request, commitment)
    if request.htmx:
        context = {"commitment": commitment, "fresh": True, "too_late": not undone}
        return commitment_line(request, context, status=200 if undone else 409)
    if undone:
        messages.success(request, _("Undone: %(text)s") % {"text": commitment.text})
    else:
        messages.warning(request, _("This can no longer be undone, because something has changed since."))
    return redirect(back)
