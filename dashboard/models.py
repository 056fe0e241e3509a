"""The state of a program: flags with their history, weekly digests, figures, and contacts of admins with mentors."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import AuditEvent
from mentoring.models import Enrollment, Pair, Program

ADMINS_SEE_AMBER_AFTER = timedelta(days=3)  # until then only the pair sees it (docs/rules.md, attention rules)
REMIND_AGAIN_AFTER = timedelta(days=7)
DIGESTS_KEPT_FOR = timedelta(weeks=4)
DECIDE_AFTER = timedelta(days=90 + 14)


class FlagRule(models.TextChoices):
    """The attention rules that raise flags, with their codes in docs/rules.md, attention rules."""

    NO_FIRST_SESSION = "A1", _("No first session")
    NO_RECENT_SESSION = "A2", _("No recent session")
    CALLED_OFF = "A3", _("Repeatedly canceled or moved")
    NO_SHOW = "A4", _("No-show")
    FEW_COMMITMENTS_KEPT = "A5", _("Few commitments kept")
    NO_COMMITMENTS = "A6", _("Sessions end without a commitment")
    NOT_GOING_WELL = "A7", _("It is not going well")
    PULSE_UNANSWERED = "A8", _("Pulse not answered")
    NO_AGREEMENT = "A9", _("No working agreement")
    NO_CURRENT_GOAL = "A10", _("No goal, or none reviewed recently")
    ONE_SIDED = "A11", _("No activity on one side")
    NO_CLOSING_SESSION = "A12", _("No closing session planned")


PAIR_ONLY = (FlagRule.FEW_COMMITMENTS_KEPT, FlagRule.PULSE_UNANSWERED)
CONFIDENTIAL = (FlagRule.NOT_GOING_WELL, FlagRule.PULSE_UNANSWERED)  # based on confidential answers
# The flags about a pair, without those that reveal one person's answers.
ABOUT_THE_PAIR = Q(person=None) & ~Q(rule__in=CONFIDENTIAL)

# How pages show the facts of a flag, by the key under which a rule stores them.
FACT_LABELS = {
    "days since pairing": ngettext_lazy("%(n)s day since pairing", "%(n)s days since pairing", "n"),
    "days since the last session": ngettext_lazy("last session %(n)s day ago", "last session %(n)s days ago", "n"),
    "agreed interval": ngettext_lazy("agreed interval: %(n)s day", "agreed interval: %(n)s days", "n"),
    "in a row": ngettext_lazy("%(n)s time in a row", "%(n)s times in a row", "n"),
    "kept": ngettext_lazy("%(n)s kept", "%(n)s kept", "n"),
    "due": ngettext_lazy("%(n)s due", "%(n)s due", "n"),
    "rounds": ngettext_lazy("%(n)s round unanswered", "%(n)s rounds unanswered", "n"),
    "days since a goal was looked at": ngettext_lazy(
        "last goal review %(n)s day ago", "last goal review %(n)s days ago", "n"
    ),
    "days": ngettext_lazy("%(n)s day without activity", "%(n)s days without activity", "n"),
    "days left": ngettext_lazy("%(n)s day left", "%(n)s days left", "n"),
    "days over": ngettext_lazy("ended %(n)s day ago", "ended %(n)s days ago", "n"),
}


# The rule in words, with the fact that it counts.
HEADLINES = {
    FlagRule.NO_FIRST_SESSION: (
        "days since pairing",
        ngettext_lazy("No first session for %(n)s day", "No first session for %(n)s days", "n"),
    ),
    FlagRule.NO_RECENT_SESSION: (
        "days since the last session",
        ngettext_lazy("No session for %(n)s day", "No session for %(n)s days", "n"),
    ),
    FlagRule.CALLED_OFF: (
        "in a row",
        ngettext_lazy("Canceled or moved once", "Canceled or moved %(n)s times in a row", "n"),
    ),
    FlagRule.NO_SHOW: ("in a row", ngettext_lazy("No-show", "No-show %(n)s times in a row", "n")),
    FlagRule.NO_COMMITMENTS: (
        "in a row",
        ngettext_lazy("%(n)s session without a commitment", "%(n)s sessions in a row without a commitment", "n"),
    ),
    FlagRule.ONE_SIDED: (
        "days",
        ngettext_lazy("No activity on one side for %(n)s day", "No activity on one side for %(n)s days", "n"),
    ),
}

# The fact that counts the days without a session.
DAYS_WITHOUT_SESSION = {
    FlagRule.NO_FIRST_SESSION: "days since pairing",
    FlagRule.NO_RECENT_SESSION: "days since the last session",
}


class FlagQuerySet(models.QuerySet["Flag"]):
    def open(self) -> "FlagQuerySet":
        return self.filter(cleared_at=None)

    def for_admins(self, now=None) -> "FlagQuerySet":
        """Red flags at once, amber ones after three days; never those for the pair or for one person only."""
        now = now or timezone.now()
        due = Q(level=Flag.Level.RED) | Q(raised_at__lte=now - ADMINS_SEE_AMBER_AFTER)
        return self.open().filter(due, person=None).exclude(rule__in=PAIR_ONLY)

    def in_programs(self, programs, admin) -> "FlagQuerySet":
        """The flags of the running pairs of these programs, without this admin's own pairs."""
        rows = self.filter(pair__program__in=programs, pair__ended_at=None)
        return rows.exclude(pair__mentor=admin).exclude(pair__mentee=admin)

    def to_alert_admins(self) -> "FlagQuerySet":
        """The red flags that admins are notified of at once: those not snoozed."""
        red = self.open().filter(level=Flag.Level.RED, person=None, snoozed_until=None, pair__ended_at=None)
        return red.exclude(rule__in=PAIR_ONLY)

    def not_reminded_recently(self, now: datetime) -> "FlagQuerySet":
        """The flags about which the pair was not reminded in the last week."""
        return self.filter(Q(reminded_at=None) | Q(reminded_at__lte=now - REMIND_AGAIN_AFTER))

    def for_member(self, user) -> "FlagQuerySet":
        """The flags one person of a pair sees at once: the pair's, and those of their own answers."""
        mine = self.open().filter(Q(pair__mentor=user) | Q(pair__mentee=user))
        return mine.filter(ABOUT_THE_PAIR | Q(person=user))

    def visible_to_admins_of(self, user, pairs) -> "FlagQuerySet":
        """The flags of these pairs that the program's admins see, as far as this person may know about them.

        An admin may see that a pair is not doing well because of the partner's answer. That row is not read here at
        all; the flag of this person's own answers takes its place.
        """
        about_the_pair = self.for_admins().filter(ABOUT_THE_PAIR, pair__in=pairs)
        own = self.open().filter(person=user, level=Flag.Level.RED, pair__in=pairs)
        return about_the_pair | own

    def not_snoozed(self, today) -> "FlagQuerySet":
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=today))

    def snoozed(self, today) -> "FlagQuerySet":
        """The flags that an admin snoozed, in the order in which they come back."""
        return self.filter(snoozed_until__gt=today).order_by("snoozed_until", "pk")


