from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models.pair import Pair


class ExitAnswerQuerySet(models.QuerySet["ExitAnswer"]):
    def would_mentor(self) -> "ExitAnswerQuerySet":
        """Answers of active users who would mentor; program admins see this one answer and no other."""
        return self.filter(would_mentor=True, user__is_active=True)


class ExitAnswer(models.Model):
    """One person's answers when their pair ends; the rating counts in figures of at least five people only."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="exit_answers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    rating = models.PositiveSmallIntegerField(_("Was it worth your time?"))
    takeaway = models.CharField(_("What do you take away from it?"), max_length=500, blank=True)
    would_mentor = models.BooleanField(_("I would like to mentor somebody myself"), default=False)
    answered_at = models.DateTimeField(default=timezone.now)

    objects = ExitAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "user"], name="one_exit_answer"),
            models.CheckConstraint(condition=models.Q(rating__range=(1, 5)), name="exit_from_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.pair_id}"

    @classmethod
    def record(cls, pair: Pair, user, **answers) -> "ExitAnswer":
        """Store a person's answers in place of their earlier ones."""
        with transaction.atomic():
            row, _made = cls.objects.update_or_create(
                pair=pair, user=user, defaults=answers | {"answered_at": timezone.now()}
            )
            pair.replan()
        return row
