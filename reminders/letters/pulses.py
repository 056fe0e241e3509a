from django.utils.translation import gettext as _

from accounts.models import User
from mentoring.models import Pair
from reminders.emails import Entry, address, letter, subject
from reminders.intents import Intent


@letter
def pair_pulse(person: User, intent: Intent) -> Entry:
    pair: Pair = intent.row
    words, url = {"name": pair.other(person).first_name}, address("pulse_edit", pair.pk)
    title = _("Pulse: two questions; %(name)s never sees your answers")
    return Entry(subject=subject(title, **words), title=title % words, action=_("Answer"), url=url, page=url)
