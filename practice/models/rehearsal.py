"""The facts of a rehearsal; its texts are those of its entry."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from practice.models.entry import Entry

LEAST_CONFIDENT, MOST_CONFIDENT = 1, 5


def confidence_choices() -> list[tuple[int, Promise | str]]:
    """Return the scale of confidence, with words at both ends."""
    ends = {LEAST_CONFIDENT: _("1 · not at all"), MOST_CONFIDENT: _("5 · very")}
    return [(n, ends.get(n, str(n))) for n in range(LEAST_CONFIDENT, MOST_CONFIDENT + 1)]


class Rehearsal(models.Model):
    """The facts of a rehearsal: who was played, and how confident its author was before and after it."""

    class Seat(models.TextChoices):
        OWN = "own", _("I play myself")
        OTHER = "other", _("I play the other side")

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="rehearsal")
    seat = models.CharField(_("Seat"), max_length=5, choices=Seat, default=Seat.OWN)
    before = models.PositiveSmallIntegerField(_("How confident are you now?"), choices=confidence_choices)
    after = models.PositiveSmallIntegerField(
        _("How confident are you after it?"), choices=confidence_choices, null=True, blank=True
    )

    # Minutes to set the scene, to practice, and to look back.
    PHASES = ((_("Set the scene"), 2), (_("Practice"), 4), (_("Look back"), 3))

    def __str__(self) -> str:
        return f"{self.entry_id} {self.before}-{self.after}"

    @property
    def other_seat(self) -> "Rehearsal.Seat":
        return self.Seat.OWN if self.seat == self.Seat.OTHER else self.Seat.OTHER

    @property
    def phases(self) -> list[tuple[str, datetime]]:
        """The phases, each with the moment when it ends."""
        found, end = [], self.entry.created_at
        for label, minutes in self.PHASES:
            end += timedelta(minutes=minutes)
            found.append((label, end))
        return found
