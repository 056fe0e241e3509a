"""Counts the clicks of the main jobs against what each may cost at most; typing and the Enter key are free.

Opening an email and following its link is one click. The import of fifty people is counted in
tests/dashboard/test_browser_admin.py, and what a whole session needs in test_browser_core_cycle.py.
"""

from datetime import timedelta

import pytest
from django.core.files.temp import NamedTemporaryFile
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from dashboard.models import Flag, FlagRule
from goals.models import Commitment
from reminders.links import Purpose, link
from reminders.models import TopicChoice
from sessions.models import AgendaItem, Session
from tests import make
from tests.sessions.test_browser_core_cycle import clock, enter, soon  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Clicks:
    """A person at a page, whose clicks are counted by job."""

    def __init__(self, page: Page):
        self.page, self.names = page, []

    def on(self, target: Locator) -> None:
        self.names.append(target.inner_text().strip().split("\n")[0])
        target.click()

    def follow(self, url: str) -> None:
        """Follow the link of an email."""
        self.names.append("link in an email")
        self.page.goto(url)

    def button(self, name: str) -> None:
        self.on(self.page.get_by_role("button", name=name))

    def link(self, name: str) -> None:
        self.on(self.page.get_by_role("link", name=name))

    def job(self, most: int) -> None:
        """End a job: it may have cost this many clicks."""
        assert len(self.names) <= most, self.names
        self.names = []


def test_the_jobs_before_and_in_a_session(enter, soon, sam, ada):  # noqa: F811
    hers, his = Clicks(enter(ada)), Clicks(enter(sam))
    hers.page.get_by_label("A topic or a question for Sam").fill("The launch")
    hers.page.keyboard.press("Enter")
    expect(hers.page.get_by_text("2 topics")).to_be_visible()
    hers.job(2)  # add an item to the agenda

    his.link("Open the session")
    expect(his.page.get_by_role("button", name="Start")).to_be_visible()
    his.job(1)  # open today's session

    his.button("Start")
    expect(his.page.get_by_role("button", name="Next block")).to_be_visible()
    his.names = []
    his.page.get_by_label("Add a topic or a question").fill("Who decides?")
    his.page.keyboard.press("Enter")
    expect(his.page.locator("main").get_by_text("Who decides?")).to_be_visible()
    his.job(1)  # add an item
    his.page.get_by_label("Who will do what, by when?").fill("Send the draft to Lin by Thursday")
    his.page.keyboard.press("Enter")
    expect(his.page.locator("#room-commitments")).to_contain_text("Send the draft to Lin")
    his.job(1)  # add a commitment
    made = Commitment.objects.get()
    assert made.owner == ada and made.due_on, "owner and date cost no click"
    assert AgendaItem.objects.filter(title__in=("The launch", "Who decides?")).count() == 2


def test_wrapping_up_takes_two_clicks(enter, soon, sam):  # noqa: F811
    page = enter(sam)
    page.get_by_role("link", name="Open the session").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_label("Who will do what, by when?").fill("Send the draft to Lin")
    page.keyboard.press("Enter")
    expect(page.locator("#room-commitments")).to_contain_text("Send the draft to Lin")
    page.get_by_role("link", name="Wrap up").click()
    his = Clicks(page)
    his.button("Send recap")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    his.job(2)  # the next date is proposed, and open topics are carried over
    assert Session.objects.to_come().filter(pair=soon.pair).exists()


def test_marking_as_done_and_unsubscribing(enter, soon, ada):  # noqa: F811
    there = make.commitment(soon.pair, text="Call Noor")
    in_email = make.commitment(soon.pair, text="Send the plan")
    hers = Clicks(enter(ada))
    hers.on(hers.page.get_by_role("button", name="Done : Call Noor"))
    expect(hers.page.get_by_role("button", name="Undo : Call Noor")).to_be_visible()
    hers.job(1)
    hers.follow(link("email_commitment", Purpose.COMMITMENT, ada, in_email.pk) + "?do=done")
    hers.button("Done")
    expect(hers.page.get_by_role("status").filter(has_text="Done: Send the plan")).to_be_visible()
    hers.job(2)
    assert {one.state for one in Commitment.objects.filter(pk__in=(there.pk, in_email.pk))} == {"done"}
    hers.follow(link("email_stop", Purpose.STOP, ada))
    hers.on(hers.page.get_by_role("main").get_by_role("button").first)
    expect(hers.page.get_by_role("main").get_by_role("button")).to_have_count(0)
    hers.job(2)
    assert set(TopicChoice.of(ada).values()) == {"here"}


def test_seeing_nudging_and_exporting_pairs_that_need_attention(enter, soon):  # noqa: F811
    since = timezone.now() - timedelta(days=9)
    flag = {"rule": FlagRule.NO_RECENT_SESSION, "level": "red", "raised_at": since, "level_changed_at": since}
    Flag.objects.create(pair=soon.pair, facts={"days since the last session": 34}, **flag)
    priya = Clicks(enter(make.admin(soon.pair.program)))
    expect(priya.page.get_by_text("No session for 34 days").first).to_be_visible()
    priya.job(0)  # see the pairs
    nudge = priya.page.get_by_role("link", name="Email both")
    people = ",".join(person.email for person in soon.pair.people)
    assert nudge.get_attribute("href").startswith(f"mailto:{people}?subject="), "one click opens the drafted email"
    with priya.page.expect_download() as download:
        priya.on(priya.page.locator("summary", has_text="Export"))
        priya.button("Figures (CSV)")
    priya.job(2)
    with NamedTemporaryFile() as file:
        download.value.save_as(file.name)
        assert b"Match rate" in file.read()
