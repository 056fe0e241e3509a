"""Mails to a pair, begun for its admin: they open in the admin's own mail program, to be changed and sent there."""

from typing import NamedTuple
from urllib.parse import quote

from django.utils.translation import gettext as _

from accounts.models import User
from core.formatting import day
from dashboard.flags import Rule
from dashboard.models import Flag
from mentoring.models import Pair


class Draft(NamedTuple):
    says: str  # on the button
    to: str  # for whom, read out behind it
    href: str  # a mailto address


def drafts(pair: Pair, seen: list[tuple[Flag, Rule]], admin: User, pause_page: str) -> list[Draft]:
    """To both with what the rules say, and the offer of a pause where one may help.

    Where one of them said in confidence that it is not going well, to each alone, in words that betray nothing.
    """
    mentor, mentee = pair.mentor, pair.mentee
    if any(rule.alone for _flag, rule in seen):
        return [alone(person, admin) for person in (mentor, mentee)]
    greeting = _("Hello %(mentor)s and %(mentee)s,") % {"mentor": mentor.first_name, "mentee": mentee.first_name}
    since = _("since %(day)s")
    lines = [f"– {rule.says} ({since % {'day': day(flag.since)}}). {rule.helps}" for flag, rule in seen]
    words = [greeting, _("how can I help? This is what I see, made of dates and counts:"), "\n".join(lines)]
    found = [_draft(_("Write to both"), [mentor, mentee], _("How can I help?"), words, admin)]
    if any(rule.pause for _flag, rule in seen):
        offer = _(
            "if this is a busy time, a pause may help: no reminders, and its days do not count. Here you say until "
            "when; either of you can go on earlier:"
        )
        words = [greeting, offer, pause_page]
        found.append(_draft(_("Offer a pause"), [mentor, mentee], _("Would a pause help?"), words, admin))
    return found


def alone(person: User, admin: User) -> Draft:
    words = [
        _("Hello %(name)s,") % {"name": person.first_name},
        _("how is the mentoring going for you? If you like, we talk about it, only the two of us."),
    ]
    says = _("Write to %(name)s alone") % {"name": person.first_name}
    return _draft(says, [person], _("How is it going?"), words, admin)


def _draft(says: str, people: list[User], subject: str, words: list[str], admin: User) -> Draft:
    body = "\n\n".join([*words, admin.first_name]).replace("\n", "\r\n")  # RFC 6068
    to = ",".join(quote(person.email, safe="@") for person in people)
    href = f"mailto:{to}?subject={quote(subject)}&body={quote(body)}"
    return Draft(says, ", ".join(str(person) for person in people), href)
