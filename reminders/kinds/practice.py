"""Reminders about practice: a planned one at its own time, and a request to be buddies (docs/rules.md, reminders)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from mentoring.models import Pair
from practice.models import Buddies, PracticePlan
from practice.models.plan import WEEK, monday_of
from practice.weeks import PlanWeeks, weeks_of
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Reminder, Topic
from reminders.windows import UNDO_PERIOD

if TYPE_CHECKING:

    class PlanOfWeeks(PracticePlan):
        """A plan as derive() completes it."""

        weeks: PlanWeeks
        newest_ignored: datetime | None


IGNORED_IN_A_ROW = 3
REST = timedelta(days=14)  # after that many were ignored
WEEKS_AHEAD = 3


@register
class PracticeSlot(Kind["PlanOfWeeks"]):
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

    def attach(self, row: PracticePlan, pair: Pair) -> None:
        row.pair = pair
        pair.attach_people([row], "user")

    def derive(self, rows: Iterable["PlanOfWeeks"]) -> Iterator[Intent]:
        """Read the weeks and the earlier reminders of all plans at once."""
        plans = list(rows)
        weeks, ignored = weeks_of(plans), self.newest_ignored(plans)
        for plan in plans:
            plan.weeks, plan.newest_ignored = weeks[plan.pk], ignored[plan.pk]
        return super().derive(plans)

    def intents(self, plan: "PlanOfWeeks") -> Iterator[Intent]:
        """Yield the slots of this and the next weeks that are still open; needs derive()."""
        rests_until = plan.newest_ignored + REST if plan.newest_ignored else plan.created_at
        this_week = monday_of(plan.user.today())
        for week in (this_week + n * WEEK for n in range(WEEKS_AHEAD)):
            due_at = plan.slot_in(week)
            is_open = plan.weeks.done_in(week) < plan.per_week and plan.skipped_week != week
            if is_open and due_at >= max(rests_until, plan.created_at):
                yield self.intent(plan, plan.user_id, week.isoformat(), due_at, due_at + self.EXPIRES_AFTER)

    def newest_ignored(self, plans: Sequence[PracticePlan]) -> dict[int, datetime | None]:
        """Return for each plan when the newest of three reminders in a row was due that were all ignored, or None."""
        sent: dict[str, list] = {f"{self.subject}:{plan.pk}": [] for plan in plans}
        rows = Reminder.objects.filter(kind=self.name, subject__in=sent, was_ignored__isnull=False).order_by("-due_at")
        for subject, due_at, was_ignored in rows.values_list("subject", "due_at", "was_ignored"):
            sent[subject].append((due_at, was_ignored))
        found = {}
        for plan in plans:
            last = sent[f"{self.subject}:{plan.pk}"][:IGNORED_IN_A_ROW]
            are_ignored = len(last) == IGNORED_IN_A_ROW and all(ignored for _due_at, ignored in last)
            found[plan.pk] = last[0][0] if are_ignored else None
        return found

    def email(self, person: User, intent: Intent["PlanOfWeeks"]) -> EmailPart:
        """Name a kind of entry; a practice of one's own is private, so that its text is not in an email."""
        plan = intent.row
        if plan.about is None:
            title, page = _("Your practice of this week"), page_url("practice_list")
            return EmailPart(subject_line("%(title)s", title=title), title, _("Open Practice"), page, page)
        page = page_url("entry_create", plan.kind)
        title = str(plan.about.label)
        if plan.about.minutes:
            title = _("%(practice)s: %(n)s minutes for yourself") % {"practice": title, "n": plan.about.minutes}
        return EmailPart(subject_line("%(title)s", title=title), title, _("Start"), page, page)


@register
class BuddyRequest(Kind[Buddies]):
    """Notify a mentee at the next window that another one would like to be their buddy."""

    name = "buddy_request"
    label = gettext_lazy("Someone wants to be your buddy")
    why = gettext_lazy("You get this because another mentee of your program asked you.")
    topic = Topic.PRACTICE
    subject, pair = "buddies", ""
    recipients = ("other",)
    changed = anchor = "asked_at"
    max_age = timedelta(days=14)
    confidential = True

    @staticmethod
    def rows() -> QuerySet[Buddies]:
        return Buddies.objects.filter(accepted_at=None, ended_at=None).select_related("asked_by")

    def intents(self, buddies: Buddies) -> Iterator[Intent]:
        due_at = buddies.asked_at + UNDO_PERIOD
        yield self.intent(buddies, buddies.other_id, "", due_at, buddies.asked_at + self.max_age)

    def email(self, person: User, intent: Intent[Buddies]) -> EmailPart:
        buddies: Buddies = intent.row
        title = _("%(name)s would like to be your buddy") % {"name": buddies.asked_by}
        page = page_url("practice_list", fragment="buddy")
        return EmailPart(subject_line("%(title)s", title=title), title, _("See the request"), page, page)
