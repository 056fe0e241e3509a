"""Practice in a browser: a reflection on a phone survives a lost connection; sharing is undone while it is read."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from practice.models import Entry
from tests import make
from tests.sessions.test_browser_texts import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def open_as(browser, live_server):
    """open_as(person, url) opens a page in a separate browser."""
    contexts = []

    def open_page(person, url: str, **options) -> Page:
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        sign_in(context, person, live_server.url)
        page = context.new_page()
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_a_reflection_on_a_phone_survives_a_lost_connection(open_as, ada, sam, pair):
    page = open_as(ada, reverse("entry_create", args=["reflection"]), viewport=PHONE)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^1[45]:\d\d$"))
    states = page.locator("form .saved")
    page.get_by_label("What worked?").fill("I opened with the decision.")
    expect(states.filter(has_text=re.compile(r"^Saved \d"))).to_have_count(1)
    page.context.set_offline(True)
    page.get_by_label("What will I try next?").fill("Name the number first")
    expect(states.filter(has_text="Not saved: you are offline")).to_have_count(1)
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^1[345]:\d\d$"))
    page.context.set_offline(False)
    expect(states.filter(has_text=re.compile(r"^Saved \d"))).to_have_count(2)
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Make this a commitment").click()
    expect(page.get_by_role("link", name="Name the number first")).to_be_visible()
    assert pair.commitments.get().text == "Name the number first"


def test_sharing_is_undone_while_the_partner_reads(open_as, ada, sam, pair):
    entry = make.entry(ada, pair, lesson="Decision first")
    page = open_as(ada, entry.get_absolute_url())
    page.get_by_role("button", name="Share with Sam").click()
    reader = open_as(sam, reverse("pair_detail", args=[pair.pk]))
    reader.get_by_role("link", name="Decision first").first.click()
    expect(reader.get_by_text("Ada shared this with you on")).to_be_visible()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Taken back. Sam cannot open it anymore.")).to_be_visible()
    reader.reload()
    expect(reader.get_by_role("heading", name="Nothing is shared here")).to_be_visible()


def test_the_timer_ends_quietly(open_as, ada, pair):
    entry = Entry.start(ada, "reflection", pair)
    Entry.objects.filter(pk=entry.pk).update(created_at=timezone.now() - timedelta(minutes=14, seconds=56))
    page = open_as(ada, reverse("entry_edit", args=[entry.pk]))
    page.get_by_label("What worked?").fill("Still writing")
    expect(page.get_by_role("timer")).to_have_text("Time is up. Take as long as you like.")
    expect(page.get_by_label("What worked?")).to_have_value("Still writing")
