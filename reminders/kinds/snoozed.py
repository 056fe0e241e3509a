from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from reminders.intents import KINDS, Intent, reads
from reminders.models import Snooze, Topic

AGAIN = Snooze.objects.filter(remind_again=True)


@reads(
    AGAIN,
    says=_("A reminder that you snoozed"),
    touched="snoozed_at",
    moment="ends_at",
    stays=timedelta(days=7),
    topic=Topic.COMMITMENTS,
    people=("user",),
)
def snoozed(snooze: Snooze) -> Iterator[Intent]:
    """Remind the person once more of what they snoozed, if it is still true."""
    pk = int(snooze.subject.rpartition(":")[2])
    if snooze.kind not in KINDS or not KINDS[snooze.kind].rows.filter(pk=pk).exists():
        return
    yield Intent(
        "snoozed",
        snooze.user_id,
        f"snooze:{snooze.pk}",
        snooze.ends_at.isoformat(),
        snooze.ends_at,
        snooze.ends_at + timedelta(days=7),
        _("You get this because you snoozed this reminder."),
        snooze.pair_id,
    )
