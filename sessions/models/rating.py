from dataclasses import dataclass
from statistics import mean

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models import Pair, PairContentQuerySet
from sessions.models.session import Session

ANSWERS_FOR_A_TREND = 3


@dataclass(frozen=True)
class Trend:
    """What the mentor sees of the mentee's answers: one word for each three of them, oldest first."""

    heard: list["SessionRating.Scale"]
    useful: list["SessionRating.Scale"]


class RatingQuerySet(PairContentQuerySet):
    pair_path = "session__pair"

    def trend(self, pair: Pair) -> Trend | None:
        """How the pair's sessions were for the mentee; None below three answers (docs/rules.md, usefulness).

        Answers count in whole groups of three, in the order in which they were given, and a group is told as one
        rounded word: so neither a word nor its change gives a single answer away.
        """
        answers = list(self.filter(session__pair=pair).order_by("pk").values_list("heard", "useful"))
        heard = _in_threes([heard for heard, _useful in answers if heard])
        useful = _in_threes([useful for _heard, useful in answers if useful])
        return Trend(heard, useful) if heard or useful else None


def _in_threes(values: list[int]) -> list["SessionRating.Scale"]:
    whole = len(values) // ANSWERS_FOR_A_TREND * ANSWERS_FOR_A_TREND
    groups = [values[i : i + ANSWERS_FOR_A_TREND] for i in range(0, whole, ANSWERS_FOR_A_TREND)]
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
    at = models.DateTimeField(default=timezone.now)

    objects = RatingQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.session_id)
