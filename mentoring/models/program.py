from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Cadence(models.TextChoices):
    """How often a pair agreed to meet (docs/rules.md, cadence)."""

    WEEKLY = "weekly", _("every week")
    TWO_WEEKLY = "2-weekly", _("every 2 weeks")
    THREE_WEEKLY = "3-weekly", _("every 3 weeks")
    MONTHLY = "monthly", _("every month")

    @property
    def interval(self) -> timedelta:
        """C, the agreed interval; a month counts as 30 days."""
        return timedelta(days={"weekly": 7, "2-weekly": 14, "3-weekly": 21, "monthly": 30}[self.value])


class ProgramQuerySet(models.QuerySet):
    def managed_by(self, user) -> "ProgramQuerySet":
        """Programs whose settings, people and facts this person may see and change."""
        return self.filter(
            pk__in=Enrollment.objects.active().filter(user=user, role=Enrollment.Role.ADMIN).values("program")
        )


class Program(models.Model):
    name = models.CharField(_("name"), max_length=200)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    cadence = models.CharField(_("how often pairs meet"), max_length=10, choices=Cadence, default=Cadence.TWO_WEEKLY)
    minutes = models.PositiveSmallIntegerField(
        _("length of a session in minutes"),
        default=60,
        validators=[MinValueValidator(15), MaxValueValidator(240)],
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="program_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return self.name


class EnrollmentQuerySet(models.QuerySet):
    def active(self) -> "EnrollmentQuerySet":
        return self.filter(accepted_at__isnull=False, left_at__isnull=True, user__is_active=True)

    def invited(self) -> "EnrollmentQuerySet":
        return self.filter(accepted_at__isnull=True, left_at__isnull=True)

    def managed_by(self, user) -> "EnrollmentQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))


class Enrollment(models.Model):
    """A person's role in a program. One person may hold several; inviting makes the row, accepting dates it."""

    class Role(models.TextChoices):
        MENTOR = "mentor", _("mentor")
        MENTEE = "mentee", _("mentee")
        ADMIN = "admin", _("program admin")

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="enrollments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrollments")
    role = models.CharField(_("role"), max_length=6, choices=Role)
    capacity = models.PositiveSmallIntegerField(
        _("mentees at most"), default=2, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    invited_at = models.DateTimeField(default=timezone.now)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "user", "role"], name="one_enrollment_per_role"),
        ]
        indexes = [models.Index(fields=["user", "role"])]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    def accept(self) -> None:
        """The person came in. A second acceptance changes nothing."""
        now = timezone.now()
        if type(self).objects.filter(pk=self.pk, accepted_at=None).update(accepted_at=now):
            self.accepted_at = now

    def invite_again(self) -> None:
        """Send the invitation anew; links in earlier mails stop working."""
        self.invited_at = timezone.now()
        self.save(update_fields=["invited_at"])
