"""One pair in a browser from its first goal to a downloaded growth record that opens without the server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page, expect

from goals.models import Outcome
from sessions.models import AgendaItem, Session
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)

FRIDAY = datetime(2026, 12, 4, 9, 58, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(FRIDAY, tick=True) as clock:
        yield clock


@pytest.fixture
def enter(new_context, live_server, settings, clock):
    settings.SITE_URL = live_server.url
    errors = []

    def open_page(person) -> Page:
        context = new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}, accept_downloads=True)
        client = Client()
        client.force_login(person)
        cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    assert not errors


def hold_a_session(page: Page, clock, session: Session) -> None:
    """Start the session, agree on one commitment, wrap up and close."""
    page.goto(f"/sessions/{session.pk}/")
    page.get_by_role("button", name="Start").click()
    page.get_by_label("Who will do what, by when?").fill(f"Try it in week {session.pk} by Thursday")
    page.get_by_role("button", name="Add : commitment").click()
    expect(page.locator("#room-commitments")).to_contain_text(f"Try it in week {session.pk}")
    clock.shift(timedelta(minutes=50))
    page.get_by_role("link", name="Wrap up").click()
    page.get_by_role("button", name="Agreed").click()
    page.get_by_role("button", name="Send recap").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def add_value(page: Page, title: str, value: str) -> None:
    page.get_by_role("link", name=f"Add a value : {title}").click()
    page.get_by_label(value).check()
    page.get_by_role("button", name="Add value").click()
    expect(page.get_by_role("article").filter(has_text=title).get_by_role("figure")).to_contain_text(value[0])


def test_a_pair_works_from_a_goal_to_a_growth_record(enter, clock, pair, ada, sam, tmp_path):
    page_of_ada, page_of_sam = enter(ada), enter(sam)
    page_of_ada.goto(f"/pairs/{pair.pk}/")
    page_of_ada.get_by_label("A goal").fill("Speak better")
    page_of_ada.get_by_role("button", name="Add : goal").click()
    expect(page_of_ada.get_by_role("link", name="Speak better", exact=True)).to_be_visible()

    # Three sessions, a week apart; before each, both rate the quality of the work.
    page_of_ada.get_by_role("link", name="Progress", exact=True).click()
    page_of_ada.get_by_role("link", name="Track an indicator").click()
    page_of_ada.get_by_label("Ready-made, or your own?").select_option("quality")
    page_of_ada.get_by_role("button", name="Add").click()
    for n in range(3):
        session = make.session(pair, (FRIDAY + timedelta(days=7 * n, minutes=2)).replace(tzinfo=None), "UTC")
        clock.move_to(FRIDAY + timedelta(days=7 * n))
        for page, value in ((page_of_ada, 2 + n), (page_of_sam, 2)):
            page.goto(f"/pairs/{pair.pk}/progress/")
            add_value(page, "Task completion quality", f"{value} · ")
        hold_a_session(page_of_sam, clock, session)
    page_of_ada.goto(f"/pairs/{pair.pk}/progress/")
    expect(page_of_ada.locator("figure.chart .plot circle.s1")).to_have_count(3)
    expect(page_of_ada.locator("figure.chart .plot path.s2")).to_have_count(3)
    assert AgendaItem.objects.get().title == "We see it differently: Task completion quality"

    # A change of direction with its reason; then a reset that shows the goals of the first session.
    page_of_ada.goto(f"/pairs/{pair.pk}/")
    page_of_ada.get_by_role("link", name="Speak better", exact=True).click()
    page_of_ada.get_by_label("Goal", exact=True).fill("Open the meeting with the decision")
    page_of_ada.get_by_label("Why are you changing it?").fill("It was too big to notice")
    page_of_ada.get_by_role("button", name="Save").click()
    at = FRIDAY + timedelta(days=21)
    clock.move_to(at)
    reset = make.session(pair, (at + timedelta(minutes=2)).replace(tzinfo=None), "UTC", kind="reset")
    page_of_sam.goto(f"/sessions/{reset.pk}/")
    page_of_sam.get_by_role("button", name="Start").click()
    then = page_of_sam.get_by_role("region", name="Then and now")
    expect(then).to_contain_text("Speak better")
    expect(then).to_contain_text("Open the meeting with the decision")
    page_of_sam.get_by_role("button", name="Next block").click()
    page_of_sam.get_by_role("button", name="Keep : Open the meeting with the decision").click()
    expect(page_of_sam.locator("#now .pill", has_text="kept")).to_be_visible()

    # The outcome names its commitment and its goal, and the mentor confirms it.
    page_of_ada.goto(f"/pairs/{pair.pk}/")
    page_of_ada.get_by_role("link", name="All commitments").click()
    page_of_ada.get_by_role("button", name="Done : Try it in week").first.click()
    page_of_ada.goto(f"/pairs/{pair.pk}/outcomes/")
    page_of_ada.get_by_role("link", name="Add an outcome").click()
    page_of_ada.get_by_label("What is different now?").fill("It ends with a decision")
    page_of_ada.get_by_text("What it came from").click()
    page_of_ada.get_by_label("Which goal did it serve?").select_option(label="Open the meeting with the decision")
    page_of_ada.get_by_label("Which commitment did it come from?").select_option(index=1)
    page_of_ada.get_by_role("button", name="Add").click()
    page_of_sam.goto(f"/pairs/{pair.pk}/outcomes/")
    page_of_sam.get_by_role("button", name="Confirm").click()
    page_of_ada.reload()
    page_of_ada.get_by_role("link", name="Where it came from").click()
    expect(page_of_ada.locator(".timeline li")).to_have_count(2)
    assert Outcome.objects.get().confirmed_at

    # The growth record opens from disk in a browser without a network.
    page_of_ada.get_by_role("link", name="Growth record").click()
    with page_of_ada.expect_download() as download:
        page_of_ada.get_by_role("button", name="Save as a page").click()
    file = Path(tmp_path / "record.html")
    download.value.save_as(file)
    page_of_ada.context.set_offline(True)
    page_of_ada.goto(file.as_uri())
    expect(page_of_ada.get_by_role("heading", name="Growth record of Ada Lind")).to_be_visible()
    expected = (
        "Open the meeting with the decision",
        "It ends with a decision",
        "confirmed by Sam",
        "too big to notice",
    )
    for words in expected:
        expect(page_of_ada.locator("body")).to_contain_text(words)
    expect(page_of_ada.locator("svg circle")).to_have_count(6)
