"""Opportunities: work in a program that helps a mentee grow, and what came of it (docs/rules.md, opportunities)."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from core.fields import BoundText, EncryptedTextField
from core.formatting import day
from core.optimistic_locking import ConditionalUpdate, Versioned
from goals.models import Commitment, Competency
from mentoring.models import Enrollment, Pair, Program
from mentoring.models.huddle import OF_THE_PAGE
from practice.models.entry import Entry
from sessions.models import AgendaItem

MOST_PLACES = 20


def poster_is_here() -> Exists:
    """The condition that the person who posted an opportunity still is a mentor or admin of its program."""
    here = Enrollment.objects.active().filter(role__in=OF_THE_PAGE)
    return Exists(here.filter(program=OuterRef("program"), user=OuterRef("poster")))


def programs_to_post_in(user) -> models.QuerySet:
    """Return the keys of the programs in which this person is a mentor or admin now."""
    return Enrollment.objects.active_of(user).filter(role__in=OF_THE_PAGE).values("program")


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    def visible_to(self, user) -> "OpportunityQuerySet":
        """Return those of the programs in which this person takes part."""
        return self.filter(program__in=Enrollment.objects.active_of(user).values("program"))

    def editable_by(self, user) -> "OpportunityQuerySet":
        """Return those that this person posted, while they are a mentor or admin of the program."""
        return self.filter(poster=user, program__in=programs_to_post_in(user))

    def closable_by(self, user) -> "OpportunityQuerySet":
        """Return those that this person posted, and all in the programs they run."""
        runs = Enrollment.objects.run_by(user).values("program")
        return self.filter(Q(poster=user, program__in=programs_to_post_in(user)) | Q(program__in=runs))

    def without_poster(self) -> "OpportunityQuerySet":
        """Return those whose poster left the program or has no open account: an admin takes over."""
        return self.filter(~poster_is_here())


class Opportunity(ConditionalUpdate, Versioned):
    """A stretch assignment or another opportunity. Everyone in the program reads it; its poster is the contact.

    It closes by itself after its last day and while all places are taken.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="opportunities")
    poster = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(_("What is it?"), max_length=200)
    text = models.TextField(_("What will the mentee do?"), max_length=1500)
    competency = models.ForeignKey(
        Competency, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Competency")
    )
    place = models.CharField(_("Where?"), max_length=120, blank=True)
    effort = models.CharField(_("How much time does it take?"), max_length=120, blank=True)
    apply_by = models.DateField(_("Last day to apply"), db_index=True)
    places = models.PositiveSmallIntegerField(
        _("Number of places"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_PLACES)]
    )
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)  # by a person; see is_open
    orphaned_at = models.DateTimeField(null=True, blank=True, db_index=True)  # noticed that its poster is gone

    objects = OpportunityQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("opportunity_detail", args=[self.pk])

    @property
    def is_full(self) -> bool:
        """Return True if all places are taken; needs add_counts()."""
        return self.taken >= self.places

    def is_past(self, today: date | None = None) -> bool:
        """Return True after the last day to apply; days are those of the program."""
        return self.apply_by < (today or self.program.today())

    @property
    def is_open(self) -> bool:
        """Return True while mentees can apply; needs add_counts()."""
        return self.closed_at is None and not self.is_full and not self.is_past()

    @property
    def end_label(self) -> str:
        """Why it is not open; needs add_counts()."""
        if self.closed_at:
            return gettext("closed")
        if self.is_full:
            return gettext("all places are taken")
        return gettext("the last day was %(day)s") % {"day": day(self.apply_by)}

    def post(self) -> "Opportunity":
        with transaction.atomic():
            self.save()
            AuditEvent.record(self.poster, AuditEvent.Action.OPPORTUNITY_POSTED, self)
            self.update_program()
        return self

    def change(self, version: int, **fields) -> None:
        """Store new facts; raise Conflict if they were changed on another device."""
        with transaction.atomic():
            self.write(version, **fields)
            self.update_program()

    def close(self, by, on: bool) -> None:
        """Close it, or open it again; a second time changes nothing."""
        actions = AuditEvent.Action
        with transaction.atomic():
            if self.update_if({"closed_at__isnull": on}, closed_at=timezone.now() if on else None):
                AuditEvent.record(by, actions.OPPORTUNITY_CLOSED if on else actions.OPPORTUNITY_REOPENED, self)
                self.update_program()

    def take_over(self, by) -> bool:
        """Make an admin the contact who reads the applications; return False if another was faster."""
        with transaction.atomic():
            if not self.update_if({"poster": self.poster_id}, poster=by, orphaned_at=None):
                return False
            self.applications.waiting().update(moved_at=timezone.now())
            AuditEvent.record(by, AuditEvent.Action.OPPORTUNITY_TAKEN_OVER, self)
        return True

    @classmethod
    def note_orphans(cls, person: int | None = None) -> None:
        """Note those whose poster is gone, so that the admins are notified; of one person, or of all."""
        rows = cls.objects.filter(orphaned_at=None).without_poster()
        rows = rows.filter(poster=person) if person else rows
        cls.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(orphaned_at=timezone.now())

    def locked(self) -> "Opportunity":
        """Return the stored row with its counts, locked until the transaction ends, so that no place is given twice."""
        row = Opportunity.objects.select_for_update(of=("self",)).select_related("program").get(pk=self.pk)
        return add_counts([row])[0]

    def update_program(self) -> None:
        """Store in the program until when something is open, so that other pages need no query for it."""
        rows = Opportunity.objects.filter(program=self.program_id, closed_at=None, apply_by__gte=self.program.today())
        until = max((row.apply_by for row in add_counts(rows) if not row.is_full), default=None)
        Program.objects.filter(pk=self.program_id).update(opportunities_until=until)


