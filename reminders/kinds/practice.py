"""The reminder of a planned practice, at its own time (docs/rules.md, practice plans)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from practice.models import PracticePlan
from practice.models.plan import WEEK, monday_of
from practice.weeks import weeks_of
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Reminder, Topic

IGNORED_IN_A_ROW = 3
REST = timedelta(days=14)  # after that many were ignored
WEEKS_AHEAD = 3


@register
class PracticeSlot(Kind):
    """Remind a person of a practice, unless this week's target is met or the week is skipped."""

    name = "practice_slot"
    label = gettext_lazy("A practice you planned")
    label_for_programs = gettext_lazy("Practice at its planned time")
    why = gettext_lazy("You get this because you planned this practice.")
    topic = Topic.PRACTICE
    subject = "practice_plan"
    recipients = ("user",)
    anchor, max_age = "pair__touched_at", timedelta(days=200)
    backs_off = False
    confidential = True  # it shows whether somebody has written

    EXPIRES_AFTER = timedelta(days=2)

    @staticmethod
    def rows() -> QuerySet[PracticePlan]:
        return PracticePlan.objects.active().filter(reminds=True).select_related("user", "pair")

    def intents(self, plan: PracticePlan) -> Iterator[Intent]:
        """Yield the slots of this and the next weeks that are still open."""
        weeks = weeks_of([plan])[plan.pk]
        rests_until = self.rests_until(plan)
        this_week = monday_of(plan.user.today())
        for week in (this_week + n * WEEK for n in range(WEEKS_AHEAD)):
            due_at = plan.slot_in(week)
            if weeks.done_in(week) >= plan.per_week or plan.skipped_week == week or due_at < plan.created_at:
                continue
            if rests_until is None or due_at >= rests_until:
                yield self.intent(plan, plan.user_id, week.isoformat(), due_at, due_at + self.EXPIRES_AFTER)

    def rests_until(self, plan: PracticePlan) -> datetime | None:
        """Return until when there is no reminder, because the last three were ignored."""
        sent = Reminder.objects.filter(kind=self.name, subject=f"{self.subject}:{plan.pk}", was_ignored__isnull=False)
        last = list(sent.order_by("-due_at").values_list("due_at", "was_ignored")[:IGNORED_IN_A_ROW])
        if len(last) < IGNORED_IN_A_ROW or not all(ignored for _due_at, ignored in last):
            return None
        return last[0][0] + REST

    def email(self, person: User, intent: Intent) -> EmailPart:
        """Name a kind of entry; a practice of one's own is private, so that its text is not in an email."""
        plan: PracticePlan = intent.row
        if plan.about is None:
            title, page = _("Your practice of this week"), page_url("practice_list")
            return EmailPart(subject_line("%(title)s", title=title), title, _("Open Practice"), page, page)
        page = page_url("entry_create", plan.kind)
        title = str(plan.about.label)
        if plan.about.minutes:
            title = _("%(practice)s: %(n)s minutes for yourself") % {"practice": title, "n": plan.about.minutes}
        return EmailPart(subject_line("%(title)s", title=title), title, _("Start"), page, page)
