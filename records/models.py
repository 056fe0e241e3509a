"""What a mentee carried over from an earlier pair."""

from django.db import models
from django.utils import timezone

from mentoring.models import Pair


class HandedOver(models.Model):
    """A row of an earlier pair that the mentee carried over. It is copied only once."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="handed_over")
    kind = models.CharField(max_length=12)
    source = models.PositiveBigIntegerField()
    copy = models.PositiveBigIntegerField(
        null=True
    )  # later copies link to it; empty for rows stored before this field existed
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "dashboard_handedover"
        constraints = [models.UniqueConstraint(fields=["pair", "kind", "source"], name="handed_over_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"
