"""Tests in a browser what every page does: focus, announcements, messages and stale tokens."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from goals.models import Commitment
from tests import make

DONE, MOVE = re.compile("Done.*Send the draft"), re.compile("Move.*Send the draft")

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)


@pytest.fixture
def commitments(ada, pair, page, live_server):
    """Ada's page of commitments with one commitment, in a browser in which she is signed in."""
    make.commitment(pair, text="Send the draft to Lin")
    browser = Client()
    browser.force_login(ada)
    page.context.add_cookies([{"name": "session", "value": browser.cookies["session"].value, "url": live_server.url}])
    page.goto(f"{live_server.url}/commitments/")
    return page


def has_focus(page, selector: str) -> bool:
    return page.evaluate("selector => Boolean(document.activeElement?.matches(selector))", selector)


def test_a_button_on_a_page_with_a_stale_token_works(commitments):
    """A sign-in in another tab gives the browser a new token; this page still has the old one."""
    page = commitments
    page.context.clear_cookies(name="csrf")
    page.get_by_role("button", name=DONE).click()
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_be_visible()
    assert Commitment.objects.get().state == "done"


def test_without_scripts_a_stale_form_is_sent_again_with_one_click(commitments, browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(commitments.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server.url}/commitments/")
    context.clear_cookies(name="csrf")
    page.get_by_role("button", name=DONE).click()
    assert Commitment.objects.get().state == "open"
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_be_visible()
    assert Commitment.objects.get().state == "done"
    context.close()


def test_focus_moves_to_the_error_and_the_title_names_it(commitments):
    page = commitments
    page.get_by_role("link", name=MOVE).click()
    page.get_by_role("textbox", name="New day").fill("")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("[aria-invalid=true]").first).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))


def test_focus_is_kept_after_a_swap(commitments):
    page = commitments
    page.get_by_role("button", name=DONE).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_be_visible()
    expect(page.locator(":focus")).to_be_visible()


def test_a_lost_connection_is_announced_and_shown(commitments):
    page = commitments
    page.context.set_offline(True)
    page.get_by_role("button", name=DONE).click()
    expect(page.locator("#messages")).to_contain_text("You are offline")
    expect(page.get_by_role("status").first).to_contain_text("You are offline")
    page.context.set_offline(False)
    page.get_by_role("button", name=DONE).click()
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_be_visible()
    expect(page.locator("#messages")).not_to_contain_text("You are offline")


def test_the_menu_opens_and_closes_by_keyboard(commitments):
    page = commitments
    page.locator(".menu > summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert has_focus(page, ".menu > summary")


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_scrolls_sideways(commitments, width, live_server):
    page = commitments
    page.set_viewport_size({"width": width, "height": 720})
    for path in ("/commitments/", "/accounts/login/", "/no/such/page/"):
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_focus_is_never_hidden_by_the_bottom_bar(commitments):
    page = commitments
    page.set_viewport_size({"width": 360, "height": 480})
    for _ in range(25):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const bar = document.querySelector(".nav"), it = document.activeElement;
                if (it === document.body || bar.contains(it)) return false;
                return it.getBoundingClientRect().top >= bar.getBoundingClientRect().top;
            }"""
        )
        assert not hidden, page.evaluate("document.activeElement.outerHTML")


def test_a_long_form_shows_that_it_is_not_saved_yet(commitments, live_server):
    page, note = commitments, commitments.get_by_text("Not saved yet", exact=True)
    page.goto(f"{live_server.url}/preferences/")
    expect(note).to_have_count(0)
    name = page.get_by_label("Your name")
    name.fill("Ada Lind-Berg")
    name.press("End")
    expect(note).to_have_count(1)
    page.get_by_role("button", name="Save preferences").click()
    expect(page.locator("#messages")).to_contain_text("Saved")
    expect(note).to_have_count(0)
