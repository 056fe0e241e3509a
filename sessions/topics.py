"""Topics in a running session: the one in focus, and carrying over."""

from django.utils import timezone

from sessions.models import AgendaItem, ItemOutcome, Session


def focus(session: Session, item: AgendaItem) -> None:
    """Put `item` in focus for both people."""
    with session.pair.locked():
        Session.objects.live().filter(pk=session.pk).update(current_item=item)
        ItemOutcome.objects.filter(session=session, item=item, outcome=ItemOutcome.Outcome.CARRIED).delete()
        session.pair.touch()


def carry_over(session: Session, item: AgendaItem) -> None:
    """Leave `item` open for the next session and clear the focus."""
    if item.state != AgendaItem.State.OPEN:
        return
    with session.pair.locked():
        ItemOutcome.objects.get_or_create(
            session=session, item=item, defaults={"outcome": ItemOutcome.Outcome.CARRIED, "title": item.title}
        )
        Session.objects.filter(pk=session.pk, current_item=item).update(current_item=None)
        session.pair.touch()


def talk_through(item: AgendaItem) -> None:
    """Open the ideas without a written obstacle (docs/rules.md, obstacle first)."""
    with item.pair.locked():
        if item.update_if({"talked_through_at": None}, talked_through_at=timezone.now()):
            item.pair.touch()


def running_session(pair) -> Session | None:
    """Return the pair's running session, if there is one."""
    return pair.sessions.live().filter(started_at__isnull=False).order_by("-started_at").first()
