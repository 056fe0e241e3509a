"""Tests the text editor in a browser: simultaneous typing, lost connections and expired sign-ins lose no text."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from sessions.models import Block, TextVersion
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.pages")]
expect.set_options(timeout=10_000)


@pytest.fixture
def room(live_server, pair):
    session = make.session(pair)
    session.blocks.all().delete()
    make.block(session, title="Topic", position=1), make.block(session, title="Reflect", position=2)
    return f"{live_server.url}/trial/{session.pk}/"


@pytest.fixture
def enter(browser, live_server, room):
    """enter(person) opens the room in a separate browser."""
    contexts = []

    def open_page(person, every: str = "400ms") -> Page:
        context = browser.new_context(base_url=live_server.url)
        contexts.append(context)
        sign_in(context, person, live_server.url)
        page = context.new_page()
        page.goto(f"{room}?every={every}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def sign_in(context, person, url: str) -> None:
    client = Client()
    client.force_login(person)
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": url}])


def open_editor(page: Page, title: str):
    """Open the editor of a text by its label and return its field."""
    page.locator(".text", has_text=title).locator(".text-open").click()
    field = page.get_by_label(title, exact=True)
    expect(field).to_be_focused()
    return field


def shown(page: Page, title: str):
    return page.locator(".text", has_text=title).locator(".text-shown .text-body")


def note(position: int) -> str:
    return Block.objects.get(position=position).note


def saved(page: Page):
    return expect(page.locator("[data-save-state]")).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))


def check_announced(page: Page, words: str):
    """Check that a screen reader announces it."""
    expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1, timeout=3_000)


def test_two_people_can_type_in_different_texts(enter, sam, ada):
    sams, adas = enter(sam), enter(ada)
    one, two = open_editor(sams, "Topic"), open_editor(adas, "Reflect")
    for n in range(8):
        one.press_sequentially(f"Sam {n}. ", delay=20)
        two.press_sequentially(f"Ada {n}. ", delay=20)
    saved(sams), saved(adas)
    expect(shown(adas, "Topic")).to_have_text("".join(f"Sam {n}. " for n in range(8)).strip())
    expect(sams.locator(".text-conflict")).to_have_count(0)
    assert note(1) == "".join(f"Sam {n}. " for n in range(8))
    assert note(2) == "".join(f"Ada {n}. " for n in range(8))


def test_two_people_typing_in_one_text_get_a_conflict(enter, sam, ada):
    sams, adas = enter(sam, every="60s"), enter(ada)
    mine, hers = open_editor(sams, "Topic"), open_editor(adas, "Topic")
    hers.press_sequentially("What Ada wrote")
    saved(adas)
    mine.press_sequentially("What Sam wrote")
    conflict = sams.locator(".text-conflict")
    expect(conflict).to_contain_text("Ada changed this while you were typing. Both versions are below.")
    expect(conflict.locator("[data-theirs]")).to_have_text("What Ada wrote")
    expect(mine).to_have_value("What Sam wrote")
    expect(mine).to_be_focused()
    check_announced(sams, "two versions")
    conflict.get_by_role("button", name="Put both in the field").click()
    saved(sams)
    assert note(1) == "What Sam wrote\n\nWhat Ada wrote"
    expect(shown(adas, "Topic")).to_have_text("What Sam wrote\n\nWhat Ada wrote")


def test_a_newer_version_appears_below_the_open_editor(enter, sam, ada):
    sams, adas = enter(sam), enter(ada)
    mine, hers = open_editor(sams, "Topic"), open_editor(adas, "Topic")
    hers.press_sequentially("Ada was first")
    expect(sams.locator(".text-newer")).to_be_visible()
    expect(shown(sams, "Topic")).to_have_text("Ada was first")
    expect(mine).to_be_focused()
    expect(mine).to_have_value("")
    check_announced(sams, "newer version")
    sams.get_by_role("button", name="Continue from this version").click()
    expect(mine).to_have_value("Ada was first")
    mine.press("End")
    mine.press_sequentially(", Sam went on")
    expect(shown(adas, "Topic")).to_have_text("Ada was first, Sam went on")
    expect(sams.locator(".text-conflict")).to_have_count(0)


def test_an_editor_without_focus_shows_the_newest_version(enter, sam, ada):
    sams, adas = enter(sam), enter(ada)
    left = open_editor(sams, "Topic")
    open_editor(sams, "Reflect")
    open_editor(adas, "Topic").press_sequentially("Ada writes on")
    expect(left).to_have_value("Ada writes on")
    expect(sams.locator(".text-newer")).to_have_count(0)


def test_the_discarded_text_of_a_conflict_can_be_restored(enter, sam, ada):
    sams, adas = enter(sam, every="60s"), enter(ada)
    mine = open_editor(sams, "Topic")
    open_editor(adas, "Topic").press_sequentially("Ada's")
    saved(adas)
    mine.press_sequentially("Sam's")
    sams.get_by_role("button", name="Keep Ada’s version").click()
    expect(mine).to_have_value("Ada's")
    sams.get_by_role("button", name="Bring it back").click()
    saved(sams)
    assert note(1) == "Sam's"
    assert {version.text for version in TextVersion.objects.all()} == {"Ada's", "Sam's"}


def test_done_and_escape_close_the_editor(enter, sam):
    page = enter(sam)
    field = open_editor(page, "Topic")
    field.press_sequentially("Two risks")
    page.get_by_role("button", name="Done : Topic").click()
    expect(field).to_have_count(0)
    expect(shown(page, "Topic")).to_have_text("Two risks")
    expect(page.get_by_role("link", name="Edit : Topic")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_have_value("Two risks")
    field.press_sequentially(" and a plan")
    field.press("Escape")
    expect(shown(page, "Topic")).to_have_text("Two risks and a plan")
    assert note(1) == "Two risks and a plan"


def test_an_unchanged_live_response_does_not_replace_a_link(enter, sam):
    page = enter(sam, every="100ms")
    link = page.locator(".text", has_text="Topic").locator(".text-open")
    link.hover()
    page.mouse.down()
    with page.expect_response(lambda response: "/live/" in response.url):
        pass
    with page.expect_response(lambda response: "/live/" in response.url):
        pass
    page.mouse.up()
    expect(page.get_by_label("Topic", exact=True)).to_be_focused()


def test_text_typed_offline_is_saved_later(enter, sam):
    page = enter(sam)
    field = open_editor(page, "Topic")
    field.press_sequentially("Before. ")
    saved(page)
    page.context.set_offline(True)
    field.press_sequentially("In the tunnel. ")
    check_announced(page, "Not saved")
    expect(page.locator("[data-save-state]")).to_contain_text("Not saved")
    field.press_sequentially("Still in it. ")
    assert asks_before_leaving(page)
    page.context.set_offline(False)
    expect(page.locator("[data-save-state]")).to_contain_text("Saved", timeout=5_000)
    check_announced(page, "Saved")
    expect(field).to_have_value("Before. In the tunnel. Still in it. ")
    # The first attempt is repeated unchanged; newer text follows it.
    wait_until_saved(page)
    assert note(1) == "Before. In the tunnel. Still in it. "


def wait_until_saved(page: Page) -> None:
    """Wait until nothing is left to save, for at most five seconds; the policy of the page forbids a script for it."""
    for _attempt in range(50):
        if not asks_before_leaving(page):
            return
        page.wait_for_timeout(100)
    raise AssertionError("something is still not saved")


def asks_before_leaving(page: Page) -> bool:
    return page.evaluate("!window.dispatchEvent(new Event('beforeunload', {cancelable: true}))")


@pytest.mark.parametrize("status", [502, 429])
def test_text_is_saved_once_the_server_is_back(enter, sam, status):
    page = enter(sam)
    away = [True]
    page.route(
        "**/sessions/text/*/",
        lambda route: (
            route.fulfill(status=status, body="<h1>Bad gateway</h1>")
            if away[0] and route.request.method == "POST"
            else route.continue_()
        ),
    )
    field = open_editor(page, "Topic")
    field.press_sequentially("Kept")
    check_announced(page, "Not saved, retrying")
    field.press_sequentially(" through it")
    away[0] = False
    expect(page.locator("[data-save-state]")).to_contain_text("Saved", timeout=5_000)
    expect(field).to_have_value("Kept through it")
    assert note(1) == "Kept through it"


def test_a_lost_response_causes_no_conflict(enter, sam):
    """The server stored the text but the browser got no response: sending it again is not a conflict."""
    page = enter(sam)
    lost = []

    def lose_the_first(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/sessions/text/*/", lose_the_first)
    field = open_editor(page, "Topic")
    field.press_sequentially("First words")
    check_announced(page, "Not saved")
    field.press_sequentially(", and more")
    saved(page)
    assert lost == [200]
    expect(page.locator(".text-conflict")).to_have_count(0)
    assert note(1) == "First words, and more"


def test_text_is_saved_after_signing_in_again(enter, sam, live_server):
    page = enter(sam)
    field = open_editor(page, "Topic")
    page.context.clear_cookies()
    field.press_sequentially("Typed while signed out")
    check_announced(page, "Sign in again in another tab, then this saves itself")
    expect(page.get_by_role("link", name="Sign in (opens a new tab)").first).to_have_attribute("target", "_blank")
    sign_in(page.context, sam, live_server.url)
    other_tab = page.context.new_page()
    other_tab.goto(live_server.url + "/accounts/password/change/")  # a page with a form: it sets a new CSRF cookie
    other_tab.close()
    expect(page.locator("[data-save-state]")).to_contain_text("Saved", timeout=6_000)
    assert note(1) == "Typed while signed out"


def test_text_is_not_saved_under_another_persons_sign_in(enter, sam, ada, live_server):
    """Both share one browser: Sam's open page saves nothing as Ada."""
    page = enter(sam)
    field = open_editor(page, "Topic")
    sign_in(page.context, ada, live_server.url)
    field.press_sequentially("Sam's words")
    check_announced(page, "someone else is now signed in")
    assert note(1) == ""
    sign_in(page.context, sam, live_server.url)
    saved(page)
    assert note(1) == "Sam's words"


