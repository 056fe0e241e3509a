"""The reminder to look back on a hard conversation (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from practice.conversations import conversations_to_debrief
from practice.models import Entry
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Topic
from reminders.windows import next_working_morning

if TYPE_CHECKING:

    class Conversation(Entry):
        on: date  # when it takes place


@register
class LookBack(Kind["Conversation"]):
    """Ask the author the working day after the conversation or its work event, unless the debrief is written.

    Nobody else learns of it: admins see it in no list, and the email does not quote the entry.
    """

    name = "debrief"
    label = gettext_lazy("Looking back on a hard conversation")
    why = gettext_lazy("You get this because you prepared this conversation here.")
    topic = Topic.CHECK_INS
    subject = "entry"
    pair, recipients = "", ()
    changed, anchor = "changed_at", "on"
    max_lead, max_age = timedelta(), timedelta(days=14)
    confidential = True

    OPEN_FOR = 7 * DAY

    @staticmethod
    def rows() -> QuerySet[Entry]:
        return conversations_to_debrief().select_related("author")

    def intents(self, conversation: "Conversation") -> Iterator[Intent]:
        author, day = conversation.author, conversation.on
        first, end = (next_working_morning(author, on) for on in (day + DAY, day + self.OPEN_FOR))
        yield self.intent(conversation, author.pk, f"{day}", first, end)

    def email(self, person: User, intent: Intent["Conversation"]) -> EmailPart:
        page = page_url("debrief_create", intent.row.pk)
        title = _("How did your conversation go? Look back in five minutes")
        return EmailPart(subject_line("%(title)s", title=title), title, _("Look back"), page, page)
