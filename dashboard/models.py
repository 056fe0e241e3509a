"""What the program's health is made of: flags with their history, and contacts of admins with mentors."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models import Enrollment, Pair, PairPulse, Program

PAIR_FIRST = timedelta(days=3)  # so long an amber flag is the pair's alone (docs/rules.md, health)
NUDGED_FOR = timedelta(days=7)
KEPT = timedelta(weeks=4)
DECIDE_AFTER = timedelta(days=90 + 14)


class FlagQuerySet(models.QuerySet):
    def up(self) -> "FlagQuerySet":
        return self.filter(cleared_at=None)

    def for_admins(self, now=None) -> "FlagQuerySet":
        """Red at once; amber after three days. What only the two may know never."""
        now = now or timezone.now()
        told = Q(level=Flag.Level.RED) | Q(since__lte=now - PAIR_FIRST)
        return self.up().filter(told).exclude(rule__in=PAIR_ONLY).exclude(rule="A7", level=Flag.Level.AMBER)

    def red(self) -> "FlagQuerySet":
        """What admins hear of at once: red, and nobody said that it can wait."""
        return (
            self.up().filter(level=Flag.Level.RED, snoozed_until=None, pair__ended_at=None).exclude(rule__in=PAIR_ONLY)
        )

    def to_nudge(self, now: datetime) -> "FlagQuerySet":
        """Of which the two were not reminded in the last week."""
        return self.filter(Q(nudged_at=None) | Q(nudged_at__lte=now - NUDGED_FOR))

    def for_one_of(self, user) -> "FlagQuerySet":
        """What the two see of their own pairs, at once. How one said it is going is for that one alone."""
        mine = self.up().filter(Q(pair__mentor=user) | Q(pair__mentee=user)).exclude(rule="A8")
        low = PairPulse.objects.filter(pair=OuterRef("pair"), user=user).order_by("-asked_on")
        low = low.annotate(least=Least("worth", "open")).values("least")[:1]
        return mine.annotate(my_answer=Subquery(low)).filter(~Q(rule="A7") | Q(my_answer__lte=3))

    def awake(self, today) -> "FlagQuerySet":
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=today))


PAIR_ONLY = ("A5", "A8")


class Flag(models.Model):
    """A rule that is true of a pair: since when, at which level, with dates and counts alone."""

    class Level(models.TextChoices):
        AMBER = "amber", _("amber")
        RED = "red", _("red")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="flags")
    rule = models.CharField(max_length=3)
    level = models.CharField(max_length=5, choices=Level)
    since = models.DateTimeField(default=timezone.now)
    level_at = models.DateTimeField(default=timezone.now)  # since when it has this level
    facts = models.JSONField(default=dict)
    cleared_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)
    snoozed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    nudged_at = models.DateTimeField(null=True, blank=True)  # an admin had both reminded
    snooze_reason = models.CharField(max_length=200, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "rule"], condition=Q(cleared_at__isnull=True), name="one_flag_of_a_rule"
            )
        ]
        indexes = [models.Index(fields=["pair", "cleared_at"])]

    def __str__(self) -> str:
        return f"{self.rule} {self.level}"

    @property
    def waits_for_a_decision(self) -> bool:
        """No session for 90 days, after which both are asked whether they go on, and 14 more: an admin decides (E4)."""
        days = self.facts.get({"A1": "days since pairing", "A2": "days since the last session"}.get(self.rule, ""), 0)
        return days > DECIDE_AFTER.days


class Digest(models.Model):
    """A Monday on which somebody who runs a program hears how it stands. What is said is read when it is sent."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="digests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    monday = models.DateField()
    at = models.DateTimeField(default=timezone.now)  # looked at anew every night

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "user", "monday"], name="one_digest_a_week")]

    def __str__(self) -> str:
        return f"{self.program_id} {self.monday}"

    @classmethod
    def prepare(cls, today: date) -> None:
        """One for the coming Monday for each admin of a running program; those of the past go."""
        monday = today + timedelta(days=7 - today.weekday())
        admins = Enrollment.objects.admins().filter(program__ends_on__gte=today)
        rows = [cls(program_id=p, user_id=u, monday=monday) for p, u in admins.values_list("program", "user")]
        cls.objects.bulk_create(rows, ignore_conflicts=True)
        cls.objects.filter(monday__lt=today - KEPT).delete()
        cls.objects.filter(monday__gte=today).update(at=timezone.now())


class Snapshot(models.Model):
    """The figures of a program as they were counted one night, so that a page need not count."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="snapshots")
    on = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    figures = models.JSONField(default=list)
    funnel = models.JSONField(default=list)

    class Meta:
        ordering = ["-on"]
        constraints = [models.UniqueConstraint(fields=["program", "on"], name="one_snapshot_a_day")]

    def __str__(self) -> str:
        return f"{self.program_id} {self.on}"


class Published(models.Model):
    """A figure made of what people said of themselves, as it was told once, and the answers it was made of."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="published")
    key = models.CharField(max_length=12)
    at = models.DateTimeField(default=timezone.now)
    value = models.FloatField()
    basis = models.JSONField()  # a mark for each answer (telling.py), which says nothing by itself

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.key} {self.value}"


class HandedOver(models.Model):
    """Something of an earlier pair that the mentee took along, a goal with its steps: copied once."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="handed_over")
    kind = models.CharField(max_length=12)
    source = models.PositiveBigIntegerField()
    copy = models.PositiveBigIntegerField(null=True)  # what comes later is linked to it; empty before 0005
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pair", "kind", "source"], name="handed_over_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class MentorContact(models.Model):
    """An admin was in touch with a mentor: when and how. Not what was said."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="mentor_contacts")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.mentor_id} {self.at:%Y-%m-%d}"
