"""Emails: what a kind of reminder returns (Email or EmailPart), and the message composed from it.

Emails contain titles, never notes, and opening a link never changes anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext

from accounts.localization import localized_for
from accounts.models import User
from core.emails import inline_styles
from core.formatting import clock, with_time
from mentoring.csv_export import XLSX
from reminders.intents import KINDS, Intent
from reminders.links import Purpose, link
from reminders.models import Delivery
from sessions.calendar import CalendarFile

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MAX_SUBJECT = 60


@dataclass
class Email:
    """An email of its own: its subject, and the context of templates/reminders/email/<kind>.{txt,html}."""

    subject: str
    url: str  # the one primary action
    context: dict = field(default_factory=dict)
    calendar: CalendarFile | None = None  # attached for the recipient's calendar app


@dataclass
class EmailPart:
    """One reminder in a bundled email, which is also a line of the inbox."""

    subject: str  # of the email, if this part is the first
    title: str
    action: str
    url: str  # in the email; works without signing in if the answer does
    page: str  # the page in the app
    other_actions: list[tuple[str, str]] = field(default_factory=list)  # label and URL
    # Called only by the templates of emails, because the inbox does not need what they query.
    lines: Callable[[], list[str]] = list  # additional lines
    questions: Callable[[], list["EmailPart"]] = list  # further questions in the same email
    files: Callable[[], list[tuple[str, bytes]]] = list  # attached XLSX files: name and content

    @property
    def works_signed_out(self) -> bool:
        return urlsplit(self.url).path.startswith("/m/")


# --- Composing ----------------------------------------------------------------------------------------------


def compose(delivery: Delivery, intents: list[Intent]) -> EmailMultiAlternatives:
    """Return the email in its recipient's language, time zone and clock format."""
    person = delivery.recipient
    with localized_for(person):
        files: list[tuple[str, bytes]] = []
        if delivery.is_bundle:
            parts = [part_of(person, intent) for intent in intents]
            files = [file for part in parts for file in part.files()]
            template, context = "bundle", _bundle_context(parts, intents)
            context["stop_url"] = link("email_stop", Purpose.STOP, person)
        else:
            contents = [KINDS[intent.kind].email(person, intent) for intent in intents]
            own = [content for content in contents if isinstance(content, Email)]
            template, context = intents[0].kind, _single_context(own, intents[0])
        context |= {"person": person, "preferences_url": page_url("notifications")}
        text = render_to_string(f"reminders/email/{template}.txt", context).strip() + "\n"
        html = inline_styles(render_to_string(f"reminders/email/{template}.html", context))
    message = EmailMultiAlternatives(context["subject"], text, to=[person.email])
    message.extra_headers = {"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"}
    if delivery.is_bundle:
        message.extra_headers |= {
            "List-Unsubscribe": f"<{context['stop_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message.attach_alternative(html, "text/html")
    if calendar := context.get("calendar"):
        attach_calendar(message, calendar)
    for name, content in files:
        message.attach(name, content, XLSX)
    return message


def part_of(person: User, intent: Intent) -> EmailPart:
    """Return the part of a bundled email, which every kind with a topic has."""
    part = KINDS[intent.kind].email(person, intent)
    assert isinstance(part, EmailPart)
    return part


def _single_context(contents: list[Email], intent: Intent) -> dict:
    """Return the context of the first email; `joined`: that of a calendar entry which it contains."""
    first, *joined = contents
    context = {**first.context, "url": first.url, "subject": first.subject, "why": intent.why}
    calendar = next((content.calendar for content in contents if content.calendar), None)
    return context | {"calendar": calendar, "joined": joined[0].context if joined else None}


def _bundle_context(parts: list[EmailPart], intents: list[Intent]) -> dict:
    """Return the context of one email with all parts, one per page, and the first one in the subject."""
    parts = one_per_page(parts)
    subject, more = parts[0].subject, len(parts) - 1
    if more:
        text = ngettext("%(first)s +%(count)s more", "%(first)s +%(count)s more", more)
        subject = subject_line(text, first=subject, count=str(more))
    reasons = list(dict.fromkeys(str(intent.why) for intent in intents))
    return {"subject": subject, "parts": parts, "reasons": reasons}


def one_per_page(parts: list[EmailPart]) -> list[EmailPart]:
    return list({part.page: part for part in reversed(parts)}.values())[::-1]


def attach_calendar(message: EmailMultiAlternatives, calendar: CalendarFile) -> None:
    """Attach the calendar entry twice, as calendars do.

    Most mail clients act on the last alternative of the message; others look for an attached file.
    """
    message.attach_alternative(calendar.content.decode(), f"text/calendar; method={calendar.method}")
    message.attach("invite.ics", calendar.content, "application/ics")


# --- Used by kinds ------------------------------------------------------------------------------------------


def page_url(name: str, *args, fragment: str = "") -> str:
    """Return the absolute URL of a page."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}{'#' if fragment else ''}{fragment}"


def subject_line(text: "StrOrPromise", **values: str) -> str:
    """Return `text` filled with its values, shortening the longest value until it fits into 60 characters."""
    while len(line := " ".join((text % values).split())) > MAX_SUBJECT:
        longest = max(values, key=lambda name: len(values[name]))
        if len(values[longest]) <= 2:
            return line[:MAX_SUBJECT]
        values[longest] = values[longest][:-2].rstrip() + "…"
    return line


def date_and_time(moment: datetime) -> str:
    """Return "Fri, Dec 4, 10:00 AM", never "tomorrow", because nobody knows when an email is read."""
    return with_time(date_format(timezone.localtime(moment), "DAY_FORMAT"), clock(moment))
