"""Tests the search dialog and the list of shortcuts in a browser."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import expect

from sessions.session_room import timer
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)
FOCUSED = "document.activeElement.matches('[data-summons]')"
AXE = "async () => (await axe.run(document)).violations.map(rule => rule.id + rule.nodes[0].html)"


@pytest.fixture
def commitments(ada, pair, page, live_server):
    """Ada's page of commitments with one commitment, in a browser in which she is signed in."""
    make.commitment(pair, text="Send the draft to Lin")
    client = Client()
    client.force_login(ada)
    page.context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    page.goto(f"{live_server.url}/commitments/")
    return page


def test_the_dialog_finds_and_opens_with_the_keyboard(commitments):
    page = commitments
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Search or go to a page")
    expect(box).to_be_focused()
    expect(page.get_by_role("option", selected=True)).to_have_text(re.compile("Home"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_text(re.compile("Sessions"))
    page.keyboard.type("draft lin")
    expect(page.get_by_role("option", selected=True)).to_have_text(re.compile("Send the draft to Lin"))
    expect(page.get_by_role("status").filter(has_text="1 result")).to_have_count(1)
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(AXE) == []
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/commitments/\d+/"))


def test_enter_before_the_results_came_opens_the_search_page(commitments):
    page = commitments
    by_script = {"hx-request": "true"}.items()
    page.route(
        re.compile(r"/search/\?q="),
        lambda route: route.abort() if by_script <= route.request.headers.items() else route.continue_(),
    )
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("draft")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search/\?q=draft"))
    expect(page.get_by_role("heading", name="Commitments")).to_be_visible()


def test_the_icon_opens_the_dialog_and_escape_returns_the_focus(commitments):
    page = commitments
    page.get_by_role("link", name="Search", exact=True).press("Enter")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.evaluate(FOCUSED)


def test_single_keys_open_dialogs_outside_of_fields(commitments, ada):
    page = commitments
    field = page.get_by_role("textbox", name="A new commitment, in one line")
    field.press_sequentially("a/b?")
    expect(field).to_have_value("a/b?")
    field.blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    expect(page.get_by_text("add the line you typed")).to_be_visible()
    expect(page.get_by_text("finish the text you are writing")).to_be_hidden()
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(AXE) == []
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox")).to_be_focused()
    type(ada).objects.filter(pk=ada.pk).update(single_keys=False)
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_have_value("")


def test_the_menu_lists_the_shortcuts(commitments):
    page = commitments
    page.locator("summary", has_text="your menu").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_the_session_room_keeps_its_own_keys(commitments, pair, live_server):
    session, page = make.running_session(pair), commitments
    timer.start(session)
    page.goto(f"{live_server.url}/sessions/{session.pk}/")
    page.wait_for_timeout(600)
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#capture-item")).to_be_focused()
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search or go to a page")).to_be_focused()


def test_without_scripts_the_icon_leads_to_the_search_page(commitments, browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(commitments.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server.url}/commitments/")
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_role("searchbox", name="Search for").fill("draft")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Send the draft to Lin")).to_be_visible()
    context.close()
