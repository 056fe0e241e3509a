"""What happens to reminders after a backup was restored (docs/rules.md, ledger).

A restored database no longer knows what was sent since the backup was made. So nothing that was due before the restore
is sent until the operator decides: send it, or drop it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db import transaction
from django.db.models import Q, QuerySet

from reminders.clock_repair import LONG_AGO
from reminders.models import Delivery, Reminder, Watermark

State = Reminder.State


@dataclass(frozen=True)
class MissedStates:
    """Which state a reminder is planned with: the usual one, or another one if it was due before the restore."""

    restored_at: datetime | None
    missed: str

    @classmethod
    def current(cls) -> Self:
        row = Watermark.objects.filter(pk=1).values_list("restored_at", "missed_state").first()
        return cls(*(row or (None, State.HELD)))

    def of(self, due_at: datetime) -> str:
        return self.missed if self.restored_at and due_at <= self.restored_at else State.PLANNED


def hold_missed(now: datetime) -> int:
    """Hold every unsent reminder that was due before now, plan everything again, and return how many are held."""
    with transaction.atomic():
        Watermark.objects.update_or_create(
            pk=1,
            defaults={"planned_until": LONG_AGO, "restored_at": now, "missed_state": State.HELD},
        )
        open_states = (Delivery.State.WAITING, Delivery.State.SENDING)
        unsent = Delivery.objects.filter(state__in=open_states)
        missed = Reminder.objects.filter(Q(due_at__lte=now) | Q(delivery__in=unsent), state=State.PLANNED)
        count = missed.update(state=State.HELD, delivery=None, held_until=None)
        unsent.update(state=Delivery.State.CANCELED, lease_token=None)
    return count


def waiting_since() -> datetime | None:
    """Return when a backup was restored, or None if the operator has decided or none was restored."""
    undecided = Watermark.objects.filter(pk=1, missed_state=State.HELD)
    return undecided.values_list("restored_at", flat=True).first()


def held_reminders() -> QuerySet:
    """Return the reminders that wait for the operator's decision."""
    return Reminder.objects.filter(state=State.HELD)


def send_held(now: datetime) -> int:
    """Plan the held reminders that have not expired, expire the others, and return how many are planned.

    As with every reminder, only what is still true is sent, in each person's next window.
    """
    with transaction.atomic():
        Watermark.objects.filter(pk=1).update(restored_at=None)
        held_reminders().filter(expires_at__lte=now).update(state=State.EXPIRED)
        return held_reminders().update(state=State.PLANNED)


def drop_held() -> int:
    """Expire the held reminders, and everything that is found later to have been due before the restore."""
    with transaction.atomic():
        Watermark.objects.filter(pk=1).update(missed_state=State.EXPIRED)
        return held_reminders().update(state=State.EXPIRED)
