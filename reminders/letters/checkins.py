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
        value: link("email_check_in", Purpose.CHECK_IN, person, pair.pk, answer=value)
        for value in CheckIn.Answer.values
    }
    return Entry(
        subject=subject(_("Check-in for %(name)s: how is it going?"), **words),
        title=_("Check-in: how is it going? %(name)s sees your answer.") % words,
        action=_("On track"),
        url=answer[CheckIn.Answer.ON_TRACK],
        page=address("check_in", pair.pk),
        more=[(_("Stuck"), answer[CheckIn.Answer.STUCK]), (_("I need help"), answer[CheckIn.Answer.HELP])],
    )


@letter
def help_wanted(person: User, intent: Intent) -> Entry:
    """Compose the call for help with a link to reply; the note is shown only after signing in."""
    check_in: CheckIn = intent.row
    page = address("check_in_reply", check_in.pk)
    title = _("%(name)s asked for help") % {"name": check_in.pair.mentee.first_name}
    return Entry(
        subject=subject("%(title)s", title=title),
        title=title,
        action=_("Answer in one line"),
        url=link("email_help", Purpose.HELP, person, check_in.pk),
        page=page,
        more=[(_("Sign in to read the note"), page)] if check_in.note else [],
    )


@letter
def check_in_answered(person: User, intent: Intent) -> Entry:
    check_in: CheckIn = intent.row
    page = address("check_in", check_in.pair_id)
    title = _("%(name)s answered your check-in") % {"name": check_in.pair.mentor.first_name}
    return Entry(subject("%(title)s", title=title), title, _("Read the answer"), page, page)
