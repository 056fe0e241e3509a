"""The facts of an experiment; its texts are those of its entry (docs/rules.md, practice)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import ConditionalUpdate
from practice.models.entry import Entry


class Experiment(ConditionalUpdate):
    """An experiment that has begun, and its result. Without this row, the experiment is planned."""

    class Result(models.TextChoices):
        WORKED = "worked", _("it worked")
        FAILED = "failed", _("failed, useful")
        STOPPED = "stopped", _("stopped at its limit")

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="experiment")
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(_("How did it end?"), max_length=7, choices=Result, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, result="") | Q(~Q(result=""), ended_at__isnull=False),
                name="ended_experiments_have_a_result",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.result}"

    @property
    def stage(self) -> Promise | str:
        return self.get_result_display() if self.result else _("running")

    @classmethod
    def begin(cls, entry: Entry) -> None:
        """Record that it runs; a second time changes nothing."""
        with entry.locked():
            if cls.objects.get_or_create(entry=entry)[1]:
                entry.touch_readers()

    @classmethod
    def plan_again(cls, entry: Entry) -> None:
        """Undo begin(). An experiment with a result stays as it is."""
        with entry.locked():
            if cls.objects.filter(entry=entry, ended_at=None).delete()[0]:
                entry.touch_readers()

    @classmethod
    def finish(cls, entry: Entry, result: str) -> None:
        """Record the result, also of one that nobody marked as running, or correct it. The first end counts."""
        with entry.locked():
            row, _is_new = cls.objects.get_or_create(entry=entry)
            row.result, row.ended_at = result, row.ended_at or timezone.now()
            row.save(update_fields=["result", "ended_at"])
            entry.touch_readers()

    def copy_to(self, entry: Entry) -> None:
        facts = {name: getattr(self, name) for name in ("begun_at", "ended_at", "result")}
        Experiment.objects.create(entry=entry, **facts)
