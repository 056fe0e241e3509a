from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from core.formatting import full_date
from core.optimistic_locking import ConditionalUpdate
from mentoring import pair_end_hooks, revisions
from mentoring.models.matching import MatchRequest
from mentoring.models.program import Cadence, Enrollment, Program


class AgreementStatus(StrEnum):
    NOT_WRITTEN = "not_written"
    NEEDS_YOU = "needs_you"
    NEEDS_PARTNER = "needs_partner"
    AGREED = "agreed"


class AgreementState(NamedTuple):
    """The state of a working agreement as one person sees it; `name` is the partner who has not agreed yet, if any."""

    status: AgreementStatus
    name: str = ""

    def __str__(self) -> str:
        return {
            AgreementStatus.NOT_WRITTEN: gettext("not written yet"),
            AgreementStatus.NEEDS_YOU: gettext("needs your agreement"),
            AgreementStatus.NEEDS_PARTNER: gettext("waiting for %(name)s") % {"name": self.name},
            AgreementStatus.AGREED: gettext("agreed"),
        }[self.status]


def is_readable_by(user, path: str = "") -> Q:
    """Return the rule of `Pair.objects.visible_to`, for rows with their pair behind `path`, as in "session__pair__"."""
    if not (user.is_authenticated and user.is_active):
        return Q(pk__in=())
    sides = (Q((f"{path}{side}", user.pk), (f"{path}{side}_joined", True)) for side in ("mentor", "mentee"))
    return Q(*sides, _connector=Q.OR)


class PairQuerySet(models.QuerySet["Pair"]):
    def visible_to(self, user) -> "PairQuerySet":
        """Pairs whose content this person may read: their own, once they accepted, even after the pair ended."""
        return self.filter(is_readable_by(user))

    def editable_by(self, user) -> "PairQuerySet":
        return self.visible_to(user).active()

    def managed_by(self, user) -> "PairQuerySet":
        """Pairs in the programs this person runs; only for dates, states and counts."""
        return self.filter(program__in=Program.objects.managed_by(user))

    def active(self) -> "PairQuerySet":
        return self.filter(ended_at__isnull=True)

    def partners_of(self, user) -> set[int]:
        """Return the ids of all current and former partners of this person."""
        rows = self.filter(Q(mentor=user) | Q(mentee=user)).values_list("mentor", "mentee")
        return {person for row in rows for person in row} - {user.pk}

    def for_reader(self, user) -> list["Pair"]:
        """Return these pairs of `user`, each with both people, in two queries; see Pair.for_reader()."""
        pairs = [pair.for_reader(user) for pair in self]
        partners = get_user_model().objects.in_bulk({pair.partner_id(user) for pair in pairs})
        for pair in pairs:
            setattr(pair, "mentee" if pair.is_mentor(user) else "mentor", partners[pair.partner_id(user)])
        return pairs

    def with_people(self) -> "PairQuerySet":
        return self.select_related("mentor", "mentee", "program")

    def with_pause(self, today: date) -> "PairQuerySet":
        """Fetch the pauses; `paused_from` and `paused_until` are of the one on this day, or else of the next."""
        return self.prefetch_related("pauses").annotate(read_on=models.Value(today, models.DateField()))


