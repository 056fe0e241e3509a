"""Carry-over: the items on a session's agenda are a query over the pair's items, never a copy.

Open items appear in the pair's next session, whichever that is, so nothing that happens to a session can lose one
(docs/rules.md, carry-over).
"""

from collections import defaultdict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from mentoring.models import Pair
from sessions.models import AgendaItem, ItemOutcome, Session
from sessions.models.agenda import AgendaItemQuerySet


def shows_open_items(session: Session) -> bool:
    """Return True for a running session, for one whose time has come, and for the pair's next session."""
    if not session.is_live:
        return False
    if session.started_at or session.starts_at <= timezone.now():
        return True
    coming = Session.objects.filter(pair=session.pair_id).to_come().upcoming().values_list("pk", flat=True)
    return coming.first() == session.pk


def items_in(session: Session, with_parked: bool = False) -> list[AgendaItem]:
    """Return the items of a session in agenda order, as `with_history` does, with `outcome_here`.

    A closed or called-off session has the items it settled or carried over; a live one also has the pair's open items
    if they appear in it. `with_parked` adds the parking lot.
    """
    here = dict(session.outcomes.values_list("item", "outcome"))
    shown = Q(pk__in=here)
    if shows_open_items(session):
        shown |= Q(state=AgendaItem.State.OPEN)
    if with_parked:
        shown |= Q(state=AgendaItem.State.PARKED)
    items = with_history(session.pair, AgendaItem.objects.filter(shown, pair=session.pair_id))
    for item in items:
        item.outcome_here = here.get(item.pk)
    return items


def open_and_parked_items(pair: Pair) -> list[AgendaItem]:
    """Return the pair's open and parked items; the open ones are for its next session, planned or not."""
    states = (AgendaItem.State.OPEN, AgendaItem.State.PARKED)
    return with_history(pair, AgendaItem.objects.filter(pair=pair, state__in=states))


def with_history(pair: Pair, items: AgendaItemQuerySet) -> list[AgendaItem]:
    """Return items in agenda order with `carried`, the number of sessions that carried each over, and
    `last_carried_at`.
    """
    rows = pair.attach_people(items.in_agenda_order([pair]))
    times = defaultdict(list)
    carried = ItemOutcome.objects.filter(item__in=rows, outcome=ItemOutcome.Outcome.CARRIED)
    for pk, at in carried.values_list("item", "created_at"):
        times[pk].append(at)
    for item in rows:
        item.carried, item.last_carried_at = len(times[item.pk]), max(times[item.pk], default=None)
    return rows


def carry_over(session: Session) -> int:
    """Record at closing that every open item not settled is carried over; return how many."""
    open_items = AgendaItem.objects.filter(pair=session.pair_id).open().exclude(outcomes__session=session)
    outcomes = [
        ItemOutcome(session=session, item=item, outcome=ItemOutcome.Outcome.CARRIED, title=item.title)
        for item in open_items
    ]
    with transaction.atomic():
        ItemOutcome.objects.bulk_create(outcomes, ignore_conflicts=True)
    return len(outcomes)


def undo_carry_over(session: Session) -> None:
    """Remove the carry-over of a session that is reopened."""
    session.outcomes.filter(outcome=ItemOutcome.Outcome.CARRIED).delete()
