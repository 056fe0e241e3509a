from django.utils.translation import gettext as _

from accounts.models import User
from mentoring.models import Pair
from reminders.emails import Entry, address, letter, subject
from reminders.intents import Intent
from reminders.links import Purpose, link
from sessions.models import CheckIn


@letter
def check_in(person: User, intent: Intent) -> Entry:
    pair: Pair = intent.row
    words = {"name": pair.mentor.first_name}
    answer = {
        value: link("mail_check_in", Purpose.CHECK_IN, person, pair.pk, answer=value) for value in CheckIn.Answer.values
    }
    return Entry(
        subject=subject(_("Check-in for %(name)s: how is it going?"), **words),
        title=_("Check-in: how is it going? %(name)s sees your answer.") % words,
        action=_("On track"),
        url=answer[CheckIn.Answer.ON_TRACK],
        page=address("check_in", pair.pk),
        more=[(_("Stuck"), answer[CheckIn.Answer.STUCK]), (_("I need help"), answer[CheckIn.Answer.HELP])],
    )
