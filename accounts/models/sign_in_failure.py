from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac


class SignInFailure(models.Model):
    """A recent failed sign-in; counted in the database because the cache may be unavailable."""

    # Digests: neither the email address nor the IP address is stored.
    account_digest = models.CharField(max_length=64)
    ip_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    is_last = False  # set by begin(): the next attempt is refused

    PER_ACCOUNT, ACCOUNT_WINDOW = 5, timedelta(minutes=5)
    PER_IP, IP_WINDOW = 10, timedelta(minutes=1)

    class Meta:
        indexes = [
            models.Index(fields=["account_digest", "created_at"]),
            models.Index(fields=["ip_digest", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"

    @classmethod
    def begin(cls, email: str, ip: str) -> "SignInFailure | None":
        """Record the attempt as failed until it succeeds and is deleted; return None if there were too many."""
        now = timezone.now()
        cls.objects.filter(created_at__lt=now - cls.ACCOUNT_WINDOW).delete()
        attempt = cls.objects.create(
            account_digest=_digest(email.strip().lower()), ip_digest=_digest(ip), created_at=now
        )
        of_account = cls.objects.filter(
            account_digest=attempt.account_digest, created_at__gt=now - cls.ACCOUNT_WINDOW
        ).count()
        of_ip = cls.objects.filter(ip_digest=attempt.ip_digest, created_at__gt=now - cls.IP_WINDOW).count()
        if of_account > cls.PER_ACCOUNT or of_ip > cls.PER_IP:
            attempt.delete()
            return None
        attempt.is_last = of_account == cls.PER_ACCOUNT or of_ip == cls.PER_IP
        return attempt


def _digest(text: str) -> str:
    return salted_hmac("accounts.SignInFailure", text, algorithm="sha256").hexdigest()
