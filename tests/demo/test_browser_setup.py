"""Setup, sign-in and settings pages are accessible in both color schemes and never scroll sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from accounts.models import OutboxMail
from mentoring import invitations
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def check(page, url: str) -> None:
    page.goto(url)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{url} scrolls sideways at {width}"
            found = Axe().run(page, options=RULES)
            assert not found.response["violations"], f"{url} {theme} {width}\n{found.generate_report()}"


@pytest.fixture
def visit(page, live_server):
    """visit(user, url) opens the page as that person, or signed out if None."""

    def go(user, url: str) -> None:
        page.context.clear_cookies()
        if user:
            browser = Client()
            browser.force_login(user)
            cookie = {"name": "session", "value": browser.cookies["session"].value, "url": live_server.url}
            page.context.add_cookies([cookie])
        check(page, live_server.url + url)

    return go


def test_setup_pages_are_accessible(visit):
    for url in ("/start/", "/start/program/"):
        visit(None, url)


def test_pages_of_a_program_admin_are_accessible(visit):
    program = make.program("P" * 80)
    priya = make.admin(program)
    invitations.invite(priya, program, "mentee", [("Lena Brandt", "lena@example.org")])
    pair = make.pair(program, make.user("م" * 80), make.user("x" * 80))
    for url in ("", f"{program.pk}/", f"{program.pk}/edit/", f"{program.pk}/people/new/", f"{program.pk}/pairs/new/"):
        visit(priya, f"/programs/{url}")
    visit(priya, f"/pairs/{pair.pk}/end/")


def test_pages_of_a_pair_are_accessible(visit, pair, ada):
    make.agreement(pair, purpose="x" * 500)
    for url in (f"/pairs/{pair.pk}/agreement/", f"/pairs/{pair.pk}/agreement/edit/"):
        visit(ada, url)
    for url in ("/preferences/", "/who-can-see-what/"):
        visit(ada, url)


def test_pages_before_the_sign_in_are_accessible(visit, demo_program):
    mail = OutboxMail.objects.create(
        recipients="ada@example.org", subject="x" * 120, text="https://example.org/" + "y" * 200
    )
    enrollment = make.enrollment(demo_program, make.user(), "mentee", accepted_at=None)
    for url in ("/demo/", "/outbox/", f"/outbox/{mail.pk}/", enrollment.invitation_path(), "/invitation/1-cut/"):
        visit(None, url)


@pytest.fixture
def demo_program(db):
    make.installation(demo=True)
    return make.pair().program
