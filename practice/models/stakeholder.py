"""The stakeholder map of one person: who has influence on what they want, and how to approach them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.fields import BoundText, EncryptedTextField
from core.optimistic_locking import Versioned
from goals.models import Commitment
from sessions.models import AgendaItem

MOST = 60  # people and groups on a map
SCALE = [MinValueValidator(1), MaxValueValidator(5)]


def influence_choices() -> list[tuple[int, Promise | str]]:
    return [(1, _("1 · little")), (2, "2"), (3, "3"), (4, "4"), (5, _("5 · a lot"))]


def support_choices() -> list[tuple[int, Promise | str]]:
    return [(1, _("1 · against it")), (2, "2"), (3, _("3 · undecided")), (4, "4"), (5, _("5 · for it"))]


class StakeholderQuerySet(models.QuerySet["Stakeholder"]):
    def visible_to(self, user) -> "StakeholderQuerySet":
        """Return the map of this person. There is no way to let anyone else read it."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(author=user)

    def editable_by(self, user) -> "StakeholderQuerySet":
        return self.visible_to(user)

    def on_map(self) -> "StakeholderQuerySet":
        """Order by influence, those who support it least first."""
        return self.order_by("-influence", "support", "pk")


class Stakeholder(BoundText, Versioned):
    """A person or group on the map of its author. The texts are encrypted; the numbers name nobody."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = EncryptedTextField(_("Person or group"), max_length=120, bound_to=("author_id",))
    influence = models.PositiveSmallIntegerField(
        _("How much influence do they have?"), choices=influence_choices, default=3, validators=SCALE
    )
    support = models.PositiveSmallIntegerField(
        _("How much do they support it?"), choices=support_choices, default=3, validators=SCALE
    )
    matters = EncryptedTextField(_("What matters to them?"), max_length=2000, blank=True, bound_to=("author_id",))
    approach = EncryptedTextField(_("How will I approach them?"), max_length=2000, blank=True, bound_to=("author_id",))
    # What came of it. The partner sees that line, and nothing else of the map.
    commitment = models.OneToOneField(Commitment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    topic = models.OneToOneField(AgendaItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = StakeholderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(influence__range=(1, 5), support__range=(1, 5)), name="stakeholders_on_the_scales"
            )
        ]

    def __str__(self) -> str:
        return f"stakeholder {self.pk}"
