"""Introductions: whom the mentee would like to meet, up to what they learned (docs/rules.md, introductions)."""

from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import BoundText, EncryptedTextField
from goals.models import Commitment
from goals.models.goal import Archivable
from mentoring.models import Pair, PairContentQuerySet


class Stage(StrEnum):
    REQUESTED = "requested"
    MADE = "made"
    TALKED = "talked"
    LEARNED = "learned"

    @property
    def label(self):
        return STAGES[self]


STAGES = {
    Stage.REQUESTED: _("requested"),
    Stage.MADE: _("introduced"),
    Stage.TALKED: _("talked"),
    Stage.LEARNED: _("learned"),
}


class IntroductionQuerySet(PairContentQuerySet["Introduction"]):
    def current(self) -> "IntroductionQuerySet":
        return self.filter(dropped_at=None)

    def open(self) -> "IntroductionQuerySet":
        """Return those that still wait for a step."""
        return self.current().filter(learned_at=None)


class Introduction(BoundText, Archivable):
    """Someone whom the mentor introduces to the mentee. Only the pair sees it, and its texts are stored encrypted."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="introductions")
    whom = EncryptedTextField(_("Whom would you like to meet?"), max_length=200, bound_to=("pair_id",))
    why = EncryptedTextField(
        _("What would you like to learn from them?"), max_length=300, blank=True, bound_to=("pair_id",)
    )
    learned = EncryptedTextField(_("What did you learn?"), max_length=1000, blank=True, bound_to=("pair_id",))
    commitment = models.OneToOneField(
        Commitment, null=True, blank=True, on_delete=models.SET_NULL, related_name="from_introduction"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True, blank=True)
    talked_at = models.DateTimeField(null=True, blank=True)
    learned_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(default=timezone.now)  # when its stage last changed, for reminders
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["moved_at"], condition=Q(learned_at=None, dropped_at=None), name="introductions_waiting"
            )
        ]

    def __str__(self) -> str:
        return self.whom

    def get_absolute_url(self) -> str:
        return f"{reverse('introduction_list', args=[self.pair_id])}#introduction-{self.pk}"

    @property
    def title(self) -> str:
        return self.whom

    @property
    def stage(self) -> Stage:
        reached = ((Stage.LEARNED, self.learned_at), (Stage.TALKED, self.talked_at), (Stage.MADE, self.made_at))
        return next((stage for stage, at in reached if at), Stage.REQUESTED)

    @property
    def waits_for_id(self) -> int:
        """The person who takes the next step."""
        return self.pair.mentor_id if self.stage == Stage.REQUESTED else self.pair.mentee_id

    def mark_made(self, on: bool) -> None:
        """Record that the mentor introduced them, or take it back; too late once they talked."""
        self._step("made_at", on, talked_at=None)

    def mark_talked(self, on: bool) -> None:
        """Record that they talked, or take it back; too late once the mentee noted what they learned."""
        self._step("talked_at", on, made_at__isnull=False, learned_at=None)

    def _step(self, name: str, on: bool, **only_if) -> None:
        now = timezone.now()
        at: datetime | None = now if on else None
        condition = {f"{name}__isnull": on, "dropped_at": None, **only_if}
        with self.pair.locked():
            if self.update_if(condition, version=models.F("version") + 1, moved_at=now, **{name: at}):
                self.pair.touch()
