from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import AuditEvent, User
from core.optimistic_locking import ConditionalUpdate
from mentoring.models.pair import Pair
from mentoring.models.program import Enrollment, Program


class TalkRequestQuerySet(models.QuerySet["TalkRequest"]):
    def waiting(self) -> "TalkRequestQuerySet":
        return self.filter(handled_at__isnull=True)

    def shown_to(self, admin) -> "TalkRequestQuerySet":
        """Requests in the programs this person runs, except from people they are or were paired with."""
        mine = self.filter(program__in=Program.objects.managed_by(admin)).exclude(user=admin)
        return mine.exclude(user__in=Pair.objects.partners_of(admin))


class TalkRequest(ConditionalUpdate):
    """A request to talk to the program admins; nobody else sees it (docs/rules.md, visibility)."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="talk_requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="talk_requests")
    created_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = TalkRequestQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "user"], condition=Q(handled_at__isnull=True), name="one_open_talk_request"
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(handled_at__isnull=True), name="open_talk_requests"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.program_id}"

    @classmethod
    def ask(cls, user, program: Program) -> "TalkRequest":
        """Create or return the open request of this person in this program.

        It is not written to the audit log, which an admin who is their partner may read.
        """
        try:
            with transaction.atomic():
                return cls.objects.create(program=program, user=user)
        except IntegrityError:
            return cls.objects.waiting().get(program=program, user=user)

    def mark_handled(self, by) -> None:
        """Record that an admin has been in touch; only the first time counts."""
        if self.update_if({"handled_at": None}, handled_at=timezone.now(), handled_by=by):
            AuditEvent.record(by, AuditEvent.Action.TALK_REQUEST_HANDLED, self.program)


def talk_request_recipients(user, program: Program) -> list[User]:
    """Return the admins who would see this person's request: all except their partners."""
    admins = Enrollment.objects.admins().filter(program=program).exclude(user=user)
    others = admins.exclude(user__in=Pair.objects.partners_of(user))
    return [row.user for row in others.select_related("user").order_by("pk")]
