from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models.user import User

SOFT_WITHIN, SOFT_AT_MOST = timedelta(days=7), 3  # docs/rules.md, bounced email
SOFT_COUNTS_ONCE_IN = timedelta(hours=24)  # repeated attempts at one message count once


class Bounce(models.Model):
    """A delivery failure reported by a mail server; stores the server's status code, never its message text."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bounces")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    is_permanent = models.BooleanField()  # hard: the address does not exist; soft: it rejects mail for now
    status = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)  # when the person confirmed that it works again

    def __str__(self) -> str:
        return f"{self.user_id}: {self.status}"

    @classmethod
    def record(cls, user: User, *, is_permanent: bool, status: str) -> None:
        """Record a failure; a hard one, or the third soft one within a week, suspends the address."""
        now = timezone.now()
        open_ones = cls.objects.filter(user=user, settled_at=None)
        if not is_permanent and open_ones.filter(is_permanent=False, created_at__gt=now - SOFT_COUNTS_ONCE_IN).exists():
            return
        with transaction.atomic():
            cls.objects.create(user=user, is_permanent=is_permanent, status=status[:40])
            if is_permanent or open_ones.filter(created_at__gt=now - SOFT_WITHIN).count() >= SOFT_AT_MOST:
                User.objects.filter(pk=user.pk, mail_suspended_at=None).update(mail_suspended_at=now)
