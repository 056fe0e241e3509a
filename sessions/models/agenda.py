from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import ConditionalUpdate, Conflict, Versioned
from goals.models import Indicator, WorkEvent
from mentoring.models import Pair, PairContentQuerySet, attach_pairs
from sessions.models.agenda_template import BlockShape, BlockType
from sessions.models.session import Session

CONFIRM_FROM = 3  # after being carried over this often, an item asks whether it still matters
NEAR = timedelta(days=14)  # topics for a work event this close come first


class BlockQuerySet(PairContentQuerySet["Block"]):
    pair_path = "session__pair"


class Block(BlockShape, Versioned):
    """A block of one session: its planned and actual time, and the shared notes."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="blocks")
    planned_question = models.CharField(max_length=300, blank=True)  # where the mentor asked another one
    extended_minutes = models.PositiveSmallIntegerField(default=0)
    actual_seconds = models.PositiveIntegerField(default=0)
    left_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(_("Shared notes"), max_length=20_000, blank=True)

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

    @property
    def planned_seconds(self) -> int:
        return self.planned_minutes * 60

    @property
    def actual_minutes(self) -> int:
        """Minutes it took so far."""
        return round(self.actual_seconds / 60)


class AgendaItemQuerySet(PairContentQuerySet["AgendaItem"]):
    def in_agenda_order(self, pairs: Iterable[Pair]) -> list["AgendaItem"]:
        """Return items with near work events first, then the mentee's, then in the pair's order; sets their `rank`.

        `pairs` are their pairs, which are already loaded.
        """
        today = datetime.now(UTC).date()  # one order for both people, wherever they are
        rows = attach_pairs(self.select_related("work_event"), pairs)
        for item in rows:
            event = item.work_event
            is_near = event and not event.dropped_at and today - timedelta(days=1) <= event.happens_on <= today + NEAR
            item.rank = 0 if is_near else 1 if item.created_by_id == item.pair.mentee_id else 2
        return sorted(rows, key=lambda item: (item.rank, item.position, item.pk))

    def open(self) -> "AgendaItemQuerySet":
        return self.filter(state=AgendaItem.State.OPEN)

    def parked(self) -> "AgendaItemQuerySet":
        return self.filter(state=AgendaItem.State.PARKED)

    def topics(self) -> "AgendaItemQuerySet":
        return self.filter(kind=AgendaItem.Kind.TOPIC)

    def questions(self) -> "AgendaItemQuerySet":
        return self.filter(kind=AgendaItem.Kind.QUESTION)

    def droppable_by(self, user) -> "AgendaItemQuerySet":
        """Return the items `user` raised. A mentor parks what the mentee raised, but never drops it."""
        return self.editable_by(user).filter(Q(created_by=user) | Q(created_by=None))

    def with_carried(self) -> "AgendaItemQuerySet":
        """Annotate `carried`, the number of sessions that carried the item over, and `last_carried_at`."""
        is_carried = Q(outcomes__outcome=ItemOutcome.Outcome.CARRIED)
        return self.annotate(
            carried=models.Count("outcomes", filter=is_carried, distinct=True),
            last_carried_at=models.Max("outcomes__created_at", filter=is_carried),
        )


class AgendaItem(ConditionalUpdate, Versioned):
    """A topic or a question. It belongs to the pair, so it survives whatever happens to a session (carryover.py)."""

    class Kind(models.TextChoices):
        TOPIC = "topic", _("topic")
        QUESTION = "question", _("question")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        PARKED = "parked", _("parked")
        DISCUSSED = "discussed", _("discussed")
        DROPPED = "dropped", _("dropped")

    NOTES = ("obstacle", "tried", "options", "ideas")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TOPIC)
    block_type = models.CharField(max_length=7, choices=BlockType, default=BlockType.LEARN)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    title = models.CharField(_("What is it about?"), max_length=300)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    work_event = models.ForeignKey(WorkEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="topics")
    from_item = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="became")
    # Brought up by two ratings that differ (docs/rules.md, indicators).
    indicator = models.ForeignKey(Indicator, null=True, blank=True, on_delete=models.SET_NULL, related_name="topics")
    obstacle = models.TextField(_("What is in the way?"), max_length=20_000, blank=True)
    tried = models.TextField(_("What have you tried?"), max_length=20_000, blank=True)
    options = models.TextField(_("What options do you see?"), max_length=20_000, blank=True)
    ideas = models.TextField(_("Ideas, advice"), max_length=20_000, blank=True)
    # An answer written before the session. The question stays open until the person who asked marks it as answered.
    reply = models.CharField(_("Answer in one line"), max_length=500, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)
    kept_at = models.DateTimeField(null=True, blank=True)  # when it was confirmed as "still matters"
    talked_through_at = models.DateTimeField(null=True, blank=True)  # opened the ideas without a written obstacle

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["pair", "state"])]

    def __str__(self) -> str:
        return self.title

    @property
    def notes(self) -> list[tuple[str, str]]:
        """The notes taken on the item, each with its question; empty ones are left out."""
        notes = [(self._meta.get_field(name).verbose_name, getattr(self, name)) for name in self.NOTES]
        return [(question, answer) for question, answer in notes if answer]

    @property
    def ideas_open(self) -> bool:
        """The soft gate: ideas open once the obstacle is named, or on "Skip to ideas"."""
        return bool(self.obstacle.strip() or self.talked_through_at)

    @property
    def needs_confirmation(self) -> bool:
        """True after three times carried without "still matters" since. Needs with_carried()."""
        kept = self.kept_at and self.last_carried_at and self.kept_at > self.last_carried_at
        return self.state == self.State.OPEN and self.carried >= CONFIRM_FROM and not kept

    def droppable(self, user) -> bool:
        """Return True if `user` may drop this item (see droppable_by)."""
        return self.created_by_id in (user.pk, None)

    @classmethod
    def add(cls, pair: Pair, by, title: str, kind: str = "", **fields) -> "AgendaItem":
        """Add an item at the end of the pair's agenda. Without a kind, a trailing question mark decides."""
        kind = kind or cls.guess_kind(title)
        fields.setdefault("block_type", BlockType.REFLECT if kind == cls.Kind.QUESTION else BlockType.LEARN)
        last = pair.items.aggregate(last=models.Max("position"))["last"] or 0
        with pair.locked():
            item = cls.objects.create(pair=pair, created_by=by, title=title, kind=kind, position=last + 1, **fields)
            pair.touch()
        return item

    @classmethod
    def guess_kind(cls, title: str) -> str:
        return cls.Kind.QUESTION if title.rstrip().endswith(("?", "？", "؟")) else cls.Kind.TOPIC

    def edit(self, version: int, **fields) -> None:
        """Store a new title, kind or work event; raise Conflict if the item changed since `version`."""
        with self.pair.locked():
            self.write(version, **fields)
            self.pair.touch()

    def discuss(self, session: Session | None = None) -> None:
        self._settle(self.State.DISCUSSED, session)

    def park(self, session: Session | None = None) -> None:
        """Put the item in the parking lot until somebody brings it back."""
        self._settle(self.State.PARKED, session)

    def drop(self, by, session: Session | None = None) -> None:
        """Drop the item. Raise PermissionDenied unless `by` raised it."""
        if not self.droppable(by):
            raise PermissionDenied
        self._settle(self.State.DROPPED, session)

    def add_reply(self, by, version: int, line: str) -> None:
        """Reply to an open question in one line; an empty line removes the reply. Raise Conflict as in edit()."""
        reply = {
            "reply": line,
            "replied_by_id": by.pk if line else None,
            "replied_at": timezone.now() if line else None,
        }
        self.edit(version, **reply)

    def keep(self) -> None:
        """Confirm that the item still matters, until it has been carried over once more."""
        self._change(AgendaItem.objects.filter(pk=self.pk), kept_at=timezone.now())

    def reopen(self) -> None:
        """Put the item back on the agenda; undoes discuss, park and drop. Closed sessions keep their record."""
        with self.pair.locked():
            self._change(AgendaItem.objects.exclude(state=self.State.OPEN), state=self.State.OPEN, settled_at=None)
            self.outcomes.filter(session__in=Session.objects.live()).delete()

    def move_up(self) -> None:
        self._swap(-1)

    def move_down(self) -> None:
        self._swap(1)

    def _settle(self, state: str, session: Session | None) -> None:
        settled_at = None if state == self.State.PARKED else timezone.now()
        unsettled = AgendaItem.objects.filter(state__in=(self.State.OPEN, self.State.PARKED)).exclude(state=state)
        with self.pair.locked():
            changed = self._change(unsettled, state=state, settled_at=settled_at)
            if self.state != state:
                raise Conflict(self)
            if changed and session is not None:
                ItemOutcome.objects.update_or_create(
                    session=session,
                    item=self,
                    defaults={"outcome": state, "title": self.title, "created_at": timezone.now()},
                )

    def _change(self, allowed: AgendaItemQuerySet, **changes) -> int:
        """Store `changes` if the row is among `allowed`, and return whether it was; a second press changes nothing."""
        with self.pair.locked():
            changed = allowed.filter(pk=self.pk).update(version=models.F("version") + 1, **changes)
            if changed:
                self.pair.touch()
        self.refresh_from_db(fields=["title", "version", *changes])
        return changed

    def _swap(self, step: int) -> None:
        """Change places with the next item of the same kind and rank in this direction, if there is one."""
        with self.pair.locked():
            line = AgendaItem.objects.filter(pair=self.pair_id, kind=self.kind).open().in_agenda_order([self.pair])
            rank = next((item.rank for item in line if item.pk == self.pk), None)
            line = [item for item in line if item.rank == rank]
            here = next((i for i, item in enumerate(line) if item.pk == self.pk), None)
            if here is None or not 0 <= here + step < len(line):
                return
            line[here], line[here + step] = line[here + step], line[here]
            places = sorted(item.position for item in line)
            for earlier in range(1, len(places)):
                places[earlier] = max(places[earlier], places[earlier - 1] + 1)
            for item, item.position in zip(line, places, strict=True):
                AgendaItem.objects.filter(pk=item.pk).update(position=item.position)
            self.pair.touch()


class ItemOutcome(models.Model):
    """What became of an item in one session. *Carried* is an outcome, counted here, not a state."""

    class Outcome(models.TextChoices):
        DISCUSSED = "discussed", _("discussed")
        PARKED = "parked", _("parked")
        DROPPED = "dropped", _("dropped")
        CARRIED = "carried", _("carried over")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="outcomes")
    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="outcomes")
    outcome = models.CharField(max_length=9, choices=Outcome)
    title = models.CharField(max_length=300)  # at that time
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "item"], name="one_outcome_per_session_and_item")]

    def __str__(self) -> str:
        return f"{self.title}: {self.outcome}"
