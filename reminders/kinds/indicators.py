"""Reminders to add an indicator's value: on its day, and two days later (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from goals.models import Indicator, Reading
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.links import Purpose, link
from reminders.models import Topic
from reminders.windows import next_working_morning

if TYPE_CHECKING:

    class TrackedIndicator(Indicator):
        """An indicator as rows() returns it."""

        every_days: int
        mentee_last: date | None  # the day of the last value
        mentor_last: date | None


REMINDED_AGAIN_AFTER = 2 * DAY
EXPIRES_AFTER = 5 * DAY
MAX_PERIODS = 6  # reminders stop after this many periods without a value; then it is time to talk


class IndicatorReminder(Kind["TrackedIndicator"]):
    """Base class for both reminders about an indicator; `delay` is from the day the value is due."""

    topic = Topic.INDICATORS
    subject = "indicator"
    why = gettext_lazy("You get this because the two of you agreed to track it.")
    anchor, max_age = "touched_at", timedelta(days=MAX_PERIODS * max(Indicator.Rhythm.values)) + 2 * EXPIRES_AFTER

    delay: timedelta
    expires_after: timedelta

    @staticmethod
    def rows() -> QuerySet[Indicator]:
        """Return tracked indicators, with the day of each person's last value."""
        indicators = Indicator.objects.current().entered().filter(every_days__isnull=False, pair__ended_at=None)
        last = Reading.objects.filter(indicator=OuterRef("pk")).order_by("-measured_on").values("measured_on")
        return indicators.select_related("pair__mentor", "pair__mentee").annotate(
            mentee_last=Subquery(last.filter(created_by=OuterRef("pair__mentee"))[:1]),
            mentor_last=Subquery(last.filter(created_by=OuterRef("pair__mentor"))[:1]),
        )

    def due_days(self, indicator: "TrackedIndicator", person: User) -> Iterator[date]:
        """Yield the days on which this person's value is due, counted from their last one or from the start."""
        is_mentee = person.pk == indicator.pair.mentee_id
        last = indicator.mentee_last if is_mentee else indicator.mentor_last
        day = last or person.local(indicator.created_at).date()
        for _n in range(MAX_PERIODS):
            day += timedelta(days=indicator.every_days)
            yield day

    def intents(self, indicator: "TrackedIndicator") -> Iterator[Intent]:
        for person in indicator.raters:
            for day in self.due_days(indicator, person):
                due_at = next_working_morning(person, day + self.delay)
                yield self.intent(indicator, person.pk, day.isoformat(), due_at, due_at + self.expires_after)

    def email(self, person: User, intent: Intent["TrackedIndicator"]) -> EmailPart:
        indicator = intent.row
        values = {"what": indicator.title, "name": indicator.pair.mentee.first_name}
        # A mentor may have several mentees who track the same indicator.
        title = _("Add a value: %(what)s")
        if not indicator.pair.is_mentee(person):
            title = _("Add a value for %(name)s: %(what)s")
        return EmailPart(
            subject=subject_line(title, **values),
            title=title % values,
            action=_("Add a value"),
            url=link("email_indicator", Purpose.INDICATOR, person, indicator.pk),
            page=page_url("reading_create", indicator.pk),
        )


@register
class IndicatorDue(IndicatorReminder):
    """Remind each person on the day their value is due."""

    name = "indicator_due"
    label = gettext_lazy("A value to add")
    label_for_programs = gettext_lazy("Indicator: add a value")
    may_be_early = True
    delay, expires_after = timedelta(0), REMINDED_AGAIN_AFTER


@register
class IndicatorAgain(IndicatorReminder):
    """Remind each person once more two days later."""

    name = "indicator_again"
    label = gettext_lazy("A value to add, second reminder")
    label_for_programs = gettext_lazy("Indicator: add a value, second reminder")
    delay, expires_after = REMINDED_AGAIN_AFTER, EXPIRES_AFTER
