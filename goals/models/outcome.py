"""What came of it: outcomes with evidence, and the moments worth a word."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from goals.models.commitment import Commitment
from goals.models.direction import Competency
from goals.models.goal import Goal, Lasting, Milestone
from mentoring.models import Pair, PairContentQuerySet


class OutcomeQuerySet(PairContentQuerySet):
    def current(self) -> "OutcomeQuerySet":
        return self.filter(dropped_at=None)

    def shared_with(self, user) -> "OutcomeQuerySet":
        """What the mentee chose to show to the program's admins, for those who run it."""
        pairs = Pair.objects.managed_by(user)
        return self.current().filter(pair__in=pairs, shared_with_program_at__isnull=False)


class Outcome(Lasting):
    """Something that is different now and that can be shown."""

    class Kind(models.TextChoices):
        PROCESS = "process", _("a way of working that changed")
        SKILL = "skill", _("a skill that was shown")
        DELIVERABLE = "work", _("a piece of work")
        ROLE = "role", _("a step in the role")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="outcomes")
    title = models.CharField(_("What is different now?"), max_length=300)
    kind = models.CharField(_("What is it?"), max_length=7, choices=Kind, default=Kind.SKILL)
    on = models.DateField(_("Since when?"))
    evidence_url = models.URLField(_("Where can it be seen?"), max_length=500, blank=True)
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes")
    commitment = models.ForeignKey(
        Commitment, null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes"
    )
    competency = models.ForeignKey(
        Competency, null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)  # by the mentor, in these words
    shared_with_program_at = models.DateTimeField(null=True, blank=True)  # by the mentee, in these words
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return self.title

    def change(self, version: int, by, reason: str = "", **fields) -> None:
        """New words are neither confirmed nor shown to anybody: both were said of the old ones."""
        if any(getattr(self, name) != value for name, value in fields.items()):
            fields |= {"confirmed_at": None, "shared_with_program_at": None}
        super().change(version, by, reason, **fields)

    def confirm(self, by, version: int) -> None:
        """The mentor saw it, too. Conflict when its words changed since `version`."""
        with self.pair.locked():
            self.write(version, confirmed_at=timezone.now())
            self.pair.touch()

    def share(self, by, version: int) -> None:
        """Let the program's admins read this version: the mentee's choice. Conflict when the text changed since."""
        with self.pair.locked():
            self.write(version, shared_with_program_at=timezone.now())
            AuditEvent.record(by, "outcome shown to admins", self)
            self.pair.touch()

    def unshare(self, by) -> None:
        """Take it back from the program's admins, whatever its version, also after the pair ended."""
        with self.pair.locked():
            self._mark(by, shared_with_program_at=None)
            AuditEvent.record(by, "outcome kept to the pair", self)


class CelebrationQuerySet(PairContentQuerySet):
    def on_the_wall(self) -> "CelebrationQuerySet":
        return self.filter(on_the_wall_at__isnull=False)

    def withdrawable_by(self, user) -> "CelebrationQuerySet":
        """What this person may take off the wall at any time: own words, and as the mentee everything of the pair."""
        return self.visible_to(user).filter(models.Q(pair__mentee=user) | models.Q(by=user))


class Celebration(models.Model):
    """A word to each other about something reached, however modest."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="celebrations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.CharField(_("A word about it"), max_length=500)
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="celebrations")
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.CASCADE, related_name="celebrations"
    )
    on_the_wall_at = models.DateTimeField(null=True, blank=True)  # put there by the mentee
    kept_off_at = models.DateTimeField(null=True, blank=True)  # its author wants it off the wall for good

    objects = CelebrationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.text

    def put_on_the_wall(self) -> None:
        """Show it to everybody in the program, unless its author keeps it off."""
        with self.pair.locked():
            Celebration.objects.filter(pk=self.pk, kept_off_at=None).update(on_the_wall_at=timezone.now())
            self.pair.touch()

    def take_off_the_wall(self, by) -> None:
        """Withdraw it. Where the mentor's words were put up by the mentee, the mentor's withdrawal lasts."""
        with self.pair.locked():
            kept_off = timezone.now() if by.pk == self.by_id and by.pk != self.pair.mentee_id else self.kept_off_at
            Celebration.objects.filter(pk=self.pk).update(on_the_wall_at=None, kept_off_at=kept_off)
            self.pair.touch()


class AdvocacyNoteQuerySet(PairContentQuerySet):
    def readable_by(self, user) -> "AdvocacyNoteQuerySet":
        """A draft is the mentor's alone, until it is shown to the mentee."""
        return self.visible_to(user).filter(models.Q(pair__mentor=user) | models.Q(shown_at__isnull=False))


class AdvocacyNote(Lasting):
    """The mentor's paragraph for somebody who decides about the mentee. It leaves with her consent, or not at all."""

    pair = models.OneToOneField(Pair, on_delete=models.CASCADE, related_name="advocacy_note")
    text = models.TextField(_("What you have seen her do"), max_length=4000)
    shown_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)  # the mentee's consent, to these words
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = AdvocacyNoteQuerySet.as_manager()

    def __str__(self) -> str:
        return f"advocacy note {self.pk}"

    def change(self, version: int, by, reason: str = "", **fields) -> None:
        """New words have nobody's consent yet."""
        if fields.get("text") != self.text:
            fields["released_at"] = None
        super().change(version, by, reason, **fields)

    def show(self, version: int) -> None:
        with self.pair.locked():
            self.write(version, shown_at=timezone.now())
            self.pair.touch()

    def release(self, version: int) -> None:
        """The mentee's consent to exactly this version. Conflict when the text changed since."""
        with self.pair.locked():
            self.write(version, released_at=timezone.now())
            self.pair.touch()

    def withdraw(self, by) -> None:
        """The end of the mentee's consent, whatever the version, also after the pair ended."""
        self._mark(by, released_at=None)
