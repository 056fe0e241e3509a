"""Carry-over: what a session's agenda shows is a query over the state of the pair's items, never a copy.

Open items show in the pair's next session, whichever that turns out to be, so nothing that happens to a session
can lose one (docs/rules.md, carry-over).
"""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from mentoring.models import Pair, lend_pairs
from sessions.models import AgendaItem, ItemOutcome, Session
from sessions.models.agenda import AgendaItemQuerySet


def shows_open_items(session: Session) -> bool:
    """Open items show in a session that runs, in one whose time has come, and in the pair's next one."""
    if not session.is_live:
        return False
    if session.started_at or session.starts_at <= timezone.now():
        return True
    coming = Session.objects.filter(pair=session.pair_id).to_come().upcoming().values_list("pk", flat=True)
    return coming.first() == session.pk


def items_in(session: Session, with_parked: bool = False) -> list[AgendaItem]:
    """The items of a session in agenda order, with `carried` and `outcome_here`.

    Closed or called off: what it settled or passed on. Live: that, and the pair's open items if it is their turn.
    `with_parked` adds the parking lot.
    """
    here = ItemOutcome.objects.filter(item=OuterRef("pk"), session=session)
    shown = Q(Exists(here))
    if shows_open_items(session):
        shown |= Q(state=AgendaItem.State.OPEN)
    if with_parked:
        shown |= Q(state=AgendaItem.State.PARKED)
    found = AgendaItem.objects.filter(shown, pair=session.pair_id)
    return as_lines(session.pair, found.annotate(outcome_here=Subquery(here.values("outcome")[:1])))


def waiting_items(pair: Pair) -> list[AgendaItem]:
    """What waits for the pair's next session, planned or not, and what is parked (`state` tells them apart)."""
    waits = (AgendaItem.State.OPEN, AgendaItem.State.PARKED)
    return as_lines(pair, AgendaItem.objects.filter(pair=pair, state__in=waits))


def as_lines(pair: Pair, items: AgendaItemQuerySet) -> list[AgendaItem]:
    rows = items.with_carried().in_agenda_order().select_related("work_item")
    return lend_pairs(rows, [pair], "raised_by")


def carry_over(session: Session) -> int:
    """At closing: every open item that was shown and not settled comes along to next time. How many."""
    open_items = AgendaItem.objects.filter(pair=session.pair_id).open().exclude(outcomes__session=session)
    outcomes = [
        ItemOutcome(session=session, item=item, outcome=ItemOutcome.Outcome.CARRIED, title=item.title)
        for item in open_items
    ]
    with transaction.atomic():
        ItemOutcome.objects.bulk_create(outcomes, ignore_conflicts=True)
    return len(outcomes)


def undo_carry_over(session: Session) -> None:
    """The session was closed too early and goes on."""
    session.outcomes.filter(outcome=ItemOutcome.Outcome.CARRIED).delete()
