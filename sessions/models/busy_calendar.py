import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from core.fields import BoundText, EncryptedTextField


class BusyCalendar(BoundText):
    """A person's own calendar, by its secret address, and when they are busy by it. Only they know of it.

    `next_read_at` is when it may be claimed: the next reading, or the end of the lease while it is being read.
    """

    class Problem(models.TextChoices):
        REFUSED = "refused", _("The address is not on the public internet.")
        NO_ANSWER = "no answer", _("Nothing answered at the address.")
        STATUS = "status", _("The address answered with an error. It may have been replaced or turned off.")
        NO_CALENDAR = "no calendar", _("What is at the address is not a calendar in iCal format.")
        LARGE = "large", _("The calendar is too large to be read.")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="busy_calendar")
    address = EncryptedTextField(max_length=1000, bound_to=("user_id",))
    busy = EncryptedTextField(blank=True, default="", bound_to=("user_id",))  # JSON: pairs of seconds since 1970
    added_at = models.DateTimeField(_("Connected"), default=timezone.now)
    tried_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(_("Last read"), null=True, blank=True)  # the last success
    next_read_at = models.DateTimeField(default=timezone.now, db_index=True)
    lease_token = models.UUIDField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True, blank=True, db_index=True)
    problem = models.CharField(max_length=12, choices=Problem, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} since {self.added_at:%Y-%m-%d}"

    @classmethod
    def connect(cls, user, address: str) -> None:
        """Store the address and have it read within a minute; what was read from an earlier one is deleted."""
        with transaction.atomic():
            cls.objects.filter(user=user).delete()
            cls.objects.create(user=user, address=address)
            AuditEvent.record(user, AuditEvent.Action.CALENDAR_CONNECTED, user)

    @classmethod
    def disconnect(cls, user) -> None:
        """Delete the address and the times."""
        with transaction.atomic():
            if cls.objects.filter(user=user).delete()[0]:
                AuditEvent.record(user, AuditEvent.Action.CALENDAR_DISCONNECTED, user)

    @property
    def host(self) -> str:
        """Return the part of the address that is no secret."""
        return urlsplit(self.address).hostname or ""

    @property
    def times(self) -> list[tuple[datetime, datetime]]:
        """Return when the person is busy, earliest first, as far as it was read."""
        moments = json.loads(self.busy or "[]")
        return [(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)) for start, end in moments]

    @property
    def is_waiting(self) -> bool:
        """Return True until the first reading is over."""
        return self.read_at is None and not self.problem
