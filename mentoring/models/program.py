from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from accounts.models.user import validate_zone
from core.fields import FoldedField
from core.folding import folded
from core.hooks import Hook
from core.languages import default_language, offered
from core.optimistic_locking import ConditionalUpdate
from core.time_zones import zone_of
from mentoring import revisions

# (key of a person): they are no longer in one of their roles in a program.
left = Hook()

INVITATION_LASTS = timedelta(days=30)
MAX_MENTEES = 20  # no program may allow a mentor more
USUAL_MENTEES = 2


class Cadence(models.TextChoices):
    """How often a pair agreed to meet (docs/rules.md, cadence)."""

    WEEKLY = "weekly", _("every week")
    TWO_WEEKLY = "2-weekly", _("every 2 weeks")
    THREE_WEEKLY = "3-weekly", _("every 3 weeks")
    MONTHLY = "monthly", _("every month")

    @property
    def interval(self) -> timedelta:
        """C, the agreed interval; a month counts as 30 days."""
        return timedelta(days={"weekly": 7, "2-weekly": 14, "3-weekly": 21, "monthly": 30}[self.value])


class ProgramQuerySet(models.QuerySet["Program"]):
    def managed_by(self, user) -> "ProgramQuerySet":
        """Programs whose settings, people and facts this person may see and change."""
        return self.filter(pk__in=Enrollment.objects.run_by(user).values("program"))

    def open_to(self, user) -> "ProgramQuerySet":
        """Programs in which this person takes part, in any role."""
        return self.filter(pk__in=Enrollment.objects.active_of(user).values("program"))


