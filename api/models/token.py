import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.context_processors import known_installation
from accounts.models import AuditEvent
from mentoring.models import Enrollment, Program

PREFIX = "tl_"  # by which scanners for secrets know a token
USED_NOTICE = timedelta(minutes=10)  # so that not every request writes


class Scope(models.TextChoices):
    """What a token may do, by area. Reading and writing are separate."""

    PROGRAMS_READ = "programs:read", _("Read programs")
    PEOPLE_READ = "people:read", _("Read people: name, address, role and dates")
    PAIRS_READ = "pairs:read", _("Read pairs: who with whom, dates and state")
    SESSIONS_READ = "sessions:read", _("Read the dates and states of sessions")
    COMMITMENTS_READ = "commitments:read", _("Read your own commitments")
    COMMITMENTS_WRITE = "commitments:write", _("Add, change and complete your own commitments")
    FIGURES_READ = "figures:read", _("Read the figures of the program")


OF_A_PERSON = (
    Scope.PROGRAMS_READ,
    Scope.PAIRS_READ,
    Scope.SESSIONS_READ,
    Scope.COMMITMENTS_READ,
    Scope.COMMITMENTS_WRITE,
)
# Dates, states and counts: there is no scope with which a program could read what a pair wrote.
OF_A_PROGRAM = (Scope.PROGRAMS_READ, Scope.PEOPLE_READ, Scope.PAIRS_READ, Scope.SESSIONS_READ, Scope.FIGURES_READ)


class ApiToken(models.Model):
    """A key to the API: of a person, or of a program and made by one of its admins. Only its hash is stored."""

    MOST = 10  # of a person, and of a program

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("Name"), max_length=80)
    scopes = models.JSONField(default=list)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the token, hex
    created_at = models.DateTimeField(_("Created"), default=timezone.now)
    expires_at = models.DateTimeField(_("Expires"))
    used_at = models.DateTimeField(_("Last used"), null=True, blank=True)  # to ten minutes

    def __str__(self) -> str:
        return self.name

    @classmethod
    def make(cls, by, name: str, scopes: list[str], expires_at: datetime, program: Program | None = None):
        """Create a token; return its row, and its secret, which is not stored."""
        secret = PREFIX + secrets.token_urlsafe(32)
        with transaction.atomic():
            row = cls.objects.create(
                user=by, program=program, name=name, scopes=scopes, expires_at=expires_at, digest=digest_of(secret)
            )
            AuditEvent.record(by, AuditEvent.Action.API_TOKEN_CREATED, program or by)
        return row, secret

    def revoke(self, by) -> None:
        """Delete the token: the next request with it is refused."""
        with transaction.atomic():
            self.delete()
            AuditEvent.record(by, AuditEvent.Action.API_TOKEN_REVOKED, self.program or self.user)

    @classmethod
    def for_secret(cls, secret: str) -> "ApiToken | None":
        """Return the token that this secret opens now. Its admin must still be one, or the token is deleted.

        The lookup is by hash, so its duration reveals nothing about the secret.
        """
        token = cls.objects.select_related("user", "program").filter(digest=digest_of(secret)).first()
        if token is None or token.expires_at <= timezone.now() or not token.user.is_active:
            return None
        if token.program and not Enrollment.objects.admin_roles_of(token.user).filter(program=token.program).exists():
            token.revoke(None)
            return None
        if settings.ADMIN_SECOND_FACTOR and not token.user.has_second_factor:
            token.user.lacks_second_factor = SimpleLazyObject(lambda: not known_installation().demo)
        return token

    @classmethod
    def forget_former_admin(cls, user_pk: int) -> None:
        """Delete the tokens of programs that this person no longer runs."""
        rows = cls.objects.filter(user=user_pk, program__isnull=False).select_related("user", "program")
        for token in rows:
            if not Enrollment.objects.admin_roles_of(token.user).filter(program=token.program).exists():
                token.revoke(None)

    @property
    def revoke_url(self) -> str:
        if self.program_id:
            return reverse("program_api_revoke", args=[self.program_id, self.pk])
        return reverse("api_token_revoke", args=[self.pk])

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def scope_labels(self) -> list[str]:
        return [Scope(scope).label for scope in self.scopes if scope in Scope.values]

    def note_use(self) -> None:
        now = timezone.now()
        if self.used_at is None or now - self.used_at > USED_NOTICE:
            ApiToken.objects.filter(pk=self.pk).update(used_at=now)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
