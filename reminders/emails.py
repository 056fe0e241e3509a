"""What a mail says: one function per kind, named as in intents.py, and templates/reminders/mail/<kind>.{txt,html}.

Mails carry titles, never notes, and every link leads to a page that asks for a sign-in or changes nothing by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.when import clock, clock_24
from reminders.intents import KINDS, Intent
from reminders.models import Delivery
from sessions import ending
from sessions.appears import what_appears
from sessions.models import ItemOutcome, Session, SessionMove

SUBJECT_AT_MOST = 60


@dataclass
class Letter:
    """Subject and what the templates of its kind show."""

    subject: str
    url: str  # the one primary action
    facts: dict = field(default_factory=dict)


LETTERS: dict[str, Callable[[User, Intent], Letter]] = {}


def letter(function):
    LETTERS[function.__name__] = function
    return function


def compose(delivery: Delivery, intents: list[Intent]) -> EmailMultiAlternatives:
    """The message for its recipient, in their language, zone and clock."""
    person, intent = delivery.recipient, intents[0]
    used = clock_24.set(person.clock == person.Clock.H24)
    try:
        with timezone.override(person.tzinfo), translation.override(person.language):
            said = LETTERS[intent.kind](person, intent)
            context = {**said.facts, "person": person, "url": said.url, "subject": said.subject, "why": intent.why}
            context["preferences_url"] = address("preferences")
            text = render_to_string(f"reminders/mail/{intent.kind}.txt", context).strip() + "\n"
            html = render_to_string(f"reminders/mail/{intent.kind}.html", context)
    finally:
        clock_24.reset(used)
    message = EmailMultiAlternatives(said.subject, text, to=[person.email])
    message.extra_headers = {"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"}
    message.attach_alternative(html, "text/html")
    return message


def address(name: str, *args, at: str = "") -> str:
    """The full address of a page of ours; `at` names a place on it."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}{'#' if at else ''}{at}"


def subject(text: str, **words: str) -> str:
    """`text` with its words in it, at most 60 characters: the longest word gives way."""
    while len(said := " ".join((text % words).split())) > SUBJECT_AT_MOST:
        longest = max(words, key=lambda name: len(words[name]))
        if len(words[longest]) <= 2:
            return said[:SUBJECT_AT_MOST]
        words[longest] = words[longest][:-2].rstrip() + "…"
    return said


def on_the_calendar(at) -> str:
    """ "Fri 4 Dec 10:00", never "tomorrow": nobody knows when a mail is read."""
    return f"{date_format(timezone.localtime(at), 'D j M')} {clock(at)}"


def session_facts(person: User, session: Session) -> dict:
    return {"session": session, "pair": session.pair, "partner": session.pair.other(person)}


# --- The letters --------------------------------------------------------------------------------------------


@letter
def recap(person: User, intent: Intent) -> Letter:
    session = Session.objects.with_people().get(pk=_pk(intent))
    page = address("session_recap", session.pk)
    made = [(c, ending.read_back(c, to=person)) for c in ending.made_in(session)]
    asked = session.pair.is_mentee(person) and what_appears(session.number).rating
    carried = session.outcomes.filter(outcome=ItemOutcome.Outcome.CARRIED).order_by("pk")
    facts = session_facts(person, session) | {
        "made": made,
        "carried": list(carried.values_list("title", flat=True)),
        "next": ending.following(session),
        "different_url": f"{page}#not-as-i-remember",
        "rating_url": f"{page}#rating" if asked else "",
    }
    words = {"name": facts["partner"].first_name, "when": on_the_calendar(session.starts_at)}
    return Letter(subject(_("Recap with %(name)s, %(when)s"), **words), page, facts)


@letter
def session_moved(person: User, intent: Intent) -> Letter:
    move = SessionMove.objects.select_related("session__pair__mentor", "session__pair__mentee").get(pk=_pk(intent))
    facts = session_facts(person, move.session) | {"move": move}
    words = {"name": facts["partner"].first_name, "when": on_the_calendar(move.to_at)}
    page = address("session_prepare", move.session_id)
    return Letter(subject(_("Moved: with %(name)s, now %(when)s"), **words), page, facts)


def _called_off(person: User, intent: Intent, text: str) -> Letter:
    session = Session.objects.with_people().get(pk=_pk(intent))
    facts = session_facts(person, session)
    words = {"name": facts["partner"].first_name, "when": on_the_calendar(session.starts_at)}
    return Letter(subject(text, **words), address("home"), facts)


@letter
def session_canceled(person: User, intent: Intent) -> Letter:
    return _called_off(person, intent, _("Canceled: with %(name)s, %(when)s"))


@letter
def session_skipped(person: User, intent: Intent) -> Letter:
    return _called_off(person, intent, _("Skipped: with %(name)s, %(when)s"))


@letter
def invitation(person: User, intent: Intent) -> Letter:
    enrollment = KINDS["invitation"].rows.select_related("program", "invited_by").get(pk=_pk(intent))
    facts = {"enrollment": enrollment, "program": enrollment.program, "by": enrollment.invited_by}
    if enrollment.invited_by:
        words = {"name": str(enrollment.invited_by), "program": enrollment.program.name}
        said = subject(_("%(name)s invites you: %(program)s"), **words)
    else:
        said = subject(_("You are invited: %(program)s"), program=enrollment.program.name)
    return Letter(said, settings.SITE_URL + enrollment.invitation_path(), facts)


def _pk(intent: Intent) -> int:
    return int(intent.subject.rpartition(":")[2])
