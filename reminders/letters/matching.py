from django.utils.translation import gettext as _

from accounts.models import User
from mentoring.models import MatchRequest
from reminders.emails import Entry, address, letter, subject
from reminders.intents import Intent


def asked(person: User, intent: Intent) -> Entry:
    request: MatchRequest = intent.row
    words = {"name": request.mentee.first_name, "program": request.program.name}
    return Entry(
        subject=subject(_("%(name)s would like you as their mentor"), name=words["name"]),
        title=_("%(name)s would like you as their mentor (%(program)s)") % words,
        action=_("Answer"),
        url=address("match_request_answer", request.pk),
        page=address("match_request_answer", request.pk),
    )


@letter
def match_request(person: User, intent: Intent) -> Entry:
    return asked(person, intent)


@letter
def match_request_again(person: User, intent: Intent) -> Entry:
    return asked(person, intent)
