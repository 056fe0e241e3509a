"""What the program's health is made of: flags with their history, and contacts of admins with mentors."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models import Enrollment, Pair, Program

PAIR_FIRST = timedelta(days=3)  # so long an amber flag is the pair's alone (docs/rules.md, health)
NUDGED_FOR = timedelta(days=7)
KEPT = timedelta(weeks=4)
DECIDE_AFTER = timedelta(days=90 + 14)


class FlagQuerySet(models.QuerySet):
    def up(self) -> "FlagQuerySet":
        return self.filter(cleared_at=None)

    def for_admins(self, now=None) -> "FlagQuerySet":
        """Red at once, amber after three days; never what is for the pair or for one person only."""
        now = now or timezone.now()
        due = Q(level=Flag.Level.RED) | Q(since__lte=now - PAIR_FIRST)
        return self.up().filter(due, person=None).exclude(rule__in=PAIR_ONLY)

    def red(self) -> "FlagQuerySet":
        """What admins are notified of at once: red and not postponed."""
        red = self.up().filter(level=Flag.Level.RED, person=None, snoozed_until=None, pair__ended_at=None)
        return red.exclude(rule__in=PAIR_ONLY)

    def to_nudge(self, now: datetime) -> "FlagQuerySet":
        """Of which the two were not reminded in the last week."""
        return self.filter(Q(nudged_at=None) | Q(nudged_at__lte=now - NUDGED_FOR))

    def for_one_of(self, user) -> "FlagQuerySet":
        """What one person of a pair sees of it, at once: flags of the pair, and those of their own answers."""
        mine = self.up().filter(Q(pair__mentor=user) | Q(pair__mentee=user))
        return mine.filter(OF_THE_PAIR | Q(person=user))

    def seen_by_admins_of(self, user, pairs) -> "FlagQuerySet":
        """What the program's admins see of these pairs, as far as this person may know it.

        An admin may see that a pair is not doing well because of what the partner answered. That row is not read
        here at all: in its place stands the flag of this person's own answers.
        """
        of_the_pair = self.for_admins().filter(OF_THE_PAIR, pair__in=pairs)
        own = self.up().filter(person=user, level=Flag.Level.RED, pair__in=pairs)
        return of_the_pair | own

    def awake(self, today) -> "FlagQuerySet":
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=today))

    def postponed(self, today) -> "FlagQuerySet":
        """What an admin has put off, soonest back first."""
        return self.filter(snoozed_until__gt=today).order_by("snoozed_until", "pk")


PAIR_ONLY = ("A5", "A8")
CONFIDENTIAL = ("A7", "A8")  # made of what people answered in confidence
OF_THE_PAIR = Q(person=None) & ~Q(rule__in=CONFIDENTIAL)


class Flag(models.Model):
    """A rule that is true of a pair: since when, at which level, with dates and counts alone.

    With `person` it is about that person's own answers, and theirs alone to see.
    """

    class Level(models.TextChoices):
        AMBER = "amber", _("amber")
        RED = "red", _("red")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="flags")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
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
                fields=["pair", "rule"],
                condition=Q(cleared_at__isnull=True, person__isnull=True),
                name="one_flag_of_a_rule",
            ),
            models.UniqueConstraint(
                fields=["pair", "rule", "person"],
                condition=Q(cleared_at__isnull=True),
                name="one_flag_of_a_rule_and_person",
            ),
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
