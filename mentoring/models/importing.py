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
        """Without the file itself, which no page needs."""
        return self.filter(program__in=Program.objects.managed_by(user)).defer("content")

    def forgotten(self) -> "ImportRunQuerySet":
        """Looked at, and not brought in for a month: people's data that nobody needs here."""
        old, states = timezone.now() - FORGOTTEN_AFTER, ImportRun.State
        return self.filter(made_at__lt=old).exclude(state__in=(states.QUEUED, states.RUNNING, states.DONE))

    def waiting(self) -> "ImportRunQuerySet":
        """Those a worker should take: queued, or begun by one that died."""
        return self._queued_or_lost(ImportRun.State.QUEUED, ImportRun.State.RUNNING)

    def unread(self) -> "ImportRunQuerySet":
        """Files too heavy for a web request, which a worker should read."""
        return self._queued_or_lost(ImportRun.State.UNREAD, ImportRun.State.READING)

    def _queued_or_lost(self, queued: str, running: str) -> "ImportRunQuerySet":
        lost = Q(state=running, moved_at__lt=timezone.now() - LOST_AFTER)
        return self.filter(Q(state=queued) | lost)


class ImportRun(models.Model):
    """A file of people on its way into a program. The rows are kept until they are in, no longer."""

    class State(models.TextChoices):
        UNREAD = "unread", _("about to be read")
        READING = "reading", _("being read")
        UNUSABLE = "unusable", _("could not be read")
        LOOKED_AT = "looked at", _("looked at")
        QUEUED = "queued", _("about to begin")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("nothing was changed")

    OPEN = (State.LOOKED_AT, State.REFUSED)

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    file_name = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    content = models.BinaryField(default=b"")  # the file, to read it again in another way
    reading = models.JSONField(default=dict)  # how, where somebody chose it (tables.Choices)
    table = models.JSONField(default=dict)  # headings, rows, notes (mentoring/importing/table_reader.py)
    columns = models.JSONField(default=dict)  # field of ours: indexes of its columns
    role_words = models.JSONField(default=dict)  # what a cell says: the roles that somebody chose for it
    newest_wins = models.BooleanField(default=False)  # of several lines of one person
    invite_later = models.BooleanField(default=False)
    message = models.TextField(max_length=1000, blank=True)  # own words in the invitations
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
        return self.is_being_read or self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def is_being_read(self) -> bool:
        return self.state in (self.State.UNREAD, self.State.READING)

    @property
    def is_open(self) -> bool:
        """Return True while its columns can be chosen and its people can be brought in."""
        return self.state in self.OPEN

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

    def claim_reading(self) -> bool:
        """Return True if this worker is the one to read the file."""
        now = timezone.now()
        return bool(ImportRun.objects.unread().filter(pk=self.pk).update(state=self.State.READING, moved_at=now))

    def moved(self, done: int) -> None:
        ImportRun.objects.filter(pk=self.pk).update(done=done, moved_at=timezone.now())
