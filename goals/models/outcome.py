"""Outcomes with evidence, kudos, and the mentor's recommendation."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from core.optimistic_locking import ConditionalUpdate
from goals.models.commitment import Commitment
from goals.models.direction import Competency
from goals.models.goal import Archivable, Goal, Milestone
from mentoring.models import Pair, PairContentQuerySet, Program


class OutcomeQuerySet(PairContentQuerySet["Outcome"]):
    def current(self) -> "OutcomeQuerySet":
        return self.filter(dropped_at=None)

    def shared_with(self, user) -> "OutcomeQuerySet":
        """Return the outcomes that mentees share with this admin of their program."""
        programs = Program.objects.managed_by(user)
        return self.current().filter(pair__program__in=programs, shared_with_program_at__isnull=False)


class Outcome(Archivable):
    """Something that is different now, with a link where it can be seen."""

    class Kind(models.TextChoices):
        PROCESS = "process", _("a way of working that changed")
        SKILL = "skill", _("a skill that was shown")
        DELIVERABLE = "work", _("a piece of work")
        ROLE = "role", _("a step in the role")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="outcomes")
    title = models.CharField(_("What is different now?"), max_length=300)
    kind = models.CharField(_("What is it?"), max_length=7, choices=Kind, default=Kind.SKILL)
    happened_on = models.DateField(_("Since when?"))
    evidence_url = models.URLField(_("Where can it be seen?"), max_length=500, blank=True)
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes")
    commitment = models.ForeignKey(
        Commitment, null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes"
    )
    competency = models.ForeignKey(
        Competency, null=True, blank=True, on_delete=models.SET_NULL, related_name="outcomes"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)  # by the mentor, for the current text
    shared_with_program_at = models.DateTimeField(null=True, blank=True)  # by the mentee, for the current text
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('outcome_list', args=[self.pair_id])}#outcome-{self.pk}"

    def change(self, version: int, by, reason: str = "", **fields) -> None:
        """Store new values. They are neither confirmed nor shared, as both applied to the old ones."""
        if any(getattr(self, name) != value for name, value in fields.items()):
            fields |= {"confirmed_at": None, "shared_with_program_at": None}
        super().change(version, by, reason, **fields)

    def confirm(self, version: int) -> None:
        """Record that the mentor saw it as well. Raise Conflict if the text changed since `version`."""
        with self.pair.locked():
            self.write(version, confirmed_at=timezone.now())
            self.pair.touch()

    def share(self, by, version: int) -> None:
        """Share this version with the program's admins. Raise Conflict if the text changed since `version`."""
        with self.pair.locked():
            self.write(version, shared_with_program_at=timezone.now())
            AuditEvent.record(by, AuditEvent.Action.OUTCOME_SHARED_WITH_ADMINS, self)
            self.pair.touch()

    def unshare(self, by) -> None:
        """Stop sharing with the program's admins, at any version and even after the pair has ended."""
        with self.pair.locked():
            self._set_timestamps(shared_with_program_at=None)
            AuditEvent.record(by, AuditEvent.Action.OUTCOME_NO_LONGER_SHARED_WITH_ADMINS, self)


class CelebrationQuerySet(PairContentQuerySet["Celebration"]):
    def shared_with_program(self) -> "CelebrationQuerySet":
        return self.filter(published_at__isnull=False)

    def withdrawable_by(self, user) -> "CelebrationQuerySet":
        """Return the kudos that this person may stop sharing: their own, and as the mentee all of the pair."""
        return self.visible_to(user).filter(models.Q(pair__mentee=user) | models.Q(created_by=user))


class Celebration(ConditionalUpdate):
    """Kudos: praise for something reached, from one person of a pair to the other."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="celebrations")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    text = models.CharField(_("Kudos"), max_length=500)
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="celebrations")
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.CASCADE, related_name="celebrations"
    )
    published_at = models.DateTimeField(null=True, blank=True)  # shared with the program by the mentee
    withheld_at = models.DateTimeField(null=True, blank=True)  # the author does not want it shared again

    objects = CelebrationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return f"{reverse('outcome_list', args=[self.pair_id])}#kudos"

    def share_with_program(self) -> None:
        """Show it to everyone in the program, unless its author has stopped that."""
        with self.pair.locked():
            self.update_if({"withheld_at": None}, published_at=timezone.now())
            self.pair.touch()

    def stop_sharing(self, by) -> None:
        """Stop showing it to the program. If the mentor stops sharing their own kudos, that is permanent."""
        with self.pair.locked():
            withheld_at = (
                timezone.now() if by.pk == self.created_by_id and by.pk != self.pair.mentee_id else self.withheld_at
            )
            Celebration.objects.filter(pk=self.pk).update(published_at=None, withheld_at=withheld_at)
            self.pair.touch()


class AdvocacyNoteQuerySet(PairContentQuerySet["AdvocacyNote"]):
    def readable_by(self, user) -> "AdvocacyNoteQuerySet":
        """Return the notes that this person may read. Before it is shown to the mentee, only the mentor may."""
        return self.visible_to(user).filter(models.Q(pair__mentor=user) | models.Q(shown_at__isnull=False))


class AdvocacyNote(Archivable):
    """The mentor's recommendation of the mentee to others. It is shared only with the mentee's consent."""

    pair = models.OneToOneField(Pair, on_delete=models.CASCADE, related_name="advocacy_note")
    text = models.TextField(_("What have you seen them do?"), max_length=4000)
    shown_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)  # the mentee's consent to the current text
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = AdvocacyNoteQuerySet.as_manager()

    def __str__(self) -> str:
        return f"advocacy note {self.pk}"

    def change(self, version: int, by, reason: str = "", **fields) -> None:
        """Store a new text, which has no consent yet."""
        if fields.get("text") != self.text:
            fields["released_at"] = None
        super().change(version, by, reason, **fields)

    def show(self, version: int) -> None:
        with self.pair.locked():
            self.write(version, shown_at=timezone.now())
            self.pair.touch()

    def release(self, version: int) -> None:
        """Record the mentee's consent to exactly this version. Raise Conflict if the text changed since."""
        with self.pair.locked():
            self.write(version, released_at=timezone.now())
            self.pair.touch()

    def withdraw(self) -> None:
        """Withdraw the mentee's consent, at any version and even after the pair has ended."""
        self._set_timestamps(released_at=None)
