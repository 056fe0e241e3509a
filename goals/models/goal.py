from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import Versioned
from goals.models.direction import Competency, Priority
from goals.models.pivot import Pivot
from mentoring.models import Pair, PairContentQuerySet

ONE_LOOK = timedelta(hours=6)
REVIEW_WITHIN = timedelta(days=14)  # so long "How did it go?" is asked after a work event
ACTIVE_GOALS = 3  # with more of them none gets the attention (docs/rules.md, goals)


class Lasting(Versioned):
    """A row that is never deleted: what named it still does, and every ending can be taken back."""

    pair: Pair

    class Meta:
        abstract = True

    def change(self, version: int, by, reason: str = "", **fields) -> None:
        """New words; Conflict when the other person was first. `reason` goes into the log of what has one."""
        was = self.in_words()
        with self.pair.locked():
            self.write(version, **fields)
            if self.in_words() != was:
                self.log(by, Pivot.Kind.CHANGED, was, reason)
            self.pair.touch()

    def drop(self, by, why: str = "") -> None:
        """It is off, or let go. It stays readable and can be taken up again."""
        self._mark(by, Pivot.Kind.DROPPED, why, dropped_at=timezone.now())

    def reopen(self, by) -> None:
        self._mark(by, Pivot.Kind.TAKEN_UP, dropped_at=None)

    def in_words(self) -> str:
        """What a change of direction would change."""
        return ""

    def log(self, by, kind: str, was: str, why: str) -> None:
        """Keep what changed and why, where that is kept (goals and plans)."""

    def _mark(self, by, kind: str = "", why: str = "", **stamps) -> None:
        """Stamp it, once: a second press changes nothing."""
        known = Q(*((name, None) for name, at in stamps.items()), _connector=Q.AND)
        with self.pair.locked():
            rows = type(self)._base_manager.filter(known if any(stamps.values()) else ~known, pk=self.pk)
            if rows.update(version=F("version") + 1, **stamps):
                if kind:
                    self.log(by, kind, self.in_words(), why)
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

    def reach(self, by) -> None:
        self._mark(by, reached_at=timezone.now())

    def reopen(self, by) -> None:
        self._mark(by, Pivot.Kind.TAKEN_UP, reached_at=None, dropped_at=None)


class WorkItemQuerySet(PairContentQuerySet):
    def current(self) -> "WorkItemQuerySet":
        return self.filter(dropped_at__isnull=True)

    def coming(self, today: date) -> "WorkItemQuerySet":
        """Still ahead, today included."""
        return self.current().filter(on__gte=today)

    def past(self, today: date) -> "WorkItemQuerySet":
        """Those whose day is over, newest first."""
        return self.current().filter(on__lt=today).order_by("-on", "-pk")

    def to_review(self, today: date) -> "WorkItemQuerySet":
        """Those of the last two weeks that nobody has been asked about with an answer."""
        return self.past(today).filter(reviewed_at=None, on__gte=today - REVIEW_WITHIN)


class WorkItem(Lasting):
    """A real event at work with a date: a presentation, a launch, a difficult talk."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="work_items")
    title = models.CharField(_("What is coming up?"), max_length=200)
    on = models.DateField(_("When?"))
    stakeholders = models.CharField(_("Who has a stake in it?"), max_length=300, blank=True)
    needs = models.CharField(_("What do you need for it?"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)
    how_it_went = models.CharField(_("How did it go?"), max_length=500, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)  # either person answered; it is asked once

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
    priorities = models.ManyToManyField(Priority, blank=True, related_name="goals")
    competencies = models.ManyToManyField(Competency, blank=True, related_name="goals")

    objects = AimQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title

    def in_words(self) -> str:
        return " · ".join(words for words in (self.title, self.why, self.measure) if words)

    def keep(self, by) -> None:
        """Looked at again and still right (a reset session). Pressed again, it is one look."""
        last = self.pivots.first()
        if last and last.kind == Pivot.Kind.KEPT and timezone.now() - last.at < ONE_LOOK:
            return
        with self.pair.locked():
            self.log(by, Pivot.Kind.KEPT, self.in_words(), "")
            self.pair.touch()

    def log(self, by, kind: str, was: str, why: str) -> None:
        Pivot.objects.create(pair_id=self.pair_id, goal=self, by=by, kind=kind, was=was, now=self.in_words(), why=why)


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
