"""The reminder about an introduction on which nothing has happened (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from practice.models import Introduction
from practice.models.introduction import Stage
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Topic
from reminders.windows import next_working_morning


@register
class IntroductionWaiting(Kind[Introduction]):
    """Ask who takes the next step, once in each stage, two weeks after the last one. It does not name the third."""

    name = "introduction"
    label = gettext_lazy("An introduction that waits")
    why = gettext_lazy("You get this because the next step of this introduction is yours.")
    topic = Topic.CHECK_INS
    subject = "introduction"
    recipients = ()
    anchor = "moved_at"
    max_age = timedelta(days=30)
    confidential = True

    QUIET_FOR, OPEN_FOR = 14 * DAY, 7 * DAY

    @staticmethod
    def rows() -> QuerySet[Introduction]:
        rows = Introduction.objects.open().filter(pair__ended_at=None)
        return rows.select_related("pair__mentor", "pair__mentee")

    def intents(self, row: Introduction) -> Iterator[Intent]:
        pair = row.pair
        person = pair.mentor if row.waits_for_id == pair.mentor_id else pair.mentee
        due_at = next_working_morning(person, person.local(row.moved_at).date() + self.QUIET_FOR)
        yield self.intent(row, person.pk, row.stage.value, due_at, due_at + self.OPEN_FOR)

    def email(self, person: User, intent: Intent[Introduction]) -> EmailPart:
        row: Introduction = intent.row
        if row.stage == Stage.REQUESTED:
            title = _("%(name)s still hopes for an introduction") % {"name": row.pair.mentee.first_name}
        elif row.stage == Stage.MADE:
            title = _("You were introduced two weeks ago. Have you talked?")
        else:
            title = _("What did you learn from the person you talked to?")
        page = page_url("introduction_list", row.pair_id)
        return EmailPart(subject_line("%(title)s", title=title), title, _("Take the next step"), page, page)
