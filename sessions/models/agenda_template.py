from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mentoring.models import Program


class BlockType(models.TextChoices):
    OPEN = "open", pgettext_lazy("part of a session", "open")
    LEARN = "learn", _("learn")
    REFLECT = "reflect", _("reflect")
    APPLY = "apply", _("apply")
    CLOSE = "close", pgettext_lazy("part of a session", "close")


class BlockRole(models.TextChoices):
    """What happens in a block; it decides which form the session room shows."""

    ARRIVE = "arrive", _("arrive")
    STATUS = "status", _("status update")
    COMMITMENTS = "commitments", _("commitments since last time")
    TOPIC = "topic", _("topic, obstacle first")
    FEEDBACK = "feedback", _("three-question feedback")
    APPLY = "apply", _("apply to a work event")
    QUESTIONS = "questions", _("questions, parking lot")
    CLOSE = "close", _("commit and close")
    HOPES = "hopes", _("hopes and challenges")
    DIRECTION = "direction", _("competencies and milestones")
    AGREEMENT = "agreement", _("how we work together")
    CADENCE = "cadence", _("how often we meet")
    GOALS = "goals", _("goals: keep, change, drop")
    NOTES = "notes", _("notes")


class AgendaTemplateQuerySet(models.QuerySet["AgendaTemplate"]):
    def managed_by(self, user) -> "AgendaTemplateQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))

    def in_order(self) -> "AgendaTemplateQuerySet":
        """Return templates by kind, the standard ones first, long before short."""
        kinds = [models.When(kind=kind, then=place) for place, kind in enumerate(AgendaTemplate.Kind.values)]
        return self.order_by(models.Case(*kinds), "-minutes")


class AgendaTemplate(models.Model):
    """The shape of a session: blocks with minutes and one question each (docs/rules.md, agenda templates)."""

    class Kind(models.TextChoices):
        STANDARD = "standard", _("session")
        FIRST = "first", _("first session")
        CHECK_IN = "checkin", _("check-in")
        RESET = "reset", _("reset session")
        CLOSING = "closing", _("closing session")

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="agenda_templates")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.STANDARD)
    minutes = models.PositiveSmallIntegerField(_("minutes"), validators=[MinValueValidator(15), MaxValueValidator(240)])
    name = models.CharField(_("name"), max_length=100)

    objects = AgendaTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-minutes"]
        constraints = [
            models.UniqueConstraint(fields=["program", "kind", "minutes"], name="one_template_per_kind_and_length")
        ]

    def __str__(self) -> str:
        return self.name

    def reshape(self, name: str, blocks: list["TemplateBlock"]) -> None:
        """Replace the name and the blocks, in this order. Planned sessions keep theirs."""
        with transaction.atomic():
            self.name = name
            self.save(update_fields=["name"])
            self.blocks.all().delete()
            for position, block in enumerate(blocks):
                block.template, block.position = self, position
            TemplateBlock.objects.bulk_create(blocks)


class BlockShape(models.Model):
    """The fields that blocks of templates and of sessions share."""

    position = models.PositiveSmallIntegerField()
    type = models.CharField(_("type"), max_length=7, choices=BlockType)
    role = models.CharField(_("what happens"), max_length=11, choices=BlockRole, default=BlockRole.NOTES)
    title = models.CharField(_("title"), max_length=100)
    minutes = models.PositiveSmallIntegerField(_("minutes"), validators=[MaxValueValidator(240)])
    question = models.CharField(_("question to ask"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def is_work(self) -> bool:
        """True between the opening and the close."""
        return self.type not in (BlockType.OPEN, BlockType.CLOSE)

    @property
    def type_label(self) -> str:
        return capfirst(str(BlockType(self.type).label))

    @property
    def planned_minutes(self) -> int:
        return self.minutes


class TemplateBlock(BlockShape):
    template = models.ForeignKey(AgendaTemplate, on_delete=models.CASCADE, related_name="blocks")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["template", "position"], name="template_blocks_in_order"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="template_block_takes_time"),
        ]

    def __str__(self) -> str:
        return self.title
