"""Emails about what a person connected, when it no longer works."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from core.formatting import when
from reminders.emails import Email, page_url
from reminders.intents import Intent, Kind, register
from reminders.models import ChatWebhook
from sessions.models import BusyCalendar

if TYPE_CHECKING:

    class FailingCalendar(BusyCalendar):
        failing_since: datetime

    class OffChat(ChatWebhook):
        off_since: datetime


@register
class CalendarUnread(Kind["FailingCalendar"]):
    """Tell a person once that their calendar could not be read for a day, unless it can be read again."""

    name = "busy_calendar"
    label = gettext_lazy("Your calendar can’t be read")
    why = gettext_lazy("You get this because you connected your calendar.")
    subject, pair = "busy_calendar", ""
    recipients = ()
    changed = anchor = "failing_since"
    max_age = 7 * DAY
    window_only = True

    @staticmethod
    def rows() -> QuerySet[BusyCalendar]:
        return BusyCalendar.objects.filter(failing_since__isnull=False).defer("address", "busy")

    def intents(self, calendar: "FailingCalendar") -> Iterator[Intent]:
        since = calendar.failing_since
        yield self.intent(calendar, calendar.user_id, since.isoformat(), since + DAY, since + self.max_age)

    def email(self, person: User, intent: Intent["FailingCalendar"]) -> Email:
        calendar = intent.row
        context = {
            "problem": calendar.get_problem_display(),
            "read_at": when(calendar.read_at) if calendar.read_at else "",
        }
        return Email(_("Your calendar can’t be read"), page_url("connections"), context)


@register
class ChatSwitchedOff(Kind["OffChat"]):
    """Tell a person that their chat no longer takes messages."""

    name = "chat_off"
    label = gettext_lazy("Reminders no longer go to your chat")
    why = gettext_lazy("You get this because you connected a chat.")
    subject, pair = "chat_webhook", ""
    recipients = ()
    changed = anchor = "off_since"
    max_age = 7 * DAY
    window_only = True

    @staticmethod
    def rows() -> QuerySet[ChatWebhook]:
        return ChatWebhook.objects.filter(off_since__isnull=False)

    def intents(self, chat: "OffChat") -> Iterator[Intent]:
        at = chat.off_since
        yield self.intent(chat, chat.user_id, at.isoformat(), at, at + self.max_age)

    def email(self, person: User, intent: Intent["OffChat"]) -> Email:
        chat = intent.row
        context = {"host": chat.host, "since": when(chat.off_since)}
        return Email(_("Reminders no longer go to your chat"), page_url("connections"), context)
