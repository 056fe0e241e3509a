import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone


class CalendarFeed(models.Model):
    """A person's private calendar link. Anyone who has the link can read it; only the hash of its token is stored."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the token, hex
    created_at = models.DateTimeField(default=timezone.now)
    last_read_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} since {self.created_at:%Y-%m-%d}"

    @classmethod
    def renew(cls, user) -> str:
        """Create a new link and return its token, which is not stored. Any earlier link stops working at once."""
        token = secrets.token_urlsafe(32)
        columns = {"digest": digest_of(token), "created_at": timezone.now(), "last_read_on": None}
        cls.objects.update_or_create(user=user, defaults=columns)
        return token

    @classmethod
    def for_token(cls, token: str) -> "CalendarFeed | None":
        """Return an active person's feed. The lookup is by hash, so its duration reveals nothing about the token."""
        feeds = cls.objects.filter(user__is_active=True).select_related("user")
        return feeds.filter(digest=digest_of(token)).first()

    def note_read(self) -> None:
        """Store the day of the last read, so that the owner sees whether the link is in use."""
        today = self.user.today()
        if self.last_read_on != today:
            CalendarFeed.objects.filter(pk=self.pk).update(last_read_on=today)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
