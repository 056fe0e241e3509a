"""Changes of direction: when a goal or plan was kept, changed, dropped or reopened, and why."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models import Pair, PairContentQuerySet


class Pivot(models.Model):
    """One change of direction of a goal or a plan, with its reason."""

    class Kind(models.TextChoices):
        KEPT = "kept", _("kept")
        CHANGED = "changed", _("changed")
        DROPPED = "dropped", _("dropped")
        REOPENED = "taken up", _("reopened")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="pivots")
    goal = models.ForeignKey("goals.Goal", null=True, on_delete=models.CASCADE, related_name="pivots")
    plan = models.ForeignKey("goals.Plan", null=True, on_delete=models.CASCADE, related_name="pivots")
    kind = models.CharField(max_length=8, choices=Kind)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    text_before = models.TextField(blank=True)
    text_after = models.TextField(blank=True)
    reason = models.CharField(_("Why?"), max_length=300, blank=True)

    objects = PairContentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(goal__isnull=False, plan__isnull=True)
                | models.Q(goal__isnull=True, plan__isnull=False),
                name="a_pivot_of_a_goal_or_a_plan",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text_before}"
