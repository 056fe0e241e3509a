"""The reminder to give feedback after a work event (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from goals.models import WorkEvent
from practice.conversations import conversations_to_debrief
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Topic
from reminders.windows import next_working_morning
from sessions.models import Feedback


@register
class EventFeedback(Kind):
    """Ask the mentee for feedback the working day after a work event, while it is fresh.

    A pair can turn it off. It stops once either person shared feedback on the event, and is left out if the mentee
    prepared a conversation for that event, because then the debrief is asked for instead.
    """

    name = "event_feedback"
    label = gettext_lazy("Feedback after a work event")
    label_for_programs = gettext_lazy("Feedback after a work event")
    why = gettext_lazy("You get this because the day of one of your work events is over.")
    topic = Topic.CHECK_INS
    subject = "work_event"
    recipients = ("pair__mentee",)
    anchor = "happens_on"
    max_lead = timedelta()
    max_age = timedelta(days=7)
    confidential = True  # it shows whether the mentee prepared a conversation

    OPEN_FOR = 4 * DAY

    @staticmethod
    def rows() -> QuerySet[WorkEvent]:
        given = Feedback.objects.written().filter(work_event=OuterRef("pk"))
        prepared = conversations_to_debrief().filter(work_event=OuterRef("pk"), author=OuterRef("pair__mentee"))
        rows = WorkEvent.objects.current().filter(pair__ended_at=None, pair__asks_after_events=True)
        return rows.filter(~Exists(given), ~Exists(prepared)).select_related("pair__mentee")

    def intents(self, event: WorkEvent) -> Iterator[Intent]:
        mentee, day = event.pair.mentee, event.happens_on
        first, end = (next_working_morning(mentee, on) for on in (day + DAY, day + self.OPEN_FOR))
        yield self.intent(event, mentee.pk, day.isoformat(), first, max(end, first + DAY))

    def email(self, person: User, intent: Intent) -> EmailPart:
        event: WorkEvent = intent.row
        title = _("“%(event)s” is over. What happened, and what will be done differently?") % {"event": event.title}
        page = f"{page_url('feedback_start', event.pair_id)}?work_event={event.pk}"
        return EmailPart(
            subject=subject_line(_("%(event)s: what happened?"), event=event.title),
            title=title,
            action=_("Give feedback"),
            url=page,
            page=page,
        )
