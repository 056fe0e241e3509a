"""From an empty installation to a signed working agreement, in a browser and in few screens."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import User
from mentoring.models import Pair

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def walk(new_context, live_server):
    """walk(url, **context) opens the page in a separate browser and counts the screens it shows."""

    def start(url: str, **options):
        page = new_context(**options).new_page()
        page.screens = []
        page.on("framenavigated", lambda frame: page.screens.append(frame.url))
        page.goto(url if url.startswith("http") else live_server.url + url)
        return page

    return start


def test_from_an_empty_installation_to_an_agreement(walk):
    priya = walk("/", timezone_id="Europe/Lisbon")
    priya.get_by_role("link", name="Start our program").click()
    priya.get_by_label("Your name").fill("Priya Nair")
    priya.get_by_label("Your email address").fill("priya@example.org")
    priya.get_by_label("A password").fill("a-river-in-winter")
    priya.get_by_label("Name of the program").fill("Engineering mentoring")
    priya.get_by_label("Who runs this installation?").fill("Example Foundation")
    priya.get_by_role("button", name="Start our program").click()
    for role, line in (("mentors", "Sam Okafor, sam@example.org"), ("mentees", "Ada Lind, ada@example.org")):
        priya.get_by_role("link", name=f"Invite {role}").click()
        priya.get_by_label("People", exact=True).fill(line)
        priya.get_by_role("button", name="Invite people").click()
    priya.get_by_role("link", name="Pair two people").first.click()
    priya.get_by_label("Mentor", exact=True).select_option(index=1)
    priya.get_by_label("Mentee", exact=True).select_option(index=1)
    priya.get_by_role("button", name="Pair them").click()
    expect(priya.locator("#messages", has_text="Sam Okafor and Ada Lind are now a pair.")).to_be_visible()
    assert User.objects.get(email="priya@example.org").zone == "Europe/Lisbon"

    def link_for(name: str) -> str:
        priya.locator("tr", has_text=name).locator("summary").first.click()
        return urlsplit(priya.get_by_label(f"Invitation link for {name}").input_value()).path  # links lead to SITE_URL

    sam, ada = (
        walk(link_for(name), timezone_id=zone)
        for name, zone in (("Sam Okafor", "Europe/London"), ("Ada Lind", "America/New_York"))
    )
    for page in (sam, ada):
        page.get_by_label("Choose a password").fill("a-lake-in-summer")
        page.get_by_role("button", name="Join the program").click()
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        assert len(page.screens) <= 3
    assert User.objects.get(email="ada@example.org").zone == "America/New_York"

    address = sam.url.rstrip("/") + reverse("agreement_detail", args=[Pair.objects.get().pk])
    sam.goto(address)
    sam.get_by_role("link", name="Write the agreement").click()
    sam.get_by_label("How often do we meet?").select_option("weekly")
    sam.get_by_role("button", name="Propose this version").click()
    ada.goto(address)
    ada.get_by_role("button", name="I agree").click()
    expect(ada.locator("#messages", has_text="You agree.")).to_be_visible()
    assert Pair.objects.get().cadence == "weekly"
