"""Goals, their milestones, and work events; the base of everything that is dropped and reopened, never deleted."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import ConditionalUpdate, Versioned
from goals.models.direction import Competency, Priority
from goals.models.pivot import Pivot
from mentoring.models import Pair, PairContentQuerySet

KEPT_ONCE_WITHIN = timedelta(hours=6)  # keeping a goal again this soon is the same press
REVIEW_WITHIN = timedelta(days=14)  # "How did it go?" is asked this long after a work event
ACTIVE_GOALS = 3  # more would get too little attention (docs/rules.md, goals)


class Archivable(ConditionalUpdate, Versioned):
    """A row that is dropped instead of deleted. Links to it stay, and it can be reopened."""

    pair: Pair

    class Meta:
        abstract = True

    def change(self, version: int, by, reason: str = "", **fields) -> None:
        """Store new values; raise Conflict if the other person saved first. `reason` is kept in the log of changes."""
        before = self.summary()
        with self.pair.locked():
            self.write(version, **fields)
            if self.summary() != before:
                self.log(by, Pivot.Kind.CHANGED, before, reason)
            self.pair.touch()

    def drop(self, by, reason: str = "") -> None:
        """Drop the row. It stays readable and can be reopened."""
        self._set_timestamps(by, Pivot.Kind.DROPPED, reason, dropped_at=timezone.now())

    def reopen(self, by) -> None:
        self._set_timestamps(by, Pivot.Kind.REOPENED, dropped_at=None)

    def summary(self) -> str:
        """Return the text whose change counts as a change of direction."""
        return ""

    def log(self, by, kind: str, before: str, reason: str) -> None:
        """Record what changed and why; only goals and plans keep such a log."""

    def get_absolute_url(self) -> str:
        return reverse("pair_detail", args=[self.pair_id])

    def _set_timestamps(self, by=None, kind: str = "", reason: str = "", **timestamps) -> None:
        """Set these timestamps and log the change, unless they are set already."""
        is_empty = Q(*((name, None) for name, at in timestamps.items()), _connector=Q.AND)
        with self.pair.locked():
            condition = is_empty if any(timestamps.values()) else ~is_empty
            if self.update_if(condition, version=F("version") + 1, **timestamps):
                if kind:
                    self.log(by, kind, self.summary(), reason)
                self.pair.touch()
        self.refresh_from_db(fields=["version", *timestamps])


class Aim(Archivable):
    """A row that can be reached or dropped."""

    reached_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        return self.reached_at is None and self.dropped_at is None

    def reach(self) -> None:
        self._set_timestamps(reached_at=timezone.now())

    def reopen(self, by) -> None:
        self._set_timestamps(by, Pivot.Kind.REOPENED, reached_at=None, dropped_at=None)


class WorkEventQuerySet(PairContentQuerySet["WorkEvent"]):
    def current(self) -> "WorkEventQuerySet":
        return self.filter(dropped_at__isnull=True)

    def coming(self, today: date) -> "WorkEventQuerySet":
        """Return the work events that are still to come, including today's."""
        return self.current().filter(happens_on__gte=today)

    def past(self, today: date) -> "WorkEventQuerySet":
        """Return the past work events, newest first."""
        return self.current().filter(happens_on__lt=today).order_by("-happens_on", "-pk")

    def to_review(self, today: date) -> "WorkEventQuerySet":
        """Return the work events of the last two weeks that nobody has reviewed yet."""
        return self.past(today).filter(reviewed_at=None, happens_on__gte=today - REVIEW_WITHIN)


class WorkEvent(Archivable):
    """A work event with a date: a presentation, a launch, a difficult conversation."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="work_events")
    title = models.CharField(_("What is coming up?"), max_length=200)
    happens_on = models.DateField(_("When?"))
    stakeholders = models.CharField(_("Who has a stake in it?"), max_length=300, blank=True)
    needs = models.CharField(_("What do you need for it?"), max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)
    how_it_went = models.CharField(_("How did it go?"), max_length=500, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)  # set by the first answer of either person

    objects = WorkEventQuerySet.as_manager()

    class Meta:
        ordering = ["happens_on", "pk"]
        indexes = [models.Index(fields=["happens_on"], condition=models.Q(dropped_at=None), name="work_events_by_day")]

    def __str__(self) -> str:
        return self.title


class AimQuerySet(PairContentQuerySet):
    def active(self) -> "AimQuerySet":
        return self.filter(reached_at__isnull=True, dropped_at__isnull=True)


class Goal(Aim):
    """What the mentee wants to be able to do, in one line. Its reason and measure are discussed in session 2."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="goals")
    title = models.CharField(_("Goal"), max_length=300)
    why = models.CharField(_("Why does it matter?"), max_length=300, blank=True)
    measure = models.CharField(_("How will we know?"), max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    priorities = models.ManyToManyField(Priority, blank=True, related_name="goals")
    competencies = models.ManyToManyField(Competency, blank=True, related_name="goals")

    objects = AimQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title

    def summary(self) -> str:
        return " · ".join(text for text in (self.title, self.why, self.measure) if text)

    def keep(self, by) -> None:
        """Log that the goal was reviewed and kept, in a reset session; a second press is ignored."""
        last = self.pivots.first()
        if last and last.kind == Pivot.Kind.KEPT and timezone.now() - last.created_at < KEPT_ONCE_WITHIN:
            return
        with self.pair.locked():
            self.log(by, Pivot.Kind.KEPT, self.summary(), "")
            self.pair.touch()

    def log(self, by, kind: str, before: str, reason: str) -> None:
        Pivot.objects.create(
            pair_id=self.pair_id,
            goal=self,
            created_by=by,
            kind=kind,
            text_before=before,
            text_after=self.summary(),
            reason=reason,
        )


class MilestoneQuerySet(AimQuerySet):
    pair_path = "goal__pair"


class Milestone(Aim):
    """A step toward a goal that both people will notice, with an optional due date."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="milestones")
    title = models.CharField(_("Milestone"), max_length=200)
    due_on = models.DateField(_("By when?"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('goal_list', args=[self.goal.pair_id])}#goal-{self.goal_id}"

    @property
    def pair(self) -> Pair:
        return self.goal.pair