class Pair(ConditionalUpdate):
    """A mentor and a mentee in a program."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="pairs")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pairs_as_mentor")
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pairs_as_mentee")
    # True once each accepted the invitation in this role; before that they cannot open the pair.
    mentor_joined = models.BooleanField(default=False, editable=False)
    mentee_joined = models.BooleanField(default=False, editable=False)
    started_on = models.DateField(_("started on"))
    ends_on = models.DateField(_("ends on"))
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    kept_until = models.DateField(null=True, blank=True)  # fixed when both are notified (docs/rules.md, retention)
    content_deleted_at = models.DateTimeField(null=True, blank=True)
    # In force: from the newest agreement both accepted, before that from the program.
    cadence = models.CharField(max_length=10, choices=Cadence, default=Cadence.TWO_WEEKLY)
    minutes = models.PositiveSmallIntegerField(default=60)
    check_ins_since = models.DateTimeField(null=True, blank=True)  # null: switched off
    asks_after_events = models.BooleanField(default=True)  # for feedback, the working day after a work event
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)
    revision = models.PositiveIntegerField(default=1)

    objects = PairQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "mentor", "mentee"],
                condition=Q(ended_at__isnull=True),
                name="one_active_pair_of_two_people",
                violation_error_message=_("These two people are already a pair in this program."),
            ),
            models.CheckConstraint(
                condition=~Q(mentor=F("mentee")),
                name="a_pair_is_two_people",
                violation_error_message=_("Choose two different people as mentor and mentee."),
            ),
        ]
        indexes = [
            # The unique constraint above serves lookups by mentor.
            models.Index(fields=["program", "mentee"], condition=Q(ended_at__isnull=True), name="running_of_a_mentee"),
            models.Index(fields=["ends_on"], condition=Q(ended_at__isnull=True), name="running_by_end"),
            models.Index(fields=["kept_until"], condition=Q(content_deleted_at__isnull=True), name="kept_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} and {self.mentee}"

    @property
    def interval(self) -> timedelta:
        return Cadence(self.cadence).interval

    @property
    def ended_on(self) -> date | None:
        """The program's date on which the pair ended."""
        return self.program.date_of(self.ended_at) if self.ended_at else None

    @property
    def people(self) -> tuple:
        return self.mentor, self.mentee

    def for_reader(self, user) -> "Pair":
        """Return the pair with `user` as the mentor or mentee they are; the partner and program load when shown."""
        if user.pk in (self.mentor_id, self.mentee_id):
            setattr(self, "mentor" if self.is_mentor(user) else "mentee", user)
        return self

    def attach_people(self, rows: Iterable, name: str = "created_by") -> list:
        """Set the person `name` of each row that is one of this pair; a join would load them again for every row."""
        at_hand, rows = {self.mentor_id: self.mentor, self.mentee_id: self.mentee}, list(rows)
        for row in rows:
            if person := at_hand.get(getattr(row, f"{name}_id")):
                setattr(row, name, person)
        return rows

    def not_joined(self) -> list:
        """Return the people of the pair who have not accepted their invitation yet."""
        sides = ((self.mentor, self.mentor_joined), (self.mentee, self.mentee_joined))
        return [person for person, joined in sides if not joined]

    def mark_joined(self, role: str) -> None:
        """Open the pair to the mentor or the mentee, who has accepted the invitation."""
        setattr(self, f"{role}_joined", True)
        self.save(update_fields=[f"{role}_joined"])
        self.touch()

    def is_mentor(self, user) -> bool:
        return user.pk == self.mentor_id

    def is_mentee(self, user) -> bool:
        return user.pk == self.mentee_id

    def partner_id(self, user) -> int:
        return self.mentee_id if self.is_mentor(user) else self.mentor_id

    def other(self, user):
        """The partner of `user` in this pair."""
        return self.mentee if self.is_mentor(user) else self.mentor

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Open a transaction that locks this pair's row first, so that writers to the pair queue and never deadlock.

        Every change to a pair's content starts with it. SQLite has one writer at a time anyway.
        """
        with transaction.atomic():
            if connection.features.has_select_for_update:
                list(Pair.objects.select_for_update(no_key=True).filter(pk=self.pk).values_list("pk"))
            yield

    def touch(self) -> None:
        """Mark the pair as changed, so that open pages and the reminder planner update."""
        Pair.objects.filter(pk=self.pk).update(touched_at=timezone.now(), revision=F("revision") + 1)
        revisions.forget(Pair.objects, [self.pk])
        revisions.pair_changed.ask_all(self)

    def stored_revision(self) -> int:
        """Return the number that touch() raised; in the same transaction, it is of this change."""
        return Pair.objects.values_list("revision", flat=True).get(pk=self.pk)

    def replan(self) -> None:
        """Recompute reminders and flags without refreshing open pages, since the change is private to one person."""
        Pair.objects.filter(pk=self.pk).update(touched_at=timezone.now())
        revisions.pair_changed.ask_all(self)

    def switch_check_ins(self, on: bool) -> None:
        """Switch check-ins on or off for both people; a second time changes nothing."""
        since = timezone.now() if on else None
        if self.update_if({"check_ins_since__isnull": on}, check_ins_since=since):
            self.touch()

    def switch_asking_after_events(self, on: bool) -> None:
        """Switch the question for feedback after a work event on or off; a second time changes nothing."""
        if self.update_if({"asks_after_events": not on}, asks_after_events=on):
            self.touch()

    def pause(self, by, from_on: date, resume_on: date, today: date) -> "Pause":
        """Pause the pair; a current pause gets the new end, a planned one moves."""
        with self.locked():
            pause = self.pauses.filter(resume_on__gt=today).order_by("from_on").first() or Pause(pair=self)
            if pause.pk is None or pause.from_on > today:
                pause.from_on = from_on
            pause.resume_on, pause.created_by = resume_on, by
            pause.save()
            self.touch()
            AuditEvent.record(by, AuditEvent.Action.PAIR_PAUSED, self)
        return pause

    def resume(self, by, today: date) -> None:
        """End the current pause today and cancel a planned one; without any, change nothing."""
        with self.locked():
            ended = self.pauses.filter(from_on__gte=today).delete()[0]
            ended += self.pauses.filter(resume_on__gt=today).update(resume_on=today)
            if ended:
                self.touch()
                AuditEvent.record(by, AuditEvent.Action.PAIR_RESUMED, self)

    @classmethod
    def start(cls, by, program: Program, mentor, mentee) -> "Pair":
        """Create a pair from today to the program's end, with the program's cadence.

        Raises ValidationError if these people already are a pair, if the program is over, or if one of them has to
        accept the invitation first.
        """
        if program.is_over:
            message = _("The program ended on %(day)s. Change its end date first, then pair people.")
            raise ValidationError(message % {"day": full_date(program.ends_on)})
        pair = cls(
            program=program,
            mentor=mentor,
            mentee=mentee,
            started_on=program.today(),
            ends_on=program.ends_on,
            cadence=program.cadence,
            minutes=program.minutes,
        )
        try:
            with transaction.atomic():
                pair.validate_constraints()
                pair.set_joined()
                pair.save()
                AuditEvent.record(by, AuditEvent.Action.PAIR_STARTED, pair)
                MatchRequest.settle(program)
        except IntegrityError:
            pair.validate_constraints()  # another request was faster: raise the same error
            raise
        return pair

    def set_joined(self) -> None:
        """Set who has accepted; raise ValidationError for somebody who must accept before they can be paired.

        Needs a transaction: an acceptance at the same moment then waits for it and finds the pair.
        """
        for role in Enrollment.SIDES:
            rows = Enrollment.objects.filter(program=self.program_id, user=getattr(self, role), role=role)
            row = rows.select_for_update(of=("self",)).select_related("user").first()
            if row is None or not rows.pairable().exists():
                message = _("%(name)s has to accept the invitation before you can pair them.")
                raise ValidationError(message % {"name": row.shown_name if row else getattr(self, role).email})
            setattr(self, f"{role}_joined", row.accepted_at is not None)

    def end(self, by=None) -> None:
        """End the pair and cancel its planned sessions. Both people can still read everything, and change nothing.

        A second ending changes nothing.
        """
        now = timezone.now()
        with self.locked():
            if not self.update_if({"ended_at": None}, ended_at=now, ended_by=by):
                return
            pair_end_hooks.cancel_sessions.ask(self, by, now)
            self.touch()
            AuditEvent.record(by, AuditEvent.Action.PAIR_ENDED, self)

    def may_undo_end(self, user) -> bool:
        """Return True if `user` ended the pair, nobody was notified, and both could be paired as before."""
        if not self.ended_at or self.ended_by_id != user.pk or self.content_deleted_at:
            return False
        here = Enrollment.objects.current().filter(program=self.program_id)
        both_are_here = all(here.filter(user=getattr(self, role), role=role).exists() for role in Enrollment.SIDES)
        again = Pair.objects.active().filter(program=self.program_id, mentor=self.mentor_id, mentee=self.mentee_id)
        return both_are_here and not again.exists() and not pair_end_hooks.was_noticed.ask(self)

    def undo_end(self, by) -> bool:
        """Let the pair continue as if it had not ended, with the sessions that the end canceled; False if too late."""
        ended_at = self.ended_at
        try:
            with self.locked():
                as_ended = {"ended_at": ended_at, "ended_by": by}
                if not self.may_undo_end(by) or not self.update_if(as_ended, ended_at=None, ended_by=None):
                    return False
                pair_end_hooks.restore_sessions.ask(self, ended_at)
                self.touch()
                AuditEvent.record(by, AuditEvent.Action.PAIR_END_UNDONE, self)
        except IntegrityError:  # an admin paired the same two people again at this moment
            return False
        return True

    @property
    def signatures(self) -> dict[int, datetime] | None:
        """Who signed the newest version of the working agreement, and when; for lists, `attach_signatures()` first."""
        return self.known_signatures if hasattr(self, "known_signatures") else newest_signatures([self.pk]).get(self.pk)

    def agreed_at(self, person_pk: int) -> datetime | None:
        """Return when the person signed the newest version of the working agreement, or None."""
        return (self.signatures or {}).get(person_pk)

    @property
    def mentor_agreed_at(self):
        return self.agreed_at(self.mentor_id)

    @property
    def mentee_agreed_at(self):
        return self.agreed_at(self.mentee_id)

    @cached_property
    def next_pause(self) -> "Pause | None":
        """The current pause, or else the next one; needs `with_pause()`."""
        coming = (pause for pause in self.pauses.all() if pause.resume_on > self.read_on)
        return min(coming, key=lambda pause: pause.from_on, default=None)

    @property
    def paused_from(self) -> date | None:
        """The first day of the current pause, or else of the next one; needs `with_pause()`."""
        return self.next_pause and self.next_pause.from_on

    @property
    def paused_until(self) -> date | None:
        """The day after the current pause, or else after the next one; needs `with_pause()`."""
        return self.next_pause and self.next_pause.resume_on

    def agreement_state(self, user) -> "AgreementState":
        """Return the state of the working agreement as `user` sees it; for lists, use `attach_signatures()` first."""
        signed, other = self.signatures, self.other(user)
        if signed is None:
            return AgreementState(AgreementStatus.NOT_WRITTEN)
        if user.pk not in signed:
            return AgreementState(AgreementStatus.NEEDS_YOU)
        if other.pk not in signed:
            return AgreementState(AgreementStatus.NEEDS_PARTNER, other.first_name)
        return AgreementState(AgreementStatus.AGREED)


Content = TypeVar("Content", bound=models.Model)  # what belongs to a pair


class PairContentQuerySet(models.QuerySet[Content]):
    """Rows that belong to a pair, directly or through `pair_path`, and are visible to whom the pair is."""

    pair_path = "pair"

    def visible_to(self, user):
        return self.filter(is_readable_by(user, f"{self.pair_path}__"))

    def editable_by(self, user):
        return self.visible_to(user).filter((f"{self.pair_path}__ended_at", None))


def newest_signatures(pairs: Iterable[int]) -> dict[int, dict[int, datetime]]:
    """Return by pair who signed the newest version of its working agreement, and when, without its texts."""
    agreements = Pair._meta.get_field("agreements").related_model.objects.filter(pair__in=pairs).order_by("version")
    columns = ("pair", "version", "signatures__user", "signatures__signed_at")
    newest, found = {}, {}
    for pk, version, person, at in agreements.values_list(*columns):
        if newest.get(pk) != version:
            newest[pk], found[pk] = version, {}
        if person:
            found[pk][person] = at
    return found


def attach_signatures(pairs: Iterable[Pair]) -> list[Pair]:
    """Load the `signatures` of all these pairs at once."""
    pairs = list(pairs)
    found = newest_signatures([pair.pk for pair in pairs])
    for pair in pairs:
        pair.known_signatures = found.get(pair.pk)
    return pairs


def attach_pairs(rows: Iterable, pairs: Iterable[Pair], person: str = "") -> list:
    """Set the pair of each row from `pairs`, and its field `person` if that is one of the pair's people.

    A join would load the same pair and people again for every row.
    """
    at_hand, rows = {pair.pk: pair for pair in pairs}, list(rows)
    for row in rows:
        if pair := at_hand.get(row.pair_id):
            row.pair = pair
            if person:
                pair.attach_people([row], person)
    return rows


def add_pairs_now(rows: list[Enrollment]) -> list[Enrollment]:
    """Set `pairs_now`: the number of running pairs that each person has in this role and program."""
    people = {row.user_id for row in rows}
    pairs = Pair.objects.active().filter(Q(mentor__in=people) | Q(mentee__in=people))
    pairs = pairs.filter(program__in={row.program_id for row in rows})
    count = Counter()
    for program, mentor, mentee in pairs.values_list("program", "mentor", "mentee"):
        count.update([(program, Enrollment.Role.MENTOR, mentor), (program, Enrollment.Role.MENTEE, mentee)])
    for row in rows:
        row.pairs_now = count[row.program_id, row.role, row.user_id]
    return rows


class Pause(models.Model):
    """A break in a pair until a date; meanwhile there are no reminders and no flags."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="pauses")
    from_on = models.DateField()
    resume_on = models.DateField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(resume_on__gt=F("from_on")), name="pause_resumes_after_it_starts")
        ]
        indexes = [models.Index(fields=["resume_on"])]

    def __str__(self) -> str:
        return f"{self.from_on} – {self.resume_on}"

    def covers(self, day: date) -> bool:
        return self.from_on <= day < self.resume_on
