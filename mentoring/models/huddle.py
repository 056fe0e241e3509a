"""The huddle: questions and answers among the mentors of a program (docs/rules.md, page for mentors)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import Versioned
from mentoring.models.program import Enrollment, Program

OF_THE_PAGE = (Enrollment.Role.MENTOR, Enrollment.Role.ADMIN)


def programs_with_page(user) -> models.QuerySet:
    """Return the programs whose mentors' page this person may open: those they mentor in or run."""
    roles = Enrollment.objects.active_of(user).filter(role__in=OF_THE_PAGE)
    return Program.objects.filter(pk__in=roles.values("program"))


class HuddleQuerySet(models.QuerySet):
    def editable_by(self, user) -> "HuddleQuerySet":
        """Return what this person wrote, in programs whose page they may open."""
        return self.filter(program__in=programs_with_page(user), author=user)

    def removable_by(self, user) -> "HuddleQuerySet":
        """Return what this person wrote, and everything in the programs they run."""
        runs = Program.objects.managed_by(user)
        return self.filter(Q(author=user) | Q(program__in=runs), program__in=programs_with_page(user))


class HuddleText(Versioned):
    """What one person wrote in the huddle. Mentors and admins of the program read it."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = HuddleQuerySet.as_manager()

    class Meta:
        abstract = True


class HuddleQuestion(HuddleText):
    """A question to the mentors of a program."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="huddle_questions")
    text = models.CharField(_("Your question to the mentors"), max_length=300)

    class Meta:
        indexes = [models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return self.text


class HuddleAnswer(HuddleText):
    """The answer of one person to a question; a later one rewords it."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="huddle_answers")
    question = models.ForeignKey(HuddleQuestion, on_delete=models.CASCADE, related_name="answers")
    text = models.TextField(_("Your answer"), max_length=2000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "author"], name="one_huddle_answer_per_person")]

    def __str__(self) -> str:
        return f"{self.question_id} {self.author_id}"
