"""Resources: what a program recommends, and what a pair uses of it or adds (docs/rules.md, resources)."""

from collections.abc import Iterable

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import BoundText, EncryptedTextField
from goals.models import Competency
from goals.models.goal import Archivable
from mentoring.models import Pair, PairContentQuerySet, Program

LEAST_USEFUL, MOST_USEFUL = 1, 5
MOST = 200  # resources in a library


class ResourceKind(models.TextChoices):
    COURSE = "course", _("course")
    READING = "reading", _("reading")
    COMMUNITY = "community", _("community")
    ASSIGNMENT = "assignment", _("assignment")


class ResourceQuerySet(models.QuerySet["Resource"]):
    def current(self) -> "ResourceQuerySet":
        return self.filter(dropped_at=None)

    def managed_by(self, user) -> "ResourceQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))

    def by_competency(self) -> "ResourceQuerySet":
        return self.select_related("competency").order_by(F("competency__title").asc(nulls_last=True), "title", "pk")


class Resource(models.Model):
    """A resource in the library of a program. Removed from it, it stays with the pairs that use it."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="resources")
    title = models.CharField(_("Title"), max_length=200)
    url = models.URLField(_("Link"), max_length=500, blank=True)
    kind = models.CharField(_("What is it?"), max_length=10, choices=ResourceKind, default=ResourceKind.READING)
    competency = models.ForeignKey(
        Competency, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Competency")
    )
    note = models.CharField(_("In one line"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = ResourceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title

    @classmethod
    def set_library(cls, program: Program, rows: Iterable[dict]) -> None:
        """Make the library what a program file lists; a resource is recognized by its title."""
        competencies = {row.title: row for row in Competency.objects.filter(program=program).current()}
        kept = []
        for row in rows:
            facts = {
                "url": row.get("link", ""),
                "kind": row.get("kind", ResourceKind.READING),
                "competency": competencies.get(row.get("ability", "")),
                "note": row.get("note", ""),
            }
            before = cls.objects.filter(program=program, title=row["title"]).order_by("-dropped_at", "pk")
            found = before.filter(dropped_at=None).first() or before.first()
            found = found or cls(program=program, title=row["title"])
            found.dropped_at = None
            for name, value in facts.items():
                setattr(found, name, value)
            found.save()
            kept.append(found.pk)
        cls.objects.filter(program=program).current().exclude(pk__in=kept).update(dropped_at=timezone.now())


class PairResourceQuerySet(PairContentQuerySet["PairResource"]):
    def current(self) -> "PairResourceQuerySet":
        return self.filter(dropped_at=None)

    def in_use(self) -> "PairResourceQuerySet":
        """Return those that the mentee has neither finished nor turned down."""
        return self.current().exclude(status__in=(PairResource.Status.FINISHED, PairResource.Status.NOT_FOR_ME))

    def with_facts(self) -> "PairResourceQuerySet":
        return self.select_related("resource__competency", "competency")


class PairResource(BoundText, Archivable):
    """A resource of a pair: one of the program's library, or one of their own. The mentee notes how it goes.

    What the pair writes is stored encrypted.
    """

    class Status(models.TextChoices):
        NEW = "", _("not decided yet")
        PLANNED = "planned", pgettext_lazy("experiment or resource", "planned")
        STARTED = "started", _("started")
        FINISHED = "finished", _("finished")
        NOT_FOR_ME = "not", _("not for me")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="resources")
    # Of the library; the facts are then those of this row, and the own ones are empty.
    resource = models.ForeignKey(Resource, null=True, blank=True, on_delete=models.CASCADE, related_name="uses")
    title = EncryptedTextField(_("Title"), max_length=200, blank=True, bound_to=("pair_id",))
    url = EncryptedTextField(_("Link"), max_length=500, blank=True, bound_to=("pair_id",))
    kind = models.CharField(_("What is it?"), max_length=10, choices=ResourceKind, default=ResourceKind.READING)
    competency = models.ForeignKey(
        Competency, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Competency")
    )
    why = EncryptedTextField(_("Why this one?"), max_length=300, blank=True, bound_to=("pair_id",))
    status = models.CharField(_("How is it going?"), max_length=8, choices=Status, blank=True)
    usefulness = models.PositiveSmallIntegerField(
        _("How useful was it?"),
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST_USEFUL), MaxValueValidator(MOST_USEFUL)],
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = PairResourceQuerySet.as_manager()

    note = ""  # only those of the library have one

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "resource"], condition=Q(dropped_at__isnull=True), name="resource_once_in_a_pair"
            ),
        ]

    def __str__(self) -> str:
        return self.facts.title

    def get_absolute_url(self) -> str:
        return f"{reverse('pair_resource_list', args=[self.pair_id])}#resource-{self.pk}"

    @property
    def facts(self) -> "Resource | PairResource":
        """What it is: the current facts of the library, or its own; load with_facts()."""
        return self.resource or self

    def rate(self, status: str, usefulness: int | None) -> None:
        """Store the mentee's answer. What has not begun has no usefulness."""
        if status not in (self.Status.STARTED, self.Status.FINISHED):
            usefulness = None
        with self.pair.locked():
            PairResource.objects.filter(pk=self.pk).update(status=status, usefulness=usefulness)
            self.pair.touch()

    @classmethod
    def recommend(cls, pair: Pair, by, resource: Resource, why: str) -> "PairResource":
        """Add a resource of the library to the pair; the second time, only the reason changes."""
        with pair.locked():
            row = cls.objects.filter(pair=pair, resource=resource).current().first()
            if row is None:
                status = cls.Status.PLANNED if pair.is_mentee(by) else cls.Status.NEW
                row = cls.objects.create(pair=pair, resource=resource, created_by=by, why=why, status=status)
            elif why:
                row.write(row.version, why=why)
            pair.touch()
        return row
