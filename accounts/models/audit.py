from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """A record of who did what to which object, without content. Append-only (accounts/audit_guard.py)."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    # No database constraint: the id stays when a person is deleted, because rows cannot be changed.
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
