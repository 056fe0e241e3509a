"""Tests the content and form of emails: short, in the reader's time zone, with titles only."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.urls import resolve
from django.utils import timezone

from accounts.models import SignIn
from mentoring.models import Enrollment
from reminders import emails, planner, sender
from reminders.intents import KINDS, Kind
from reminders.models import ChatWebhook
from sessions import closing
from sessions.models import BusyCalendar, Session
from sessions.time_slot import TimeSlot
from tests import make
from tests.site.test_colors import COLORS

pytestmark = pytest.mark.usefixtures("only_always_sent")

LONGEST = "Adalbertine " * 16
NOON = datetime(2026, 12, 4, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mail_server(settings):
    settings.EMAIL_URL = "smtp://localhost"  # set up; sent emails are in the test outbox
    settings.SITE_URL = "https://mentoring.example.org"


@pytest.fixture
def clock(db):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def sent(clock) -> dict[str, mail.EmailMultiAlternatives]:
    """Plan, wait a minute and send; return the emails by recipient."""
    mail.outbox.clear()
    planner.plan()
    clock.shift(timedelta(seconds=61))
    planner.plan()
    sender.send_due()
    return {message.to[0]: message for message in mail.outbox}


def html_of(message) -> str:
    return message.alternatives[0].content


@pytest.fixture
def session(clock, pair, sam, ada):
    """Session 2 of Sam and Ada at 10:00 in London, with a commitment of each, an open topic and the next date."""
    long_ago = NOON - timedelta(days=14)  # too old for a recap
    make.session(pair, datetime(2026, 11, 20, 10), held_at=long_ago, closed_at=long_ago)
    make.session(pair, datetime(2026, 12, 18, 10))
    session = make.session(pair, datetime(2026, 12, 4, 10), started_at=NOON)
    closing.create_commitment(
        session, ada, owner=ada, text="Send the draft to Lin", due_on=date(2026, 12, 17), done_when="Lin has commented"
    )
    closing.create_commitment(session, sam, owner=sam, text="Introduce Ada to Noor", due_on=date(2026, 12, 10))
    make.topic(pair, title="The board presentation", obstacle="CANARY-OBSTACLE")
    make.block(session, note="CANARY-NOTE", position=99)
    Session.objects.filter(pk=session.pk).update(takeaway="CANARY-TAKEAWAY")
    closing.close(session, sam)
    return session


def test_the_recap_lists_owner_due_date_and_done_when(session, clock, sam, ada):
    mails = sent(clock)
    for text in (mails[ada.email].body, html_of(mails[ada.email])):
        assert "You will send the draft to Lin by Thu, Dec 17" in text
        assert "Lin has commented" in text
        assert "Sam will introduce Ada to Noor by Thu, Dec 10" in text
        assert "The board presentation" in text
    assert "Ada will send the draft to Lin" in mails[sam.email].body
    assert "You will introduce Ada to Noor" in mails[sam.email].body


def test_the_recap_names_feedback_authors_and_late_changes(session, clock, sam, ada):
    make.feedback(session.pair, session=session, created_by=ada, intended="CANARY-INTENDED")
    Session.objects.filter(pk=session.pk).update(agreed_at=timezone.now() + timedelta(seconds=1))
    clock.shift(timedelta(seconds=2))
    closing.create_commitment(session, sam, owner=ada, text="Call Noor", due_on=date(2026, 12, 11))
    for text in (sent(clock)[sam.email].body, html_of(sent_to := mail.outbox[0])):
        assert "Ada wrote feedback. Read it in the recap." in text
        assert text.count("(changed after you agreed)") == 1
    assert "CANARY" not in html_of(sent_to)


def test_times_are_in_the_readers_zone(session, clock, sam, ada):
    type(ada).objects.filter(pk=ada.pk).update(clock="12")
    mails = sent(clock)
    assert mails[sam.email].subject == "Recap with Ada, Fri, Dec 4, 10:00"
    assert mails[ada.email].subject == "Recap with Sam, Fri, Dec 4, 3:30 PM"
    assert "Fri, Dec 18, 10:00 (15:30 for Ada)" in mails[sam.email].body
    assert "Fri, Dec 18, 3:30 PM (10:00 AM for Sam)" in mails[ada.email].body
    assert "Europe/London" in mails[sam.email].body


def test_only_the_mentee_is_asked_for_a_rating(session, clock, sam, ada):
    mails = sent(clock)
    assert "/recap/#rating" in mails[ada.email].body
    assert "/recap/#rating" not in mails[sam.email].body + html_of(mails[sam.email])
    assert all("/recap/#not-as-i-remember" in message.body for message in mails.values())


def test_emails_contain_no_notes(session, clock):
    for message in sent(clock).values():
        assert "CANARY" not in message.body + html_of(message) + message.subject


def test_a_first_session_asks_for_no_rating(clock, pair, ada):
    first = make.session(pair, datetime(2026, 12, 4, 10), started_at=NOON, next_left_open_at=NOON)
    closing.make_no_commitments(first)
    closing.close(first, ada)
    message = sent(clock)[ada.email]
    assert "rating" not in message.body
    assert "No commitment this time." in message.body
    assert "Not scheduled yet." in message.body


def test_an_invitation_names_its_sender_and_its_link_works(clock, client):
    program = make.program()
    enrollment = make.enrollment(
        program,
        make.user("Noor", zone="Asia/Kolkata"),
        Enrollment.Role.MENTEE,
        accepted_at=None,
        invited_by=make.admin(program),
    )
    message = sent(clock)[enrollment.user.email]
    assert message.subject == "Priya Nair invites you: Engineering mentoring"
    [link] = set(re.findall(r"https://mentoring\.example\.org(/invitation/\S+)", message.body))
    assert client.get(link).status_code == 200
    assert client.get(link).context["user"].is_anonymous


# --- All kinds -------------------------------------------------------------------------------------------------


@pytest.fixture
def every_kind(clock):
    """One email of each kind, to a person with a very long name."""
    ada = make.user(LONGEST.strip(), zone="Asia/Kolkata")
    sam = make.user(LONGEST.strip(), zone="Europe/London")
    pair = make.pair(make.program("P" * 200), sam, ada)
    closing.close(make.running_session(pair, next_left_open_at=timezone.now()), ada)
    soon = [make.session(pair, datetime(2026, 12, 4, 17 + n)) for n in range(3)]
    soon[0].cancel(sam)
    soon[1].skip(sam)
    soon[2].move(sam, TimeSlot(datetime(2026, 12, 5, 9), "Europe/London", 60))
    make.enrollment(pair.program, ada, Enrollment.Role.MENTOR, accepted_at=None, invited_by=sam)
    pair.pauses.create(from_on=date(2026, 11, 20), resume_on=date(2026, 12, 7))
    over = make.pair(pair.program, make.user(LONGEST.strip()), make.user(LONGEST.strip()))
    long_ago = {"ended_at": NOON - timedelta(days=305), "kept_until": NOON.date() + timedelta(days=60)}
    type(over).objects.filter(pk=over.pk).update(**long_ago)
    ended = make.pair(pair.program, make.user(LONGEST.strip()), make.user(LONGEST.strip()))
    ended.end(ended.mentee)
    gone, leaving = make.user(LONGEST.strip()), make.user(LONGEST.strip())
    type(gone).objects.filter(pk=gone.pk).update(kept_until=NOON.date() + timedelta(days=30))
    type(leaving).objects.filter(pk=leaving.pk).update(erase_at=NOON, erase_waits_since=NOON)
    SignIn.objects.create(user=ada, browser="Firefox, Windows", new_device_at=NOON)
    calendar, chat = {"failing_since": NOON - timedelta(days=1)}, {"off_since": NOON}
    BusyCalendar.objects.create(user=make.user(LONGEST.strip()), address="https://calendar.example.org/1", **calendar)
    ChatWebhook.objects.create(user=make.user(LONGEST.strip()), address="https://chat.example.org/1", **chat)
    planner.plan()
    for at in (
        NOON + timedelta(seconds=61),
        datetime(2026, 12, 4, 16, tzinfo=UTC),
        datetime(2026, 12, 7, 3, tzinfo=UTC),
    ):
        clock.move_to(at)  # the next minute, a window in London and one in Kolkata
        sender.send_due()
    return mail.outbox


def test_each_kind_of_reminder_is_complete():
    for kind in KINDS.values():
        assert kind.name and kind.label and kind.why and kind.subject and kind.changed and kind.anchor
        assert kind.max_age is not None
        for method in ("rows", "intents", "email"):
            assert getattr(type(kind), method) is not getattr(Kind, method), f"{kind.name}.{method}"


def test_every_email_is_well_formed(every_kind):
    always = [kind for kind in planner.KINDS.values() if not kind.topic]
    assert len(every_kind) == 3 + len(always)  # recap, end of a pause and deletion notice go to both
    for message in every_kind:
        check_form(message)


def check_form(message, at_most: int = 20_000) -> None:
    raw, html = message.message().as_bytes(), html_of(message)
    assert len(message.subject) <= 60, message.subject
    assert len(raw) <= at_most
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert message.message()["Message-ID"].endswith("@localhost>")
    assert 'content="light dark"' in html
    assert "<img" not in html
    assert html.count('class="action"') == 1
    assert "You get this" in html
    assert "You get this" in message.body
    assert "\n\n\n\n" not in message.body
    assert "&#x27;" not in message.body


def test_every_link_leads_to_a_page_of_this_app(every_kind):
    for message in every_kind:
        for link in re.findall(r'https?://[^\s"<>)]+', message.body + html_of(message)):
            assert link.startswith("https://mentoring.example.org/"), link
            assert resolve(urlsplit(link).path)


def test_the_text_and_the_html_have_the_same_links(every_kind):
    for message in every_kind:
        assert links_in(message.body) == links_in(html_of(message))


def links_in(text: str) -> set[str]:
    return set(re.findall(r'https?://[^\s"<>)]+', text.replace("&amp;", "&")))


def test_the_text_has_all_words_of_the_html(every_kind):
    for message in every_kind:
        shown = re.sub(r"<head>.*?</head>|<!--.*?-->|<[^>]+>", " ", html_of(message), flags=re.DOTALL)
        words = set(re.findall(r"[\w’]+", unescape(shown)))
        assert words - set(re.findall(r"[\w’]+", message.body)) <= {"Throughline"}, message.subject


def test_styles_are_inlined_but_for_dark_mode_and_phones(every_kind):
    for message in every_kind:
        html = html_of(message)
        assert re.search(r'<p class="action" style="[^"]+">\s*<a [^>]*style="[^"]*background: #1a6a4c', html)
        assert html.count("<style") == 1
        assert "prefers-color-scheme: dark" in html


def test_emails_use_the_colors_of_the_pages():
    light, dark = [{pair[theme] for pair in COLORS.values()} for theme in (0, 1)]
    base = (settings.BASE_DIR / "templates" / "email" / "base.html").read_text()
    first, second = re.findall(r"<style.*?</style>", base, re.DOTALL)
    assert set(re.findall(r"#\w{6}", first)) <= light
    assert set(re.findall(r"#\w{6}", second)) <= dark


def test_a_long_subject_is_shortened_at_its_longest_value():
    assert (
        emails.subject_line("Recap with %(name)s, %(when)s", name="Ada", when="Fri, Dec 4")
        == "Recap with Ada, Fri, Dec 4"
    )
    subject = emails.subject_line("Recap with %(name)s, %(when)s", name="A" * 200, when="Fri, Dec 4, 10:00")
    assert len(subject) <= 60
    assert subject.endswith("…, Fri, Dec 4, 10:00")


def test_a_name_cannot_add_a_header(clock, pair, sam):
    type(sam).objects.filter(pk=sam.pk).update(name="Sam\r\nBcc: all@example.org")
    make.closed_session(pair)
    for message in sent(clock).values():
        assert message.message()["Bcc"] is None
        assert "\n" not in message.subject
