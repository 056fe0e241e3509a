import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone


class FormToken(models.Model):
    """A submitted form, stored so that a double submit runs the action once and both get the same response."""

    class UsedElsewhere(Exception):
        """Raised if the token was used on another form, so that its stored response does not apply."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    token = models.UUIDField()
    form = models.CharField(max_length=200, blank=True)  # the path the form was submitted to
    response = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token"], name="form_submitted_once")]

    def __str__(self) -> str:
        return str(self.token)

    @classmethod
    def run_once(cls, user, token: str, act: Callable[[], str], form: str = "") -> str:
        """Run `act` in one transaction, or return its earlier response if this token was used before.

        `act` returns a short string (a key or a URL). With a missing or malformed token it runs every time.
        Views call accounts.submit_once.submit_once, which passes the path of the form.
        """
        try:
            value = uuid.UUID(token)
        except ValueError:
            with transaction.atomic():
                return str(act())
        try:
            with transaction.atomic():
                row = cls.objects.create(user=user, token=value, form=form[:200])
                row.response = str(act())
                row.save(update_fields=["response"])
                return row.response
        except IntegrityError:
            used = cls.objects.filter(user=user, token=value).first()
            if used is None:
                raise
            return used.response_for(form)

    @classmethod
    def earlier_response(cls, user, token: str, form: str = "") -> str:
        """Return the response to an earlier submission of this form, or an empty string; call it before validation."""
        try:
            used = cls.objects.filter(user=user, token=uuid.UUID(token)).first()
        except ValueError:
            return ""
        return used.response_for(form) if used else ""

    def response_for(self, form: str) -> str:
        """Return the stored response; raise UsedElsewhere if the token belongs to another form."""
        if self.form != form[:200]:
            raise self.UsedElsewhere
        return self.response
