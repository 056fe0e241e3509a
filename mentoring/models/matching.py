"""Suggested matches, and mentees' requests to mentors."""

from collections import Counter
from datetime import datetime, time
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from accounts.working_hours import instant, working_days_later
from core.optimistic_locking import ConditionalUpdate
from mentoring.models.profile import NeverPair, Preference
from mentoring.models.program import Enrollment, Program

ANSWER_WITHIN = 5  # working days of the mentor (docs/rules.md, pairing)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def managed_by(self, user) -> "ProposalQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))


class Proposal(ConditionalUpdate):
    """A suggested match; nobody else sees it before the admin starts the pair."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="proposals")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()  # 0 to 100
    locked = models.BooleanField(default=False)  # stays when matches are suggested again
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    run = models.ForeignKey("StartRun", null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["mentee__folded_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["program", "mentee"], name="one_proposal_for_a_mentee")]

    def __str__(self) -> str:
        return f"{self.mentor_id} and {self.mentee_id}?"

    @classmethod
    def stage(cls, program: Program, mentor, mentee, by, score: float = 0) -> "Proposal":
        """Store a locked proposal in place of any other for this mentee.

        If the mentor now has more proposals than places, those that are not locked are dropped, the weakest first.
        """
        with transaction.atomic():
            program.lock()
            how = {"mentor": mentor, "score": score, "locked": True, "created_by": by}
            row, _made = cls.objects.update_or_create(program=program, mentee=mentee, defaults=how)
            row.make_room()
            MatchRequest.settle(program)
        return row

    def lock(self) -> bool:
        """Keep new suggestions from replacing this proposal; return whether this call did it."""
        with transaction.atomic():
            self.program.lock()
            if not self.update_if({"locked": False}, locked=True):
                return False
            self.make_room()
            MatchRequest.settle(self.program)
        return True

    def unlock(self) -> bool:
        """Let new suggestions replace this proposal; return whether this call did it."""
        return self.update_if({"locked": True}, locked=False)

    def make_room(self) -> None:
        """Drop the weakest unlocked proposals of this mentor that exceed the open places."""
        rows = Proposal.objects.filter(program=self.program, mentor=self.mentor)
        places = open_places(self.program).get(self.mentor_id, 0)
        kept = rows.filter(locked=False).order_by("-score", "pk").values_list("pk", flat=True)[:places]
        rows.filter(locked=False).exclude(pk__in=list(kept)).delete()

    @property
    def match(self) -> "Match":
        return Match(self.mentor_id, self.mentee_id, self.score, self.locked)

    @classmethod
    def put_back(cls, program: Program, match: "Match", by) -> bool:
        """Store a removed proposal again; return False if the mentee has another by now or it cannot become a pair."""
        with transaction.atomic():
            program.lock()
            if program.proposals.filter(mentee=match.mentee).exists() or not match.is_possible(program):
                return False
            how = {"mentor_id": match.mentor, "score": match.score, "locked": match.locked, "created_by": by}
            cls.objects.create(program=program, mentee_id=match.mentee, **how)
            MatchRequest.settle(program)
        return True


class Match(NamedTuple):
    """A proposal by the keys of its people, to put it back after its removal."""

    mentor: int
    mentee: int
    score: float
    locked: bool

    def is_possible(self, program: Program) -> bool:
        """Return True if the mentee has no mentor, the mentor has room, and neither refuses the other."""
        two = (self.mentor, self.mentee)
        if NeverPair.objects.filter(program=program, user__in=two, other__in=two).exists():
            return False
        free = free_places(program, self.mentor).get(self.mentor, 0)
        others = program.proposals.filter(mentor=self.mentor).exclude(mentee=self.mentee)
        return others.count() < free and self.mentee in unpaired_mentees(program, self.mentee)


class MatchRequestQuerySet(models.QuerySet["MatchRequest"]):
    def waiting(self) -> "MatchRequestQuerySet":
        return self.filter(answered_at=None)

    def sent_to(self, user) -> "MatchRequestQuerySet":
        """Requests to this mentor, answered or not."""
        return self.filter(mentor=user, program__in=Program.objects.open_to(user))


class MatchRequest(ConditionalUpdate):
    """A mentee's request to a mentor; a yes becomes a proposal, otherwise the next choice is asked.

    A request ends automatically when the mentee is paired, leaves, has a locked proposal or chooses others, and when
    the mentor is full or leaves (docs/rules.md, pairing).
    """

    class Answer(models.TextChoices):
        YES = "yes", _("yes")
        NO = "no", _("not now")
        LATE = "late", _("not answered in time")
        FULL = "full", _("no room left")
        ENDED = "ended", _("no longer needed")

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="match_requests")
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField(default=timezone.now)
    answer_due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=5, choices=Answer, blank=True)

    objects = MatchRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["asked_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "mentee"], condition=Q(answered_at__isnull=True), name="one_open_request_of_a_mentee"
            )
        ]

    def __str__(self) -> str:
        return f"{self.mentee_id} asks {self.mentor_id}"

    @classmethod
    def choose(cls, program: Program, mentee, mentors: list) -> None:
        """Store a mentee's choices, best first, and ask the first mentor; requests to other mentors end."""
        with transaction.atomic():
            program.lock()
            Preference.choose(program, mentee, mentors)
            mine = cls.objects.filter(program=program, mentee=mentee)
            mine.waiting().exclude(mentor__in=mentors).update(answered_at=timezone.now(), answer=cls.Answer.ENDED)
            mine.filter(answer=cls.Answer.YES).update(answer=cls.Answer.ENDED)  # they can be asked again
            cls.ask_next(program, mentee)

    @classmethod
    def ask_next(cls, program: Program, mentee) -> "MatchRequest | None":
        """Ask the first chosen mentor who has room and was not asked yet.

        Return None if nobody is left to ask, somebody is being asked, or the mentee no longer needs a mentor.
        """
        with transaction.atomic():
            program.lock()
            rows = cls.objects.filter(program=program, mentee=mentee)
            if rows.waiting().exists() or mentee.pk not in unsettled_mentees(program):
                return None
            places = open_places(program)
            asked = rows.exclude(answer__in=(cls.Answer.FULL, cls.Answer.ENDED)).values("mentor")
            chosen = Preference.objects.filter(program=program, mentee=mentee).exclude(mentor__in=asked)
            first = next((row for row in chosen.select_related("mentor") if places.get(row.mentor_id)), None)
            if first is None:
                return None
            by = working_days_later(first.mentor, first.mentor.today(), ANSWER_WITHIN)
            answer_due_at = instant(first.mentor, by, time(23, 59))
            return cls.objects.create(
                program=program, mentee=mentee, mentor=first.mentor, rank=first.rank, answer_due_at=answer_due_at
            )

    @classmethod
    def settle(cls, program: Program) -> None:
        """End a program's requests that can no longer lead to a pair, and ask those mentees' next choices."""
        if not cls.objects.waiting().filter(program=program).exists():
            return
        with transaction.atomic():
            program.lock()
            mentees, places = unsettled_mentees(program), open_places(program)
            for row in cls.objects.waiting().filter(program=program).select_related("mentee").order_by("pk"):
                if row.mentee_id not in mentees:
                    row.close(cls.Answer.ENDED)
                elif not places.get(row.mentor_id):
                    row.close(cls.Answer.FULL)
                    cls.ask_next(program, row.mentee)

    def close(self, answer: str, at: datetime | None = None) -> bool:
        """Store the answer, once; return whether this call did it."""
        return self.update_if({"answered_at": None}, answered_at=at or timezone.now(), answer=answer)

    def reply(self, answer: str, at: datetime | None = None) -> bool:
        """Store the mentor's answer, once, and return whether it counts.

        A yes becomes a locked proposal and uses a place; a no asks the next choice at once. Neither counts,
        and the request ends, when the mentee needs no mentor any more or the mentor has no place left.
        """
        with transaction.atomic():
            self.program.lock()
            MatchRequest.settle(self.program)
            if not self.close(answer, at):
                return False
            if answer == self.Answer.YES:
                Proposal.stage(self.program, self.mentor, self.mentee, by=self.mentor)
            else:
                MatchRequest.ask_next(self.program, self.mentee)
            by = self.mentor if answer != self.Answer.LATE else None
            AuditEvent.record(by, AuditEvent.Action.MATCH_REQUEST_ANSWERED, self, detail=answer)
        return True


def free_places(program: Program, mentor: int | None = None) -> dict[int, int]:
    """Return the free places of each mentor who has any, or of one mentor, after running pairs."""
    rows = program.enrollments.pairable().with_pairs(Enrollment.Role.MENTOR)
    rows = rows.filter(user=mentor) if mentor else rows
    return {row.user_id: row.capacity - row.pairs_now for row in rows if row.capacity > row.pairs_now}


def open_places(program: Program) -> dict[int, int]:
    """Return the free places of each mentor after running pairs and locked proposals."""
    taken = Counter(program.proposals.filter(locked=True).values_list("mentor", flat=True))
    return {mentor: max(0, n - taken[mentor]) for mentor, n in free_places(program).items()}


def unpaired_mentees(program: Program, mentee: int | None = None) -> set[int]:
    """Return the mentees without a mentor, or only this one."""
    rows = program.enrollments.pairable().unpaired_mentees()
    return set((rows.filter(user=mentee) if mentee else rows).values_list("user", flat=True))


def unsettled_mentees(program: Program) -> set[int]:
    """Return the mentees without a mentor and without a locked proposal."""
    return unpaired_mentees(program) - set(program.proposals.filter(locked=True).values_list("mentee", flat=True))
