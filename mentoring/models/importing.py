from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import ConditionalUpdate
from mentoring.models.program import Enrollment, Program

FORGOTTEN_AFTER = timedelta(days=30)
LOST_AFTER = timedelta(minutes=3)  # without progress for this long, another worker takes over


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def managed_by(self, user) -> "ImportRunQuerySet":
        """Runs in the programs this person manages, without the file itself."""
        return self.filter(program__in=Program.objects.managed_by(user)).defer("content")

    def forgotten(self) -> "ImportRunQuerySet":
        """Runs that were not imported for a month: personal data that is no longer needed."""
        old, states = timezone.now() - FORGOTTEN_AFTER, ImportRun.State
        return self.filter(created_at__lt=old).exclude(state__in=(states.QUEUED, states.RUNNING, states.DONE))

    def waiting(self) -> "ImportRunQuerySet":
        """Runs for a worker to carry out: queued, or abandoned by another worker."""
        return self._queued_or_lost(ImportRun.State.QUEUED, ImportRun.State.RUNNING)

    def unread(self) -> "ImportRunQuerySet":
        """Runs with a large file for a worker to read: new, or abandoned by another worker."""
        return self._queued_or_lost(ImportRun.State.UNREAD, ImportRun.State.READING)

    def _queued_or_lost(self, queued: str, running: str) -> "ImportRunQuerySet":
        lost = Q(state=running, progress_at__lt=timezone.now() - LOST_AFTER)
        return self.filter(Q(state=queued) | lost)


class ImportRun(ConditionalUpdate):
    """A file of people to import into a program; its rows are deleted once they are imported."""

    class State(models.TextChoices):
        UNREAD = "unread", _("waiting to be read")
        READING = "reading", _("being read")
        UNUSABLE = "unusable", _("could not be read")
        READY = "ready", _("ready for review")
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("nothing was changed")

    OPEN = (State.READY, State.REFUSED)

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="imports")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    file_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    content = models.BinaryField(default=b"")  # the file, to read it again in another way
    read_choices = models.JSONField(default=dict)  # how, if somebody chose it (table_reader.ReadChoices)
    table = models.JSONField(default=dict)  # headings, rows, notes (mentoring/importing/table_reader.py)
    columns = models.JSONField(default=dict)  # field: indexes of its columns
    role_choices = models.JSONField(default=dict)  # text of a cell: the roles that somebody chose for it
    latest_line_only = models.BooleanField(default=False)  # of several lines of one person
    invite_later = models.BooleanField(default=False)
    message = models.TextField(max_length=1000, blank=True)  # personal, in the invitations
    role = models.CharField(_("Role of people without one"), max_length=6, choices=Enrollment.Role, blank=True)
    skip_errors = models.BooleanField(default=False)  # lines with errors, if the admin chose so
    state = models.CharField(max_length=9, choices=State, default=State.READY)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)  # counts, for the page
    progress_at = models.DateTimeField(default=timezone.now)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_under_way(self) -> bool:
        return self.is_being_read or self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def is_being_read(self) -> bool:
        return self.state in (self.State.UNREAD, self.State.READING)

    @property
    def is_open(self) -> bool:
        """Return True while its columns can be chosen and its people can be imported."""
        return self.state in self.OPEN

    def begin(self, skip_errors: bool) -> bool:
        """Queue this run for a worker, once; return whether this call did it."""
        changes = {"state": self.State.QUEUED, "skip_errors": skip_errors, "progress_at": timezone.now(), "done": 0}
        begun = self.update_if({"state__in": self.OPEN}, **changes)
        self.refresh_from_db()
        return begun

    def claim(self) -> bool:
        """Return True if this worker is the one to carry out the run."""
        now = timezone.now()
        return bool(ImportRun.objects.waiting().filter(pk=self.pk).update(state=self.State.RUNNING, progress_at=now))

    def claim_reading(self) -> bool:
        """Return True if this worker is the one to read the file."""
        now = timezone.now()
        return bool(ImportRun.objects.unread().filter(pk=self.pk).update(state=self.State.READING, progress_at=now))

    def save_progress(self, done: int) -> None:
        ImportRun.objects.filter(pk=self.pk).update(done=done, progress_at=timezone.now())
