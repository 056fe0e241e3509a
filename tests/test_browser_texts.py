"""In a browser: two people type at once, connections break, sign-ins end, and no character is lost."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from sessions.models import Block
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
    """enter(person) is the room in a browser of their own."""
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


def opened(page: Page, title: str):
    """Open the editor of a piece by its label and return its field."""
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


def said(page: Page, words: str):
    """A screen reader was told."""
    expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1, timeout=3_000)


def test_two_people_type_in_different_pieces(enter, sam, ada):
    sams, adas = enter(sam), enter(ada)
    one, two = opened(sams, "Topic"), opened(adas, "Reflect")
    for n in range(8):
        one.press_sequentially(f"Sam {n}. ", delay=20)
        two.press_sequentially(f"Ada {n}. ", delay=20)
    saved(sams), saved(adas)
    expect(shown(adas, "Topic")).to_have_text("".join(f"Sam {n}. " for n in range(8)).strip())
    expect(sams.locator(".text-conflict")).to_have_count(0)
    assert note(1) == "".join(f"Sam {n}. " for n in range(8))
    assert note(2) == "".join(f"Ada {n}. " for n in range(8))


def test_two_people_type_in_the_same_piece(enter, sam, ada):
    sams, adas = enter(sam, every="60s"), enter(ada)
    mine, hers = opened(sams, "Topic"), opened(adas, "Topic")
    hers.press_sequentially("What Ada wrote")
    saved(adas)
    mine.press_sequentially("What Sam wrote")
    conflict = sams.locator(".text-conflict")
    expect(conflict).to_contain_text("Ada changed this while you were typing. Both versions are below.")
    expect(conflict.locator("[data-theirs]")).to_have_text("What Ada wrote")
    expect(mine).to_have_value("What Sam wrote")
    expect(mine).to_be_focused()
    said(sams, "two versions")
    conflict.get_by_role("button", name="Put both in the field").click()
    saved(sams)
    assert note(1) == "What Sam wrote\n\nWhat Ada wrote"
    expect(shown(adas, "Topic")).to_have_text("What Sam wrote\n\nWhat Ada wrote")
