"""What a mail says. The letters themselves are in reminders/letters/, one function per kind, named as its intent.

Mails carry titles, never notes, and every link leads to a page that changes nothing by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import ngettext

from accounts.models import User
from core.formatting import clock, clock_24
from reminders.intents import Intent
from reminders.links import Purpose, link
from reminders.models import Delivery
from sessions.calendar import CalendarFile

SUBJECT_AT_MOST = 60


@dataclass
class Letter:
    """A message of its own: subject, and what templates/reminders/mail/<kind>.{txt,html} show."""

    subject: str
    url: str  # the one primary action
    facts: dict = field(default_factory=dict)
    calendar: CalendarFile | None = None  # for their calendar program


@dataclass
class Entry:
    """One reminder among those of a window: also a line of the inbox."""

    subject: str  # of the mail, if it comes first
    title: str
    action: str
    url: str  # in the mail: works without signing in where an answer does
    page: str  # on the person's own pages
    more: list[tuple[str, str]] = field(default_factory=list)  # other answers: word and address
    told: Callable[[], list[str]] = list  # what the mail says besides
    asks: Callable[[], list["Entry"]] = list  # what the mail asks about besides

    @property
    def lines(self) -> list[str]:
        return self.told()

    @property
    def parts(self) -> list["Entry"]:
        return self.asks()


LETTERS: dict[str, Callable[[User, Intent], Letter | Entry]] = {}


def letter(function):
    LETTERS[function.__name__] = function
    return function


def compose(delivery: Delivery, intents: list[Intent]) -> EmailMultiAlternatives:
    """The message for its recipient, in their language, zone and clock."""
    person = delivery.recipient
    with on_the_wall_of(person):
        said = [LETTERS[intent.kind](person, intent) for intent in intents]
        name, context = window_mail(said, intents) if delivery.is_bundle else own_mail(said[0], intents[0])
        context |= {"person": person, "preferences_url": address("notifications")}
        if delivery.is_bundle:
            context["stop_url"] = link("mail_stop", Purpose.STOP, person)
        text = render_to_string(f"reminders/mail/{name}.txt", context).strip() + "\n"
        html = render_to_string(f"reminders/mail/{name}.html", context)
    message = EmailMultiAlternatives(context["subject"], text, to=[person.email])
    message.extra_headers = {"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"}
    if delivery.is_bundle:
        message.extra_headers |= {
            "List-Unsubscribe": f"<{context['stop_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message.attach_alternative(html, "text/html")
    if not delivery.is_bundle and (calendar := said[0].calendar):
        attach_calendar(message, calendar)
    return message


def attach_calendar(message: EmailMultiAlternatives, calendar: CalendarFile) -> None:
    """Twice, as calendars send it to each other: as the last of the alternatives, which mail programs act on, and as a
    file for those that look for one."""
    message.attach_alternative(calendar.content.decode(), f"text/calendar; method={calendar.method}")
    message.attach("invite.ics", calendar.content, "application/ics")


def own_mail(said: Letter, intent: Intent) -> tuple[str, dict]:
    return intent.kind, {**said.facts, "url": said.url, "subject": said.subject, "why": intent.why}


def window_mail(entries: list[Entry], intents: list[Intent]) -> tuple[str, dict]:
    """All reminders of a window in one mail, the first of them in the subject; about one thing only once."""
    entries = list({entry.page: entry for entry in reversed(entries)}.values())[::-1]
    said, more = entries[0].subject, len(entries) - 1
    if more:
        text = ngettext("%(first)s +%(count)s more", "%(first)s +%(count)s more", more)
        said = subject(text, first=said, count=str(more))
    reasons = list(dict.fromkeys(str(intent.why) for intent in intents))
    return "window", {"subject": said, "entries": entries, "reasons": reasons}


class on_the_wall_of:
    """Times, words and clock as this person has them."""

    def __init__(self, person: User):
        self.person = person

    def __enter__(self):
        self.used = clock_24.set(self.person.clock == self.person.Clock.H24)
        self.around = timezone.override(self.person.tzinfo), translation.override(self.person.language)
        for context in self.around:
            context.__enter__()

    def __exit__(self, *error):
        for context in reversed(self.around):
            context.__exit__(*error)
        clock_24.reset(self.used)


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
