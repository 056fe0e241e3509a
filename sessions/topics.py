"""Topics while they are talked about: which one both look at, and what may be said about it when."""

from django.utils import timezone

from sessions.models import AgendaItem, ItemOutcome, Session


def focus(session: Session, by, item: AgendaItem) -> None:
    """Both look at `item` now."""
    with session.pair.locked():
        Session.objects.live().filter(pk=session.pk).update(item_now=item)
        ItemOutcome.objects.filter(session=session, item=item, outcome=ItemOutcome.Outcome.CARRIED).delete()
        session.pair.touch()


def come_along(session: Session, by, item: AgendaItem) -> None:
    """Not today: it stays open for the next session, and this one goes on to another topic."""
    if item.state != AgendaItem.State.OPEN:
        return
    with session.pair.locked():
        ItemOutcome.objects.get_or_create(
            session=session, item=item, defaults={"outcome": ItemOutcome.Outcome.CARRIED, "title": item.title}
        )
        Session.objects.filter(pk=session.pk, item_now=item).update(item_now=None)
        session.pair.touch()


def talk_through(by, item: AgendaItem) -> None:
    """The obstacle was talked about, not written down: ideas may open (docs/rules.md, obstacle first)."""
    with item.pair.locked():
        if AgendaItem.objects.filter(pk=item.pk, talked_through_at=None).update(talked_through_at=timezone.now()):
            item.pair.touch()


def running_session(pair) -> Session | None:
    """The session the two are in at this moment."""
    return pair.sessions.live().filter(started_at__isnull=False).order_by("-started_at").first()
