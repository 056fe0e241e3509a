"""Retention notices: both people are notified before a deletion (docs/rules.md, retention)."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import Prefetch, Q
from django.utils import timezone

from mentoring.models import Pair
from records.retention import due_for_deletion, notice_period
from reminders.models import Reminder

State = Reminder.State
# A person whose address is suspended reads the notice in the inbox. Any other failure is the server's, not theirs.
NOTIFIED = Q(state__in=(State.SENT, State.UNKNOWN)) | Q(state=State.FAILED, recipient__mail_suspended_at__isnull=False)
NOTICES = Reminder.objects.filter(NOTIFIED, kind="deletion_near").select_related("delivery")


def pairs_to_delete(today: date) -> Iterator[int]:
    """Yield the pairs that are due for deletion and whose people were all notified early enough.

    If somebody never was, because the server was down or no email could be sent, both are notified of a new date.
    """
    pairs = due_for_deletion(today).select_related("mentor", "mentee")
    pairs = pairs.prefetch_related(Prefetch("reminders", NOTICES, "notices"))
    for pair in list(pairs.order_by("kept_until", "pk")):  # fetched first, because some are updated in the loop
        dates = notified_on(pair, pair.notices)
        known = [on for on in dates if on]
        if len(known) < len(dates):
            postpone_deletion(pair, today)
        elif all(on + notice_period(pair) < today for on in known):
            yield pair.pk


def notified_on(pair: Pair, notices: Iterable[Reminder]) -> list[date | None]:
    """Return when each person with access to the pair was notified of its date, or None."""
    dates = {it.recipient_id: sent_on(it) for it in notices if it.key.endswith(f":{pair.kept_until}")}
    not_joined = pair.not_joined()
    return [dates.get(person.pk) for person in pair.people if person.is_active and person not in not_joined]


def sent_on(reminder: Reminder) -> date:
    sent_at = reminder.delivery.sent_at if reminder.delivery else None
    return timezone.localdate(sent_at or reminder.due_at)


def postpone_deletion(pair: Pair, today: date) -> None:
    """Postpone the deletion, which plans new notices; those of the old date have expired."""
    unchanged = Pair.objects.filter(pk=pair.pk, kept_until=pair.kept_until, content_deleted_at=None)
    if unchanged.update(kept_until=today + notice_period(pair)):
        pair.touch()
