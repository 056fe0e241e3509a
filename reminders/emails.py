"""Compose emails: each kind of reminder has one function, registered with @letter and named like its intent function.

Emails contain titles, never notes, and opening a link never changes anything.
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
    """An email of its own: its subject, and the context of templates/reminders/email/<kind>.{txt,html}."""

    subject: str
    url: str  # the one primary action
    facts: dict = field(default_factory=dict)
    calendar: CalendarFile | None = None  # attached for the recipient's calendar app


@dataclass
class Entry:
    """One reminder in a bundled email, which is also a line of the inbox."""

    subject: str  # of the email, if this entry is the first
    title: str
    action: str
    url: str  # in the email; works without signing in if the answer does
    page: str  # the page in the app
    more: list[tuple[str, str]] = field(default_factory=list)  # other answers: label and URL
    told: Callable[[], list[str]] = list  # additional lines of the email
    asks: Callable[[], list["Entry"]] = list  # further questions in the same email

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
    """Return the email in its recipient's language, time zone and clock format."""
    person = delivery.recipient
    with on_the_wall_of(person):
        contents = [LETTERS[intent.kind](person, intent) for intent in intents]
        name, context = window_mail(contents, intents) if delivery.is_bundle else own_mail(contents[0], intents[0])
        context |= {"person": person, "preferences_url": address("notifications")}
        if delivery.is_bundle:
            context["stop_url"] = link("email_stop", Purpose.STOP, person)
        text = render_to_string(f"reminders/email/{name}.txt", context).strip() + "\n"
        html = render_to_string(f"reminders/email/{name}.html", context)
    message = EmailMultiAlternatives(context["subject"], text, to=[person.email])
    message.extra_headers = {"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"}
    if delivery.is_bundle:
        message.extra_headers |= {
            "List-Unsubscribe": f"<{context['stop_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message.attach_alternative(html, "text/html")
    if not delivery.is_bundle and (calendar := contents[0].calendar):
        attach_calendar(message, calendar)
    return message


def attach_calendar(message: EmailMultiAlternatives, calendar: CalendarFile) -> None:
    """Attach the calendar entry twice, as calendars do.

    Most mail clients act on the last alternative of the message; others look for an attached file.
    """
    message.attach_alternative(calendar.content.decode(), f"text/calendar; method={calendar.method}")
    message.attach("invite.ics", calendar.content, "application/ics")


def own_mail(content: Letter, intent: Intent) -> tuple[str, dict]:
    return intent.kind, {**content.facts, "url": content.url, "subject": content.subject, "why": intent.why}


def window_mail(entries: list[Entry], intents: list[Intent]) -> tuple[str, dict]:
    """Return the context of one email with all entries, one per page, and the first one in the subject."""
    entries = list({entry.page: entry for entry in reversed(entries)}.values())[::-1]
    line, more = entries[0].subject, len(entries) - 1
    if more:
        text = ngettext("%(first)s +%(count)s more", "%(first)s +%(count)s more", more)
        line = subject(text, first=line, count=str(more))
    reasons = list(dict.fromkeys(str(intent.why) for intent in intents))
    return "window", {"subject": line, "entries": entries, "reasons": reasons}


class on_the_wall_of:
    """Context manager that activates a person's time zone, language and clock format."""

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
    """Return the absolute URL of a page; `at` is the fragment."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}{'#' if at else ''}{at}"


def subject(text: str, **words: str) -> str:
    """Return `text` filled with its values, shortening the longest value until it fits into 60 characters."""
    while len(line := " ".join((text % words).split())) > SUBJECT_AT_MOST:
        longest = max(words, key=lambda name: len(words[name]))
        if len(words[longest]) <= 2:
            return line[:SUBJECT_AT_MOST]
        words[longest] = words[longest][:-2].rstrip() + "…"
    return line


def on_the_calendar(at) -> str:
    """Return "Fri 4 Dec 10:00", never "tomorrow", because nobody knows when an email is read."""
    return f"{date_format(timezone.localtime(at), 'D j M')} {clock(at)}"
