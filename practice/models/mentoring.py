"""Feedback on the mentoring, asked after every third session (docs/rules.md, feedback on the mentoring)."""

from django.db import models

from mentoring.models import Pair
from practice.models.entry import Entry


class MentoringFeedback(models.Model):
    """What became of the question after the third, sixth … session of a pair: its entry, or that it was skipped."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="mentoring_feedback")
    after_sessions = models.PositiveSmallIntegerField()  # 3, 6, 9 …
    entry = models.OneToOneField(
        Entry, null=True, blank=True, on_delete=models.SET_NULL, related_name="mentoring_feedback"
    )
    skipped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pair", "after_sessions"], name="mentoring_feedback_once")]

    def __str__(self) -> str:
        return f"{self.pair_id} after {self.after_sessions}"
