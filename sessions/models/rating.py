from dataclasses import dataclass
from statistics import mean

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models import Pair, PairContentQuerySet
from sessions.models.session import Session

ANSWERS_PER_RESULT = 3


@dataclass(frozen=True)
class Trend:
    """What the mentor sees of the mentee's answers: one result for every three of them, oldest first."""

    heard: list["SessionRating.Scale"]
    useful: list["SessionRating.Scale"]


class RatingQuerySet(PairContentQuerySet["SessionRating"]):
    pair_path = "session__pair"

    def trend(self, pair: Pair) -> Trend | None:
        """Return how the sessions were for the mentee; None below three answers (docs/rules.md, usefulness).

        Answers count in whole groups of three, in the order in which they were given. A group is shown as one
        rounded result, so that neither a result nor its change reveals a single answer.
        """
        answers = list(self.filter(session__pair=pair).order_by("pk").values_list("heard", "useful"))
        heard = results_of([heard for heard, _useful in answers if heard])
        useful = results_of([useful for _heard, useful in answers if useful])
        return Trend(heard, useful) if heard or useful else None


def results_of(values: list[int]) -> list["SessionRating.Scale"]:
    """Return one rounded result for every three answers, oldest first."""
    whole = len(values) // ANSWERS_PER_RESULT * ANSWERS_PER_RESULT
    groups = [values[i : i + ANSWERS_PER_RESULT] for i in range(0, whole, ANSWERS_PER_RESULT)]
    return [SessionRating.Scale(round(mean(group))) for group in groups]


class SessionRating(models.Model):
    """Two taps by the mentee, never while the mentor watches; the mentor sees a trend from three answers on."""

    class Scale(models.IntegerChoices):
        NO = 1, _("not really")
        PARTLY = 2, _("partly")
        MOSTLY = 3, _("mostly")
        FULLY = 4, _("fully")

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="rating")
    heard = models.PositiveSmallIntegerField(_("I felt heard"), choices=Scale, null=True, blank=True)
    useful = models.PositiveSmallIntegerField(_("This was useful"), choices=Scale, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RatingQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.session_id)
