from datetime import date, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Conflict, Versioned
from goals.models.goal import Goal, WorkItem
from mentoring.models import Pair, PairContentQuerySet

UNDO_WITHIN = timedelta(minutes=10)


class CommitmentQuerySet(PairContentQuerySet):
    def open(self) -> "CommitmentQuerySet":
        return self.filter(state=Commitment.State.OPEN)

    def owned_by(self, user) -> "CommitmentQuerySet":
        return self.filter(owner=user)

    def soonest_first(self) -> "CommitmentQuerySet":
        return self.order_by("due_on", "pk")

    def with_kept(self) -> "CommitmentQuerySet":
        """Annotate `slipped`: a date in force passed before it was done, moved or dropped (docs/rules.md, kept)."""
        late = CommitmentEvent.objects.filter(commitment=OuterRef("pk"), late=True, undone_at=None)
        return self.annotate(slipped=Exists(late))

    def kept(self, today: date) -> "CommitmentQuerySet":
        """Word kept so far: done or renegotiated by the date in force, and no open date has passed."""
        return self.with_kept().filter(slipped=False).exclude(state=Commitment.State.OPEN, due_on__lt=today)


class Commitment(Versioned):
    """One person will do one small thing by a date. Its history says how that went."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

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
    work_item = models.ForeignKey(
        WorkItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="commitments"
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    left_to_do = models.CharField(_("What is left?"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
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

    @classmethod
    def make(cls, by, **fields) -> "Commitment":
        """Store a new commitment with its first event. Owner must be one of the pair's two people."""
        with transaction.atomic():
            commitment = cls(made_by=by, **fields)
            if commitment.owner_id not in (commitment.pair.mentor_id, commitment.pair.mentee_id):
                raise ValueError("The owner of a commitment is one of the pair's two people.")
            commitment.save()
            CommitmentEvent.objects.create(
                commitment=commitment, kind=CommitmentEvent.Kind.MADE, by=by, new_due_on=commitment.due_on
            )
            commitment.pair.touch()
        return commitment

    def complete(self, by, version: int, on: date | None = None) -> "CommitmentEvent":
        """Done; `on` may name an earlier day. Raises Conflict when the row changed since `version`."""
        return self._change(by, version, CommitmentEvent.Kind.DONE, on=on, state=self.State.DONE)

    def partly(self, by, version: int, left: str) -> "CommitmentEvent":
        """Partly done: it stays open, says what is left, and comes back next session."""
        return self._change(by, version, CommitmentEvent.Kind.PARTLY, note=left, left_to_do=left)

    def renegotiate(self, by, version: int, due_on: date, reason: str = "") -> "CommitmentEvent":
        """Move the due date. Before the date in force this is a kept word (docs/rules.md, kept)."""
        return self._change(by, version, CommitmentEvent.Kind.MOVED, note=reason, due_on=due_on)

    def drop(self, by, version: int, reason: str = "") -> "CommitmentEvent":
        return self._change(by, version, CommitmentEvent.Kind.DROPPED, note=reason, state=self.State.DROPPED)

    def reword(self, by, version: int, **fields) -> "CommitmentEvent":
        """Correct the text, owner, date or "done when" of an open commitment."""
        return self._change(by, version, CommitmentEvent.Kind.REWORDED, note=self.text, **fields)

    def undo(self, by, event: "CommitmentEvent") -> bool:
        """Take back `event`, if `by` made it, it is the last one, and no more than UNDO_WITHIN has passed."""
        last = self.events.filter(undone_at=None).order_by("-pk").first()
        if last != event or event.by_id != by.pk or not event.undoable():
            return False
        back = {
            CommitmentEvent.Kind.DONE: {"state": self.State.OPEN, "settled_at": None},
            CommitmentEvent.Kind.DROPPED: {"state": self.State.OPEN, "settled_at": None},
            CommitmentEvent.Kind.PARTLY: {"left_to_do": event.before.get("left_to_do", "")},
            CommitmentEvent.Kind.MOVED: {"due_on": event.old_due_on},
        }.get(event.kind)
        if back is None:
            return False
        with transaction.atomic():
            try:
                self.write(event.version_after, **back)
            except Conflict:
                return False
            event.undone_at = timezone.now()
            event.save(update_fields=["undone_at"])
            self.pair.touch()
        return True

    def _change(self, by, version: int, kind: str, *, on: date | None = None, note: str = "", **fields):
        if self.state != self.State.OPEN:
            raise Conflict(self)
        now = timezone.now()
        today = self.owner.local(now).date()
        on = min(on or today, today)
        if fields.get("state", self.State.OPEN) != self.State.OPEN:
            fields["settled_at"] = now
        old_due_on, before = self.due_on, {"left_to_do": self.left_to_do}
        with transaction.atomic():
            self.write(version, **fields)
            event = CommitmentEvent.objects.create(
                commitment=self,
                kind=kind,
                by=by,
                at=now,
                on=on,
                late=kind in CommitmentEvent.ANSWERS and on > old_due_on,
                note=note[:500],
                old_due_on=old_due_on,
                new_due_on=self.due_on,
                before=before,
                version_after=self.version,
            )
            self.pair.touch()
        return event


class CommitmentEvent(models.Model):
    """One step in the life of a commitment."""

    class Kind(models.TextChoices):
        MADE = "made", _("made")
        PARTLY = "partly", _("partly done")
        MOVED = "moved", _("moved")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")
        REWORDED = "reworded", _("reworded")

    ANSWERS = (Kind.MOVED, Kind.DONE, Kind.DROPPED)  # what is late when it comes after the due date

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    on = models.DateField(null=True)  # the owner's local date on which it counts
    late = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    old_due_on = models.DateField(null=True)
    new_due_on = models.DateField(null=True)
    before = models.JSONField(default=dict)
    version_after = models.PositiveIntegerField(default=1)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"

    def undoable(self) -> bool:
        return self.undone_at is None and timezone.now() - self.at < UNDO_WITHIN
