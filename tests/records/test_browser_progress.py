"""The story of one pair: a goal, three sessions, values, a turn, a reset, an outcome, and the record opened from disk
with the server out of reach. Nothing is typed twice: what was said once is on offer wherever it is needed again."""

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
    with time_machine.travel(FRIDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def enter(new_context, live_server, settings, clock):
    settings.SITE_URL = live_server.url
    troubles = []

    def open_page(person) -> Page:
        context = new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}, accept_downloads=True)
        client = Client()
        client.force_login(person)
        cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        return page

    yield open_page
    assert not troubles


def hold_a_session(page: Page, clock, session: Session) -> None:
    """Started, one commitment made, wrapped up and closed, as on any Friday."""
    page.goto(f"/sessions/{session.pk}/")
    page.get_by_role("button", name="Start").click()
    page.get_by_label("Who will do what, by when?").fill(f"Try it in week {session.pk} by Thursday")
    page.get_by_role("button", name="Add : commitment").click()
    expect(page.locator("#room-commitments")).to_contain_text(f"Try it in week {session.pk}")
    clock.shift(timedelta(minutes=50))
    page.get_by_role("link", name="Wrap up").click()
    page.get_by_role("button", name="Agreed").click()
    page.get_by_role("button", name="Send the recap").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def give(page: Page, title: str, value: str) -> None:
    page.get_by_role("link", name=f"Add a value : {title}").click()
    page.get_by_label(value).check()
    page.get_by_role("button", name="Add value").click()
    expect(page.get_by_role("img", name=title)).to_be_visible()


def test_the_story_of_one_pair(enter, clock, pair, ada, sam, tmp_path):
    hers, his = enter(ada), enter(sam)
    hers.goto(f"/pairs/{pair.pk}/")
    hers.get_by_label("A goal").fill("Speak better")
    hers.get_by_role("button", name="Add : goal").click()
    expect(hers.get_by_role("link", name="Speak better", exact=True)).to_be_visible()

    # Three sessions, a week apart; before each both say how good the work is.
    hers.get_by_role("link", name="Progress").click()
    hers.get_by_role("link", name="Track an indicator").click()
    hers.get_by_label("Ready-made, or your own?").select_option("quality")
    hers.get_by_role("button", name="Add").click()
    for n in range(3):
        session = make.session(pair, (FRIDAY + timedelta(days=7 * n, minutes=2)).replace(tzinfo=None), "UTC")
        clock.move_to(FRIDAY + timedelta(days=7 * n))
        for page, value in ((hers, 2 + n), (his, 2)):
            page.goto(f"/pairs/{pair.pk}/progress/")
            give(page, "Task completion quality", f"{value} · ")
        hold_a_session(his, clock, session)
    hers.goto(f"/pairs/{pair.pk}/progress/")
    expect(hers.locator("figure.chart circle")).to_have_count(6)
    assert AgendaItem.objects.get().title == "We see it differently: Task completion quality"

    # A turn, with its reason; then a reset that begins with the words of the first session.
    hers.goto(f"/pairs/{pair.pk}/")
    hers.get_by_role("link", name="Speak better", exact=True).click()
    hers.get_by_label("Goal", exact=True).fill("Open the meeting with the decision")
    hers.get_by_label("Why are you changing it?").fill("It was too big to notice")
    hers.get_by_role("button", name="Save").click()
    at = FRIDAY + timedelta(days=21)
    clock.move_to(at)
    reset = make.session(pair, (at + timedelta(minutes=2)).replace(tzinfo=None), "UTC", kind="reset")
    his.goto(f"/sessions/{reset.pk}/")
    his.get_by_role("button", name="Start").click()
    then = his.get_by_role("region", name="Then and now")
    expect(then).to_contain_text("Speak better")
    expect(then).to_contain_text("Open the meeting with the decision")
    his.get_by_role("button", name="Next block").click()
    his.get_by_role("button", name="Keep : Open the meeting with the decision").click()
    expect(his.locator("#now .tag", has_text="kept")).to_be_visible()

    # The outcome names the commitment it came from and the goal; the mentor saw it, too.
    hers.goto(f"/pairs/{pair.pk}/")
    hers.get_by_role("link", name="All commitments").click()
    hers.get_by_role("button", name="Done : Try it in week").first.click()
    hers.goto(f"/pairs/{pair.pk}/outcomes/")
    hers.get_by_role("link", name="Add an outcome").click()
    hers.get_by_label("What is different now?").fill("It ends with a decision")
    hers.get_by_text("What it came from").click()
    hers.get_by_label("Which goal did it serve?").select_option(label="Open the meeting with the decision")
    hers.get_by_label("Which commitment did it come from?").select_option(index=1)
    hers.get_by_role("button", name="Add").click()
    his.goto(f"/pairs/{pair.pk}/outcomes/")
    his.get_by_role("button", name="Confirm").click()
    hers.reload()
    hers.get_by_role("link", name="Where it came from").click()
    expect(hers.locator(".timeline li")).to_have_count(2)
    assert Outcome.objects.get().confirmed_at

    # The record, read from a disk by a browser that reaches nobody.
    hers.get_by_role("link", name="Growth record").click()
    with hers.expect_download() as download:
        hers.get_by_role("button", name="Save as a page").click()
    file = Path(tmp_path / "record.html")
    download.value.save_as(file)
    hers.context.set_offline(True)
    hers.goto(file.as_uri())
    expect(hers.get_by_role("heading", name="Growth record of Ada Lind")).to_be_visible()
    told = ("Open the meeting with the decision", "It ends with a decision", "confirmed by Sam", "too big to notice")
    for words in told:
        expect(hers.locator("body")).to_contain_text(words)
    expect(hers.locator("svg circle")).to_have_count(6)
