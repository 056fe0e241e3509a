"""Drafts of emails to a pair for its admin, who edits and sends them in their own email program."""

from typing import NamedTuple
from urllib.parse import quote

from django.utils.translation import gettext as _

from accounts.models import User
from core.formatting import day
from dashboard.flags import Rule
from dashboard.models import Flag
from mentoring.models import Pair


class Draft(NamedTuple):
    label: str  # of the button
    recipients: str  # for screen readers, after the label
    href: str  # a mailto: link


def drafts(pair: Pair, flags: list[tuple[Flag, Rule]], admin: User, pause_url: str) -> list[Draft]:
    """Return an email to both people about their flags and, where it may help, one that offers a pause.

    If a flag is confidential, return the same neutral email to each person alone instead.
    """
    mentor, mentee = pair.mentor, pair.mentee
    if any(rule.confidential for _flag, rule in flags):
        return [draft_to_one(person, admin) for person in (mentor, mentee)]
    greeting = _("Hello %(mentor)s and %(mentee)s!") % {"mentor": mentor.first_name, "mentee": mentee.first_name}
    line = _("%(label)s (since %(day)s). %(advice)s")
    facts = [{"label": rule.label, "day": day(flag.raised_at), "advice": rule.advice_for_pair} for flag, rule in flags]
    lines = [f"– {line % fact}" for fact in facts]
    paragraphs = [greeting, _("How can I help? This is what I see from dates and counts:"), "\n".join(lines)]
    found = [_draft(flags[0][1].action, [mentor, mentee], _("How can I help?"), paragraphs, admin)]
    if any(rule.suggests_pause for _flag, rule in flags):
        found.append(draft_of_pause(pair, admin, pause_url))
    return found


def draft_of_pause(pair: Pair, admin: User, pause_url: str) -> Draft:
    """Return an email to both people that offers a pause."""
    mentor, mentee = pair.mentor, pair.mentee
    offer = _(
        "If this is a busy time, a pause may help: no reminders, and its days do not count. Choose here when it "
        "ends; either of you can end it earlier:"
    )
    greeting = _("Hello %(mentor)s and %(mentee)s!") % {"mentor": mentor.first_name, "mentee": mentee.first_name}
    paragraphs = [greeting, offer, pause_url]
    return _draft(_("Offer a pause"), [mentor, mentee], _("Would a pause help?"), paragraphs, admin)


def draft_to_all(people: list[User], admin: User) -> Draft:
    """Return one neutral email to people of several pairs, who do not see each other's addresses."""
    paragraphs = [
        _("Hello!"),
        _("How is the mentoring going for you? If something is in the way, tell me; I am glad to help."),
    ]
    return _draft(_("Write one email to all"), people, _("How is it going?"), paragraphs, admin, hidden=True)


def draft_to_one(person: User, admin: User) -> Draft:
    """Return an email to one person that reveals nothing about anyone's answers."""
    paragraphs = [
        _("Hello %(name)s!") % {"name": person.first_name},
        _("How is the mentoring going for you? If you like, we can talk about it, just you and me."),
    ]
    label = _("Email %(name)s alone") % {"name": person.first_name}
    return _draft(label, [person], _("How is it going?"), paragraphs, admin)


def _draft(label: str, people: list[User], subject: str, paragraphs: list[str], admin: User, hidden=False) -> Draft:
    body = "\n\n".join([*paragraphs, admin.first_name]).replace("\n", "\r\n")  # RFC 6068
    to = ",".join(quote(person.email, safe="@") for person in people)
    start = f"mailto:?bcc={to}&" if hidden else f"mailto:{to}?"
    href = f"{start}subject={quote(subject)}&body={quote(body)}"
    return Draft(label, ", ".join(str(person) for person in people), href)