class Flag(models.Model):
    """A rule that found something in a pair: its level, since when, and the dates and counts behind it.

    With `person` it is about that person's own answers, and only they see it.
    """

    class Level(models.TextChoices):
        AMBER = "amber", _("amber")
        RED = "red", _("red")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="flags")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=3, choices=FlagRule)
    level = models.CharField(max_length=5, choices=Level)
    raised_at = models.DateTimeField(default=timezone.now)
    level_changed_at = models.DateTimeField(default=timezone.now)  # since when it has this level
    facts = models.JSONField(default=dict)
    cleared_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)
    snoozed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reminded_at = models.DateTimeField(null=True, blank=True)  # an admin had both people reminded
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
        indexes = [
            models.Index(fields=["pair", "cleared_at"]),
            models.Index(fields=["level_changed_at"], condition=Q(cleared_at__isnull=True), name="flags_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.level}"

    @property
    def details(self) -> list[str]:
        """The facts behind the flag, as pages show them: "3 times in a row"."""
        shown = {"days over" if key == "days left" and n < 0 else key: abs(n) for key, n in self.facts.items()}
        return [str(FACT_LABELS[key] % {"n": n}) for key, n in shown.items()]

    @property
    def headline(self) -> str:
        """The rule in words: "No session for 34 days"."""
        fact, text = HEADLINES.get(self.rule, ("", ""))
        return str(text % {"n": self.facts[fact]}) if fact in self.facts else str(FlagRule(self.rule).label)

    @property
    def needs_decision(self) -> bool:
        """Return True 14 days after both people were asked whether to continue: an admin decides with them."""
        return self.facts.get(DAYS_WITHOUT_SESSION.get(self.rule, ""), 0) > DECIDE_AFTER.days

    def snooze(self, by, until: date, reason: str) -> None:
        """Hide the flag from admins until a date."""
        self.snoozed_until, self.snoozed_by, self.snooze_reason = until, by, reason
        self.save(update_fields=["snoozed_until", "snoozed_by", "snooze_reason"])
        AuditEvent.record(by, AuditEvent.Action.FLAG_SNOOZED, self, detail=self.rule)

    @classmethod
    def undo_snooze(cls, flags: "FlagQuerySet", by, until: date) -> int:
        """Show the flags again that this admin snoozed until then, and return how many still were."""
        with transaction.atomic():
            rows = list(flags.open().filter(snoozed_by=by, snoozed_until=until).select_for_update(of=("self",)))
            for flag in rows:
                flag.end_snooze(by)
        return len(rows)

    def end_snooze(self, by) -> None:
        self.snoozed_until, self.snoozed_by, self.snooze_reason = None, None, ""
        self.save(update_fields=["snoozed_until", "snoozed_by", "snooze_reason"])
        AuditEvent.record(by, AuditEvent.Action.FLAG_SHOWN_AGAIN, self, detail=self.rule)


class Digest(models.Model):
    """The weekly email about a program to one of its admins. Its text is read when it is sent."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="digests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    due_on = models.DateField()  # a Monday
    updated_at = models.DateTimeField(default=timezone.now)  # every night

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "user", "due_on"], name="one_digest_a_week")]

    def __str__(self) -> str:
        return f"{self.program_id} {self.due_on}"

    @classmethod
    def prepare(cls, today: date) -> None:
        """Create one for next Monday for each admin of a running program, and delete old ones."""
        monday = today + timedelta(days=7 - today.weekday())
        admins = Enrollment.objects.admins().filter(program__ends_on__gte=today)
        rows = [cls(program_id=p, user_id=u, due_on=monday) for p, u in admins.values_list("program", "user")]
        cls.objects.bulk_create(rows, ignore_conflicts=True)
        cls.objects.filter(due_on__lt=today - DIGESTS_KEPT_FOR).delete()
        cls.objects.filter(due_on__gte=today).update(updated_at=timezone.now())


class OverviewEmail(models.Model):
    """How often an admin wants the overview of a program as a file, with the summary of a Monday; no row: never."""

    class Every(models.TextChoices):
        WEEK = "week", _("every Monday")
        MONTH = "month", _("on the first Monday of each month")

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=5, choices=Every)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "user"], name="one_overview_email")]

    def __str__(self) -> str:
        return f"{self.program_id} every {self.every}"

    @classmethod
    def chosen_by(cls, user, program: Program) -> str:
        """Return what this admin chose, or an empty string."""
        return cls.objects.filter(program=program, user=user).values_list("every", flat=True).first() or ""

    @classmethod
    def choose(cls, user, program: Program, every: str) -> None:
        """Store the choice; an empty one ends these emails. A prepared summary is planned again."""
        with transaction.atomic():
            if every:
                cls.objects.update_or_create(program=program, user=user, defaults={"every": every})
            else:
                cls.objects.filter(program=program, user=user).delete()
            waiting = Digest.objects.filter(program=program, user=user, due_on__gte=program.today())
            waiting.update(updated_at=timezone.now())
        AuditEvent.record(user, AuditEvent.Action.OVERVIEW_EMAILED, program, detail=every or "never")

    @classmethod
    def is_due(cls, every: str | None, monday: date) -> bool:
        """Return True if the summary of this Monday has the file."""
        return every == cls.Every.WEEK or (every == cls.Every.MONTH and monday.day <= 7)


class Snapshot(models.Model):
    """The figures of a program as counted one night, so that no page has to count them."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="snapshots")
    taken_on = models.DateField()
    updated_at = models.DateTimeField(default=timezone.now)
    figures = models.JSONField(default=list)
    funnel = models.JSONField(default=list)  # steps and their numbers
    weeks = models.JSONField(default=list)  # dashboard/weeks.py
    states = models.JSONField(default=dict)  # by pair: a letter for each of the last weeks
    load = models.JSONField(default=list)  # room for mentees, number of mentors, and some of them

    class Meta:
        ordering = ["-taken_on"]
        constraints = [models.UniqueConstraint(fields=["program", "taken_on"], name="one_snapshot_a_day")]

    def __str__(self) -> str:
        return f"{self.program_id} {self.taken_on}"


class PublishedFigure(models.Model):
    """A published figure made of people's answers, with a hash of each answer behind it."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="published_figures")
    key = models.CharField(max_length=12)
    published_at = models.DateTimeField(default=timezone.now)
    value = models.FloatField()
    basis = models.JSONField()  # a keyed hash for each answer (dashboard/anonymity.py)

    class Meta:
        ordering = ["published_at", "pk"]

    def __str__(self) -> str:
        return f"{self.key} {self.value}"


class MentorContact(models.Model):
    """A contact of an admin with a mentor, without its content."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="mentor_contacts")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.mentor_id} {self.created_at:%Y-%m-%d}"
