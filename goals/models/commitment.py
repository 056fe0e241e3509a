"""Commitments, and the events of their history."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import Conflict, Versioned
from goals.models.direction import Competency
from goals.models.goal import Goal, Milestone, WorkEvent
from mentoring.models import Pair, PairContentQuerySet, attach_pairs

UNDO_WITHIN = timedelta(minutes=10)


class CommitmentQuerySet(PairContentQuerySet["Commitment"]):
    def open(self) -> "CommitmentQuerySet":
        return self.filter(state=Commitment.State.OPEN)

    def settled(self) -> "CommitmentQuerySet":
        return self.exclude(state=Commitment.State.OPEN)

    def owned_by(self, user) -> "CommitmentQuerySet":
        return self.filter(owner=user)

    def overdue(self, people: Iterable) -> "CommitmentQuerySet":
        """Open commitments of `people` whose due date has passed, each in its owner's time zone."""
        owners_by_date: dict[date, list[int]] = {}
        for person in people:
            owners_by_date.setdefault(person.today(), []).append(person.pk)
        is_overdue = Q(pk__in=[])
        for today, owners in owners_by_date.items():
            is_overdue |= Q(owner__in=owners) & self._is_open_past(today)
        return self.filter(is_overdue, pair__ended_at=None)

    def overdue_here(self, people: Iterable) -> "CommitmentQuerySet":
        """Return those of overdue() whose date has passed in the reader's time zone, too."""
        return self.overdue(people).filter(due_on__lt=timezone.localdate())

    def soonest_first(self) -> "CommitmentQuerySet":
        return self.order_by("due_on", "pk")

    def as_lines(self, pairs: Iterable[Pair]) -> list["Commitment"]:
        """Load what goals/_commitment.html shows of these, whose pairs and their people are already loaded."""
        rows = self.select_related("goal", "work_event").only(*self._own_columns(), "goal__title", "work_event__title")
        return attach_pairs(rows, pairs, "owner")

    @staticmethod
    def _own_columns() -> list[str]:
        return [field.attname for field in Commitment._meta.concrete_fields]

    def with_kept(self) -> "CommitmentQuerySet":
        """Annotate `slipped`: a due date passed before the commitment was answered (docs/rules.md, kept)."""
        late = CommitmentEvent.objects.filter(commitment=OuterRef("pk"), late=True, undone_at=None)
        return self.annotate(slipped=Exists(late))

    def with_slips(self) -> list["Commitment"]:
        """Load these commitments with `slipped` of each, by two plain queries: for pages that show a few pairs."""
        rows = list(self.only("pair_id", "owner_id", "state", "due_on"))
        late = CommitmentEvent.objects.filter(commitment__in=[row.pk for row in rows], late=True, undone_at=None)
        slipped = set(late.values_list("commitment", flat=True))
        for row in rows:
            row.slipped = row.pk in slipped
        return rows

    def kept(self, today: date) -> "CommitmentQuerySet":
        """Return the commitments kept so far: each was done or moved by its due date, and none is overdue."""
        return self.with_kept().filter(self._is_kept(today))

    def kept_of_counted(self, since: date, today: date) -> tuple[int, int]:
        """Return how many commitments were kept, of how many that came due in the period."""
        of_owners = self.kept_by("owner", since, today).values()
        return sum(kept for kept, _counted in of_owners), sum(counted for _kept, counted in of_owners)

    def kept_by(self, key: str, since: date, today: date) -> dict[object, tuple[int, int]]:
        """Return the same for each value of a column, such as the owner, that has any; one query."""
        is_overdue = ExpressionWrapper(self._is_open_past(today), models.BooleanField())
        rows = self.came_due(since, today).annotate(is_past=is_overdue).order_by()
        found: dict[object, tuple[int, int]] = {}
        for value, slipped, past, n in rows.values_list(key, "slipped", "is_past").annotate(n=models.Count("pk")):
            kept, counted = found.get(value, (0, 0))
            found[value] = kept + (0 if slipped or past else n), counted + n
        return found

    def came_due(self, since: date, today: date) -> "CommitmentQuerySet":
        """Return the commitments due or done in the period, without those that were dropped or split in time."""
        return self.with_kept().filter(self._has_come_due(since, today))

    @staticmethod
    def _is_kept(today: date) -> Q:
        return Q(slipped=False) & ~CommitmentQuerySet._is_open_past(today)

    @staticmethod
    def _is_open_past(today: date) -> Q:
        return Q(state=Commitment.State.OPEN, due_on__lt=today)

    @staticmethod
    def _has_come_due(since: date, today: date) -> Q:
        in_period = Q(due_on__range=(since, today)) | Q(state=Commitment.State.DONE, due_on__gt=today)
        called_off = Q(state__in=(Commitment.State.DROPPED, Commitment.State.SPLIT), slipped=False)
        not_yet = Q(state=Commitment.State.OPEN, due_on=today)
        return in_period & ~called_off & ~not_yet


