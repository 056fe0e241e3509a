"""Feedback in a browser: a hint while typing, the last time on a competency, sharing, and the commitment."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from goals.models import Commitment
from sessions.models import Feedback
from sessions.session_room import timer
from tests import make
from tests.sessions.test_browser_texts import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)
HINT = "Perhaps write what you saw or heard instead of “{}”."


@pytest.fixture
def open_as(browser, live_server):
    """open_as(person, path, **options) opens a page in a separate browser."""
    contexts = []

    def open_page(person, path: str, **options) -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844}, **options)
        contexts.append(context)
        sign_in(context, person, live_server.url)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def event(pair):
    return make.work_event(pair, happens_on=pair.mentee.today() - timedelta(days=2))


@pytest.fixture
def before(pair):
    competency = make.competency(pair.program, "Listening")
    return make.feedback(pair, competency=competency, differently="Count to three before I answer")


def test_from_a_work_event_to_a_commitment(open_as, pair, ada, sam, event, before):
    page = open_as(sam, "/")
    page.locator("summary", has_text=event.title).click()
    page.get_by_role("link", name=re.compile(f"Give feedback ?: {event.title}")).click()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_label("When was it?")).to_have_value(event.happens_on.isoformat())
    expect(page.get_by_text(before.differently)).to_have_count(0)
    page.wait_for_load_state()  # before that, the list is a plain field
    page.get_by_label("Competency").select_option(label="Listening")
    expect(page.get_by_text(before.differently)).to_be_visible()
    field = page.get_by_label("What happened?")
    field.fill("You’re always quicker than the question")
    hint = page.locator("[data-wording-for]", has_text="Perhaps")
    expect(hint).to_have_text(HINT.format("you're, always"))
    field.fill("You answered Lin’s first question before she had finished")
    expect(hint).to_have_count(0)
    page.get_by_label("What will be done differently next time?").fill("Write the question down, then answer")
    expect(page.locator(".saved").filter(has_text=re.compile(r"^Saved \d"))).to_have_count(2)
    hers = open_as(ada, reverse("pair_detail", args=[pair.pk]))
    expect(hers.get_by_text("Write the question down")).to_have_count(0)
    page.get_by_role("button", name="Share with Ada").click()
    hers.reload()
    hers.get_by_role("link", name="Sam added feedback", exact=True).click()
    hers.get_by_role("button", name="Make it my commitment").click()
    expect(hers.get_by_role("link", name="Write the question down, then answer")).to_be_visible()
    made = Commitment.objects.get()
    assert (made.owner, made.work_event, made.from_feedback.created_by) == (ada, event, sam)
    hers.get_by_role("link", name="Where it came from and what it led to").click()
    chain = hers.locator(".timeline > li")
    expect(chain).to_have_count(3)
    for place, text in enumerate((before.differently, "Write the question down", "Write the question down")):
        expect(chain.nth(place)).to_contain_text(text)


def test_the_hint_without_javascript(open_as, pair, sam):
    page = open_as(sam, reverse("feedback_start", args=[pair.pk]), java_script_enabled=False)
    page.get_by_role("button", name="Start").click()
    page.get_by_label("Adjust next").fill("You never ask")
    page.get_by_role("button", name="Save for later").click()
    expect(page.get_by_text(HINT.format("never"))).to_be_visible()
    page.get_by_role("link", name="Edit").first.click()
    expect(page.get_by_text(HINT.format("never"))).to_be_visible()
    page.get_by_role("button", name="Share with Ada").click()
    assert not Feedback.objects.get().is_draft


def test_the_session_room_hints_too(open_as, pair, sam):
    session = make.running_session(pair)
    timer.go_to_block(session, session.current_block, session.blocks.get(role="feedback").position)
    page = open_as(sam, reverse("session_detail", args=[session.pk]))
    page.get_by_role("button", name="Start the three questions").click()
    page.get_by_label("What happened?", exact=True).fill("Du bist immer zu spät")
    expect(page.get_by_text(HINT.format("du bist, immer"))).to_be_visible()
    page.get_by_role("link", name="Add an example and its date").click()
    page.get_by_label("One example").fill("The review on Monday")
    page.get_by_role("button", name="Done").click()
    expect(page).to_have_url(re.compile(f"/sessions/{session.pk}/$"))
    given = Feedback.objects.get()
    assert (given.happened, given.example) == ("Du bist immer zu spät", "The review on Monday")
