from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import AuditEvent
from core.optimistic_locking import ConditionalUpdate
from mentoring.models.matching import Proposal, free_places, unpaired_mentees
from mentoring.models.pair import Pair
from mentoring.models.program import Program

UNDO_WITHIN = timedelta(minutes=10)  # no email about a new pair leaves earlier (docs/rules.md, pairing)
SEEN_AT_PRECISION = timedelta(hours=1)  # how exact `User.seen_at` is
FORGOTTEN_AFTER = timedelta(days=30)


class StartRunQuerySet(models.QuerySet["StartRun"]):
    def managed_by(self, user) -> "StartRunQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))

    def unfinished(self) -> "StartRunQuerySet":
        return self.filter(finished_at=None)

    def recent(self) -> "StartRunQuerySet":
        """Runs for the matching page: in progress, or finished and still possible to undo."""
        return self.filter(Q(finished_at=None) | Q(finished_at__gt=timezone.now() - UNDO_WITHIN))

    def forgotten(self) -> "StartRunQuerySet":
        return self.filter(finished_at__lt=timezone.now() - FORGOTTEN_AFTER)


class StartRun(ConditionalUpdate):
    """A batch of suggested matches that a worker turns into pairs, one at a time."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="start_runs")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    total = models.PositiveIntegerField()
    not_possible = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = StartRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program"], condition=Q(finished_at__isnull=True), name="one_start_run_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.total} pairs"

    @classmethod
    def begin(cls, program: Program, by, chosen: set[int]) -> "StartRun | None":
        """Lock the chosen proposals and queue them; return None without any, or while another run is in progress."""
        with transaction.atomic():
            program.lock()
            rows = Proposal.objects.filter(program=program, pk__in=chosen)
            if not rows.exists() or cls.objects.unfinished().filter(program=program).exists():
                return None
            run = cls.objects.create(program=program, created_by=by, total=rows.count())
            rows.update(run=run, locked=True)
            program.match_requests.model.settle(program)
            AuditEvent.record(by, AuditEvent.Action.PAIRS_QUEUED, program)
        return run

    @property
    def done(self) -> int:
        return self.total - self.proposals.count()

    @property
    def started_n(self) -> int:
        return self.started.count()

    def carry_out(self) -> None:
        """Start the remaining pairs, each in its own transaction, so that a killed worker loses nothing."""
        for pk in list(self.proposals.values_list("pk", flat=True)):
            self.start_one(pk)
        if not self.proposals.exists():
            self.update_if({"finished_at": None}, finished_at=timezone.now())

    def start_one(self, pk: int) -> None:
        """Turn a proposal into a pair, unless another worker did; it stays a proposal if that is no longer possible."""
        with transaction.atomic():
            self.program.lock()
            row = self.proposals.select_related("mentor", "mentee").filter(pk=pk).first()
            if row is None:
                return
            try:
                if not free_places(self.program, row.mentor_id) or not unpaired_mentees(self.program, row.mentee_id):
                    raise ValidationError("paired or left meanwhile")
                Proposal.objects.filter(pk=pk).delete()
                pair = Pair.start(self.created_by, self.program, row.mentor, row.mentee)
                self.started.create(pair=pair, score=row.score)
            except ValidationError:
                row.pk = pk
                row.run = None
                row.save()
                StartRun.objects.filter(pk=self.pk).update(not_possible=F("not_possible") + 1)

    @property
    def can_be_undone(self) -> bool:
        return bool(self.finished_at and not self.undone_at and timezone.now() < self.undo_until)

    @property
    def undo_until(self):
        return self.finished_at + UNDO_WITHIN if self.finished_at else None

    def undo(self, by) -> tuple[int, int] | None:
        """Undo the pairs that nobody can have seen, once; return how many are proposals again and how many stay.

        A pair stays if it was changed, or if one of its people, other than the admin who started it, may have opened
        a page since.
        """
        with transaction.atomic():
            self.program.lock()
            if not self.can_be_undone:
                return None
            if not self.update_if({"undone_at": None}, undone_at=timezone.now()):
                return None
            rows = list(self.started.select_related("pair__mentor", "pair__mentee"))
            unseen = [row for row in rows if not row.was_seen(self.created_by_id)]
            Pair.objects.filter(pk__in=[row.pair_id for row in unseen]).delete()
            Proposal.objects.bulk_create(
                [
                    Proposal(
                        program=self.program,
                        mentor=row.pair.mentor,
                        mentee=row.pair.mentee,
                        score=row.score,
                        locked=True,
                        created_by=by,
                    )
                    for row in unseen
                ],
                ignore_conflicts=True,
            )
            AuditEvent.record(by, AuditEvent.Action.PAIR_STARTS_UNDONE, self.program)
        return len(unseen), len(rows) - len(unseen)


class StartedPair(models.Model):
    """A pair that a run started, and the score of its proposal."""

    run = models.ForeignKey(StartRun, on_delete=models.CASCADE, related_name="started")
    pair = models.OneToOneField(Pair, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    started_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.pair_id}"

    def was_seen(self, except_by: int | None) -> bool:
        """Return True if the pair was changed, or one of its people other than `except_by` may have seen it."""
        if self.pair.ended_at or self.pair.revision > 1:
            return True
        seen = [person.seen_at for person in self.pair.people if person.pk != except_by]
        return any(at and at > self.started_at - SEEN_AT_PRECISION for at in seen)