class Program(models.Model):
    name = models.CharField(_("name"), max_length=200)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    # The program's dates begin and end at midnight in this zone, for every reader (docs/rules.md, dates).
    zone = models.CharField(_("time zone of its dates"), max_length=64, default="UTC", validators=[validate_zone])
    # Of agendas, questions and other texts that the app offers a pair; each person reads the rest in their own.
    language = models.CharField(_("language"), max_length=16, default=default_language)
    cadence = models.CharField(_("how often pairs meet"), max_length=10, choices=Cadence, default=Cadence.TWO_WEEKLY)
    minutes = models.PositiveSmallIntegerField(
        _("length of a session in minutes"),
        default=60,
        validators=[MinValueValidator(15), MaxValueValidator(240)],
    )
    open_until = models.DateField(
        _("open for applications until"),
        null=True,
        blank=True,
        help_text=_(
            "The last day to apply through a link, in the time zone of the program. "
            "Leave it empty to admit only people you invite."
        ),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    match_rules = models.JSONField(default=dict, blank=True, editable=False)  # mentoring/matching/rules.py, likewise
    match_weights = models.JSONField(default=dict, blank=True, editable=False)  # where they differ from the usual ones
    thresholds = models.JSONField(default=dict, blank=True, editable=False)  # mentoring/thresholds.py, likewise
    questions = models.JSONField(default=dict, blank=True, editable=False)  # by kind of block, in place of the usual
    packs = models.JSONField(default=dict, blank=True, editable=False)  # where they differ from the shipped ones
    phrases = models.JSONField(default=dict, blank=True, editable=False)  # by occasion, in place of the built-in ones
    tips = models.JSONField(default=list, blank=True, editable=False)  # for mentors, in place of the built-in ones
    note_templates = models.JSONField(default=list, blank=True, editable=False)  # in place of the built-in ones
    # The last day to apply for something that is open on the board (practice/models/opportunity.py); empty: nothing is.
    opportunities_until = models.DateField(null=True, blank=True, editable=False)
    norms = models.TextField(_("how we work together"), max_length=2000, blank=True)
    rules_off = models.JSONField(default=list, blank=True, editable=False)  # attention rules that raise no flags
    silent_kinds = models.JSONField(default=list, blank=True, editable=False)  # reminders that are left out
    mentees_choose = models.BooleanField(
        _("mentees choose their mentors"),
        default=False,
        help_text=_("Each mentee ranks up to three. Mentors are asked one at a time. You still start the pairs."),
    )
    most_mentees = models.PositiveSmallIntegerField(
        _("maximum number of mentees per mentor"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_MENTEES)],
        help_text=_("Each mentor chooses how many of these they take, or none for now."),
    )

    objects = ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="program_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tzinfo(self) -> ZoneInfo:
        return zone_of(self.zone)

    @property
    def spoken_language(self) -> str:
        """Return the language of what the app offers its pairs: its own, or the default if that is not offered."""
        return offered(self.language)

    @property
    def zone_name(self) -> str:
        """The city of the time zone: "Los Angeles"."""
        return self.zone.rpartition("/")[2].replace("_", " ")

    def today(self) -> date:
        """Today's date in the program's time zone."""
        return self.date_of(timezone.now())

    def date_of(self, moment: datetime) -> date:
        """The program's date at this moment."""
        return moment.astimezone(self.tzinfo).date()

    def start_of(self, day: date) -> datetime:
        """The moment at which a day begins in the program's time zone."""
        return datetime.combine(day, time.min, self.tzinfo)

    @property
    def is_over(self) -> bool:
        return self.ends_on < self.today()

    def pairs_to_move(self, before: date, ends_on: date):
        """Return the running pairs that end with the program now, or would end after its new end."""
        return self.pairs.active().exclude(ends_on=ends_on).filter(Q(ends_on=before) | Q(ends_on__gt=ends_on))

    def move_pairs(self, by, before: date, ends_on: date) -> int:
        """Move the end of running pairs from `before` to the new end of the program; return how many moved."""
        pks = list(self.pairs_to_move(before, ends_on).values_list("pk", flat=True))
        moved = self.pairs_to_move(before, ends_on).update(
            ends_on=ends_on, touched_at=timezone.now(), revision=F("revision") + 1
        )
        revisions.forget(self.pairs, pks)
        AuditEvent.record(by, AuditEvent.Action.PAIR_END_DATES_MOVED, self)
        return moved

    @property
    def is_open(self) -> bool:
        """Return True while people can apply: until midnight of the last day, in the program's time zone."""
        return self.open_until is not None and self.today() <= self.open_until

    @property
    def has_opportunities(self) -> bool:
        """Return True while mentees can apply for something on the board."""
        return self.opportunities_until is not None and self.opportunities_until >= timezone.localdate()

    def lock(self) -> None:
        """Lock this program's matching until the transaction ends, on SQLite and PostgreSQL alike."""
        Program.objects.filter(pk=self.pk).update(match_rules=F("match_rules"))

    @property
    def usual_capacity(self) -> int:
        """The number of mentees of a mentor who has not chosen one."""
        return min(USUAL_MENTEES, self.most_mentees)

    @staticmethod
    def can_be_created_by(user) -> bool:
        """Return True for people who run a program, and for the operator."""
        if getattr(user, "lacks_second_factor", False):
            return False
        return user.is_superuser or Program.objects.managed_by(user).exists()

    @classmethod
    def begin(cls, by, **facts) -> "Program":
        """Create a program with `by` as its first program admin, in the language of `by` unless `facts` has another."""
        with transaction.atomic():
            program = cls.objects.create(**{"language": by.language} | facts)
            now = timezone.now()
            program.enrollments.create(user=by, role=Enrollment.Role.ADMIN, invited_at=now, accepted_at=now)
            AuditEvent.record(by, AuditEvent.Action.PROGRAM_CREATED, program)
            return program


