"""The pulse: two questions to both people of a pair, on day 30 and then every 60 days (docs/rules.md, pulse)."""

from datetime import date, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models.pair import Pair

FIRST_AFTER, EVERY = timedelta(days=30), timedelta(days=60)
OPEN_FOR = timedelta(days=21)  # how long a round can be answered


def rounds(started_on: date, today: date) -> list[date]:
    """Return the days on which a pair was asked, up to today."""
    found, day = [], started_on + FIRST_AFTER
    while day <= today:
        found.append(day)
        day += EVERY
    return found


class PulseAnswer(models.Model):
    """One person's answers in one round; the partner never sees them, an admin only if one is 2 or less."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="pulse_answers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_on = models.DateField()
    worthwhile = models.PositiveSmallIntegerField(
        _("Is this worth your time?"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    openness = models.PositiveSmallIntegerField(
        _("Can you speak openly with your partner?"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["asked_on"]
        constraints = [
            models.UniqueConstraint(fields=["pair", "user", "asked_on"], name="one_answer_a_round"),
            models.CheckConstraint(
                condition=models.Q(worthwhile__range=(1, 5), openness__range=(1, 5)), name="pulse_from_one_to_five"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.asked_on}: {self.lowest}"

    @property
    def lowest(self) -> int:
        return min(self.worthwhile, self.openness)

    @classmethod
    def record(cls, pair: Pair, user, asked_on: date, worthwhile: int, openness: int) -> "PulseAnswer":
        """Store a person's answers in a round, in place of their earlier ones."""
        answers = {"worthwhile": worthwhile, "openness": openness, "answered_at": timezone.now()}
        with transaction.atomic():
            row, _made = cls.objects.update_or_create(pair=pair, user=user, asked_on=asked_on, defaults=answers)
            pair.replan()
        return row


def open_round(pair: Pair, today: date) -> date | None:
    """Return the round that can be answered now, if there is one."""
    asked = rounds(pair.started_on, today)
    return asked[-1] if asked and today <= asked[-1] + OPEN_FOR and pair.ended_at is None else None
