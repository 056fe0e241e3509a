from django.utils.translation import gettext as _

from accounts.models import User
from goals.models import Indicator
from reminders.emails import Entry, address, letter, subject
from reminders.intents import Intent
from reminders.links import Purpose, link


def asked(person: User, intent: Intent) -> Entry:
    indicator: Indicator = intent.row
    words = {"what": indicator.title, "name": indicator.pair.mentee.first_name}
    # A mentor may have several mentees who track the same indicator.
    title = _("Add a value: %(what)s")
    if not indicator.pair.is_mentee(person):
        title = _("Add a value for %(name)s: %(what)s")
    return Entry(
        subject=subject(title, **words),
        title=title % words,
        action=_("Add a value"),
        url=link("email_indicator", Purpose.INDICATOR, person, indicator.pk),
        page=address("reading_create", indicator.pk),
    )


@letter
def indicator_due(person: User, intent: Intent) -> Entry:
    return asked(person, intent)


@letter
def indicator_again(person: User, intent: Intent) -> Entry:
    return asked(person, intent)
