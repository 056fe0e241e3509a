"""Tests the wrap-up page in a browser, with one window for each person."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from sessions.session_room import timer
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)


@pytest.fixture
def session(live_server, pair, sam):
    session = make.session(pair, (timezone.now() - timedelta(minutes=50)).replace(tzinfo=None), "UTC")
    timer.start(session)
    make.topic(pair)
    return session


@pytest.fixture
def wrap_up(browser, live_server, session):
    """wrap_up(person) opens the wrap-up page in a separate browser."""
    contexts = []

    def open_page(person) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
        contexts.append(context)
        client = Client()
        client.force_login(person)
        cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"/sessions/{session.pk}/wrap-up/")
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_each_device_shows_changes_and_keeps_unsaved_text(wrap_up, sam, ada):
    mine, theirs = wrap_up(sam), wrap_up(ada)

    # Additions and agreement appear on the other device.
    mine.get_by_label("Who will do what?").fill("Send the draft to Lin")
    mine.locator("#made-add").click()
    expect(theirs.locator("#wrap-up-agreed")).to_contain_text("send the draft to Lin")

    # A part in which somebody types is not replaced; the one next to it is.
    field = theirs.get_by_label("Who will do what?")
    field.click()
    field.press_sequentially("Call Noor about", delay=20)
    mine.get_by_role("button", name="Discussed").click()
    mine.get_by_role("button", name="Agreed").click()
    expect(theirs.locator("#wrap-up-carried-over")).not_to_contain_text("The board presentation")
    expect(theirs.locator("#wrap-up-agreed [data-held]")).to_be_visible()
    field.press_sequentially(" the budget", delay=20)
    expect(field).to_have_value("Call Noor about the budget")
    expect(field).to_be_focused()

    # After saving, both show everything.
    theirs.locator("#made-add").click()
    expect(theirs.locator("#wrap-up-agreed [data-held]")).to_be_hidden()
    for page in (mine, theirs):
        expect(page.locator("#wrap-up-agreed")).to_contain_text("call Noor about the budget")
        expect(page.locator("#agreed-mark")).to_have_text("Agreed, with the changes")
    theirs.locator("#agreed-mark").click()
    expect(mine.locator("#agreed-mark")).to_contain_text("✓ Agreed")

    # Leaving a field unchanged shows the updates that were held back.
    theirs.locator("#one-more-head").click()
    theirs.get_by_label("Who will do what?").fill("Never mind")
    mine.locator("#one-more-head").click()
    mine.get_by_label("Who will do what?").fill("Book the room")
    mine.locator("#made-add").click()
    expect(theirs.locator("#wrap-up-agreed [data-held]")).to_be_visible()
    theirs.get_by_label("Who will do what?").fill("")
    theirs.locator("h1").click()
    expect(theirs.locator("#wrap-up-agreed")).to_contain_text("book the room")

    # Closing leads the other person to the recap, and undoing leads back.
    mine.locator("#id_next_2").check()
    mine.locator("#session-close").click()
    expect(theirs).to_have_url(re.compile("/recap/$"))
    expect(theirs.get_by_text("Sam closed the session.")).to_be_visible()
    mine.locator("#session-reopen").click()
    expect(theirs).to_have_url(re.compile("/wrap-up/$"))
    expect(theirs.locator("#wrap-up-agreed")).to_contain_text("book the room")

    # If it is closed while the other person types, the page stays, and the text is added to the recap.
    theirs.locator("#wrap-up-last summary").click()
    theirs.get_by_label("My takeaway").fill("Start with the end")
    mine.locator("#id_next_2").check()
    mine.locator("#session-close").click()
    expect(theirs.locator("#wrap-up-cue")).to_contain_text("The session was closed on another device.")
    expect(theirs.get_by_label("My takeaway")).to_have_value("Start with the end")
    theirs.locator("#session-close").click()
    expect(theirs).to_have_url(re.compile("/recap/$"))
    expect(theirs.get_by_text("Start with the end")).to_be_visible()
