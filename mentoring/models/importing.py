from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models.program import Enrollment, Program

FORGOTTEN_AFTER = timedelta(days=30)
LOST_AFTER = timedelta(minutes=3)  # a worker that says nothing for so long is gone; another takes over


class ImportRunQuerySet(models.QuerySet):
    def managed_by(self, user) -> "ImportRunQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))

    def forgotten(self) -> "ImportRunQuerySet":
        """Looked at, and not brought in for a month: people's data that nobody needs here."""
        old = timezone.now() - FORGOTTEN_AFTER
        return self.filter(made_at__lt=old, state__in=(ImportRun.State.LOOKED_AT, ImportRun.State.REFUSED))

    def waiting(self) -> "ImportRunQuerySet":
        """Those a worker should take: queued, or begun by one that died."""
        lost = Q(state=ImportRun.State.RUNNING, moved_at__lt=timezone.now() - LOST_AFTER)
        return self.filter(Q(state=ImportRun.State.QUEUED) | lost)


class ImportRun(models.Model):
    """A file of people on its way into a program. The rows are kept until they are in, no longer."""

    class State(models.TextChoices):
        LOOKED_AT = "looked at", _("looked at")
        QUEUED = "queued", _("about to begin")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("nothing was changed")

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    file_name = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    table = models.JSONField(default=dict)  # headings, rows, notes (mentoring/tables.py)
    columns = models.JSONField(default=dict)  # field of ours: index of the column
    role = models.CharField(_("Role of those without one"), max_length=6, choices=Enrollment.Role, blank=True)
    leave_out = models.BooleanField(default=False)  # lines with errors, on the admin's word
    state = models.CharField(max_length=9, choices=State, default=State.LOOKED_AT)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)  # counts, for the page
    moved_at = models.DateTimeField(default=timezone.now)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    def begin(self, leave_out: bool) -> bool:
        """Hand it to a worker; pressed twice it is handed over once. Whether it was this time."""
        rows = ImportRun.objects.filter(pk=self.pk, state__in=(self.State.LOOKED_AT, self.State.REFUSED))
        taken = rows.update(state=self.State.QUEUED, leave_out=leave_out, moved_at=timezone.now(), done=0)
        self.refresh_from_db()
        return bool(taken)

    def claim(self) -> bool:
        """Whether this worker has it now."""
        now = timezone.now()
        return bool(ImportRun.objects.waiting().filter(pk=self.pk).update(state=self.State.RUNNING, moved_at=now))

    def moved(self, done: int) -> None:
        ImportRun.objects.filter(pk=self.pk).update(done=done, moved_at=timezone.now())
