"""Tests the session room in a browser, with one window for each person."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Error, Page, expect

from goals.models import Commitment
from sessions.models import AgendaItem, Block, Session
from sessions.session_room import timer
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)


@pytest.fixture
def running(live_server, pair):
    """Start the second session a few minutes ago, in its topic block."""
    past = timezone.now() - timedelta(days=14)
    first = make.session(pair, past.replace(tzinfo=None), "UTC", kind="first")
    Session.objects.filter(pk=first.pk).update(held_at=past, closed_at=past)
    session = make.session(pair, (timezone.now() - timedelta(minutes=5)).replace(tzinfo=None), "UTC")
    make.topic(pair, obstacle="They interrupt me.")
    timer.start(session)
    timer.go_to_block(session, 0, session.blocks.get(role="topic").position)
    return session


@pytest.fixture
def enter(browser, live_server, running):
    """enter(person) opens the room in a separate browser."""
    contexts = []

    def open_page(person, **options) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        client = Client()
        client.force_login(person)
        cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"/sessions/{running.pk}/")
        return page

    yield open_page
    for context in contexts:
        context.close()


def current_block(session) -> int:
    return Session.objects.get(pk=session.pk).current_block


def test_simultaneous_clicks_on_next_advance_once(enter, running, sam, ada):
    mine, theirs = enter(sam), enter(ada)
    before = current_block(running)
    for page in (mine, theirs):
        expect(page.get_by_role("button", name="Next block")).to_be_visible()
    theirs.evaluate("document.getElementById('next-block').click()")
    mine.evaluate("document.getElementById('next-block').click()")
    for page in (mine, theirs):
        expect(page.locator("#now-head")).to_have_text("Reflect: intended, happened, differently")
    assert current_block(running) == before + 1


def test_typing_while_the_block_changes_keeps_text_and_caret(enter, running, sam, ada):
    writer, other = enter(ada), enter(sam)
    field = writer.get_by_label("What have you tried?", exact=True)
    field.click()
    field.press_sequentially("A one-pager for", delay=20)
    other.get_by_role("button", name="Next block").click()
    field.press_sequentially(" the board, and a rehearsal with Noor.", delay=60)
    expect(writer.get_by_text("What you are writing stays here until you are done.")).to_be_visible()
    expect(field).to_be_focused()
    whole = "A one-pager for the board, and a rehearsal with Noor."
    assert field.input_value() == whole
    assert field.evaluate("field => field.selectionStart") == len(whole)
    expect(writer.locator("[data-save-state]")).to_contain_text("Saved")
    writer.get_by_role("link", name="Go there").click()
    expect(writer.locator("#now-head")).to_have_text("Reflect: intended, happened, differently")
    assert running.pair.items.get().tried == whole


def test_a_new_commitment_appears_on_the_other_device(enter, running, sam, ada):
    mine, theirs = enter(sam), enter(ada)
    theirs.keyboard.press("c")
    field = theirs.get_by_label("Who will do what, by when?")
    expect(field).to_be_focused()
    theirs.keyboard.type("Send the draft to Lin tomorrow")
    theirs.keyboard.press("Enter")
    expect(theirs.locator("#room-commitments")).to_contain_text("Send the draft to Lin")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    theirs.keyboard.type("Call Noor")
    theirs.keyboard.press("Enter")
    for page in (mine, theirs):
        expect(page.locator("#room-commitments")).to_contain_text("Call Noor")
    assert Commitment.objects.count() == 2


def test_shortcuts_are_off_while_typing_and_can_be_disabled(enter, running, sam):
    page = enter(sam)
    before = current_block(running)
    page.keyboard.press("/")
    expect(page.get_by_label("Add a topic or a question")).to_be_focused()
    page.keyboard.type("n")
    assert current_block(running) == before
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    type(sam).objects.filter(pk=sam.pk).update(single_keys=False)
    page.reload()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("n")
    page.wait_for_timeout(300)
    assert current_block(running) == before
    type(sam).objects.filter(pk=sam.pk).update(single_keys=True)
    page.reload()
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("button", name="Close", exact=True).click()
    page.keyboard.press("n")
    expect(page.locator("#now-head")).to_have_text("Reflect: intended, happened, differently")


def test_each_key_advances_one_block(enter, running, sam):
    page = enter(sam)
    before = current_block(running)
    page.evaluate(
        """() => {
          const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
          document.addEventListener("htmx:oobAfterSwap", () => press(), { once: true });
          press();
          press();
        }"""
    )
    expect(page.locator("#next-block")).to_have_attribute("value", str(before + 2))
    page.wait_for_timeout(300)
    assert current_block(running) == before + 2


def test_focus_stays_on_the_clicked_button(enter, running, sam):
    page = enter(sam)
    page.locator("#next-block").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#now-head")).to_have_text("Reflect: intended, happened, differently")
    expect(page.locator("#next-block")).to_be_focused()


def test_discussed_opens_the_next_topic_and_keeps_focus(enter, running, sam):
    make.topic(running.pair, running.pair.mentee, "The launch", position=5)
    page = enter(sam)
    page.get_by_role("button", name="Discussed").click()
    expect(page.locator("#now-head")).to_have_text("The launch")
    assert page.evaluate("document.activeElement !== document.body")


def test_the_room_works_without_javascript(enter, running, sam):
    page = enter(sam, java_script_enabled=False)
    page.get_by_role("button", name="Next block").click()
    expect(page.locator("#now-head")).to_have_text("Reflect: intended, happened, differently")
    page.get_by_label("Who will do what, by when?").fill("Send the draft")
    page.get_by_role("button", name="Add : commitment").click()
    expect(page.locator("#room-commitments")).to_contain_text("Send the draft")
    expect(page.get_by_role("link", name="Reload")).to_be_visible()


def test_closing_leads_the_other_person_to_the_recap(enter, running, sam, ada):
    page = enter(ada)
    expect(page.locator("#now-head")).to_be_visible()
    Session.objects.filter(pk=running.pk).update(closed_at=timezone.now())
    running.pair.touch()
    expect(page).to_have_url(f"{page.url.rstrip('/')}/recap/")


def test_a_note_appears_on_the_other_device(enter, running, sam, ada):
    mine, theirs = enter(sam), enter(ada)
    theirs.locator(".now-notes .text-open").click()
    theirs.get_by_label("Shared notes").fill("Bring one risk yourself.")
    expect(mine.locator(".now-notes .text-body")).to_have_text("Bring one risk yourself.")
    assert Block.objects.get(session=running, role="topic").note == "Bring one risk yourself."


def test_text_for_a_block_not_yet_shown_causes_no_error(enter, running, sam, ada):
    mine, theirs, troubles = enter(sam), enter(ada), []
    mine.on("console", lambda line: line.type == "error" and troubles.append(line.text))
    theirs.get_by_role("button", name="Next block").click()
    expect(mine.locator("#now-head")).to_have_text("Reflect: intended, happened, differently")
    assert not troubles


def test_both_can_type_at_once_in_different_fields(enter, running, sam, ada):
    mine, theirs = enter(sam), enter(ada)
    options = mine.get_by_label("What options do you see?", exact=True)
    tried = theirs.get_by_label("What have you tried?", exact=True)
    for n in range(6):
        options.press_sequentially(f"Sam {n}. ", delay=20)
        tried.press_sequentially(f"Ada {n}. ", delay=20)
    sams, adas = ("".join(f"{name} {n}. " for n in range(6)) for name in ("Sam", "Ada"))
    beside = theirs.locator(f"[data-state-for={tried.get_attribute('id')}]")
    expect(beside).to_contain_text("Saved")
    expect(mine.get_by_label("What have you tried?", exact=True)).to_have_value(adas)
    expect(theirs.get_by_label("What options do you see?", exact=True)).to_have_value(sams)
    assert (options.input_value(), tried.input_value()) == (sams, adas)
    topic = running.pair.items.get()
    assert (topic.options, topic.tried) == (sams, adas)


def test_both_typing_in_one_field_keeps_both_versions(enter, running, sam, ada):
    mine, theirs = enter(sam), enter(ada)
    my_field, their_field = (page.get_by_label("What have you tried?", exact=True) for page in (mine, theirs))
    their_field.press_sequentially("A one-pager.")
    expect(theirs.locator("[data-save-state]")).to_contain_text("Saved")
    my_field.press_sequentially("A rehearsal.")
    conflict = mine.locator(".text-conflict")
    expect(conflict).to_contain_text("Ada changed this while you were typing. Both versions are below.")
    expect(my_field).to_be_focused()
    mine.unroute("**/live/**")
    conflict.get_by_role("button", name="Put both in the field").click()
    both = "A rehearsal.\n\nA one-pager."
    expect(mine.locator("[data-save-state]")).to_contain_text("Saved")
    expect(theirs.locator(".text-newer")).to_be_visible()
    theirs.get_by_role("button", name="Continue from this version").click()
    expect(their_field).to_have_value(both)
    assert running.pair.items.get().tried == both


def test_after_being_offline_the_room_catches_up(enter, running, sam, ada):
    hers, his = enter(ada), enter(sam)
    field = hers.get_by_label("What have you tried?", exact=True)
    field.press_sequentially("Before. ")
    expect(hers.locator("[data-save-state]")).to_contain_text("Saved")
    hers.context.set_offline(True)
    field.press_sequentially("In the tunnel. ")
    expect(hers.get_by_text("No connection. What you typed is still here and will be saved")).to_be_visible()
    expect(hers.locator("[data-save-state]")).to_contain_text("Not saved")
    his.get_by_role("button", name="Next block").click()
    expect(his.locator("#now-head")).to_have_text("Reflect: intended, happened, differently")
    hers.context.set_offline(False)
    expect(hers.locator("[data-save-state]")).to_contain_text("Saved")
    expect(hers.locator("#away")).to_be_hidden()
    expect(field).to_have_value("Before. In the tunnel. ")
    assert running.pair.items.get().tried == "Before. In the tunnel. "
    hers.get_by_role("link", name="Go there").click()
    expect(hers.locator("#now-head")).to_have_text("Reflect: intended, happened, differently")


def test_a_late_live_response_does_not_undo_a_newer_action(enter, running, sam):
    """What was opened after the request stays open, and the focus stays."""
    AgendaItem.objects.update(obstacle="")
    page, held = enter(sam), []
    live = f"**{reverse('session_live', args=[running.pk])}*"

    def hold_the_first(route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route(live, hold_the_first)
    with page.expect_request(live):
        page.reload()
    button = page.get_by_role("button", name="Skip to ideas")
    button.click()
    expect(page.get_by_label("Ideas, advice", exact=True)).to_be_visible()
    page.evaluate(
        """new MutationObserver(() => { window.cameBack ||= !!document.getElementById("talked-through"); })
            .observe(document.body, {childList: true, subtree: true})"""
    )
    route, answer = held[0]
    with suppress(Error):  # the page no longer waits for it
        route.fulfill(response=answer)
    for _next_one in range(2):
        with page.expect_response(live):
            pass
    assert not page.evaluate("window.cameBack") and not button.is_visible()
    assert page.evaluate("document.activeElement !== document.body")


def test_typing_while_notes_open_triggers_no_shortcut(enter, running, ada):
    page, before = enter(ada), current_block(running)
    page.get_by_role("link", name="Open my notes").click()
    page.keyboard.type("not calm", delay=5)
    field = page.get_by_label("For this session")
    expect(field).to_be_focused()
    page.keyboard.type("Something not calm about her team")
    expect(field).to_have_value(re.compile("Something not calm about her team$"))
    assert current_block(running) == before
    expect(page.get_by_label("Who will do what, by when?")).to_have_value("")


def test_focus_moves_to_what_was_opened(enter, running, ada):
    page = enter(ada)
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_role("button", name="Next block")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Status update").click()
    expect(page.locator("#now")).to_be_focused()
    page.get_by_role("button", name="Write it now").click()
    expect(page.get_by_label("Recent wins")).to_be_focused()
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(page.get_by_role("button", name="Next block")).to_be_in_viewport(ratio=1)


def test_keep_both_works_while_the_other_person_types(enter, running, sam, ada):
    mine, theirs = enter(ada), enter(sam)
    label = "What have you tried?"
    for page in (mine, theirs):
        page.get_by_label(label, exact=True).click()
    theirs.get_by_label(label, exact=True).press_sequentially("Sam wrote this")
    expect(theirs.locator("[data-save-state]")).to_contain_text("Saved")
    mine.evaluate(
        """label => {
        const field = document.querySelector(`[data-autosave][id$="-tried"]`);
        field.value = "Ada wrote that";
        field.dispatchEvent(new Event("input", { bubbles: true }));
    }""",
        label,
    )
    expect(mine.locator(".text-conflict")).to_be_visible()
    with theirs.expect_response(lambda response: "/text/" in response.url and response.request.method == "POST"):
        theirs.get_by_label(label, exact=True).press_sequentially(" and more")
    mine.get_by_role("button", name="Put both in the field").click()
    expect(mine.locator("[data-save-state]")).to_contain_text("Saved")
    tried = running.pair.items.get().tried
    assert tried.count("Ada wrote that") == 1 and tried.count("Sam wrote this") == 1
    assert "and more" in tried
