"""What can be done with a topic or a question in the room."""

from contextlib import suppress

from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.optimistic_locking import Conflict
from sessions import topics
from sessions.models import AgendaItem
from sessions.views.room import answer_room

TOUCHED = ("agenda", "parked", "topics", "questions", "gate", "cue", "now")


def item_or_404(request, pk: int) -> AgendaItem:
    return get_object_or_404(AgendaItem.objects.editable_by(request.user).select_related("pair"), pk=pk)


def answer_item(request, item: AgendaItem, *parts: str):
    session = topics.running_session(item.pair)
    if session is None:
        return redirect(reverse("pair_detail", args=[item.pair_id]))
    return answer_room(request, session, *parts)


@require_POST
def room_item_discuss(request, pk):
    """Mark an item as discussed. A second press changes nothing."""
    item = item_or_404(request, pk)
    with suppress(Conflict):  # dropped or discussed meanwhile: the answer shows it as it is now
        item.discuss(topics.running_session(item.pair))
    return answer_item(request, item, *TOUCHED)


@require_POST
def room_item_park(request, pk):
    """Put an item in the parking lot."""
    item = item_or_404(request, pk)
    with suppress(Conflict):
        item.park(topics.running_session(item.pair))
    return answer_item(request, item, *TOUCHED)


@require_POST
def room_item_reopen(request, pk):
    """Put an item back on the agenda, from the parking lot or after it was discussed."""
    item = item_or_404(request, pk)
    item.reopen()
    return answer_item(request, item, *TOUCHED)


@require_POST
def room_item_carry_over(request, pk):
    item = item_or_404(request, pk)
    session = topics.running_session(item.pair)
    if session:
        topics.carry_over(session, item)
    return answer_item(request, item, *TOUCHED)


@require_POST
def room_item_focus(request, pk):
    item = item_or_404(request, pk)
    session = topics.running_session(item.pair)
    if session:
        topics.focus(session, item)
    return answer_item(request, item, *TOUCHED)


@require_POST
def room_item_talk_through(request, pk):
    item = item_or_404(request, pk)
    topics.talk_through(item)
    return answer_item(request, item, "gate")