def test_typing_during_a_live_poll_keeps_text_and_caret(enter, sam, ada):
    sams, adas = enter(sam, every="500ms"), enter(ada)
    field, busy = open_editor(sams, "Topic"), open_editor(adas, "Reflect")
    field.press_sequentially("The end.")
    for _ in range(8):
        field.press("ArrowLeft")
    polls = []
    sams.on("response", lambda response: polls.append(response.url) if "/live/" in response.url else None)
    text = "Every one of these characters stays where it was typed. "
    for start in range(0, len(text), 8):
        field.press_sequentially(text[start : start + 8], delay=60)
        busy.press_sequentially("x")
    saved(sams)
    expect(field).to_have_value(text + "The end.")
    assert field.evaluate("field => field.selectionStart") == len(text)
    assert note(1) == text + "The end."
    assert len(polls) > 5


def test_text_in_composition_is_not_sent(enter, sam):
    page = enter(sam)
    field = open_editor(page, "Topic")
    sent = []
    page.on("request", lambda request: sent.append(request.post_data) if request.method == "POST" else None)
    input_method = page.context.new_cdp_session(page)
    input_method.send("Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2})
    expect(field).to_have_value("にほ")
    page.wait_for_function("new Promise(done => setTimeout(() => done(true), 1200))")  # longer than the pause
    assert not sent
    input_method.send("Input.insertText", {"text": "日本"})
    saved(page)
    assert note(1) == "日本"


def test_unsaved_text_stays_when_the_page_replaces_its_editor(enter, sam, ada):
    sams, adas = enter(sam, every="60s"), enter(ada)
    mine = open_editor(sams, "Topic")
    open_editor(adas, "Topic").press_sequentially("Ada's")
    saved(adas)
    mine.press_sequentially("Sam's")
    expect(sams.locator(".text-conflict")).to_be_visible()
    sams.evaluate("htmx.swap('.sheet:has(.text)', '<p>The next block</p>', {swapStyle: 'innerHTML'})")
    expect(sams.get_by_role("heading", name="Not saved yet")).to_be_visible()
    expect(mine).to_have_value("Sam's")
    sams.get_by_role("button", name="Keep my version").click()
    saved(sams)
    assert note(1) == "Sam's"


def test_too_long_text_is_reported_and_kept(enter, sam):
    page = enter(sam)
    field = open_editor(page, "Topic")
    field.fill("x" * 20_005)
    check_announced(page, "Nothing is lost. Shorten it here.")
    expect(field).to_have_value("x" * 20_005)
    field.press("End")
    for _ in range(5):
        field.press("Backspace")
    saved(page)
    assert note(1) == "x" * 20_000


def test_without_javascript_a_text_has_a_page_with_a_form(browser, live_server, room, sam):
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, sam, live_server.url)
    page = context.new_page()
    page.goto(room)
    page.get_by_role("link", name="Write here : Topic").click()
    page.get_by_role("textbox").fill("By hand")
    page.get_by_role("button", name="Save").click()
    expect(shown(page, "Topic")).to_have_text("By hand")
    context.close()
