"""Reminders of the pulse, two confidential questions (docs/rules.md, reminders)."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from mentoring.models import Pair
from mentoring.models.pulse import EVERY, OPEN_FOR, PulseAnswer, rounds
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, register
from reminders.kinds.planning import PairKind, active_pairs
from reminders.models import Topic
from reminders.windows import next_working_morning

if TYPE_CHECKING:

    class AskedPair(Pair):
        """A pair as derive() completes it."""

        answered_rounds: set[tuple[int, date]]  # person and day


@register
class PulseReminder(PairKind["AskedPair"]):
    """Ask on day 30 and every 60 days after that, and once more four days later if there is no answer."""

    name = "pair_pulse"
    label = gettext_lazy("Pulse")
    label_for_programs = gettext_lazy("Pulse")
    why = gettext_lazy("You get this because your program asks every pair how it is going.")
    topic = Topic.CHECK_INS
    anchor, max_age = "touched_at", timedelta(days=200)
    confidential = True

    ASKED_AGAIN_AFTER = 4 * DAY

    rows = staticmethod(active_pairs)

    def derive(self, rows: Iterable["AskedPair"]) -> Iterator[Intent]:
        """Read the answers of all pairs at once."""
        pairs = {pair.pk: pair for pair in rows}
        for pair in pairs.values():
            pair.answered_rounds = set()
        answers = PulseAnswer.objects.filter(pair__in=pairs).values_list("pair", "user", "asked_on")
        for pk, user_id, asked_on in answers:
            pairs[pk].answered_rounds.add((user_id, asked_on))
        return super().derive(pairs.values())

    def intents(self, pair: "AskedPair") -> Iterator[Intent]:
        """Yield what is due about this pair; needs derive()."""
        for person in pair.people:
            for asked_on in rounds(pair.started_on, person.today() + EVERY)[-2:]:
                if (person.pk, asked_on) in pair.answered_rounds:
                    continue
                days = (asked_on, asked_on + self.ASKED_AGAIN_AFTER, asked_on + OPEN_FOR)
                first, second, end = (next_working_morning(person, day) for day in days)
                yield self.intent(pair, person.pk, f"{asked_on}", first, second)
                yield self.intent(pair, person.pk, f"{asked_on} again", second, end)

    def email(self, person: User, intent: Intent["AskedPair"]) -> EmailPart:
        pair = intent.row
        values, page = {"name": pair.other(person).first_name}, page_url("pulse_edit", pair.pk)
        title = _("Pulse: two questions; %(name)s never sees your answers")
        return EmailPart(subject_line(title, **values), title % values, _("Answer"), page, page)
