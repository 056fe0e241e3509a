"""Tests in a browser that pages fit in languages with longer words, and in one that is written from right to left."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import everything

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

PAGES = {
    "mentee": [
        ("home", ()),
        ("pair_detail", ("pair",)),
        ("session_list", ()),
        ("session_prepare", ("session",)),
        ("session_detail", ("running session",)),
        ("session_recap", ("session with a recap",)),
        ("commitment_list", ()),
        ("goal_list", ("pair",)),
        ("progress", ("pair",)),
        ("preferences", ()),
        ("notifications", ()),
    ],
    "admin": [
        ("program_overview", ("program",)),
        ("program_detail", ("program",)),
        ("program_rules", ("program",)),
        ("import_detail", ("import",)),
    ],
}
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def pages_that_scroll_sideways(context, live_server, widths: tuple[int, ...]) -> list[tuple]:
    world, found = everything.build(), []
    User.objects.update(language="de", short_name="")
    page = context.new_page()
    for who, pages in PAGES.items():
        client = Client()
        client.force_login(world.actors[who])
        cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
        context.add_cookies([cookie])
        for name, args in pages:
            url = live_server.url + reverse(name, args=[world.rows[arg] for arg in args])
            page.goto(url)
            assert page.url == url
            for width in widths:
                page.set_viewport_size({"width": width, "height": 720})
                if page.evaluate(WIDE):
                    found.append((name, width))
    return found


@pytest.mark.walk
def test_no_page_scrolls_sideways_in_german(context, live_server):
    assert pages_that_scroll_sideways(context, live_server, (320,)) == []


@pytest.mark.walk
def test_no_page_scrolls_sideways_from_right_to_left(context, live_server, settings):
    settings.LANGUAGES_BIDI = ["de"]
    assert pages_that_scroll_sideways(context, live_server, (320, 1280)) == []
    [page] = context.pages
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"


def test_what_people_write_has_its_own_direction(context, live_server):
    """Arabic in an English page is written from right to left, and stays at its side of the field."""
    world = everything.build()
    client = Client()
    client.force_login(world.actors["mentee"])
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + reverse("goal_create", args=[world.rows["pair"]]))
    boxes = page.locator("main input[type=text], main textarea")
    assert boxes.count() > 1
    directions = boxes.evaluate_all("all => all.map((it) => it.dir || getComputedStyle(it).unicodeBidi)")
    assert set(directions) <= {"auto", "plaintext"}
