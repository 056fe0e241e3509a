import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone


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
        Views call accounts.http.submit_once, which names the form.
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
    """Who did what to which object, without content. Rows are added, never changed."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
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
