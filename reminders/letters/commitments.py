from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from goals.models import Commitment
from reminders.emails import Entry, address, letter, subject
from reminders.intents import Intent
from reminders.links import Purpose, link


def about_commitment(person: User, commitment: Commitment, title: str = "", subject_: str = "") -> Entry:
    """Compose an entry with one link for each answer: done, partly, move, drop."""
    plain = _("%(what)s, by %(day)s (overdue)") if commitment.is_overdue else _("%(what)s, by %(day)s")
    what = {"what": commitment.text, "day": date_format(commitment.due_on, "D j M")}
    answer = {
        verb: link("email_commitment", Purpose.COMMITMENT, person, commitment.pk, do=verb)
        for verb in ("done", "partly", "move", "drop")
    }
    return Entry(
        subject=subject(subject_ or "%(what)s", **what),
        title=(title or plain) % what,
        action=_("Done"),
        url=answer["done"],
        page=address("commitment_detail", commitment.pk),
        more=[(_("Partly"), answer["partly"]), (_("Move"), answer["move"]), (_("Drop"), answer["drop"])],
    )


def _entry(person: User, intent: Intent, title: str, subject_: str) -> Entry:
    return about_commitment(person, intent.row, title, subject_)


def by_its_day(person: User, intent: Intent) -> Entry:
    """Compose an entry that names the due date as seen from the day it is sent, which may not be the planned one."""
    match (intent.row.due_on - intent.sent_on(person)).days:
        case 0:
            words = _("Today, %(day)s: %(what)s"), _("Today: %(what)s")
        case 1:
            words = _("Tomorrow, %(day)s: %(what)s"), _("Tomorrow: %(what)s")
        case 2:
            words = _("In two days, %(day)s: %(what)s"), _("In two days: %(what)s")
        case days if days > 2:
            words = _("By %(day)s: %(what)s"), _("By %(day)s: %(what)s")
        case _past:
            words = _("Not done yet? %(what)s (%(day)s)"), _("Not done yet? %(what)s")
    return _entry(person, intent, *words)


@letter
def commitment_soon(person: User, intent: Intent) -> Entry:
    return by_its_day(person, intent)


@letter
def commitment_due(person: User, intent: Intent) -> Entry:
    return by_its_day(person, intent)


@letter
def commitment_overdue(person: User, intent: Intent) -> Entry:
    return by_its_day(person, intent)


@letter
def commitment_last(person: User, intent: Intent) -> Entry:
    entry = _entry(person, intent, _("A new date, or drop it? %(what)s (%(day)s)"), _("New date, or drop it? %(what)s"))
    entry.told = lambda: [_("Either is fine. It comes up in your next session, and this is the last email about it.")]
    return entry
