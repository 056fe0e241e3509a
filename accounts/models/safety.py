import uuid
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac


class FormToken(models.Model):
    """A form that was submitted, so that a double press acts once and both presses get the same answer."""

    class UsedElsewhere(Exception):
        """The token was used on another form, so what was answered there says nothing about this one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    token = models.UUIDField()
    form = models.CharField(max_length=200, blank=True)  # the address the form was sent to
    answer = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token"], name="form_submitted_once")]

    def __str__(self) -> str:
        return str(self.token)

    @classmethod
    def once(cls, user, token: str, act: Callable[[], str], form: str = "") -> str:
        """Run `act` in one transaction, or, if this token was used before, return what it answered then.

        `act` returns a short string (a key or a URL). A missing or malformed token acts each time.
        Views call accounts.submit_once.submit_once, which names the form.
        """
        try:
            value = uuid.UUID(token)
        except ValueError:
            with transaction.atomic():
                return str(act())
        try:
            with transaction.atomic():
                row = cls.objects.create(user=user, token=value, form=form[:200])
                row.answer = str(act())
                row.save(update_fields=["answer"])
                return row.answer
        except IntegrityError:
            used = cls.objects.filter(user=user, token=value).first()
            if used is None:
                raise
            return used.answer_for(form)

    @classmethod
    def answered(cls, user, token: str, form: str = "") -> str:
        """What an earlier press of the same form was answered, before its input is judged again; else empty."""
        try:
            used = cls.objects.filter(user=user, token=uuid.UUID(token)).first()
        except ValueError:
            return ""
        return used.answer_for(form) if used else ""

    def answer_for(self, form: str) -> str:
        """Return the answer to this form; raise UsedElsewhere if another form was sent with this token."""
        if self.form != form[:200]:
            raise self.UsedElsewhere
        return self.answer


class AuditEvent(models.Model):
    """Who did what to which object, without content. Rows are added, never changed (accounts/audit_guard.py)."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    # Only the id is kept: erasing a person changes no row here.
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False)
    what = models.CharField(max_length=60)
    object = models.CharField(max_length=100, blank=True)
    result = models.CharField(max_length=40, default="ok")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.what} {self.object}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise ValidationError("An audit event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise ValidationError("An audit event is never deleted one by one.")

    @classmethod
    def record(cls, who, what: str, subject: models.Model | None = None, result: str = "ok") -> None:
        label = f"{subject._meta.label_lower}:{subject.pk}" if subject is not None else ""
        cls.objects.create(who=who if who and who.pk else None, what=what, object=label, result=result)


class SignInFailure(models.Model):
    """A sign-in that failed a moment ago. Counted here and not in the cache, which may be away."""

    account = models.CharField(max_length=64)  # digests: neither address is kept
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
        """Count an attempt as failed before it is judged; None if there were too many. `delete` it if it succeeds."""
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
