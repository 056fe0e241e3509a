"""A practice that a person repeats, with a forgiving weekly target (docs/rules.md, practice plans)."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.working_hours import instant
from core.fields import BoundText, EncryptedTextField
from core.optimistic_locking import ConditionalUpdate
from mentoring.models import Pair, PairContentQuerySet
from practice.kinds import KINDS, Kind

SUGGESTED_AT_MOST = 2  # active plans of one person
FRIDAY, FOUR_PM = 5, time(16)
WEEK = timedelta(days=7)


class Weekday(models.IntegerChoices):
    """ISO weekdays, Monday is 1."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


def practice_choices() -> list[tuple[str, str]]:
    """Return what can be repeated: the kinds of entries with a timer or a next step, and something of one's own."""
    kinds = [(str(kind.name), kind.label) for kind in KINDS.values() if kind.starts_from_pair]
    return [*kinds, ("", _("Something of my own"))]


def monday_of(on: date) -> date:
    return on - timedelta(days=on.weekday())


class PracticePlanQuerySet(PairContentQuerySet["PracticePlan"]):
    def visible_to(self, user) -> "PracticePlanQuerySet":
        """Return the plans of this person, nobody else's."""
        return super().visible_to(user).filter(user=user)

    def editable_by(self, user) -> "PracticePlanQuerySet":
        return super().editable_by(user).filter(user=user, stopped_at=None)

    def active(self) -> "PracticePlanQuerySet":
        return self.filter(stopped_at=None, pair__ended_at=None)


class PracticePlan(ConditionalUpdate, BoundText):
    """A practice of one person in one pair, so that a pause of the pair also pauses it. Nobody else sees it."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="practice_plans")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="practice_plans")
    kind = models.CharField(_("What"), max_length=20, choices=practice_choices, blank=True)
    # What it is, if it is not a kind of entry. Then each time is a tick.
    title = EncryptedTextField(_("In one line"), max_length=200, blank=True, bound_to=("pair_id", "user_id"))
    per_week = models.PositiveSmallIntegerField(
        _("Times a week"), default=1, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    weekday = models.PositiveSmallIntegerField(_("Day"), choices=Weekday, default=FRIDAY)
    at = models.TimeField(_("Time"), default=FOUR_PM)
    reminds = models.BooleanField(_("Remind me at that time, while the week’s target is open"), default=True)
    created_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True, blank=True)
    skipped_week = models.DateField(null=True, blank=True)  # the Monday of a week without reminders

    objects = PracticePlanQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(per_week__range=(1, 7)), name="practiced_one_to_seven_times"),
            models.CheckConstraint(condition=models.Q(weekday__range=(1, 7)), name="practiced_on_a_weekday"),
        ]

    def __str__(self) -> str:
        return f"practice plan {self.pk}"

    @property
    def about(self) -> Kind | None:
        """The kind of entry, if each time is one."""
        return KINDS.get(self.kind)

    def slot_in(self, week: date) -> datetime:
        """Return its moment in the week of that Monday, at the local time of the person also across a clock change."""
        return instant(self.user, week + timedelta(days=self.weekday - 1), self.at)

    def skip(self, week: date | None) -> None:
        """Ask for no reminder in the week of that Monday, or ask again with None; past weeks stay as they are."""
        PracticePlan.objects.filter(pk=self.pk).update(skipped_week=week)
        self.pair.replan()

    def stop(self) -> None:
        """End the plan. What was practiced stays."""
        if self.update_if({"stopped_at": None}, stopped_at=timezone.now()):
            self.pair.replan()

    def resume(self) -> None:
        """Undo `stop`."""
        if self.update_if({"stopped_at__isnull": False}, stopped_at=None):
            self.pair.replan()

    def tick(self, on: date, is_done: bool) -> None:
        """Note that it was practiced on that day, or that it was not; a second time changes nothing."""
        if is_done:
            PracticeTick.objects.get_or_create(plan=self, done_on=on)
        else:
            PracticeTick.objects.filter(plan=self, done_on=on).delete()
        self.pair.replan()


class PracticeTick(models.Model):
    """A day on which a practice of one's own was done."""

    plan = models.ForeignKey(PracticePlan, on_delete=models.CASCADE, related_name="ticks")
    done_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "done_on"], name="one_tick_a_day")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.done_on}"
