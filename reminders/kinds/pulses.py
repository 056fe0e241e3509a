"""Reminders of the pulse, two confidential questions (docs/rules.md, reminders, N18)."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.working_hours import DAY
from mentoring.models import Pair
from mentoring.models.pulse import EVERY, OPEN_FOR, rounds
from reminders.intents import Intent, reads
from reminders.kinds.planning import OF_PAIRS, at_morning
from reminders.models import Topic

AGAIN = 4 * DAY


@reads(
    Pair.objects.active().with_people().prefetch_related("pulse_answers"),
    says=_("Pulse"),
    moment="touched_at",
    stays=timedelta(days=200),
    topic=Topic.CHECK_INS,
    confidential=True,
    **OF_PAIRS,
)
def pair_pulse(pair: Pair) -> Iterator[Intent]:
    """N18: ask on day 30 and every 60 days after that, and once more four days later if there is no answer."""
    why = _("You get this because your program asks every pair how it is going.")
    answered = {(row.user_id, row.asked_on) for row in pair.pulse_answers.all()}
    for person in pair.people:
        for asked_on in rounds(pair.started_on, person.today() + EVERY)[-2:]:
            if (person.pk, asked_on) in answered:
                continue
            first, again, over = (at_morning(person, asked_on + days) for days in (timedelta(0), AGAIN, OPEN_FOR))
            for occasion, due_at, gone_at in ((f"{asked_on}", first, again), (f"{asked_on} again", again, over)):
                yield Intent("pair_pulse", person.pk, f"pair:{pair.pk}", occasion, due_at, gone_at, why, pair.pk)
