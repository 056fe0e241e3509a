from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models import Pair, PairContentQuerySet


class EnergyCheck(models.Model):
    """What a pair decided when its sessions had become less useful; program admins never see it."""

    class Remedy(models.TextChoices):
        FORMAT = "format", _("change the format")
        CADENCE = "cadence", _("change the rhythm")
        TOPIC = "topic", _("choose another topic")
        NONE = "none", _("leave it as it is")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="energy_checks")
    answers = models.PositiveSmallIntegerField()  # about usefulness, up to the results that fell
    remedy = models.CharField(max_length=7, choices=Remedy)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(default=timezone.now)

    objects = PairContentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pair", "answers"], name="energy_check_once")]

    def __str__(self) -> str:
        return f"{self.pair_id} {self.remedy}"
