"""What became of the self-review of one quarter (docs/rules.md, self-awareness)."""

from django.conf import settings
from django.db import models

from practice.models.entry import Entry


class SelfReview(models.Model):
    """One person's review of a quarter: its entry, or that they skipped it. Nobody else ever reads this."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    quarter_on = models.DateField()  # its first day
    entry = models.OneToOneField(Entry, null=True, blank=True, on_delete=models.SET_NULL, related_name="self_review")
    skipped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "quarter_on"], name="one_review_a_quarter")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.quarter_on}"
