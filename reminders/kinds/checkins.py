from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.working_days import DAY
from mentoring.models import Pair
from reminders.intents import Intent, reads
from reminders.kinds.planning import at_morning
from reminders.models import Topic
from sessions.checkins import due_on
from sessions.models import CheckIn, Session

STAYS = 5 * DAY
OF_PAIR = Session.objects.filter(pair=OuterRef("pk"))
SWITCHED_ON = (
    Pair.objects.active()
    .with_people()
    .filter(check_ins_since__isnull=False)
    .filter(~Exists(CheckIn.objects.filter(pair=OuterRef("pk")).since_last_session()))
    .annotate(
        last_held=Subquery(OF_PAIR.held().order_by("-starts_at").values("starts_at")[:1]),
        next_at=Subquery(
            OF_PAIR.live().filter(started_at=None, held_at=None).order_by("starts_at").values("starts_at")[:1]
        ),
    )
)


@reads(
    SWITCHED_ON,
    says=_("Check-in between sessions"),
    touched="touched_at",
    moment="touched_at",
    stays=timedelta(days=60),
    topic=Topic.CHECK_INS,
    early=True,
    people=("mentee",),
    pair="pk",
)
def check_in(pair: Pair) -> Iterator[Intent]:
    """N11: half-way between two sessions the mentee is asked for a word, once the pair switched it on."""
    mentee = pair.mentee
    last = mentee.local(pair.last_held).date() if pair.last_held else pair.started_on
    on = due_on(last, mentee.local(pair.next_at).date() if pair.next_at else None, pair.interval)
    if on is None or on < mentee.local(pair.check_ins_since).date():
        return
    due_at = at_morning(mentee, on)
    yield Intent(
        "check_in",
        mentee.pk,
        f"pair:{pair.pk}",
        on.isoformat(),
        due_at,
        min(due_at + STAYS, pair.next_at) if pair.next_at else due_at + STAYS,
        _("You get this because the two of you check in between sessions."),
        pair.pk,
    )
