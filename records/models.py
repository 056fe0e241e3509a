"""What a mentee carried over from an earlier pair."""

from django.db import models
from django.utils import timezone

from mentoring.models import Pair


class HandoverCopy(models.Model):
    """A row of an earlier pair that the mentee carried over, and its copy. It is copied only once."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="handover_copies")
    kind = models.CharField(max_length=12)
    source_id = models.PositiveBigIntegerField()
    # Later copies link to it; empty for rows stored before this field existed.
    copy_id = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "dashboard_handedover"
        constraints = [models.UniqueConstraint(fields=["pair", "kind", "source_id"], name="handed_over_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id}"
