"""Reminders of feedback: to give some after a work event, and to read what was shared (docs/rules.md, reminders)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from goals.models import WorkEvent
from practice.kinds import PROJECT_DEBRIEFS, EntryKind
from practice.models import Entry
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Topic
from reminders.windows import UNDO_PERIOD, next_working_morning
from sessions.models import Feedback

if TYPE_CHECKING:

    class WrittenFeedback(Feedback):
        shared_at: datetime


# Kinds of entries by which the mentee looks back on an event for themselves.
INSTEAD = (EntryKind.CONVERSATION, EntryKind.DEBRIEF, *PROJECT_DEBRIEFS)


@register
class EventFeedback(Kind[WorkEvent]):
    """Ask the mentee for feedback the working day after a work event, while it is fresh.

    A pair can turn it off. It stops once either person shared feedback on the event. It is left out if the mentee
    prepared a conversation for that event, because its debrief is asked for, or looked back on it already.
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
        rows = WorkEvent.objects.current().filter(pair__ended_at=None, pair__asks_after_events=True)
        return rows.select_related("pair__mentee")

    def derive(self, rows: Iterable[WorkEvent]) -> Iterator[Intent]:
        """Read the feedback on all events, and what was written for oneself about them, at once."""
        events = list(rows)
        feedback = Feedback.objects.written().filter(work_event__in=events)
        notes = Entry.objects.filter(kind__in=INSTEAD, work_event__in=events).written()
        given = set(feedback.values_list("work_event", flat=True))
        noted = set(notes.values_list("work_event", "author"))
        is_open = (row for row in events if row.pk not in given and (row.pk, row.pair.mentee_id) not in noted)
        return super().derive(is_open)

    def intents(self, event: WorkEvent) -> Iterator[Intent]:
        mentee, day = event.pair.mentee, event.happens_on
        first, end = (next_working_morning(mentee, on) for on in (day + DAY, day + self.OPEN_FOR))
        yield self.intent(event, mentee.pk, day.isoformat(), first, max(end, first + DAY))

    def email(self, person: User, intent: Intent[WorkEvent]) -> EmailPart:
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


@register
class FeedbackShared(Kind["WrittenFeedback"]):
    """Notify the other person in the next window that a draft was shared with them, unless it led to a commitment.

    What is written in a session needs no notice: both see it there.
    """

    name = "feedback_shared"
    label = gettext_lazy("Feedback for you")
    why = gettext_lazy("You get this because your mentoring partner shared it with you.")
    topic = Topic.CHECK_INS
    subject = "feedback"
    anchor = "shared_at"
    max_age = timedelta(days=14)
    confidential = True

    @staticmethod
    def rows() -> QuerySet[Feedback]:
        rows = Feedback.objects.written().filter(session=None, commitment=None, pair__ended_at=None)
        return rows.filter(created_by__isnull=False).select_related("pair__mentor", "pair__mentee")

    def intents(self, feedback: "WrittenFeedback") -> Iterator[Intent]:
        pair = feedback.pair
        reader = pair.mentor_id if feedback.created_by_id == pair.mentee_id else pair.mentee_id
        yield self.intent(feedback, reader, "", feedback.shared_at + UNDO_PERIOD, feedback.shared_at + self.max_age)

    def email(self, person: User, intent: Intent["WrittenFeedback"]) -> EmailPart:
        feedback = intent.row
        values, page = {"name": feedback.pair.other(person).first_name}, page_url("feedback_detail", feedback.pk)
        title = _("%(name)s shared feedback with you")
        return EmailPart(subject_line(title, **values), title % values, _("Read it"), page, page)
