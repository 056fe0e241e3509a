"""Improvement plans, which keep every version (docs/rules.md, improvement plans)."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import Conflict
from goals.models.goal import Archivable
from goals.models.pivot import Pivot
from mentoring.models import Pair, PairContentQuerySet


class Level(models.IntegerChoices):
    """How well a person can do something, each level with a description."""

    NEW = 1, _("1 · new to me")
    HELP = 2, _("2 · with help")
    ALONE = 3, _("3 · alone, on a good day")
    RELIABLE = 4, _("4 · alone, reliably")
    TEACHES = 5, _("5 · others learn it from me")


class PlanQuerySet(PairContentQuerySet["Plan"]):
    def current(self) -> "PlanQuerySet":
        return self.filter(dropped_at=None)

    def with_versions(self) -> "PlanQuerySet":
        """Prefetch the versions, newest first, with one more query."""
        return self.prefetch_related("versions")


class Plan(Archivable):
    """A plan to improve one skill. Its content is in its newest version."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="plans")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.summary()

    @property
    def newest(self) -> "PlanVersion":
        return self.versions.all()[0]

    @property
    def title(self) -> str:
        return self.newest.skill

    @classmethod
    def create(cls, pair: Pair, by, **fields) -> "Plan":
        with pair.locked():
            plan = cls.objects.create(pair=pair, created_by=by)
            plan.versions.create(number=1, created_by=by, **fields)
            pair.touch()
        return plan

    def revise(self, number: int, by, reason: str = "", **fields) -> None:
        """Add a version after version `number`, with the fields that changed.

        Raise Conflict if the other person added one first. If nothing changed, no version is added.
        """
        with self.pair.locked():
            self.pair.touch()
            last = self.versions.first()
            if all(getattr(last, name) == value for name, value in fields.items()):
                return
            if last.number != number:
                raise Conflict(last)
            kept = {name: getattr(last, name) for name in PlanVersion.CONTENT}
            self.versions.create(number=number + 1, created_by=by, reason=reason, **kept | fields)
            type(self).objects.filter(pk=self.pk).update(version=F("version") + 1)
            self.log(by, Pivot.Kind.CHANGED, last.summary(), reason)

    def get_absolute_url(self) -> str:
        return f"{reverse('plan_list', args=[self.pair_id])}#plan-{self.pk}"

    def summary(self) -> str:
        last = self.versions.first()
        return last.summary() if last else ""

    def log(self, by, kind: str, before: str, reason: str) -> None:
        Pivot.objects.create(
            pair_id=self.pair_id,
            plan=self,
            created_by=by,
            kind=kind,
            text_before=before,
            text_after=self.summary(),
            reason=reason,
        )


class PlanVersionQuerySet(PairContentQuerySet["PlanVersion"]):
    pair_path = "plan__pair"


class PlanVersion(models.Model):
    """The content of a plan as of `created_at`."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    skill = models.CharField(_("Which skill?"), max_length=200)
    gap = models.TextField(_("What is missing today?"), max_length=2000, blank=True)
    level_now = models.PositiveSmallIntegerField(_("Where are you now?"), choices=Level)
    level_target = models.PositiveSmallIntegerField(_("Where do you want to be?"), choices=Level)
    resources = models.TextField(_("What helps?"), max_length=2000, blank=True)
    due_on = models.DateField(_("By when, realistically?"))
    review_weeks = models.PositiveSmallIntegerField(_("Review every … weeks"), default=4)
    reason = models.CharField(_("Why did it change?"), max_length=300, blank=True)

    objects = PlanVersionQuerySet.as_manager()

    CONTENT = ("skill", "gap", "level_now", "level_target", "resources", "due_on", "review_weeks")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_versions"),
            models.CheckConstraint(
                condition=models.Q(level_now__range=(1, 5), level_target__range=(1, 5)), name="plan_levels"
            ),
        ]

    def __str__(self) -> str:
        return self.skill

    def summary(self) -> str:
        return f"{self.skill}: {self.level_now} → {self.level_target}"

    @property
    def reviews(self) -> list[date]:
        """Return the days on which the plan is reviewed: every `review_weeks` weeks, and at its end."""
        step, day, found = timedelta(weeks=self.review_weeks), self.plan.pair.mentee.local(self.created_at).date(), []
        while (day := day + step) < self.due_on and len(found) < 60:
            found.append(day)
        return [*found, self.due_on]
