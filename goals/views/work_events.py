"""Work events: their forms, the question how one went, and canceling and restoring one."""

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goals.forms import WorkEventForm, WorkEventReviewForm
from goals.models import WorkEvent
from goals.views.editing import Action, create, edit, editable_or_404, get_or_post, return_to, return_with_undo


@get_or_post
def work_event_create(request, pk):
    return create(request, pk, WorkEventForm)


@get_or_post
def work_event_edit(request, pk):
    event = editable_or_404(request, WorkEvent, pk)
    return edit(request, event, WorkEventForm, [cancel_or_restore(event)])


@get_or_post
def work_event_review(request, pk):
    """Ask how the work event went, once its day is over."""
    event = editable_or_404(request, WorkEvent, pk)
    if event.dropped_at or event.happens_on >= request.user.today():
        raise Http404
    return edit(request, event, WorkEventReviewForm, [cancel_or_restore(event)])


def cancel_or_restore(event: WorkEvent) -> Action:
    """Return the button below a work event's form."""
    if event.dropped_at:
        return Action(reverse("work_event_reopen", args=[event.pk]), _("Restore event"))
    return Action(reverse("work_event_drop", args=[event.pk]), _("Mark as canceled"))


@require_POST
def work_event_drop(request, pk):
    event = editable_or_404(request, WorkEvent, pk)
    event.drop(request.user)
    return return_with_undo(request, event, _("Canceled: %(title)s"), "work_event_reopen")


@require_POST
def work_event_reopen(request, pk):
    event = editable_or_404(request, WorkEvent, pk)
    event.reopen(request.user)
    return return_to(request, event)
