from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac


class SignInFailure(models.Model):
    """A recent failed sign-in; counted in the database because the cache may be unavailable."""

    account = models.CharField(max_length=64)  # both are digests: neither the email nor the IP address is stored
    address = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    PER_ACCOUNT, ACCOUNT_WINDOW = 5, timedelta(minutes=5)
    PER_ADDRESS, ADDRESS_WINDOW = 10, timedelta(minutes=1)

    class Meta:
        indexes = [models.Index(fields=["account", "at"]), models.Index(fields=["address", "at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def begin(cls, email: str, ip: str) -> "SignInFailure | None":
        """Record the attempt as failed until it succeeds and is deleted; return None if there were too many."""
        now = timezone.now()
        cls.objects.filter(at__lt=now - cls.ACCOUNT_WINDOW).delete()
        attempt = cls.objects.create(account=_digest(email.strip().lower()), address=_digest(ip), at=now)
        of_account = cls.objects.filter(account=attempt.account, at__gt=now - cls.ACCOUNT_WINDOW).count()
        of_address = cls.objects.filter(address=attempt.address, at__gt=now - cls.ADDRESS_WINDOW).count()
        if of_account > cls.PER_ACCOUNT or of_address > cls.PER_ADDRESS:
            attempt.delete()
            return None
        attempt.is_last = of_account == cls.PER_ACCOUNT or of_address == cls.PER_ADDRESS
        return attempt


def _digest(text: str) -> str:
    return salted_hmac("accounts.SignInFailure", text, algorithm="sha256").hexdigest()