class Commitment(Versioned):
    """A small thing that one person will do by a date. Its events are its history."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")
        SPLIT = "split", _("split into parts")

    class Size(models.TextChoices):
        QUARTER = "15m", _("15 minutes or less")
        HOUR = "1h", _("up to an hour")
        HALF_DAY = "half", _("up to half a day")
        BIGGER = "bigger", _("bigger")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="commitments")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="commitments")
    text = models.CharField(_("What"), max_length=500)
    due_on = models.DateField(_("By when"))
    done_when = models.CharField(_("Done when"), max_length=300, blank=True)
    if_then = models.CharField(_("If something gets in the way"), max_length=300, blank=True)
    size = models.CharField(_("Size"), max_length=6, choices=Size, blank=True)
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="commitments")
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.SET_NULL, related_name="commitments"
    )
    work_event = models.ForeignKey(
        WorkEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="commitments"
    )
    competency = models.ForeignKey(
        Competency, null=True, blank=True, on_delete=models.SET_NULL, related_name="commitments"
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    left_to_do = models.CharField(_("What is left?"), max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True) | Q(~Q(state="open"), settled_at__isnull=False),
                name="settled_commitments_say_when",
            ),
        ]
        indexes = [
            models.Index(fields=["pair", "state", "due_on"]),
            models.Index(fields=["owner", "state", "due_on"]),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("commitment_detail", args=[self.pk])

    def for_reader(self, user) -> "Commitment":
        """Return the commitment with its owner and with `user` as one of its pair; see Pair.for_reader()."""
        pair = self.pair.for_reader(user)
        self.owner = pair.mentor if self.owner_id == pair.mentor_id else pair.mentee
        return self

    @property
    def html_id(self) -> str:
        return f"commitment-{self.pk}"

    @property
    def partner(self):
        """Return the other person of the pair."""
        return self.pair.mentee if self.owner_id == self.pair.mentor_id else self.pair.mentor

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_answerable(self) -> bool:
        """Return True if either person may still answer it. An ended pair is read-only."""
        return self.is_open and self.pair.ended_at is None

    @property
    def is_overdue(self) -> bool:
        """Return True if it can be answered and its due date has passed in the owner's time zone."""
        return self.is_answerable and self.due_on < self.owner.today()

    @property
    def is_overdue_here(self) -> bool:
        """Return True if it is overdue for its owner, and its date has passed for the reader, too.

        So no page shows "today" and "overdue" for one commitment when the owner's day has already ended.
        """
        return self.is_overdue and self.due_on < timezone.localdate()

    @property
    def is_due_today(self) -> bool:
        """Return True if it can be answered and is due today in the owner's time zone."""
        return self.is_answerable and self.due_on == self.owner.today()

    @property
    def is_due_now(self) -> bool:
        """Return True if it can be answered and is due today or overdue, in the owner's time zone."""
        return self.is_answerable and self.due_on <= self.owner.today()

    def is_kept(self, today: date) -> bool:
        """Return the same as kept(); needs `slipped`."""
        return not self.slipped and not (self.is_open and self.due_on < today)

    def has_come_due(self, since: date, today: date) -> bool:
        """Return the same as came_due(); needs `slipped`."""
        if self.state in (self.State.DROPPED, self.State.SPLIT) and not self.slipped:
            return False
        if self.is_open and self.due_on == today:
            return False
        return since <= self.due_on <= today or (self.state == self.State.DONE and self.due_on > today)

    @classmethod
    def create(cls, by, **fields) -> "Commitment":
        """Store a new commitment with its first event. Its owner must be one of the pair's two people."""
        commitment = cls(created_by=by, **fields)
        with commitment.pair.locked():
            commitment._check_owner(commitment.owner_id)
            commitment.save()
            CommitmentEvent.objects.create(
                commitment=commitment, kind=CommitmentEvent.Kind.MADE, created_by=by, new_due_on=commitment.due_on
            )
            commitment.pair.touch()
        return commitment

    def complete(self, by, version: int, done_on: date | None = None) -> "CommitmentEvent":
        """Mark it as done, today or on an earlier day. Raise Conflict if the row changed since `version`."""
        return self._change(by, version, CommitmentEvent.Kind.DONE, effective_on=done_on, state=self.State.DONE)

    def complete_partly(self, by, version: int, left: str) -> "CommitmentEvent":
        """Mark it as partly done. It stays open with what is left and returns in the next session."""
        return self._change(by, version, CommitmentEvent.Kind.PARTLY, note=left, left_to_do=left)

    def renegotiate(self, by, version: int, due_on: date, reason: str = "") -> "CommitmentEvent":
        """Move the due date. Moved by its due date, it still counts as kept (docs/rules.md, kept)."""
        return self._change(by, version, CommitmentEvent.Kind.MOVED, note=reason, due_on=due_on)

    def drop(self, by, version: int, reason: str = "") -> "CommitmentEvent":
        return self._change(by, version, CommitmentEvent.Kind.DROPPED, note=reason, state=self.State.DROPPED)

    def reword(self, by, version: int, **fields) -> "CommitmentEvent":
        """Correct an open commitment. For a new due date, use renegotiate()."""
        if "owner" in fields:
            self._check_owner(fields["owner"].pk)
        return self._change(by, version, CommitmentEvent.Kind.REWORDED, note=self.text, **fields)

    def split(self, by, version: int, parts: list[tuple[str, date]]) -> "CommitmentEvent":
        """Settle this commitment as split, and add a commitment for each part (text and due date)."""
        if len(parts) < 2:
            raise ValueError("A split makes at least two parts.")
        with self.pair.locked():
            event = self._change(by, version, CommitmentEvent.Kind.SPLIT, state=self.State.SPLIT)
            if self.parts.exists():  # the button was pressed twice
                return event
            for text, due_on in parts:
                Commitment.create(
                    by,
                    pair=self.pair,
                    owner=self.owner,
                    text=text,
                    due_on=due_on,
                    goal_id=self.goal_id,
                    milestone_id=self.milestone_id,
                    work_event_id=self.work_event_id,
                    competency_id=self.competency_id,
                    parent=self,
                )
        return event

    def undo(self, by, event: "CommitmentEvent") -> bool:
        """Undo `event` if `by` created it, nothing has changed since, and it is younger than UNDO_WITHIN.

        The event stays in the history, marked as undone.
        """
        if event.commitment_id != self.pk or event.created_by_id != by.pk or not event.undoable():
            return False
        previous = {name: self._meta.get_field(name).to_python(value) for name, value in event.previous_values.items()}
        try:
            with self.pair.locked():
                self.write(event.version_after, **previous)
                if event.kind == CommitmentEvent.Kind.SPLIT:
                    self._drop_parts(by)
                event.undone_at = timezone.now()
                event.save(update_fields=["undone_at"])
                self.pair.touch()
        except Conflict:
            self.refresh_from_db()
            return False
        return True

    def _drop_parts(self, by) -> None:
        """Drop the unchanged parts of a split; raise Conflict if one of them was changed."""
        for part in self.parts.all():
            part._change(by, 1, CommitmentEvent.Kind.DROPPED, state=self.State.DROPPED)

    def _check_owner(self, owner_id: int) -> None:
        if owner_id not in (self.pair.mentor_id, self.pair.mentee_id):
            raise ValueError("The owner of a commitment is one of the pair's two people.")

    def _change(self, by, version: int, kind: str, *, effective_on: date | None = None, note: str = "", **fields):
        """Store the change of `version` together with its event, or raise Conflict and store nothing."""
        now = timezone.now()
        today = self.owner.local(now).date()
        effective_on = min(effective_on or today, today)
        if fields.get("state", self.State.OPEN) != self.State.OPEN:
            fields["settled_at"] = now
        changes = {self._meta.get_field(name).attname: getattr(value, "pk", value) for name, value in fields.items()}
        if not self.is_open or self.version != version:
            return self._repeated_event(by, version, kind, changes)
        old_due_on, previous = self.due_on, {name: getattr(self, name) for name in changes}
        try:
            with self.pair.locked():
                self.write(version, **changes)
                event = CommitmentEvent.objects.create(
                    commitment=self,
                    kind=kind,
                    created_by=by,
                    created_at=now,
                    effective_on=effective_on,
                    late=kind in CommitmentEvent.ANSWERS and effective_on > old_due_on,
                    note=note[:500],
                    old_due_on=old_due_on,
                    new_due_on=self.due_on,
                    previous_values=previous,
                    version_after=self.version,
                )
                self.pair.touch()
        except Conflict:
            return self._repeated_event(by, version, kind, changes)
        return event

    def _repeated_event(self, by, version: int, kind: str, changes: dict) -> "CommitmentEvent":
        """Return the event of the first press of the same button; raise Conflict if this is another change."""
        current = Commitment.objects.get(pk=self.pk)
        same = {name: value for name, value in changes.items() if name != "settled_at"}
        event = self.events.filter(kind=kind, created_by=by, version_after=version + 1, undone_at=None).first()
        if event is None or any(getattr(current, name) != value for name, value in same.items()):
            raise Conflict(current)
        self.refresh_from_db(fields=[*changes, "version"])
        return event