def add_counts(rows: Iterable[Opportunity]) -> list[Opportunity]:
    """Set how many places are `taken`, and how many applications are `waiting` for an answer, in one query."""
    rows, states = list(rows), OpportunityApplication.State
    found = OpportunityApplication.objects.filter(opportunity__in=[row.pk for row in rows]).order_by()
    count = {(pk, state): n for pk, state, n in found.values_list("opportunity", "state").annotate(Count("pk"))}
    for row in rows:
        row.taken, row.waiting = count.get((row.pk, states.ACCEPTED), 0), count.get((row.pk, states.WAITING), 0)
    return rows


class OpportunityApplicationQuerySet(models.QuerySet["OpportunityApplication"]):
    def waiting(self) -> "OpportunityApplicationQuerySet":
        return self.filter(state=OpportunityApplication.State.WAITING)

    def accepted(self) -> "OpportunityApplicationQuerySet":
        return self.filter(state=OpportunityApplication.State.ACCEPTED)

    def visible_to_poster(self, user) -> "OpportunityApplicationQuerySet":
        """Return the applications to what this person posted, without those that were withdrawn."""
        rows = self.filter(opportunity__in=Opportunity.objects.editable_by(user))
        return rows.exclude(state=OpportunityApplication.State.WITHDRAWN)

    def evidence_in(self, pair: Pair) -> "OpportunityApplicationQuerySet":
        """Return what the mentee of the pair has done, and brought into this pair, newest first."""
        rows = self.accepted().filter(pair=pair, finished_at__isnull=False, applicant=pair.mentee_id)
        return rows.select_related("opportunity__competency").order_by("-finished_at", "-pk")


