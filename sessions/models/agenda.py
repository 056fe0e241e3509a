from django.conf import settings
from django.db import models
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Versioned
from goals.models import WorkItem
from mentoring.models import Pair, PairContentQuerySet
from sessions.models.session import Session
from sessions.models.template import BlockShape, BlockType


class BlockQuerySet(PairContentQuerySet):
    pair_path = "session__pair"


class Block(BlockShape, Versioned):
    """A stretch of one session, with its planned and actual time and the notes both see."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="blocks")
    extended_minutes = models.PositiveSmallIntegerField(default=0)
    actual_seconds = models.PositiveIntegerField(default=0)
    left_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(_("Notes, both see"), max_length=20_000, blank=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["session", "position"], name="blocks_in_order")]

    def __str__(self) -> str:
        return self.title

    @property
    def pair(self) -> Pair:
        return self.session.pair

    @property
    def planned_minutes(self) -> int:
        return self.minutes + self.extended_minutes


class AgendaItemQuerySet(PairContentQuerySet):
    def in_agenda_order(self) -> "AgendaItemQuerySet":
        """Near real events first, then the mentee's before the mentor's, then as the pair ordered them."""
        near = timezone.now().date() + timezone.timedelta(days=14)
        return self.annotate(
            rank=Case(
                When(work_item__on__lte=near, work_item__dropped_at=None, then=Value(0)),
                When(raised_by=F("pair__mentee"), then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            )
        ).order_by("rank", "position", "pk")

    def open(self) -> "AgendaItemQuerySet":
        return self.filter(state=AgendaItem.State.OPEN)

    def parked(self) -> "AgendaItemQuerySet":
        return self.filter(state=AgendaItem.State.PARKED)

    def with_carried(self) -> "AgendaItemQuerySet":
        """Annotate `carried`: how many sessions closed without coming to it."""
        return self.annotate(
            carried=models.Count("outcomes", filter=Q(outcomes__outcome=ItemOutcome.Outcome.CARRIED), distinct=True)
        )


class AgendaItem(Versioned):
    """A topic or a question. It belongs to the pair, so it survives whatever happens to a session (carryover.py)."""

    class Kind(models.TextChoices):
        TOPIC = "topic", _("topic")
        QUESTION = "question", _("question")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        PARKED = "parked", _("parked")
        DISCUSSED = "discussed", _("discussed")
        DROPPED = "dropped", _("dropped")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TOPIC)
    block_type = models.CharField(max_length=7, choices=BlockType, default=BlockType.LEARN)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now, editable=False)
    title = models.CharField(_("What is it about?"), max_length=300)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    work_item = models.ForeignKey(WorkItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="topics")
    from_item = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="became")
    obstacle = models.TextField(_("What is in the way?"), max_length=20_000, blank=True)
    tried = models.TextField(_("What have you tried?"), max_length=20_000, blank=True)
    options = models.TextField(_("What options do you see?"), max_length=20_000, blank=True)
    ideas = models.TextField(_("Ideas, advice"), max_length=20_000, blank=True)
    talked_through_at = models.DateTimeField(null=True, blank=True)  # opened the ideas without a written obstacle

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["pair", "state"])]

    def __str__(self) -> str:
        return self.title

    @property
    def ideas_open(self) -> bool:
        """The soft gate: ideas open once the obstacle is named, or on "we talked it through"."""
        return bool(self.obstacle.strip() or self.talked_through_at)


class ItemOutcome(models.Model):
    """What became of an item in one session. *Carried* is an outcome, counted here, not a state."""

    class Outcome(models.TextChoices):
        DISCUSSED = "discussed", _("discussed")
        PARKED = "parked", _("parked")
        DROPPED = "dropped", _("dropped")
        CARRIED = "carried", _("comes along to next time")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="outcomes")
    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="outcomes")
    outcome = models.CharField(max_length=9, choices=Outcome)
    title = models.CharField(max_length=300)  # as it read then
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "item"], name="one_outcome_per_session_and_item")]

    def __str__(self) -> str:
        return f"{self.title}: {self.outcome}"
