"""Emails about a person's account: a sign-in on a new device, and before or instead of an erasure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import SignIn, User
from accounts.working_hours import DAY
from mentoring.models import Enrollment
from reminders.emails import Email, date_and_time, page_url, subject_line
from reminders.intents import Intent, Kind, Row, register
from reminders.windows import next_working_morning

if TYPE_CHECKING:

    class NewSignIn(SignIn):
        new_device_at: datetime

    class Unneeded(User):
        kept_until: date

    class Leaving(User):
        erase_waits_since: datetime


@register
class NewDevice(Kind["NewSignIn"]):
    """Tell a person about a sign-in on a device that is new for them; also if that device is signed out again."""

    name = "new_device"
    label = gettext_lazy("Sign-in on a new device")
    why = gettext_lazy("You get this because someone signed in to your account.")
    subject, pair = "sign_in", ""
    recipients = ("user",)
    changed = anchor = "new_device_at"
    max_age = DAY

    @staticmethod
    def rows() -> QuerySet[SignIn]:
        return SignIn.objects.filter(new_device_at__isnull=False)

    def intents(self, sign_in: "NewSignIn") -> Iterator[Intent]:
        at = sign_in.new_device_at
        yield self.intent(sign_in, sign_in.user_id, "", at, at + self.max_age)

    def email(self, person: User, intent: Intent["NewSignIn"]) -> Email:
        sign_in = intent.row
        context = {"browser": sign_in.browser, "at": date_and_time(sign_in.new_device_at)}
        return Email(_("Sign-in on a new device"), page_url("sign_in_list"), context)


class AboutErasure(Kind[Row]):
    """Base class for what is about the erasure of a person."""

    subject, pair = "person", ""
    recipients = ()
    changed = "touched_at"


@register
class AccountExpires(AboutErasure["Unneeded"]):
    """Tell a person thirty days before their account is erased because nobody needs it; a visit keeps it."""

    name = "account_expires"
    label = gettext_lazy("Your account will be erased")
    why = gettext_lazy("You get this because accounts that nobody uses are kept for a limited time.")
    anchor, max_lead, max_age = "kept_until", timedelta(days=32), timedelta()
    window_only = True

    @staticmethod
    def rows() -> QuerySet[User]:
        return User.objects.filter(kept_until__isnull=False, erased_at=None)

    def intents(self, person: "Unneeded") -> Iterator[Intent]:
        due_at, expires_at = (next_working_morning(person, person.kept_until - days) for days in (30 * DAY, DAY))
        yield self.intent(person, person.pk, person.kept_until.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent["Unneeded"]) -> Email:
        day = date_format(intent.row.kept_until, "SHORT_DAY_FORMAT")
        subject = subject_line(_("Your account will be erased on %(day)s"), day=day)
        return Email(subject, page_url("home"), {"day": day})


@register
class ErasureWaits(AboutErasure["Leaving"]):
    """Tell the only admin of a program, and who runs the installation, that the erasure waits for another admin."""

    name = "erasure_waits"
    label = gettext_lazy("An erasure waits for another admin")
    why = gettext_lazy("You get this because a program must not be left without an admin.")
    anchor, max_age = "erase_waits_since", 7 * DAY

    @staticmethod
    def rows() -> QuerySet[User]:
        return User.objects.filter(erase_waits_since__isnull=False, erased_at=None, is_active=True)

    def intents(self, person: "Leaving") -> Iterator[Intent]:
        at = person.erase_waits_since
        for pk in {person.pk, *User.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True)}:
            yield self.intent(person, pk, at.isoformat(), at, at + self.max_age)

    def email(self, person: User, intent: Intent["Leaving"]) -> Email:
        leaving = intent.row
        mine = leaving.pk == person.pk
        programs = [program.name for program in Enrollment.objects.programs_run_only_by(leaving)]
        context = {"mine": mine, "name": str(leaving), "programs": get_text_list(programs, _("and"))}
        if mine:
            subject = _("Your data is not erased yet")
        else:
            subject = subject_line(_("The erasure of %(name)s waits"), name=str(leaving))
        return Email(subject, page_url("your_data" if mine else "program_list"), context)
