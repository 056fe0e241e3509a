from datetime import date

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Versioned
from mentoring.models import Pair, PairContentQuerySet

ACTIVE_GOALS = 3  # with more of them none gets the attention (docs/rules.md, goals)


class Lasting(Versioned):
    """A row that is never deleted: what named it still does, and every ending can be taken back."""

    pair: Pair

    class Meta:
        abstract = True

    def change(self, version: int, **fields) -> None:
        """New words; Conflict when the other person was first."""
        with transaction.atomic():
            self.write(version, **fields)
            self.pair.touch()

    def drop(self) -> None:
        """It is off, or let go. It stays readable and can be taken up again."""
        self._mark(dropped_at=timezone.now())

    def reopen(self) -> None:
        self._mark(dropped_at=None)

    def _mark(self, **stamps) -> None:
        with transaction.atomic():
            type(self)._base_manager.filter(pk=self.pk).update(version=F("version") + 1, **stamps)
            self.pair.touch()
        self.refresh_from_db(fields=["version", *stamps])


class Aim(Lasting):
    """A row that is reached one day, or let go."""

    reached_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        return self.reached_at is None and self.dropped_at is None

    def reach(self) -> None:
        self._mark(reached_at=timezone.now())

    def reopen(self) -> None:
        self._mark(reached_at=None, dropped_at=None)


class WorkItemQuerySet(PairContentQuerySet):
    def current(self) -> "WorkItemQuerySet":
        return self.filter(dropped_at__isnull=True)

    def coming(self, today: date) -> "WorkItemQuerySet":
        """Still ahead, today included."""
        return self.current().filter(on__gte=today)


class WorkItem(Lasting):
    """A real event at work with a date: a presentation, a launch, a difficult talk."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="work_items")
    title = models.CharField(_("What is coming up?"), max_length=200)
    on = models.DateField(_("When?"))
    stakeholders = models.CharField(_("Who has a stake in it?"), max_length=300, blank=True)
    needs = models.CharField(_("What do you need for it?"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return self.title


class AimQuerySet(PairContentQuerySet):
    def active(self) -> "AimQuerySet":
        return self.filter(reached_at__isnull=True, dropped_at__isnull=True)


class Goal(Aim):
    """What the mentee wants to be able to do, in one line; why and how we will know follow in session 2."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="goals")
    title = models.CharField(_("Goal"), max_length=300)
    why = models.CharField(_("Why does it matter?"), max_length=300, blank=True)
    measure = models.CharField(_("How will we know?"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = AimQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title


class MilestoneQuerySet(AimQuerySet):
    pair_path = "goal__pair"


class Milestone(Aim):
    """A step on the way to a goal that both will notice, with a day if they like."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="milestones")
    title = models.CharField(_("Milestone"), max_length=200)
    by_on = models.DateField(_("By when?"), null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = [F("by_on").asc(nulls_last=True), "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def pair(self) -> Pair:
        return self.goal.pair