INVITED = Q(accepted_at__isnull=True, left_at__isnull=True, invited_at__isnull=False)
NOT_INVITED = Q(accepted_at__isnull=True, left_at__isnull=True, invited_at__isnull=True)


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def active(self) -> "EnrollmentQuerySet":
        return self.filter(accepted_at__isnull=False, left_at__isnull=True, user__is_active=True)

    def active_of(self, user) -> "EnrollmentQuerySet":
        """The roles this person has now; none without an open account.

        That of an admin does not count while they must first set up a second factor (mentoring/second_factor.py).
        """
        rows = self.roles_of(user)
        return rows.exclude(role=Enrollment.Role.ADMIN) if getattr(user, "lacks_second_factor", False) else rows

    def roles_of(self, user) -> "EnrollmentQuerySet":
        """The same, also without a second factor."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(user=user, accepted_at__isnull=False, left_at__isnull=True)

    def admins(self) -> "EnrollmentQuerySet":
        """The people who run a program."""
        return self.active().filter(role=Enrollment.Role.ADMIN)

    def programs_run_only_by(self, person) -> "list[Program]":
        """The running programs whose only admin this person is: without them, nobody would run them."""
        rows = self.admins().filter(user=person, program__ends_on__gte=timezone.localdate())
        return [row.program for row in rows.select_related("program").order_by("pk") if row.is_last_admin]

    def admin_roles_of(self, user) -> "EnrollmentQuerySet":
        """The roles of this person as a program admin, also without a second factor."""
        return self.roles_of(user).filter(role=Enrollment.Role.ADMIN)

    def run_by(self, user) -> "EnrollmentQuerySet":
        """The same, or none while the person must first set up a second factor."""
        return self.none() if getattr(user, "lacks_second_factor", False) else self.admin_roles_of(user)

    def invited(self) -> "EnrollmentQuerySet":
        return self.filter(INVITED)

    def not_invited(self) -> "EnrollmentQuerySet":
        """People imported from a file, to be invited later."""
        return self.filter(NOT_INVITED)

    def invite(self, by, message: str) -> int:
        """Invite those who are not invited yet, with the admin's personal message; return how many."""
        with transaction.atomic():
            ids = dict(self.not_invited().select_for_update().values_list("pk", "role"))
            rows = Enrollment.objects.filter(pk__in=list(ids)).not_invited()
            count = rows.update(invited_at=timezone.now(), invited_by=by, invitation_message=message)
            AuditEvent.objects.bulk_create(
                AuditEvent.build(by, AuditEvent.Action.INVITED, f"mentoring.enrollment:{pk}", detail=role)
                for pk, role in ids.items()
            )
        return count

    def held_by_groups(self) -> "EnrollmentQuerySet":
        """Roles that a group of the directory gave, and that nobody has renewed here since."""
        return self.filter(left_at=None, group_invited_at=F("invited_at"))

    def managed_by(self, user) -> "EnrollmentQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))

    def current(self) -> "EnrollmentQuerySet":
        """People who are in the program now: invited or joined, and with an open account."""
        return self.filter(left_at__isnull=True, user__is_active=True)

    def with_open_invitation(self) -> "EnrollmentQuerySet":
        """Those whose link can be used now: what `invitation_state` calls "open"."""
        return self.current().filter(accepted_at=None, invited_at__gte=timezone.now() - INVITATION_LASTS)

    def newcomers(self) -> "EnrollmentQuerySet":
        """People without an account whom no other program has invited or paired."""
        return self.filter(_is_newcomer(), accepted_at=None)

    def pairable(self) -> "EnrollmentQuerySet":
        """People who accepted, and newcomers even before (docs/rules.md, invitations and addresses)."""
        return self.current().filter(Q(accepted_at__isnull=False) | _is_newcomer())

    def must_accept(self) -> "EnrollmentQuerySet":
        """Invited people who are not newcomers: they can be paired only after they accept."""
        return self.current().filter(~_is_newcomer(), accepted_at=None).exclude(role=Enrollment.Role.ADMIN)

    def with_shown_name(self) -> "EnrollmentQuerySet":
        """Annotate `name_here` to search and sort by: the folded `shown_name`, empty where it is the address."""
        return self.annotate(name_here=Case(When(accepted_at=None, then="folded_name"), default="user__folded_name"))

    def search(self, text: str) -> "EnrollmentQuerySet":
        """The people with this text in the shown name, ignoring accents and case, or in the address."""
        return self.with_shown_name().filter(Q(name_here__contains=folded(text)) | Q(user__email__icontains=text))

    def with_bouncing_email(self) -> "EnrollmentQuerySet":
        """People whose email bounces; program admins may see this."""
        return self.current().filter(user__mail_suspended_at__isnull=False)

    def with_pairs(self, role: str) -> "EnrollmentQuerySet":
        """The people in this role, with `pairs_now`: the number of their running pairs in the program.

        For a few loaded rows, see `add_pairs_now`.
        """
        return self.filter(role=role).annotate(pairs_now=running_pairs(role))

    def unpaired_mentees(self) -> "EnrollmentQuerySet":
        """The mentees without a running pair in the program: they are waiting for a match (docs/rules.md, pairing)."""
        pairs = Program._meta.get_field("pairs").related_model.objects.active()
        pairs = pairs.filter(program=OuterRef("program"), mentee=OuterRef("user"))
        return self.filter(~Exists(pairs), role=Enrollment.Role.MENTEE)

    def with_room(self) -> "EnrollmentQuerySet":
        """The mentors who can take one more mentee."""
        role = Enrollment.Role.MENTOR
        return self.filter(role=role).alias(pairs_now=running_pairs(role)).filter(pairs_now__lt=F("capacity"))


