"""Repair of the ledger after this machine's clock ran ahead and was set back (docs/rules.md, ledger)."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from mentoring.models import Pair
from reminders.models import Delivery, Reminder, Watermark

LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
# Clocks of two machines may differ by this much, so the planner reads this much again.
TOLERANCE = timedelta(minutes=5)
JUDGED_AFTER = timedelta(days=3)  # when a sent reminder is judged to be ignored or not

State, DeliveryState = Reminder.State, Delivery.State
logger = logging.getLogger(__name__)


def repair_after_clock_change(now: datetime) -> bool:
    """Repair the ledger and restart planning if the watermark is in the future; return True if this call did."""
    ahead = Watermark.objects.filter(Q(planned_until__gt=now + TOLERANCE) | Q(last_run_at__gt=now + TOLERANCE), pk=1)
    with transaction.atomic():
        watermark = ahead.select_for_update().first()
        if watermark is None:
            return False
        by = max(filter(None, (watermark.planned_until, watermark.last_run_at))) - now
        if not ahead.update(planned_until=LONG_AGO, last_run_at=now, clock_set_back_at=now, clock_set_back_by=by):
            return False  # another planner was faster
        _repair_ledger(now)
        for rows in (Pair.objects.filter(touched_at__gt=now), User.objects.filter(touched_at__gt=now)):
            rows.update(touched_at=now)
    logger.warning("The clock was set back by %s; reminders are planned again from the start", by)
    return True


def _repair_ledger(now: datetime) -> None:
    reminders = Reminder.objects.all()
    # Sent and due in the future: sent again when it is really due.
    too_early = reminders.filter(state__in=(State.SENT, State.UNKNOWN), due_at__gt=now, delivery__sent_at__gt=now)
    packed = reminders.filter(state=State.PLANNED, due_at__gt=now, delivery__copies_sent=0)
    expired = reminders.filter(state=State.EXPIRED, expires_at__gt=now)
    empty = list(packed.values_list("delivery", flat=True).distinct())
    for rows in (too_early, packed, expired):
        rows.update(state=State.PLANNED, delivery=None, held_until=None)
    reminders.filter(state=State.PLANNED, delivery=None, held_until__gt=now).update(held_until=None)
    reminders.filter(read_at__gt=now).update(read_at=None)
    reminders.filter(was_ignored__isnull=False, due_at__gt=now - JUDGED_AFTER).update(was_ignored=None)

    deliveries = Delivery.objects.all()
    deliveries.filter(pk__in=empty, state=DeliveryState.WAITING, reminders=None).update(state=DeliveryState.CANCELED)
    deliveries.filter(state=DeliveryState.WAITING, next_try_at__gt=now).update(next_try_at=now)
    deliveries.filter(state=DeliveryState.SENDING, next_try_at__gt=now + TOLERANCE).update(next_try_at=now + TOLERANCE)
    deliveries.filter(sent_at__gt=now).update(sent_at=now)
    deliveries.filter(is_bundle=True, due_at__gt=now).update(due_at=now)
