"""Indicators that a pair tracks, and their values (docs/rules.md, indicators)."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from goals.models.goal import Archivable
from mentoring.models import Pair, PairContentQuerySet

TOO_MANY = _("You already track %(n)s indicators. Stop tracking one first.")
MAX_TRACKED = 5  # per pair at a time (docs/rules.md, indicators)


class Quality(models.IntegerChoices):
    """The rating scale of "task completion quality", each step with a description."""

    UNUSABLE = 1, _("1 · not usable")
    REWORK = 2, _("2 · needs rework")
    WITH_HELP = 3, _("3 · does the job with help")
    ALONE = 4, _("4 · does the job alone")
    BUILT_ON = 5, _("5 · others can build on it")


class IndicatorQuerySet(PairContentQuerySet["Indicator"]):
    def current(self) -> "IndicatorQuerySet":
        return self.filter(dropped_at=None)

    def entered_by(self, user) -> "IndicatorQuerySet":
        """Return the indicators whose values this person of the pair enters."""
        mentee, mentor = Q(entered_by="mentee", pair__mentee=user), Q(entered_by="mentor", pair__mentor=user)
        return self.entered().filter(Q(entered_by="both") | mentee | mentor)

    def entered(self) -> "IndicatorQuerySet":
        """Return the indicators whose values people enter; the others are computed."""
        return self.exclude(preset__in=Indicator.COMPUTED)


class Indicator(Archivable):
    """A figure the pair tracks: what it measures, who enters its values, how often, and its target."""

    class Kind(models.TextChoices):
        RATING = "rating", _("a rating from 1 to 5")
        MEASUREMENT = "measure", _("a measurement")
        CUMULATIVE = "sum", _("a count that adds up")
        YES_NO = "yes/no", _("yes or no")

    class Preset(models.TextChoices):
        QUALITY = "quality", _("Task completion quality")
        STAKEHOLDERS = "pulse", _("Stakeholder feedback")
        SPEED = "speed", _("Speed of implementing changes")

    class EnteredBy(models.TextChoices):
        MENTEE = "mentee", _("the mentee")
        MENTOR = "mentor", _("the mentor")
        BOTH = "both", _("both of us")

    class Rhythm(models.IntegerChoices):
        WEEKLY = 7, _("every week")
        TWO_WEEKLY = 14, _("every two weeks")
        MONTHLY = 30, _("every month")
        EIGHT_WEEKLY = 56, _("every eight weeks")

    COMPUTED = (Preset.STAKEHOLDERS, Preset.SPEED)

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="indicators")
    title = models.CharField(_("Indicator"), max_length=200)
    kind = models.CharField(_("What kind of value?"), max_length=7, choices=Kind, default=Kind.RATING)
    preset = models.CharField(max_length=7, choices=Preset, blank=True)
    unit = models.CharField(_("Unit"), max_length=20, blank=True)
    entered_by = models.CharField(
        _("Who enters the values?"), max_length=6, choices=EnteredBy, default=EnteredBy.MENTEE
    )
    every_days = models.PositiveSmallIntegerField(
        _("How often?"), choices=Rhythm, null=True, blank=True, default=Rhythm.TWO_WEEKLY
    )
    target = models.DecimalField(_("Target"), max_digits=12, decimal_places=2, null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "preset"],
                condition=~Q(preset="") & Q(dropped_at__isnull=True),
                name="one_of_each_preset",
                violation_error_message=_("You already track this indicator."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('progress', args=[self.pair_id])}#indicator-{self.pk}"

    def reason_not_to_reopen(self) -> str:
        """Return why the indicator cannot be tracked again, or an empty string if it can."""
        others = Indicator.objects.filter(pair=self.pair_id).current().exclude(pk=self.pk)
        if self.preset and others.filter(preset=self.preset).exists():
            return gettext("You already track this indicator.")
        return TOO_MANY % {"n": MAX_TRACKED} if others.count() >= MAX_TRACKED else ""

    @property
    def is_entered(self) -> bool:
        return self.preset not in self.COMPUTED

    @property
    def raters(self) -> tuple:
        """Return the people who enter its values; empty for a computed indicator."""
        if not self.is_entered:
            return ()
        people = {self.EnteredBy.MENTEE: (self.pair.mentee,), self.EnteredBy.MENTOR: (self.pair.mentor,)}
        return people.get(self.entered_by, (self.pair.mentee, self.pair.mentor))

    def is_entered_by(self, user) -> bool:
        return any(person.pk == user.pk for person in self.raters)

    @property
    def steps(self) -> list[tuple[int, str]]:
        """Return the choices of a value with their labels; empty where the value is a number."""
        if self.kind == self.Kind.YES_NO:
            return [(1, _("Yes")), (0, _("No"))]
        if self.kind == self.Kind.RATING:
            return Quality.choices if self.preset == self.Preset.QUALITY else [(n, str(n)) for n in range(1, 6)]
        return []


class ReadingQuerySet(PairContentQuerySet["Reading"]):
    pair_path = "indicator__pair"


class Reading(models.Model):
    """One value of an indicator, by one person, for one day."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="readings")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    measured_on = models.DateField(_("For which day?"))
    value = models.DecimalField(max_digits=12, decimal_places=2)
    note = models.CharField(_("Comment"), max_length=300, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ["measured_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "created_by", "measured_on"], name="one_reading_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.value.normalize():f}"

    @property
    def pair(self) -> Pair:
        return self.indicator.pair

    @classmethod
    def record(cls, indicator: Indicator, by, measured_on: date, value: Decimal, note: str = "") -> "Reading":
        """Store the value, replacing the one that the person entered for the same day."""
        now = timezone.now()
        values = {"value": value, "note": note, "updated_at": now}
        with indicator.pair.locked():
            reading, _created = cls.objects.update_or_create(
                indicator=indicator, created_by=by, measured_on=measured_on, defaults=values
            )
            Indicator.objects.filter(pk=indicator.pk).update(touched_at=now)
            indicator.pair.touch()
        return reading