def count_kept(rows: Iterable[Commitment], since: date, today: date) -> tuple[int, int]:
    """Return how many of these were kept, of how many that came due in the period; they need `slipped`."""
    due = [row for row in rows if row.has_come_due(since, today)]
    return sum(row.is_kept(today) for row in due), len(due)


class CommitmentEventQuerySet(PairContentQuerySet["CommitmentEvent"]):
    pair_path = "commitment__pair"


class CommitmentEvent(models.Model):
    """One event in the history of a commitment."""

    class Kind(models.TextChoices):
        MADE = "made", _("made")
        PARTLY = "partly", _("partly done")
        MOVED = "moved", _("moved")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")
        REWORDED = "reworded", _("reworded")
        SPLIT = "split", _("split into parts")

    ANSWERS = (Kind.MOVED, Kind.DONE, Kind.DROPPED, Kind.SPLIT)  # these are late after the due date

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    effective_on = models.DateField(null=True)  # in the owner's time zone
    late = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    old_due_on = models.DateField(null=True)
    new_due_on = models.DateField(null=True)
    previous_values = models.JSONField(default=dict, encoder=DjangoJSONEncoder)  # what undo writes back
    version_after = models.PositiveIntegerField(default=1)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = CommitmentEventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d}"

    def undoable(self) -> bool:
        """Return True while the event can be undone; undo() also checks that nothing has changed since."""
        return bool(self.previous_values) and self.undone_at is None and timezone.now() - self.created_at < UNDO_WITHIN
