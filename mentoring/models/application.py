"""Applications to join an open program, until one of its admins decides."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from core.optimistic_locking import ConditionalUpdate
from mentoring.models.program import Enrollment, Program

MAX_WAITING = 1000  # per program; further applications are refused for now


class ApplicationQuerySet(models.QuerySet["Application"]):
    def managed_by(self, user) -> "ApplicationQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))

    def waiting(self) -> "ApplicationQuerySet":
        return self.filter(decided_at=None)


class Application(ConditionalUpdate):
    """One person's application to join a program in one role."""

    ROLES = [(role.value, role.label) for role in (Enrollment.Role.MENTEE, Enrollment.Role.MENTOR)]

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="applications")
    name = models.CharField(_("Your name"), max_length=200)
    email = models.EmailField(_("Email address"))
    role = models.CharField(_("I would like to be a"), max_length=6, choices=ROLES)
    why = models.CharField(_("What do you hope for?"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted = models.BooleanField(default=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "email", "role"], condition=Q(decided_at=None), name="one_open_application"
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    @classmethod
    def apply(cls, program: Program, *, proven: bool, **fields) -> bool:
        """Store one application per address and role; return False if too many are pending.

        A later one replaces the pending one only if the applicant has proven that the address is theirs.
        """
        if cls.objects.waiting().filter(program=program).count() >= MAX_WAITING:
            return False
        try:
            with transaction.atomic():
                cls.objects.create(program=program, **fields)
        except IntegrityError:
            if proven:
                earlier = cls.objects.waiting().filter(program=program, email=fields["email"], role=fields["role"])
                earlier.update(**fields)
        return True

    def decide(self, by, accepted: bool) -> bool:
        """Store the first decision; return False if there already was one."""
        decision = {"decided_at": timezone.now(), "decided_by": by, "accepted": accepted}
        if not self.update_if({"decided_at": None}, **decision):
            return False
        action = AuditEvent.Action.APPLICATION_ACCEPTED if accepted else AuditEvent.Action.APPLICATION_DECLINED
        AuditEvent.record(by, action, self.program)
        return True