class OpportunityApplication(BoundText, ConditionalUpdate):
    """The application of one mentee. Its note is for the poster, the answer for the applicant; both are encrypted.

    Until the applicant brings it into a pair, their mentor learns nothing of it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("not this time")
        WITHDRAWN = "withdrawn", _("withdrawn")

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="applications")
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="opportunity_applications"
    )
    note = EncryptedTextField(
        _("Why is this right for you?"), max_length=500, bound_to=("opportunity_id", "applicant_id"), blank=True
    )
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    answer = EncryptedTextField(
        _("Your answer, in one line"), max_length=300, bound_to=("opportunity_id", "applicant_id"), blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, db_index=True)  # when its state changed, for reminders
    decided_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # What came of it. It is deleted with the content of the pair into which it was brought.
    pair = models.ForeignKey(Pair, null=True, blank=True, on_delete=models.CASCADE, related_name="opportunities")
    commitment = models.OneToOneField(
        Commitment, null=True, blank=True, on_delete=models.SET_NULL, related_name="from_opportunity"
    )
    topic = models.ForeignKey(AgendaItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    experiment = models.OneToOneField(
        Entry, null=True, blank=True, on_delete=models.SET_NULL, related_name="from_opportunity"
    )

    objects = OpportunityApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["opportunity", "applicant"], name="one_application_each")]

    def __str__(self) -> str:
        return f"opportunity application {self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_accepted(self) -> bool:
        return self.state == self.State.ACCEPTED

    @property
    def may_be_withdrawn(self) -> bool:
        return self.is_waiting or self.is_accepted

    @classmethod
    def apply(cls, opportunity: Opportunity, by, note: str) -> bool:
        """Apply, apply again after withdrawing, or reword the note of a waiting application.

        Return False, and store nothing, if the opportunity closed meanwhile or the application has its answer.
        """
        with transaction.atomic():
            is_open = opportunity.locked().is_open
            row = cls.objects.filter(opportunity=opportunity, applicant=by).first()
            if row and row.is_waiting:
                row.note = note
                row.save(update_fields=["note"])
                return True
            if not is_open or (row and row.state != cls.State.WITHDRAWN):
                return False
            row, now = row or cls(opportunity=opportunity, applicant=by), timezone.now()
            row.note, row.state, row.answer, row.decided_at, row.created_at = note, cls.State.WAITING, "", None, now
            row.moved_at = now
            row.save()
        return True

    def withdraw(self) -> None:
        """Withdraw it: the poster no longer reads the note, and the place is free. A second time changes nothing."""
        with transaction.atomic():
            opportunity = self.opportunity.locked()
            before = Q(state__in=(self.State.WAITING, self.State.ACCEPTED))
            if self.update_if(before, state=self.State.WITHDRAWN, moved_at=timezone.now(), finished_at=None):
                opportunity.update_program()

    def decide(self, by, accepted: bool, line: str) -> bool:
        """Store the answer; return False if there is none to give, or no place."""
        with transaction.atomic():
            opportunity, now = self.opportunity.locked(), timezone.now()
            state = self.State.ACCEPTED if accepted else self.State.DECLINED
            if accepted and opportunity.is_full:
                return False
            if not self.update_if({"state": self.State.WAITING}, state=state, decided_at=now, moved_at=now):
                return False
            self.answer = line
            self.save(update_fields=["answer"])
            AuditEvent.record(by, AuditEvent.Action.OPPORTUNITY_ANSWERED, opportunity)
            opportunity.update_program()
        return True

    def take_back_answer(self) -> bool:
        """Let it wait again; return False once something came of it."""
        with transaction.atomic():
            opportunity = self.opportunity.locked()
            decided = Q(state__in=(self.State.ACCEPTED, self.State.DECLINED), pair=None, finished_at=None)
            if not self.update_if(decided, state=self.State.WAITING, decided_at=None, moved_at=timezone.now()):
                return False
            opportunity.update_program()
        return True

    def finish(self, on: bool, pair: Pair | None) -> None:
        """Note that it is done, or take that back; in a pair it is evidence of its competency."""
        with transaction.atomic():
            at = timezone.now() if on else None
            condition = {"finished_at__isnull": on, "state": self.State.ACCEPTED}
            pair = self.pair or pair
            if self.update_if(condition, finished_at=at, pair=pair) and pair:
                pair.touch()
