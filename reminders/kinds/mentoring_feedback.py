"""Reminders of feedback on the mentoring: to the mentee who is asked, and to the mentor who can read it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from mentoring.models import Pair
from practice.kinds import EntryKind
from practice.mentoring_feedback import ASKED_FOR, asked_in
from practice.models import Share
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.kinds.planning import PairKind, active_pairs
from reminders.models import Topic
from reminders.windows import UNDO_PERIOD, next_working_morning

if TYPE_CHECKING:

    class AskedPair(Pair):
        """A pair as derive() completes it."""

        asked_after: int  # sessions
        last_held_at: datetime


@register
class MentoringFeedbackAsked(PairKind["AskedPair"]):
    """Ask the mentee the working day after every third session, unless they answered or skipped it.

    Admins see it in no list, because it would show that there is no answer.
    """

    name = "mentoring_feedback"
    label = gettext_lazy("Feedback on the mentoring")
    label_for_programs = gettext_lazy("Feedback on the mentoring, after every third session")
    why = gettext_lazy("You get this because you and your mentor have held three more sessions.")
    topic = Topic.CHECK_INS
    recipients = ("mentee",)
    anchor, max_age = "touched_at", timedelta(days=200)
    confidential = True

    rows = staticmethod(active_pairs)

    def derive(self, rows: Iterable["AskedPair"]) -> Iterator[Intent]:
        """Read the sessions and the answers of all pairs at once."""
        pairs = {pair.pk: pair for pair in rows}
        asked = asked_in(pairs)
        for pk, (number, last_at) in asked.items():
            pairs[pk].asked_after, pairs[pk].last_held_at = number, last_at
        return super().derive(pairs[pk] for pk in asked)

    def intents(self, pair: "AskedPair") -> Iterator[Intent]:
        """Yield what is due about a pair whose mentee is asked; needs derive()."""
        due_at = next_working_morning(pair.mentee, pair.mentee.local(pair.last_held_at).date() + DAY)
        yield self.intent(pair, pair.mentee_id, f"{pair.asked_after}", due_at, pair.last_held_at + ASKED_FOR)

    def email(self, person: User, intent: Intent["AskedPair"]) -> EmailPart:
        pair = intent.row
        values, page = {"name": pair.mentor.first_name}, page_url("mentoring_feedback_create", pair.pk)
        title = _("Three questions about the mentoring; %(name)s reads your answers once you share them")
        subject = subject_line(_("How is the mentoring with %(name)s going?"), **values)
        return EmailPart(subject, title % values, _("Answer"), page, page)


@register
class MentoringFeedbackShared(Kind[Share]):
    """Notify the mentor in the next window that the mentee shared feedback, unless the mentor answered it."""

    name = "feedback_to_mentor"
    label = gettext_lazy("Your mentee shared feedback on the mentoring")
    why = gettext_lazy("You get this because your mentee shared it with you.")
    topic = Topic.CHECK_INS
    subject = "share"
    recipients = ("pair__mentor",)
    changed = anchor = "shared_at"
    max_age = timedelta(days=14)
    confidential = True

    @staticmethod
    def rows() -> QuerySet[Share]:
        rows = Share.objects.filter(entry__kind=EntryKind.MENTORING, entry__commitment=None, pair__ended_at=None)
        return rows.filter(entry__written_at__isnull=False).select_related("pair__mentor", "pair__mentee")

    def intents(self, share: Share) -> Iterator[Intent]:
        yield self.intent(
            share, share.pair.mentor_id, "", share.shared_at + UNDO_PERIOD, share.shared_at + self.max_age
        )

    def email(self, person: User, intent: Intent[Share]) -> EmailPart:
        share: Share = intent.row
        values, page = {"name": share.pair.mentee.first_name}, page_url("entry_detail", share.entry_id)
        title = _("%(name)s shared feedback on the mentoring with you")
        return EmailPart(subject_line(title, **values), title % values, _("Read it"), page, page)