def running_pairs(role: str) -> Coalesce:
    """The number of running pairs that the person of an enrollment has in this role in the program."""
    pairs = Program._meta.get_field("pairs").related_model.objects.active()
    mine = pairs.filter(program=OuterRef("program"), **{role: OuterRef("user")}).order_by().values(role)
    return Coalesce(Subquery(mine.annotate(n=Count("*")).values("n")), 0)


def _is_newcomer() -> Q:
    """The condition of `newcomers()`."""
    elsewhere = Enrollment.objects.filter(user=OuterRef("user")).exclude(program=OuterRef("program"))
    pairs = Program._meta.get_field("pairs").related_model.objects.exclude(program=OuterRef("program"))
    pairs = pairs.filter(Q(mentor=OuterRef("user")) | Q(mentee=OuterRef("user")))
    no_account = Q(user__last_login=None, user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return no_account & ~Exists(elsewhere) & ~Exists(pairs)


class Enrollment(ConditionalUpdate):
    """A person's role in a program; one person may have several. Inviting creates it, accepting sets `accepted_at`."""

    class Role(models.TextChoices):
        MENTOR = "mentor", _("mentor")
        MENTEE = "mentee", _("mentee")
        ADMIN = "admin", _("program admin")

    SIDES = (Role.MENTOR, Role.MENTEE)  # of a pair

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="enrollments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrollments")
    role = models.CharField(_("role"), max_length=6, choices=Role)
    name = models.CharField(max_length=200, blank=True)  # as the program entered it; shown until they accept
    folded_name = FoldedField(source="name")
    capacity = models.PositiveSmallIntegerField(
        _("mentees at most"), default=USUAL_MENTEES, validators=[MaxValueValidator(MAX_MENTEES)]
    )  # 0: none now
    invited_at = models.DateTimeField(default=timezone.now, null=True, blank=True)  # empty: not invited yet
    # When a group of the directory invited; as long as it is the latest invitation, the group also ends the role.
    group_invited_at = models.DateTimeField(null=True, blank=True, editable=False)
    invitation_message = models.TextField(max_length=1000, blank=True)  # personal, from the admin
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    invitation_sent_at = models.DateTimeField(null=True, blank=True, editable=False)  # the newest email that left
    accepted_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "user", "role"], name="one_enrollment_per_role"),
        ]
        indexes = [
            models.Index(fields=["user", "role"]),
            models.Index(fields=["invited_at"], name="enrollment_invited", condition=Q(accepted_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.shown_name} ({self.get_role_display()})"

    @property
    def shown_name(self) -> str:
        """The name on the program's pages: until they accept, only the name that the program entered."""
        return str(self.user) if self.accepted_at else self.name or self.user.email

    @property
    def invitation_state(self) -> str:
        """Return "open" while the link works; else "used", "expired", "closed", or "none" before the invitation."""
        if self.accepted_at:
            return "used"
        if self.left_at or not self.user.is_active:
            return "closed"
        if not self.invited_at:
            return "none"
        return "expired" if timezone.now() > self.invited_at + INVITATION_LASTS else "open"

    @property
    def is_active(self) -> bool:
        """Return True if they take part now: what `active()` selects."""
        return bool(self.accepted_at and not self.left_at and self.user.is_active)

    @property
    def invitation_was_sent(self) -> bool:
        """Return True once the email with the current link was sent."""
        return bool(self.invitation_sent_at and self.invited_at and self.invitation_sent_at >= self.invited_at)

    @property
    def invitation_token(self) -> str:
        """The signed token of the link, derived from this row and the time of the invitation."""
        value = f"{self.pk}:{self.user_id}:{self.invited_at.isoformat() if self.invited_at else 'not invited'}"
        mark = salted_hmac("mentoring.invitation", value, algorithm="sha256").hexdigest()[:40]
        return f"{self.pk}-{mark}"

    def invitation_path(self) -> str:
        return reverse("invitation_accept", args=[self.invitation_token])

    def accept(self) -> bool:
        """Accept the invitation; a second time changes nothing and returns False."""
        now = timezone.now()
        with transaction.atomic():
            if not self.update_if({"accepted_at": None}, accepted_at=now):
                return False
            if self.role in self.SIDES:
                closed = {self.role: self.user_id, f"{self.role}_joined": False}
                for pair in self.program.pairs.filter(**closed):
                    pair.mark_joined(self.role)
            AuditEvent.record(self.user, AuditEvent.Action.JOINED, self, detail=self.role)
        return True

    def invite_again(self, by) -> None:
        """Invite again, even somebody who left; links in earlier emails stop working."""
        self.invited_at, self.invited_by = timezone.now(), by
        self.name = self.shown_name_to_keep()
        self.accepted_at = self.left_at = None
        self.save(
            update_fields=[
                "name",
                "folded_name",
                "invited_at",
                "invited_by",
                "invitation_message",
                "accepted_at",
                "left_at",
            ]
        )
        AuditEvent.record(by, AuditEvent.Action.INVITED_AGAIN, self, detail=self.role)

    def shown_name_to_keep(self) -> str:
        """The name that the program keeps for them until they accept again."""
        return self.user.name if self.accepted_at else self.name

    def running_pairs(self):
        """Pairs that must end before this person can leave this role; none for an admin."""
        pairs = self.program.pairs.filter(ended_at__isnull=True).prefetch_related("mentor", "mentee")
        sides = {self.Role.MENTOR: Q(mentor=self.user_id), self.Role.MENTEE: Q(mentee=self.user_id)}
        return pairs.filter(sides[self.role]) if self.role in sides else pairs.none()

    @property
    def has_room(self) -> bool:
        """Return True if this person can get one more partner in this role; needs `pairs_now`."""
        if self.role == self.Role.MENTOR:
            return self.pairs_now < self.capacity
        return self.role == self.Role.MENTEE and not self.pairs_now

    @property
    def is_last_admin(self) -> bool:
        """Return True for the only admin of the program; who asked to be erased does not count as another one."""
        others = Enrollment.objects.admins().filter(program=self.program_id, user__erase_at=None).exclude(pk=self.pk)
        return self.role == self.Role.ADMIN and not others.exists()

    def leave(self, by) -> bool:
        """End this role, or withdraw its open invitation; return whether anything changed. Without `by`: the directory.

        Refused while a pair is running, and for the only admin. The person can be invited again.
        """
        with transaction.atomic():
            self.program.lock()  # two admins cannot remove each other at once
            if self.is_last_admin or self.running_pairs().exists():
                return False
            if not self.update_if({"left_at": None}, left_at=timezone.now()):
                return False
            action = AuditEvent.Action.LEFT if by == self.user else AuditEvent.Action.REMOVED
            AuditEvent.record(by, action, self, detail=self.role)
            self.program.match_requests.model.settle(self.program)
            transaction.on_commit(lambda: left.ask_all(self.user_id))
            return True
