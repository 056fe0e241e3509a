"""Buddies: two mentees of a program who send each other a line or two (docs/rules.md, buddies)."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.fields import BoundText, EncryptedTextField
from core.optimistic_locking import ConditionalUpdate
from mentoring.models import Enrollment, Program

LONGEST_LINE = 280


def mentees() -> models.QuerySet:
    """Return the current enrollments of mentees who accepted their invitation."""
    return Enrollment.objects.current().filter(role=Enrollment.Role.MENTEE, accepted_at__isnull=False)


class BuddiesQuerySet(models.QuerySet["Buddies"]):
    def visible_to(self, user) -> "BuddiesQuerySet":
        """Return the buddies of this person and the requests to them, nobody else's, until one of them ends it.

        Their own open requests are not among them: one would show that the address is that of a mentee, and whose.
        """
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(Q(asked_by=user, accepted_at__isnull=False) | Q(other=user), ended_at=None)

    def editable_by(self, user) -> "BuddiesQuerySet":
        """Return the buddies who both agreed and are both still mentees of the program."""
        here = mentees().filter(program=OuterRef("program"))
        both = Exists(here.filter(user=OuterRef("asked_by"))) & Exists(here.filter(user=OuterRef("other")))
        return self.visible_to(user).filter(both, accepted_at__isnull=False)


class Buddies(ConditionalUpdate):
    """Two mentees: one asked, the other agreed. Each sees the lines that both sent here, and nothing else."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="buddies")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = BuddiesQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["asked_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "asked_by", "other"], condition=Q(ended_at__isnull=True), name="asked_once"
            ),
            models.CheckConstraint(condition=~Q(asked_by=F("other")), name="buddies_are_two_people"),
        ]

    def __str__(self) -> str:
        return f"buddies {self.pk}"

    @classmethod
    def ask(cls, by, email: str) -> None:
        """Ask the mentee with this address, if they share a program with `by`; a second time changes nothing."""
        programs = mentees().filter(user=by).values("program")
        found = mentees().filter(program__in=programs, user__email__iexact=email).exclude(user=by)
        row = found.select_related("user").first()
        if row is None:
            return
        between = Q(asked_by=by, other=row.user) | Q(asked_by=row.user, other=by)
        if cls.objects.filter(between, ended_at=None).exists():
            return
        cls.objects.get_or_create(program_id=row.program_id, asked_by=by, other=row.user, ended_at=None)
        User.objects.filter(pk=row.user_id, practice_since=None).update(practice_since=timezone.now())

    def partner_of(self, user):
        return self.other if user.pk == self.asked_by_id else self.asked_by

    def accept(self) -> None:
        self.update_if({"accepted_at": None, "ended_at": None}, accepted_at=timezone.now())

    def end(self) -> None:
        """Decline the request, or end being buddies. The other finds no line here anymore."""
        self.update_if({"ended_at": None}, ended_at=timezone.now())

    @property
    def is_running(self) -> bool:
        """Return True if both agreed and are still mentees of the program."""
        return Buddies.objects.editable_by(self.other).filter(pk=self.pk).exists()


class BuddyUpdateQuerySet(models.QuerySet["BuddyUpdate"]):
    def visible_to(self, user) -> "BuddyUpdateQuerySet":
        return self.filter(buddies__in=Buddies.objects.visible_to(user).filter(accepted_at__isnull=False))

    def to_answer_by(self, user) -> "BuddyUpdateQuerySet":
        """Return the lines that this person may answer: those that their buddy sent."""
        return self.filter(buddies__in=Buddies.objects.editable_by(user)).exclude(author=user)


class BuddyUpdate(ConditionalUpdate, BoundText):
    """A line or two for the buddy, and their answer in one line. Both are stored encrypted."""

    buddies = models.ForeignKey(Buddies, on_delete=models.CASCADE, related_name="updates")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = EncryptedTextField(_("A line or two"), max_length=LONGEST_LINE, bound_to=("buddies_id", "author_id"))
    created_at = models.DateTimeField(default=timezone.now)
    reply = EncryptedTextField(
        _("Answer in one line"), max_length=LONGEST_LINE, blank=True, bound_to=("buddies_id", "author_id")
    )
    replied_at = models.DateTimeField(null=True, blank=True)

    objects = BuddyUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"buddy update {self.pk}"

    def answer(self, text: str) -> None:
        """Store the answer, or a new wording of it."""
        self.reply, self.replied_at = text, timezone.now()
        self.save(update_fields=["reply", "replied_at"])
