"""A hard conversation from its preparation to the growth record, with two people: by touch, plain, and by keyboard."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect

from goals.models import Commitment
from practice.models import Entry
from reminders.tasks import plan_and_send
from sessions.session_room import timer
from tests import make
from tests.sessions.test_browser_core_cycle import Keyboard
from tests.sessions.test_browser_texts import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)  # 14:30 for Ada in Kolkata
DAY_AFTER = datetime(2026, 12, 3, 3, 1, tzinfo=UTC)  # 08:31 for her, the day after the conversation
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
TOPIC = "Asking Lin for the lead of the launch"
PREPARATION = {
    "What is it about, and with whom?": TOPIC,
    "What do I want to come out of it?": "A yes, and a date for the handover.",
    "My opening line": "Lin, I want to lead the launch.",
}
DIFFERENTLY = "Name the date in the first sentence"
LESSON = "She says yes to a date, not to a wish"
NEXT = "Send Lin the plan of the handover"


@pytest.fixture
def clock():
    with time_machine.travel(TUESDAY, tick=True) as traveler:
        yield traveler


@pytest.fixture
def room(clock, pair):
    """A running session at its block for a role play."""
    session = make.running_session(pair)
    timer.go_to_block(session, session.current_block, session.blocks.get(role="apply").position)
    return session


@pytest.fixture
def competency(pair):
    return make.competency(pair.program, "Leads without authority")


@pytest.fixture
def open_as(browser, live_server, room, competency):
    """open_as(person, path, **options) opens a page in a separate browser, in which an error fails the test."""
    contexts, troubles = [], []

    def open_page(person, path: str, **options) -> Page:
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        sign_in(context, person, live_server.url)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles


@pytest.fixture
def link_after(clock, sink, settings, live_server):
    """link_after(person) returns the link in the email that this person gets the day after."""
    settings.SITE_URL = live_server.url

    def arrived(person) -> str:
        clock.move_to(DAY_AFTER)
        plan_and_send()
        bodies = [mail.get_body(("plain",)).get_content() for mail in sink.messages() if mail["To"] == person.email]
        return next(found[0] for body in bodies if (found := re.search(r"http\S+/debrief/", body)))

    return arrived


def button(page: Page, name: str, **options):
    return page.get_by_role("button", name=name, **options)


def link(page: Page, name: str, **options):
    return page.get_by_role("link", name=name, **options)


def check_width(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"


def check_stored(pair, competency) -> None:
    """Check the chain from the preparation to the commitment, and that each text is stored where it was typed."""
    conversation, rehearsal, debrief = Entry.objects.order_by("pk")
    assert rehearsal.part_of == debrief.part_of == conversation
    assert (conversation.title, rehearsal.answer_to("scenario")) == (TOPIC, TOPIC)
    assert (rehearsal.rehearsal.before, rehearsal.rehearsal.after) == (2, 4)
    assert rehearsal.answer_to("differently") == DIFFERENTLY and debrief.competency == competency
    assert [share.entry for share in pair.practice_shares.all()] == [rehearsal], "only this one is shared"
    promise = Commitment.objects.get()
    assert (promise.text, promise.owner, promise.competency) == (NEXT, pair.mentee, competency)
    assert promise.from_practice == debrief


def check_growth_record(page: Page, pair) -> None:
    """Save the growth record with the debriefs and find the lesson in it, as the only page that is downloaded."""
    page.goto(reverse("growth_record", args=[pair.pk]))
    page.get_by_label("Debriefs of hard conversations").check()
    with page.expect_download() as download:
        button(page, "Save as a page").click()
    record = Path(download.value.path()).read_text()
    assert LESSON in record and "Leads without authority" in record
    assert PREPARATION["My opening line"] not in record


def test_on_a_phone_with_sam_in_the_room(open_as, room, link_after, pair, ada, sam, competency):
    typed = []

    def write(page: Page, label: str, text: str) -> None:
        assert text not in typed, f"{text} is typed twice"
        typed.append(text)
        page.get_by_label(label, exact=True).fill(text)

    phone = open_as(ada, reverse("entry_create", args=["conversation"]), **PHONE)
    button(phone, "Start").click()
    for label, text in PREPARATION.items():
        write(phone, label, text)
    write(phone, "When is it?", "2026-12-02")
    check_width(phone)
    button(phone, "Done").click()
    expect(phone.get_by_role("heading", name=TOPIC, level=1)).to_be_visible()

    phone.goto(reverse("session_detail", args=[room.pk]))
    with phone.expect_popup() as opened:
        link(phone, "Rehearse with Sam").click()
    rehearsal = opened.value
    rehearsal.get_by_label("2", exact=True).check()
    button(rehearsal, "Start the clock").click()
    expect(rehearsal.get_by_label("The scene: who begins, and how?")).to_have_value(TOPIC)
    desk = open_as(sam, reverse("session_detail", args=[room.pk]))
    with desk.expect_popup() as opened:
        link(desk, TOPIC).click()
    his = opened.value
    expect(his.get_by_text("Ada plays themselves, you play the other side")).to_be_visible()
    write(rehearsal, "What will I do differently?", DIFFERENTLY)
    rehearsal.get_by_label("4", exact=True).check()
    check_width(rehearsal)
    button(rehearsal, "Done").click()
    expect(rehearsal.get_by_text("2 before, 4 after")).to_be_visible()
    his.reload()
    expect(his.get_by_text(DIFFERENTLY)).to_be_visible()
    expect(his.get_by_text(PREPARATION["My opening line"])).to_have_count(0)

    phone.goto(link_after(ada))
    button(phone, "Start").click()
    write(phone, "What is the lesson?", LESSON)
    write(phone, "What will I do next?", NEXT)
    phone.get_by_label("Competency", exact=True).select_option(label=competency.title)
    check_width(phone)
    button(phone, "Done").click()
    button(phone, "Make this a commitment").click()
    expect(link(phone, NEXT)).to_be_visible()
    check_stored(pair, competency)
    desk.goto(reverse("commitment_detail", args=[Commitment.objects.get().pk]))
    expect(desk.get_by_role("heading", name=NEXT)).to_be_visible()
    check_growth_record(phone, pair)


def test_without_javascript(open_as, room, link_after, pair, ada, sam, competency):
    plain = {"java_script_enabled": False}
    hers = open_as(ada, reverse("entry_create", args=["conversation"]), **PHONE, **plain)
    button(hers, "Start").click()
    for label, text in PREPARATION.items():
        hers.get_by_label(label, exact=True).fill(text)
    hers.get_by_label("When is it?", exact=True).fill("2026-12-02")
    button(hers, "Done").click()
    link(hers, "Rehearse it").click()
    hers.get_by_label("2", exact=True).check()
    hers.get_by_label("With whom?", exact=True).select_option(label=str(sam))
    button(hers, "Start the clock").click()
    expect(hers.get_by_label("The scene: who begins, and how?")).to_have_value(TOPIC)

    his = open_as(sam, reverse("session_detail", args=[room.pk]), **plain)
    link(his, "Rehearse a hard conversation").click()
    link(his, TOPIC).first.click()
    expect(his.get_by_text("Ada plays themselves, you play the other side")).to_be_visible()
    hers.get_by_label("What will I do differently?").fill(DIFFERENTLY)
    hers.get_by_label("4", exact=True).check()
    button(hers, "Done").click()
    his.reload()
    expect(his.get_by_text(DIFFERENTLY)).to_be_visible()

    hers.goto(link_after(ada))
    button(hers, "Start").click()
    hers.get_by_label("What is the lesson?").fill(LESSON)
    hers.get_by_label("What will I do next?").fill(NEXT)
    hers.get_by_label("Competency", exact=True).select_option(label=competency.title)
    button(hers, "Done").click()
    button(hers, "Make this a commitment").click()
    expect(link(hers, NEXT)).to_be_visible()
    check_stored(pair, competency)
    check_growth_record(hers, pair)


def test_by_keyboard_only(open_as, room, link_after, pair, ada, sam, competency):
    page = open_as(ada, reverse("entry_create", args=["conversation"]))
    keys = Keyboard(page)
    keys.press(button(page, "Start"))
    for label, text in PREPARATION.items():
        keys.type(page.get_by_label(label, exact=True), text)
    keys.type(page.get_by_label("When is it?", exact=True), "12022026")
    keys.press(button(page, "Done"))
    keys.press(link(page, "Rehearse it"))
    keys.press(page.get_by_label("I play myself"), "Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("2", exact=True)).to_be_checked()
    keys.to(page.get_by_label("With whom?", exact=True))
    page.keyboard.type("Sam")
    keys.press(button(page, "Start the clock"))
    expect(page.get_by_label("The scene: who begins, and how?")).to_have_value(TOPIC)

    his = open_as(sam, reverse("session_detail", args=[room.pk]))
    Keyboard(his).to(link(his, TOPIC))
    with his.expect_popup() as opened:
        his.keyboard.press("Enter")
    expect(opened.value.get_by_text("Ada plays themselves, you play the other side")).to_be_visible()
    keys.type(page.get_by_label("What will I do differently?"), DIFFERENTLY)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _step in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("4", exact=True)).to_be_checked()
    keys.press(button(page, "Done"))
    expect(page.get_by_text("2 before, 4 after")).to_be_visible()

    page.goto(link_after(ada))
    keys.press(button(page, "Start"))
    keys.type(page.get_by_label("What is the lesson?"), LESSON)
    keys.type(page.get_by_label("What will I do next?"), NEXT)
    keys.to(page.get_by_label("Competency", exact=True))
    page.keyboard.type("Leads")
    keys.press(button(page, "Done"))
    keys.press(button(page, "Make this a commitment"), "Space")
    expect(link(page, NEXT)).to_be_visible()
    keys.kept_the_focus()
    check_stored(pair, competency)
    page.goto(reverse("growth_record", args=[pair.pk]))
    keys.press(page.get_by_label("Debriefs of hard conversations"), "Space")
    keys.to(button(page, "Save as a page"))
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert LESSON in Path(download.value.path()).read_text()
