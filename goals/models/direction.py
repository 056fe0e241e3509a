"""The priorities and competencies that a program lists."""

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
    """One entry of a program's list. Removed from the list, it stays on the rows that link to it."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE)
    title = models.CharField(_("Name"), max_length=120)
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
                violation_error_message=_("This is already on the list."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def add_to_list(cls, program: Program, title: str) -> "Listed":
        """Add an entry. One that was removed before is restored with its links."""
        with transaction.atomic():
            before = cls.objects.filter(program=program, title=title).order_by("dropped_at").first()
            if before is None:
                return cls.objects.create(program=program, title=title)
            cls.objects.filter(pk=before.pk).update(dropped_at=None)
        return before

    def remove_from_list(self) -> None:
        self.dropped_at = timezone.now()
        self.save(update_fields=["dropped_at"])

    def put_back(self) -> "Listed":
        """Put a removed entry back on the list; if one of the same name was added since, return that one."""
        same = type(self).objects.filter(program=self.program_id, title=self.title).current().first()
        return same or self.add_to_list(self.program, self.title)


class Priority(Listed):
    """What the organization needs now."""

    class Meta(Listed.Meta):
        verbose_name_plural = "priorities"


class Competency(Listed):
    """What the organization wants people to be good at."""

    class Meta(Listed.Meta):
        verbose_name_plural = "competencies"
