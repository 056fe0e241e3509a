"""Tests the way from invitation to recap in a browser: Sam at a desk and Ada on a phone, in two time zones."""

import re
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from playwright.sync_api import Page, expect

from accounts.models import User
from goals.models import Commitment
from mentoring.models import Pair
from reminders.models import Delivery, Reminder
from reminders.tasks import plan_and_send
from sessions.models import AgendaItem, Session, SessionAnswer, SessionRating, SessionVisit, StatusUpdate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)

TUESDAY = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DESK = {"viewport": {"width": 1280, "height": 900}, "timezone_id": "Europe/London"}
PHONE = {"viewport": {"width": 360, "height": 740}, "timezone_id": "America/New_York", "has_touch": True}


@pytest.fixture
def clock():
    """The running clock of the installation; clock.shift() moves it forward."""
    with time_machine.travel(TUESDAY, tick=True) as traveler:
        yield traveler


@pytest.fixture
def emails(clock, sink, settings, live_server):
    """emails() waits until closing can no longer be undone, and returns the new emails: recipient -> message.

    Calendar emails are left out.
    """
    settings.SITE_URL = live_server.url

    def arrived() -> dict[str, EmailMessage]:
        clock.shift(timedelta(seconds=61))
        before = len(sink.received)
        plan_and_send()
        messages = [mail for mail in sink.messages()[before:] if not mail["Subject"].startswith("Scheduled:")]
        assert len({message["To"] for message in messages}) == len(messages)
        return {message["To"]: message for message in messages}

    return arrived


@pytest.fixture
def open_browser(new_context, live_server):
    """open_browser(**device) opens a separate browser; an error on its pages fails the test."""
    troubles = []

    def start(**device) -> Page:
        page = new_context(base_url=live_server.url, **device).new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: line.type == "error" and troubles.append(line.text))
        return page

    yield start
    assert not troubles


def link_in(message, words: str) -> str:
    """Return the link in the email to this page."""
    return re.search(rf"http\S*{words}\S*", message.get_body(("plain",)).get_content())[0]


def button(page: Page, name: str, **options):
    return page.get_by_role("button", name=name, **options)


def link(page: Page, name: str, **options):
    return page.get_by_role("link", name=name, **options)


