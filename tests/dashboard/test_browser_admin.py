"""Tests a program admin's week in a browser: without JavaScript, and by keyboard."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from dashboard.models import Flag, FlagRule, MentorContact
from mentoring.models import Pair, Program
from mentoring.tasks import import_people, start_pairs
from tests import make
from tests.sessions.test_browser_core_cycle import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PEOPLE = """email,name,role,wants,offers,languages
sam@example.org,Sam Okafor,mentor,,Speaking,English
kofi@example.org,Kofi Mensah,mentor,,Budgets,English
ada@example.org,Ada Lind,mentee,Speaking,,English
lena@example.org,Lena Brandt,mentee,Budgets,,English
"""


class Mouse:
    """The actions of Keyboard for somebody with a mouse, whose clicks are counted."""

    def __init__(self, page: Page):
        self.page, self.presses = page, 0

    def press(self, target: Locator) -> None:
        self.presses += 1
        target.click()

    def to(self, target: Locator) -> None:
        expect(target).to_be_visible()

    def type(self, target: Locator, words: str) -> None:
        target.fill(words)

    def kept_the_focus(self) -> None:
        """Without scripts, nothing moves the focus."""


@pytest.fixture
def at_home(new_context, live_server, db):
    """at_home(admin, plain) opens the home page of a program admin, with or without scripts."""

    def open_page(admin, plain: bool) -> Page:
        context = new_context(base_url=live_server.url, java_script_enabled=not plain)
        client = Client()
        client.force_login(admin)
        context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
        page = context.new_page()
        page.goto("/")
        return page

    return open_page


@pytest.fixture(params=["without JavaScript", "by keyboard alone"])
def priya(request, at_home):
    """The admin of a program without members."""
    plain = request.param == "without JavaScript"
    page = at_home(make.admin(make.program()), plain)
    return Mouse(page) if plain else Keyboard(page)


def test_an_admins_week(priya):
    page = priya.page

    def link(name: str) -> Locator:
        return page.get_by_role("link", name=name)

    def button(name: str) -> Locator:
        return page.get_by_role("button", name=name)

    priya.press(page.locator("summary", has_text="Import and export"))
    priya.press(link("Import people from a file"))
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    page.locator("input[type=file]").set_input_files(file)
    priya.press(button("Upload and review"))
    priya.press(button("Import 4 people"))
    priya.to(link("Reload"))
    import_people()
    if isinstance(priya, Mouse):
        priya.press(link("Reload"))
    else:  # the page polls, and focus on its link stays there
        expect(page.locator("#progress-on")).to_be_focused()
    priya.press(link("View people"))
    expect(page.get_by_text("2 mentees are waiting for a match.")).to_be_visible()

    priya.press(page.get_by_role("navigation", name="Pages of").get_by_role("link", name="Matching"))
    priya.press(button("Suggest matches"))
    expect(page.get_by_text("Sam Okafor can help with 1 of 1 learning goals: Speaking")).to_be_visible()
    priya.press(button("Publish selected matches"))
    expect(page.get_by_role("progressbar")).to_be_visible()
    start_pairs()
    if isinstance(priya, Mouse):
        page.reload()
    expect(page.get_by_text("2 pairs started.")).to_be_visible()
    assert {(pair.mentee.name, pair.mentor.name) for pair in Pair.objects.with_people()} == {
        ("Ada Lind", "Sam Okafor"),
        ("Lena Brandt", "Kofi Mensah"),
    }

    pair = Pair.objects.get(mentee__name="Ada Lind")
    Pair.objects.update(started_on=timezone.localdate() - timedelta(days=20))
    flag = Flag.objects.create(pair=pair, rule=FlagRule.NO_FIRST_SESSION, level="red", facts={"days since pairing": 22})
    page.goto("/")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(link("Suggest times")).to_be_visible()
    priya.press(page.locator("summary", has_text="More for"))
    priya.press(page.get_by_role("link", name="Snooze"))
    priya.type(page.get_by_label("Why can it wait?"), "They meet on Friday")
    priya.press(button("Snooze"))
    expect(page.get_by_text("No pair needs attention.")).to_be_visible()
    flag.refresh_from_db()
    assert (flag.snooze_reason, flag.snoozed_until) == ("They meet on Friday", timezone.localdate() + timedelta(days=3))
    priya.press(page.locator("summary", has_text="Mentors to contact"))
    priya.press(page.locator("button", has_text="Log contact").filter(has_text="Sam Okafor"))
    expect(page.locator("#messages").get_by_text("Contact with Sam logged.")).to_be_visible()
    assert MentorContact.objects.get().mentor == pair.mentor

    priya.press(link("Settings"))
    expect(page.get_by_role("heading", name="General")).to_be_visible()
    priya.press(link("Attention rules"))
    few = page.get_by_label("First session, watch: days after pairing, if none is scheduled")
    few.fill("")
    priya.type(few, "12")
    priya.press(button("Save"))
    expect(page.locator("#messages").get_by_text("Saved. It applies to running pairs, too.")).to_be_visible()
    assert Program.objects.get().thresholds == {"A1_amber": 12}
    priya.press(page.get_by_role("navigation", name="Pages of").get_by_role("link", name="People"))
    priya.press(page.locator("summary", has_text="Import and export"))
    priya.press(link("Duplicate program"))
    priya.type(page.get_by_label("Name"), "Next cohort")
    priya.press(button("Duplicate program"))
    expect(page.get_by_role("link", name="Next cohort")).to_be_visible()
    assert Program.objects.get(name="Next cohort").thresholds == {"A1_amber": 12}
    priya.press(page.get_by_role("link", name="Programs", exact=True))
    expect(page.get_by_role("heading", name="Programs")).to_be_visible()
    priya.kept_the_focus()


def test_importing_fifty_people_takes_four_clicks(at_home):
    """Counted from the home page of a running program, without choosing the file in the browser's dialog."""
    program = make.pair().program
    page = at_home(make.admin(program), plain=False)
    mouse = Mouse(page)
    mouse.press(page.get_by_role("link", name="Invite people"))
    mouse.press(page.get_by_role("link", name="Import people from a file"))
    lines = "".join(f"p{n}@example.org,Person {n},mentee\n" for n in range(50))
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": f"email,name,role\n{lines}".encode()}
    page.locator("input[type=file]").set_input_files(file)
    mouse.press(page.get_by_role("button", name="Upload and review"))
    mouse.press(page.get_by_role("button", name="Import 50 people"))
    expect(page.get_by_text("0 of 50 lines")).to_be_visible()
    import_people()
    expect(page.get_by_text("New: 50.")).to_be_visible()
    assert mouse.presses == 4 and program.enrollments.filter(role="mentee").count() == 51
