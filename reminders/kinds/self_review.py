"""The reminder to look back on a quarter (docs/rules.md, self-awareness)."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from mentoring.models import Pair
from practice.quarters import Quarter
from practice.self_review import reminded_in
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, register
from reminders.kinds.planning import PairKind, active_pairs
from reminders.models import Topic
from reminders.windows import morning, next_working_morning

if TYPE_CHECKING:

    class ReviewingPair(Pair):
        """A pair as derive() completes it."""

        reminded: dict[User, Quarter]


@register
class SelfReviewOffered(PairKind["ReviewingPair"]):
    """Offer a person to look back, the first working morning after a quarter, unless they wrote or skipped it.

    A person with several pairs gets one, so that it rests in a pause of the oldest. Admins see it in no list.
    """

    name = "self_review"
    label = gettext_lazy("Looking back on the quarter")
    label_for_programs = gettext_lazy("Self-review after each quarter")
    why = gettext_lazy("You get this because a quarter of your mentoring has ended.")
    topic = Topic.CHECK_INS
    anchor, max_age = "touched_at", timedelta(days=200)
    confidential = True  # it shows whether somebody has written

    rows = staticmethod(active_pairs)

    def derive(self, rows: Iterable["ReviewingPair"]) -> Iterator[Intent]:
        """Read the reviews and the other pairs of all people at once."""
        pairs = list(rows)
        reminded = reminded_in({person.pk: person for pair in pairs for person in pair.people}.values())
        for pair in pairs:
            pair.reminded = {
                person: quarter for person in pair.people if (quarter := reminded.get((pair.pk, person.pk)))
            }
        return super().derive(pairs)

    def intents(self, pair: "ReviewingPair") -> Iterator[Intent]:
        """Yield what is due about this pair; needs derive()."""
        for person, quarter in pair.reminded.items():
            due_at = next_working_morning(person, quarter.last + DAY)
            expires_at = morning(person, quarter.offered_until + DAY)
            yield self.intent(pair, person.pk, quarter.first.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent["ReviewingPair"]) -> EmailPart:
        quarter, page = Quarter(date.fromisoformat(intent.occasion)), page_url("practice_review")
        title = _("Look back on your quarter (%(quarter)s): four questions, ten minutes") % {"quarter": quarter}
        return EmailPart(subject_line(_("Look back on your quarter")), title, _("Look back"), page, page)
