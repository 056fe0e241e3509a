"""The weeks of practice plans: what was done in each, counted by the local dates of the person."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import ngettext

from practice.models import Entry, PracticePlan, PracticeTick
from practice.models.plan import WEEK, monday_of

SHOWN_WEEKS = 8


@dataclass(frozen=True)
class PlanWeeks:
    """A plan with its last weeks, oldest first, up to the current one; no week before the plan is shown."""

    plan: PracticePlan
    today: date
    days: Counter  # the times on each day

    @property
    def this_week(self) -> date:
        return monday_of(self.today)

    @property
    def weeks(self) -> list[tuple[date, int]]:
        first = monday_of(self.plan.user.local(self.plan.created_at).date())
        mondays = [self.this_week - n * WEEK for n in reversed(range(SHOWN_WEEKS))]
        return [(monday, self.done_in(monday)) for monday in mondays if monday >= first]

    def done_in(self, monday: date) -> int:
        return sum(self.days[monday + timedelta(days=n)] for n in range(7))

    @property
    def done_this_week(self) -> int:
        return self.done_in(self.this_week)

    @property
    def is_met(self) -> bool:
        return self.done_this_week >= self.plan.per_week

    @property
    def is_skipped(self) -> bool:
        return self.plan.skipped_week == self.this_week

    @property
    def is_done_today(self) -> bool:
        return bool(self.days[self.today])

    @property
    def bars(self) -> list[tuple[str, bool, bool]]:
        """For each week of the strip: where it begins, whether the target was met, and whether it is the current."""
        step = 100 / SHOWN_WEEKS
        return [
            (f"{n * step:g}%", done >= self.plan.per_week, monday == self.this_week)
            for n, (monday, done) in enumerate(self.weeks)
        ]

    @property
    def sentence(self) -> str:
        """Say how many of the weeks met the target. The current week counts once it does."""
        met = sum(done >= self.plan.per_week for _monday, done in self.weeks)
        n = len(self.weeks)
        return ngettext("%(met)s of %(n)s week so far.", "%(met)s of the last %(n)s weeks.", n) % {"met": met, "n": n}


def weeks_of(plans: Iterable[PracticePlan]) -> dict[int, PlanWeeks]:
    """Return the weeks of these plans by their keys, in two queries. The plans have their people at hand."""
    plans = list(plans)
    if not plans:
        return {}
    oldest = min(plan.user.today() for plan in plans) - (SHOWN_WEEKS + 1) * WEEK
    days: dict[int, Counter] = {plan.pk: Counter() for plan in plans}
    for plan, on in PracticeTick.objects.filter(plan__in=plans, done_on__gte=oldest).values_list("plan", "done_on"):
        days[plan][on] += 1
    since = datetime.combine(oldest, time(), UTC) - timedelta(days=1)  # a day more, for every time zone
    entries = Entry.objects.written().filter(author__in={plan.user_id for plan in plans}, created_at__gte=since)
    written = list(entries.values_list("author", "kind", "created_at"))
    for plan in plans:
        for author, kind, at in written:
            if (author, kind) == (plan.user_id, plan.kind):
                days[plan.pk][plan.user.local(at).date()] += 1
    return {plan.pk: PlanWeeks(plan, plan.user.today(), days[plan.pk]) for plan in plans}
