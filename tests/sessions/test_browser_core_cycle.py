"""Tests one session from its start to its recap: without JavaScript, by keyboard, and by number of clicks."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from goals.models import Commitment
from reminders.tasks import plan_and_send
from sessions.models import AgendaItem, Session, SessionRating
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)

FRIDAY = datetime(2026, 12, 4, 9, 50, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(FRIDAY, tick=True) as traveler:
        yield traveler


@pytest.fixture
def soon(clock, sink, live_server, settings, pair) -> Session:
    """Plan the pair's second session in ten minutes, with one topic of Ada's."""
    settings.SITE_URL = live_server.url
    week_before = FRIDAY - timedelta(days=7)
    make.session(
        pair, week_before.replace(tzinfo=None), "UTC", kind="first", held_at=week_before, closed_at=week_before
    )
    make.topic(pair)
    return make.session(pair, (FRIDAY + timedelta(minutes=10)).replace(tzinfo=None), "Europe/London")


@pytest.fixture
def enter(new_context, live_server, soon):
    """enter(person, **options) opens their home page in a separate browser."""
    troubles = []

    def open_page(person, **options) -> Page:
        context = new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}, **options)
        client = Client()
        client.force_login(person)
        cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto("/")
        return page

    yield open_page
    assert not troubles


def recap_link(clock, sink, person) -> str:
    """Return the link in the recap email to this person, sent once closing can no longer be undone."""
    clock.shift(timedelta(seconds=61))
    plan_and_send()
    recaps = (message for message in sink.messages() if message["Subject"].startswith("Recap"))
    text = next(message for message in recaps if message["To"] == person.email).get_body(("plain",))
    return next(word for word in text.get_content().split() if word.endswith("/recap/"))


def check_stored(session: Session, what: str = "Send the draft to Lin") -> None:
    """Check that the agreed commitment is stored and the session is closed."""
    session.refresh_from_db()
    promise = Commitment.objects.get()
    assert session.closed_at and session.started_at
    assert (promise.text, promise.owner, promise.state) == (what, session.pair.mentee, "open")
    assert session.pair.sessions.to_come().count() == 1


def test_a_session_works_without_javascript(enter, soon, clock, sink, sam, ada):
    plain = {"java_script_enabled": False}
    hers, his = enter(ada, **plain), enter(sam, **plain)
    hers.locator("summary", has_text="Write my update").click()
    hers.get_by_label("Recent wins").fill("The pilot went live.")
    hers.get_by_role("button", name="Share with Sam").click()
    hers.get_by_label("Add a topic or question").fill("Should I ask Noor?")
    hers.get_by_role("button", name="Add", exact=True).click()
    expect(hers.locator("#items")).to_contain_text("Should I ask Noor?")

    expect(his.get_by_text("No update from Ada yet.")).to_be_visible()
    his.reload()
    expect(his.get_by_text("The pilot went live.")).to_be_visible()
    his.get_by_role("link", name="See the agenda").click()
    his.get_by_role("button", name="I have read it").click()
    his.get_by_role("link", name="Open the session").click()
    his.get_by_role("button", name="Start").click()
    for title in ("Status update", "Commitments since last time", "The board presentation"):
        his.get_by_role("button", name="Next block").click()
        expect(his.locator("#now-head")).to_have_text(title)
    expect(his.get_by_label("Ideas, advice", exact=True)).to_be_hidden()

    hers.goto(f"/sessions/{soon.pk}/")
    hers.get_by_label("What is in the way?", exact=True).fill("They interrupt me.")
    hers.get_by_role("button", name="Save : What is in the way?").click()
    expect(hers.locator("#now-head")).to_have_text("The board presentation")
    his.get_by_role("link", name="Reload").click()
    expect(his.get_by_text("They interrupt me.")).to_be_visible()
    his.get_by_label("Ideas, advice", exact=True).fill("Send the numbers before.")
    his.get_by_role("button", name="Save : Ideas, advice").click()
    his.get_by_role("button", name="Discussed").click()
    his.get_by_label("Who will do what, by when?").fill("Send the draft to Lin by Thursday")
    his.get_by_role("button", name="Add : commitment").click()
    expect(his.locator("#room-commitments")).to_contain_text("Send the draft to Lin")
    his.get_by_role("link", name="Wrap up").click()
    his.get_by_role("button", name="Answered : Should I ask Noor?").click()
    his.get_by_role("button", name="Agreed").click()
    his.get_by_role("button", name="Send recap").click()
    expect(his.get_by_role("button", name="Undo")).to_be_visible()
    check_stored(soon)
    topic, question = AgendaItem.objects.order_by("pk")
    assert (topic.obstacle, topic.ideas) == ("They interrupt me.", "Send the numbers before.")
    assert (topic.state, question.state) == ("discussed", "discussed")

    hers.goto(recap_link(clock, sink, ada))
    hers.get_by_role("form", name="This was useful").get_by_role("button").last.click()
    hers.get_by_text("Add how you remember it").click()
    hers.get_by_label("What do you remember differently?").fill("By Wednesday.")
    hers.get_by_role("button", name="Save my version").click()
    expect(hers.locator("blockquote")).to_contain_text("By Wednesday.")
    assert SessionRating.objects.get(session=soon).useful


class Keyboard:
    """A person without a mouse, who uses Tab, Enter, Space and typed text. The focus must never be lost."""

    def __init__(self, page: Page):
        self.page = page
        page.add_init_script(
            """let was = false;
               addEventListener("focusin", () => { was = true; });
               addEventListener("htmx:afterSettle", () => setTimeout(() => {
                 if (was && document.activeElement === document.body) window.lostFocus = true;
               }, 100))"""
        )
        page.reload()

    def to(self, target: Locator, presses: int = 90) -> None:
        """Press Tab until it has the focus."""
        expect(target).to_be_visible()
        for _press in range(presses):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never came to {target}")

    def press(self, target: Locator, key: str = "Enter") -> None:
        self.to(target)
        self.page.keyboard.press(key)

    def type(self, target: Locator, words: str) -> None:
        self.to(target)
        self.page.keyboard.type(words)

    def kept_the_focus(self) -> None:
        assert not self.page.evaluate("window.lostFocus"), f"the focus was lost on {self.page.url}"


def test_a_session_works_by_keyboard(enter, soon, clock, sink, sam, ada):
    hers, his = Keyboard(enter(ada)), Keyboard(enter(sam))
    page = hers.page
    hers.press(page.locator("summary", has_text="Write my update"))
    hers.type(page.get_by_label("Recent wins"), "The pilot went live.")
    hers.press(page.get_by_role("button", name="Share with Sam"), "Space")
    hers.type(page.get_by_label("Add a topic or question"), "Should I ask Noor?")
    page.keyboard.press("Enter")
    expect(page.locator("#items")).to_contain_text("Should I ask Noor?")
    expect(page.get_by_label("Add a topic or question")).to_be_focused()
    hers.kept_the_focus()

    page = his.page
    his.press(page.get_by_role("link", name="Open the session"))
    his.press(page.get_by_role("button", name="Start"))
    head = page.locator("#now-head")
    expect(head).to_have_text("Arrive, agree on the agenda")
    for title in ("Status update", "Commitments since last time", "The board presentation"):
        page.keyboard.press("n")
        expect(head).to_have_text(title)
    his.press(page.get_by_role("button", name="Skip to ideas"))
    ideas = page.get_by_label("Ideas, advice", exact=True)
    expect(ideas).to_be_visible()
    his.kept_the_focus()
    his.type(ideas, "Send the numbers before.")
    his.press(page.get_by_role("button", name="Discussed"))
    expect(page.get_by_text("Everything in this block has been discussed.")).to_be_visible()
    his.kept_the_focus()
    page.keyboard.press("c")
    expect(page.get_by_label("Who will do what, by when?")).to_be_focused()
    page.keyboard.type("Send the draft to Lin by Thursday")
    page.keyboard.press("Enter")
    expect(page.locator("#room-commitments")).to_contain_text("Send the draft to Lin")
    expect(page.get_by_label("Who will do what, by when?")).to_be_focused()
    his.to(page.get_by_role("link", name="Send the draft to Lin"))
    page.keyboard.press("/")
    expect(page.get_by_label("Add a topic or a question")).to_be_focused()
    page.keyboard.type("The launch")
    page.keyboard.press("Enter")
    expect(page.locator("#room-agenda")).to_contain_text("The launch")
    his.kept_the_focus()
    his.press(page.get_by_role("link", name="Wrap up"))
    his.press(page.get_by_role("button", name="Agreed"))
    expect(page.get_by_text("✓ Agreed")).to_be_visible()
    his.kept_the_focus()
    his.press(page.get_by_role("button", name="Send recap"), "Space")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    check_stored(soon)

    page = hers.page
    page.goto(recap_link(clock, sink, ada))
    useful = page.get_by_role("form", name="This was useful").get_by_role("button").last
    hers.press(useful, "Space")
    expect(useful).to_have_attribute("aria-pressed", "true")
    expect(useful).to_be_focused()
    hers.press(page.get_by_text("Add how you remember it"))
    hers.type(page.get_by_label("What do you remember differently?"), "By Wednesday.")
    hers.press(page.get_by_role("button", name="Save my version"))
    expect(page.locator("blockquote")).to_contain_text("By Wednesday.")
    hers.kept_the_focus()


# --- Number of clicks and fields ----------------------------------------------------------------------------


class Taps:
    """Counts the clicks and the fields that people have to fill."""

    def __init__(self):
        self.taps, self.fields = [], []

    def tap(self, target: Locator) -> None:
        self.taps.append(target.inner_text().split("\n")[0])
        target.click()

    def fill(self, target: Locator, words: str) -> None:
        self.fields.append(words)
        target.fill(words)


def test_a_whole_cycle_needs_one_field_and_a_few_clicks(enter, soon, sam):
    page, cost = enter(sam), Taps()
    cost.tap(page.get_by_role("link", name="Open the session"))
    cost.tap(page.get_by_role("button", name="Start"))
    cost.tap(page.get_by_role("link", name="Wrap up"))
    page.get_by_role("button", name="Send recap").click()  # with all fields empty
    asked_for = page.locator(".error-summary li")
    expect(asked_for).to_have_count(1)
    expect(asked_for).to_have_text("Add one commitment, or press “None this time”.")
    assert page.locator("[required]:visible").evaluate_all("all => all.filter(it => !it.value).length") == 1
    cost.fill(page.get_by_label("Who will do what?"), "Send the draft to Lin")
    cost.tap(page.locator("#made-add"))
    expect(page.locator("#wrap-up-agreed")).to_contain_text("Ada will send the draft to Lin")
    cost.tap(page.get_by_role("button", name="Send recap"))
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    check_stored(soon)
    assert len(cost.fields) == 1
    assert len(cost.taps) == 5, cost.taps


def test_a_cycle_without_commitments_needs_no_field(enter, soon, sam):
    page, cost = enter(sam), Taps()
    cost.tap(page.get_by_role("link", name="Open the session"))
    cost.tap(page.get_by_role("button", name="Start"))
    cost.tap(page.get_by_role("link", name="Wrap up"))
    cost.tap(page.get_by_role("button", name="None this time"))
    expect(page.get_by_role("button", name="None this time")).to_be_hidden()  # the click was registered
    cost.tap(page.get_by_role("button", name="Send recap"))
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    soon.refresh_from_db()
    assert soon.closed_at and soon.no_commitments_at
    assert len(cost.taps) == 5, cost.taps


def test_two_people_using_every_step_need_a_dozen_clicks(enter, soon, clock, sink, sam, ada):
    """Update, read, topic, discussed, commitment, agreed, recap and two ratings: a dozen clicks together."""
    hers, his, cost = enter(ada), enter(sam), Taps()
    cost.tap(hers.locator("summary", has_text="Write my update"))
    hers.get_by_label("Recent wins").fill("The pilot went live.")
    cost.tap(hers.get_by_role("button", name="Share with Sam"))
    expect(hers.locator("#messages")).to_contain_text("Shared")
    cost.tap(his.get_by_role("link", name="See the agenda"))
    cost.tap(his.get_by_role("button", name="I have read it"))
    cost.tap(his.get_by_role("link", name="Open the session"))
    cost.tap(his.get_by_role("button", name="Start"))
    his.get_by_label("Who will do what, by when?").fill("Send the draft to Lin by Thursday")
    his.keyboard.press("Enter")
    expect(his.locator("#room-commitments")).to_contain_text("Send the draft to Lin")
    cost.tap(his.get_by_role("link", name="Wrap up"))
    cost.tap(his.get_by_role("button", name="Agreed"))
    expect(his.get_by_text("✓ Agreed")).to_be_visible()
    cost.tap(his.get_by_role("button", name="Send recap"))
    expect(his.get_by_role("button", name="Undo")).to_be_visible()
    hers.goto(recap_link(clock, sink, ada))
    for question in ("I felt heard", "This was useful"):
        cost.tap(hers.get_by_role("form", name=question).get_by_role("button").last)
        expect(hers.get_by_role("form", name=question).locator("[aria-pressed=true]")).to_have_count(1)
    check_stored(soon)
    assert len(cost.taps) == 11, cost.taps


def test_home_page_actions_take_one_click(enter, soon, sam, ada):
    make.commitment(soon.pair, text="Call Noor")
    his, hers, cost = enter(sam), enter(ada), Taps()
    cost.tap(his.get_by_role("link", name="Open the session"))
    expect(his.get_by_role("button", name="Start")).to_be_visible()
    hers.get_by_label("A topic or a question for Sam").fill("The launch")
    cost.tap(hers.get_by_role("button", name="Add", exact=True))
    expect(hers.get_by_text("2 topics")).to_be_visible()
    cost.tap(hers.get_by_role("button", name="Done : Call Noor"))
    undo = hers.get_by_role("button", name="Undo : Call Noor")
    expect(undo).to_be_focused()
    assert len(cost.taps) == 3
    assert AgendaItem.objects.filter(title="The launch", created_by=ada).exists()
    assert Commitment.objects.get().state == "done"
    undo.click()
    expect(hers.get_by_role("button", name="Done : Call Noor")).to_be_visible()
    assert Commitment.objects.get().state == "open"
