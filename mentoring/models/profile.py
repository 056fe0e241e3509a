"""Profiles, preferred mentors, and people who must not be paired."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models.program import Program


class Style(models.TextChoices):
    """How a person prefers to communicate."""

    DIRECT = "direct", _("direct")
    GENTLE = "gentle", _("gentle")
    WRITING = "writing", _("in writing")
    ALOUD = "aloud", _("thinking aloud")


class ProfileQuerySet(models.QuerySet["Profile"]):
    def managed_by(self, user) -> "ProfileQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))


class Profile(models.Model):
    """A person's profile in a program, whatever their roles; they and the program's admins can read it."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="profiles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profiles")
    team = models.CharField(_("Team"), max_length=120, blank=True)
    wants = models.JSONField(_("What would you like to learn?"), default=list, blank=True)
    offers = models.JSONField(_("What can you help others with?"), default=list, blank=True)
    interests = models.JSONField(_("What else are you interested in?"), default=list, blank=True)
    style = models.CharField(_("Which communication style do you prefer?"), max_length=7, choices=Style, blank=True)
    languages = models.JSONField(_("Which languages do you speak?"), default=list, blank=True)
    grade = models.PositiveSmallIntegerField(
        _("Grade"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ProfileQuerySet.as_manager()

    FACTS = ("team", "wants", "offers", "interests", "style", "languages", "grade")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "user"], name="one_profile_in_a_program")]

    def __str__(self) -> str:
        return f"{self.user} in {self.program}"


class Preference(models.Model):
    """A mentor whom a mentee chose, with a rank: 1 is the first choice."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="preferences")
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["program", "mentee", "mentor"], name="one_preference_for_a_mentor"),
            models.UniqueConstraint(fields=["program", "mentee", "rank"], name="one_mentor_for_a_rank"),
            models.CheckConstraint(condition=Q(rank__range=(1, 3)), name="three_ranks"),
        ]

    def __str__(self) -> str:
        return f"{self.mentee_id} {self.rank}: {self.mentor_id}"

    @classmethod
    def choose(cls, program: Program, mentee, mentors: list) -> None:
        """Store these mentors, the first choice first, in place of earlier choices."""
        with transaction.atomic():
            cls.objects.filter(program=program, mentee=mentee).delete()
            cls.objects.bulk_create(
                cls(program=program, mentee=mentee, mentor=mentor, rank=n)
                for n, mentor in enumerate(mentors[:3], start=1)
            )


class NeverPair(models.Model):
    """Two people who must not be paired; the program's admins see it, and it is never given as a reason."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="never_pairs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "user", "other"], name="one_never_pair"),
            models.CheckConstraint(condition=~Q(user=F("other")), name="never_pair_is_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} and {self.other_id}, never"