def check_width(page: Page) -> None:
    """Check that the page does not scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"


def start_program(priya: Page) -> None:
    priya.goto("/")
    link(priya, "Start our program").click()
    for label, words in {
        "Your name": "Priya Nair",
        "Your email address": "priya@example.org",
        "A password": "a-river-in-winter",
        "Name of the program": "Engineering mentoring",
        "Who runs this installation?": "Example Foundation",
    }.items():
        priya.get_by_label(label).fill(words)
    button(priya, "Start our program").click()
    for role, line in (("mentors", "Sam Okafor, sam@example.org"), ("mentees", "Ada Lind, ada@example.org")):
        link(priya, f"Invite {role}").click()
        priya.get_by_label("People", exact=True).fill(line)
        button(priya, "Invite people").click()


def accept_invitation(page: Page, message) -> None:
    page.goto(link_in(message, "/invitation/"))
    page.get_by_label("Choose a password").fill("a-lake-in-summer")
    button(page, "Join the program").click()
    expect(page.get_by_text("Once you are paired")).to_be_visible()


def create_pair(priya: Page) -> None:
    priya.reload()
    link(priya, "Pair two people").first.click()
    priya.get_by_label("Mentor", exact=True).select_option(label="Sam Okafor (0 of 2 mentees)")
    priya.get_by_label("Mentee", exact=True).select_option(label="Ada Lind (no mentor yet)")
    button(priya, "Pair them").click()
    expect(priya.locator("#messages", has_text="Sam Okafor and Ada Lind are now a pair.")).to_be_visible()


def sign_agreement(sam: Page, ada: Page) -> None:
    for page in (sam, ada):
        page.goto("/")
        link(page, "Working agreement", exact=True).click()
        if page == sam:
            link(page, "Write the agreement").click()
            page.get_by_label("How often do we meet?").select_option("weekly")
            button(page, "Propose this version").click()
        else:
            button(page, "I agree").click()
            expect(page.locator("#messages", has_text="You agree.")).to_be_visible()
            check_width(page)


def plan_series(sam: Page) -> None:
    User.objects.filter(name="Ada Lind").update(works_from=time(4))  # early enough for no warning
    sam.goto("/")
    link(sam, "Schedule").click()
    sam.get_by_label("Day", exact=True).fill("2026-12-01")
    sam.get_by_label("Time", exact=True).fill("09:30")
    expect(sam.locator("#times")).to_contain_text("4:30–5:30 AM (America/New_York)")
    sam.get_by_label("until").fill("2026-12-22")
    button(sam, "Schedule").click()
    expect(sam.locator("#messages", has_text="4 sessions scheduled")).to_be_visible()


def hold_first_session(sam: Page) -> None:
    """Write nothing, and answer "None this time"."""
    sam.goto("/")
    link(sam, "Open the session").click()
    button(sam, "Start").click()
    expect(sam.locator("#now-head")).to_have_text("Our stories")
    link(sam, "Wrap up").click()
    button(sam, "None this time").click()
    expect(sam.get_by_text("No commitment this time, and that’s fine.")).to_be_visible()
    button(sam, "Send recap").click()
    expect(sam.get_by_text("The recap will be sent in a minute.").first).to_be_visible()


def prepare_on_phone(ada: Page) -> None:
    ada.goto("/")
    ada.locator("summary", has_text="Write my update").click()
    ada.get_by_label("Recent wins").fill("The pilot went live.")
    ada.get_by_label("Upcoming deadlines").fill("The board meets on the 17th.")
    button(ada, "Share with Sam").click()
    expect(ada.locator("#messages", has_text="Shared. Sam sees it now.")).to_be_visible()
    ada.get_by_label("Add a topic or question").fill("The board presentation")
    button(ada, "Add", exact=True).click()
    expect(ada.locator("#items")).to_contain_text("The board presentation")
    check_width(ada)


def read_update(sam: Page, ada: Page) -> None:
    sam.goto("/")
    expect(sam.get_by_text("The pilot went live.")).to_be_visible()
    link(sam, "See the agenda").click()
    expect(sam.get_by_text("The pilot went live.")).to_be_visible()
    expect(sam.locator("#items")).to_contain_text("The board presentation")
    button(sam, "I have read it").click()
    expect(sam.locator("#update-state")).to_contain_text("You read it")
    ada.reload()
    expect(ada.locator("#update-state")).to_contain_text("Sam read it")


def start_session(sam: Page, ada: Page) -> None:
    link(sam, "Open the session").click()
    button(sam, "Start").click()
    ada.goto("/")
    link(ada, "Open the session").click()
    expect(sam.get_by_text("Ada is here")).to_be_visible()
    for title in ("Status update", "Commitments since last time", "The board presentation"):
        button(sam, "Next block").click()
        for page in (sam, ada):
            expect(page.locator("#now-head")).to_have_text(title)
    check_width(ada)


def write_obstacle_and_idea(sam: Page, ada: Page) -> None:
    ideas = sam.get_by_label("Ideas, advice", exact=True)
    expect(sam.get_by_text("Opens once you have named the obstacle.")).to_be_visible()
    expect(ideas).to_be_hidden()
    ada.get_by_label("What is in the way?", exact=True).fill("They interrupt me at the first slide.")
    expect(ideas).to_be_visible()
    expect(sam.get_by_label("What is in the way?", exact=True)).to_have_value("They interrupt me at the first slide.")
    ideas.fill("Send the numbers a day before.")
    expect(ada.get_by_label("Ideas, advice", exact=True)).to_have_value("Send the numbers a day before.")


def add_commitment(sam: Page, ada: Page) -> None:
    sam.get_by_label("Who will do what, by when?").fill("Ada will send the draft to Lin by Thursday")
    sam.keyboard.press("Enter")
    for page in (sam, ada):
        expect(page.locator("#room-commitments")).to_contain_text("Send the draft to Lin")
    button(sam, "Discussed").click()
    expect(sam.get_by_text("Everything in this block has been discussed.")).to_be_visible()


def wrap_up(sam: Page, ada: Page) -> None:
    link(sam, "Wrap up").click()
    expect(sam.locator("#wrap-up-agreed")).to_contain_text("Ada will send the draft to Lin by Thu, Dec 10")
    button(sam, "Agreed").click()
    expect(sam.get_by_text("✓ Agreed")).to_be_visible()
    expect(sam.locator("#wrap-up-next")).to_contain_text("(4:30 AM for Ada)")
    button(sam, "Send recap").click()
    expect(sam).to_have_url(re.compile("/recap/$"))
    link(ada, "Read the recap").click()  # a field still had the focus, so that the page asks before leaving
    expect(ada).to_have_url(re.compile("/recap/$"))


def read_recap(ada: Page, sam: Page, message) -> None:
    ada.goto(link_in(message, "/recap/"))
    expect(ada.get_by_text("You will send the draft to Lin by Thu, Dec 10")).to_be_visible()
    ada.get_by_role("form", name="I felt heard").get_by_role("button").last.click()
    expect(ada.locator("#rating [aria-pressed=true]")).to_have_count(1)
    ada.get_by_text("Add how you remember it").click()
    ada.get_by_label("What do you remember differently?").fill("It was the final draft.")
    button(ada, "Save my version").click()
    expect(ada.locator("blockquote")).to_contain_text("It was the final draft.")
    check_width(ada)
    sam.reload()
    expect(sam.locator("blockquote")).to_contain_text("It was the final draft.")
    expect(sam.locator("#rating")).to_have_count(0)


def test_from_the_invitation_to_the_recap(open_browser, clock, emails):
    priya, sam, ada = open_browser(), open_browser(**DESK), open_browser(**PHONE)
    start_program(priya)
    invitations = emails()
    assert invitations.keys() == {"sam@example.org", "ada@example.org"}
    accept_invitation(sam, invitations["sam@example.org"])
    accept_invitation(ada, invitations["ada@example.org"])
    assert User.objects.get(email="ada@example.org").zone == "America/New_York"
    create_pair(priya)
    sign_agreement(sam, ada)
    pair = Pair.objects.get()
    assert (pair.cadence, pair.agreements.get().signatures.count()) == ("weekly", 2)

    plan_series(sam)
    first, second, third, _fourth = pair.sessions.order_by("starts_at")
    assert (first.kind, second.kind) == ("first", "standard")
    assert second.starts_at == TUESDAY + timedelta(days=7, minutes=30)
    clock.shift(timedelta(minutes=25))
    hold_first_session(sam)
    assert emails().keys() == {"sam@example.org", "ada@example.org"}
    assert Session.objects.get(pk=first.pk).no_commitments_at

    clock.move_to(second.starts_at - timedelta(minutes=10))
    prepare_on_phone(ada)
    read_update(sam, ada)
    update = StatusUpdate.objects.get(session=second)
    assert (update.wins, update.blocks) == ("The pilot went live.", "")
    assert SessionVisit.objects.get(session=second, user=pair.mentor).read_at
    start_session(sam, ada)
    write_obstacle_and_idea(sam, ada)
    add_commitment(sam, ada)
    wrap_up(sam, ada)

    topic, promise = AgendaItem.objects.get(), Commitment.objects.get()
    assert topic.obstacle == "They interrupt me at the first slide."
    assert topic.ideas == "Send the numbers a day before."
    assert topic.state == AgendaItem.State.DISCUSSED
    assert (promise.text, promise.owner, f"{promise.due_on}") == ("Send the draft to Lin", pair.mentee, "2026-12-10")
    second.refresh_from_db()
    assert second.agreed_at and second.closed_at

    recaps = emails()
    assert recaps.keys() == {"sam@example.org", "ada@example.org"}
    assert "Send the draft to Lin".lower() in recaps["ada@example.org"].get_body(("plain",)).get_content().lower()
    assert "4:30 AM" in recaps["ada@example.org"]["Subject"]
    assert "9:30 AM" in recaps["sam@example.org"]["Subject"]
    assert not emails(), "a recap went out twice"
    recap_rows = Reminder.objects.filter(kind="recap")
    assert set(recap_rows.values_list("state", flat=True)) == {Reminder.State.SENT}
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.SENT}
    read_recap(ada, sam, recaps["ada@example.org"])
    assert SessionRating.objects.get(session=second).heard
    assert SessionAnswer.objects.get(session=second, user=pair.mentee).note == "It was the final draft."
    assert pair.sessions.to_come().order_by("starts_at").first() == third
