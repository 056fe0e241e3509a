"""On the way to a pair: what is proposed, and what a mentee asked a mentor."""

from datetime import datetime, time

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from accounts.working_days import instant, working_days_later
from mentoring.models.profile import Preference
from mentoring.models.program import Enrollment, Program

ANSWER_WITHIN = 5  # working days of the mentor (docs/rules.md, pairing)


class Proposal(models.Model):
    """Two people who might be paired. Nobody learns of it before the admin publishes it."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="proposals")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()  # 0 to 100
    locked = models.BooleanField(default=False)  # stays when the whole program is proposed anew
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["mentee__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["program", "mentee"], name="one_proposal_for_a_mentee")]

    def __str__(self) -> str:
        return f"{self.mentor_id} and {self.mentee_id}?"


class MatchRequestQuerySet(models.QuerySet):
    def waiting(self) -> "MatchRequestQuerySet":
        return self.filter(answered_at=None)

    def asked_of(self, user) -> "MatchRequestQuerySet":
        return self.waiting().filter(mentor=user, program__in=Program.objects.open_to(user))


class MatchRequest(models.Model):
    """A mentee would like this mentor. A yes becomes a proposal; after a no, or no answer, the next choice is asked."""

    class Answer(models.TextChoices):
        YES = "yes", _("yes")
        NO = "no", _("not now")
        LATE = "late", _("not answered in time")

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="match_requests")
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField(default=timezone.now)
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=4, choices=Answer, blank=True)

    objects = MatchRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "mentee"], condition=Q(answered_at__isnull=True), name="one_open_request_of_a_mentee"
            )
        ]

    def __str__(self) -> str:
        return f"{self.mentee_id} asks {self.mentor_id}"

    @classmethod
    def ask_next(cls, program: Program, mentee) -> "MatchRequest | None":
        """Ask the first of the chosen mentors who was not asked yet; None when all were, or one is being asked."""
        with transaction.atomic():
            Program.objects.select_for_update().get(pk=program.pk)  # one at a time
            rows = cls.objects.filter(program=program, mentee=mentee)
            if rows.waiting().exists() or Proposal.objects.filter(program=program, mentee=mentee).exists():
                return None
            asked = rows.values("mentor")
            chosen = Preference.objects.filter(program=program, mentee=mentee).exclude(mentor__in=asked)
            first = chosen.select_related("mentor").first()
            if first is None:
                return None
            by = working_days_later(first.mentor, first.mentor.today(), ANSWER_WITHIN)
            answer_by = instant(first.mentor, by, time(23, 59))
            return cls.objects.create(
                program=program, mentee=mentee, mentor=first.mentor, rank=first.rank, answer_by=answer_by
            )

    def reply(self, answer: str, at: datetime | None = None) -> bool:
        """The mentor's answer, once. A yes is staged for the admin; a no asks the next choice at once."""
        with transaction.atomic():
            rows = MatchRequest.objects.waiting().filter(pk=self.pk)
            if not rows.update(answered_at=at or timezone.now(), answer=answer):
                return False
            if answer == self.Answer.YES:
                Proposal.objects.update_or_create(
                    program=self.program,
                    mentee=self.mentee,
                    defaults={"mentor": self.mentor, "score": 0, "locked": True, "by": self.mentor},
                )
            else:
                MatchRequest.ask_next(self.program, self.mentee)
            AuditEvent.record(self.mentor if answer != self.Answer.LATE else None, f"match request: {answer}", self)
        return True


def free_places(program: Program) -> dict[int, int]:
    """For each mentor how many mentees more they can take, running pairs counted."""
    rows = program.enrollments.here().filter(role=Enrollment.Role.MENTOR).with_pairs()
    return {row.user_id: max(0, row.capacity - row.pairs_now) for row in rows}
