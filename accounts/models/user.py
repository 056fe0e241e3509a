from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.names import guess_short_name, initials
from accounts.whats_new import newest_release
from core.addresses import normalize_address, one_line
from core.fields import FoldedField
from core.languages import conventions, default_language, offered
from core.time_zones import is_zone, zone_of

MONDAY_TO_FRIDAY = [1, 2, 3, 4, 5]


def validate_zone(name: str) -> None:
    if not is_zone(name):
        raise ValidationError(_("“%(zone)s” is not a time zone this server knows."), params={"zone": name})


def monday_to_friday() -> list[int]:
    return list(MONDAY_TO_FRIDAY)


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(
        self, email: str, password: str | None = None, *, address_verified: bool = False, **fields
    ) -> "User":
        """Create a user. Without a password they sign in with an emailed code until they set one."""
        user = self.model(email=normalize_address(email), **fields)
        user.name = one_line(user.name)
        user.set_password(password)
        with transaction.atomic():
            user.save(using=self._db)
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=address_verified)
        return user

    def create_people(self, people: list["User"]) -> None:
        """Create many users at once, with unverified addresses."""
        with transaction.atomic():
            self.bulk_create(people, batch_size=500)
            addresses = [EmailAddress(user=user, email=user.email, primary=True) for user in people]
            EmailAddress.objects.bulk_create(addresses, batch_size=500)

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, address_verified=True, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=normalize_address(email or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Enrollments define their permissions; staff status gives no access to pairs."""

    class Clock(models.TextChoices):
        H24 = "24", _("24 hours (16:00)")
        H12 = "12", _("12 hours (4:00 PM)")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class WeekStart(models.IntegerChoices):
        """ISO weekdays, Monday is 1."""

        SUNDAY = 7, _("Sunday")
        MONDAY = 1, _("Monday")
        SATURDAY = 6, _("Saturday")

    email = models.EmailField(_("email"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    short_name = models.CharField(_("What should we call you?"), max_length=80, blank=True)  # empty: guessed
    folded_name = FoldedField(source="name", db_index=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_zone])
    zone_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    works_from = models.TimeField(_("working hours from"), default=time(9))
    works_until = models.TimeField(_("until"), default=time(17))
    workdays = models.JSONField(_("working days"), default=monday_to_friday)  # ISO weekdays, Monday is 1
    # Pairs of ISO dates, both inclusive: ["2026-12-24", "2027-01-03"].
    days_off = models.JSONField(_("days off"), default=list, blank=True)
    language = models.CharField(_("language"), max_length=16, default=default_language)
    clock = models.CharField(_("clock"), max_length=2, choices=Clock, default=Clock.H12)
    week_start = models.PositiveSmallIntegerField(
        _("first day of the week"), choices=WeekStart, default=WeekStart.SUNDAY
    )
    theme = models.CharField(_("colors"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    # The release whose news they dismissed; somebody who joins later has no use for it.
    news_seen = models.CharField(max_length=20, blank=True, default=newest_release, editable=False)
    own_device = models.BooleanField(default=False, editable=False)
    calendar_mails = models.BooleanField(default=True, editable=False)  # send calendar invitations by email
    # Kept by accounts/second_factor/signals.py, so that no page needs a query to know it.
    has_second_factor = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # Last change of time zone, working hours or days off; a change reschedules reminders.
    touched_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    sessions_version = models.PositiveIntegerField(default=1, editable=False)  # increment to sign out everywhere
    links_version = models.PositiveIntegerField(default=1, editable=False)  # increment to expire sent links
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)  # last page view, to the hour
    # Set when the address bounces (docs/rules.md, bounced email): no reminder is sent to it.
    mail_suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When they began a practice, or a partner first shared one: from then on, the navigation leads there.
    practice_since = models.DateTimeField(null=True, blank=True, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the account is erased, if the person does not change their mind, and when it was (docs/rules.md, your data).
    erase_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Since when the erasure waits because the person is the only admin of a program.
    erase_waits_since = models.DateTimeField(null=True, blank=True, editable=False)
    # The last day of an account that nobody needs any more; a visit removes it (operations/own_data/retention.py).
    kept_until = models.DateField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_per_email")]
        indexes = [
            models.Index(fields=["erase_at"], condition=models.Q(erase_at__isnull=False), name="people_to_erase"),
            models.Index(fields=["kept_until"], condition=models.Q(kept_until__isnull=False), name="people_to_warn"),
            models.Index(
                fields=["erase_waits_since"],
                condition=models.Q(erase_waits_since__isnull=False),
                name="people_not_erased",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @classmethod
    def from_db(cls, db, field_names, values):
        """Show somebody who was erased as a former member, in the language of the reader."""
        person = super().from_db(db, field_names, values)
        if person.__dict__.get("erased_at"):
            person.name = person.short_name = gettext("Former member")
        return person

    @property
    def first_name(self) -> str:
        """Return the short name, a guess from the full name, or the local part of the email address."""
        return self.short_name or guess_short_name(self.name) or self.email.split("@")[0]

    @property
    def initials(self) -> str:
        """Return the first characters of the first and the last name, shown in place of a picture."""
        return initials(self.name or self.email)

    @property
    def tzinfo(self) -> ZoneInfo:
        """Return the time zone; UTC if this server does not know the stored name."""
        return zone_of(self.zone)

    @property
    def zone_is_known(self) -> bool:
        """Return True if the time zone was chosen; UTC is the default before the first sign-in."""
        return self.zone != "UTC" or self.zone_confirmed_at is not None

    @property
    def spoken_language(self) -> str:
        """Return the language of pages and emails: the chosen one, or the default if it is not offered any more."""
        return offered(self.language)

    def speak(self, language: str | None) -> None:
        """Set the language, and the clock and week that are usual in it: for somebody who has chosen neither."""
        self.language = offered(language)
        for name, value in conventions(self.language).items():
            setattr(self, name, value)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.tzinfo)

    def today(self) -> date:
        """Return today's date in the person's time zone."""
        return self.local(timezone.now()).date()

    def set_days_off(self, days: list[tuple[date, date]]) -> None:
        """Replace all days off and reschedule the person's reminders."""
        self.days_off = sorted({(first.isoformat(), last.isoformat()) for first, last in days})
        self.touched_at = timezone.now()
        self.save(update_fields=["days_off", "touched_at"])

    def set_calendar_mails(self, on: bool) -> None:
        """Turn calendar emails on or off; turning them on sends invitations for all planned sessions."""
        if on != self.calendar_mails:
            self.calendar_mails, self.touched_at = on, timezone.now()
            self.save(update_fields=["calendar_mails", "touched_at"])

    def is_off(self, on: date) -> bool:
        """Return True if the date is one of the person's days off."""
        return any(first <= on.isoformat() <= last for first, last in self.days_off)

    @property
    def has_verified_address(self) -> bool:
        """Return True once they received an email at the address, or the operator confirmed it."""
        return EmailAddress.objects.filter(user=self, email=self.email, verified=True).exists()

    def verify_address(self) -> None:
        """Mark the address as verified; if it was not, remove password and second factor, which ends sign-in sessions.

        The person who set them never proved that the address is theirs.
        """
        with transaction.atomic():
            if not self.has_verified_address:
                self.set_unusable_password()
                self.save(update_fields=["password"])
                self.authenticator_set.all().delete()
                self.sign_ins.all().delete()
            EmailAddress.objects.filter(user=self).delete()
            EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=True)

    def end_web_sessions(self) -> None:
        """Sign the person out everywhere at the next request, by a change of what each web session must match."""
        self.sessions_version = models.F("sessions_version") + 1
        self.save(update_fields=["sessions_version"])  # not update(): open pages ask again who they belong to
        self.refresh_from_db(fields=["sessions_version"])

    def _get_session_auth_hash(self, secret=None) -> str:
        """Return what a web session must match: Django's hash of the password, and the version if it was ever raised.

        Without the exception for the first version, an upgrade would sign everybody out.
        """
        of_password = super()._get_session_auth_hash(secret)  # type: ignore[misc]  # private, so missing in the stubs
        if self.sessions_version == 1:
            return of_password
        text = f"{of_password}:{self.sessions_version}"
        return salted_hmac("accounts.User.sessions", text, secret=secret, algorithm="sha256").hexdigest()

    def resume_email(self) -> None:
        """Resume mail to the address and mark earlier delivery failures as settled."""
        now, self.mail_suspended_at = timezone.now(), None
        self.bounces.filter(settled_at=None).update(settled_at=now)
        type(self).objects.filter(pk=self.pk).update(mail_suspended_at=None)
