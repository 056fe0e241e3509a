"""What the organization needs (priorities) and which abilities it names (competencies): lists of a program."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models import Program


class ListedQuerySet(models.QuerySet):
    def current(self) -> "ListedQuerySet":
        return self.filter(dropped_at=None)

    def managed_by(self, user) -> "ListedQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))


class Listed(models.Model):
    """One line of a program's list. Taken off it, it stays with what named it."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE)
    title = models.CharField(_("In one line"), max_length=120)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = ListedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "title"],
                condition=Q(dropped_at__isnull=True),
                name="%(class)s_once_in_a_program",
                violation_error_message=_("This is on the list already."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def put_on_the_list(cls, program: Program, title: str) -> "Listed":
        """One line more. What was taken off before comes back with all that named it."""
        with transaction.atomic():
            before = cls.objects.filter(program=program, title=title).order_by("dropped_at").first()
            if before is None:
                return cls.objects.create(program=program, title=title)
            cls.objects.filter(pk=before.pk).update(dropped_at=None)
        return before

    def take_off(self) -> None:
        self.dropped_at = timezone.now()
        self.save(update_fields=["dropped_at"])


class Priority(Listed):
    """What the team or the organization wants to get done."""

    class Meta(Listed.Meta):
        verbose_name_plural = "priorities"


class Competency(Listed):
    """An ability that the program helps people grow."""

    class Meta(Listed.Meta):
        verbose_name_plural = "competencies"
