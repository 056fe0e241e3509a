"""Tests the links of the top bar."""

import re

import pytest
from django.core.cache import cache

from accounts.models import Installation
from tests import make

MAIL, PROGRAMS, DEMO = "Emails sent from here", 'href="/programs/"', "Demo: everything in it"


@pytest.fixture
def installation(db):
    Installation.objects.update_or_create(pk=1)


def page(client, url: str = "/commitments/") -> str:
    return client.get(url).content.decode()


def test_only_admins_see_the_link_to_programs(as_, ada, pair, installation):
    assert PROGRAMS not in page(as_(ada))
    assert PROGRAMS in page(as_(make.admin(pair.program)))


def test_an_invited_admin_sees_no_link_to_programs(as_, ada, pair, installation):
    make.enrollment(pair.program, ada, "admin", accepted_at=None)
    assert PROGRAMS not in page(as_(ada))


def test_a_demo_is_labeled_and_links_to_its_emails(as_, ada, installation):
    assert DEMO not in page(as_(ada)) and MAIL not in page(as_(ada))
    Installation.objects.update(demo=True)
    cache.clear()
    assert DEMO in page(as_(ada)) and MAIL in page(as_(ada))


def test_the_current_page_is_marked(as_, ada, installation):
    assert page(as_(ada)).count('aria-current="page"') == 1


def current_item(client, url: str) -> list[str]:
    """Return the words of the marked items of the main navigation."""
    nav = re.search(r'<nav class="nav".*?</nav>', page(client, url), re.S)[0]
    marked = re.findall(r"<a [^>]*aria-current[^>]*>(.*?)</a>", nav, re.S)
    return [re.sub(r"<svg.*?</svg>|\s", "", words, flags=re.S) for words in marked]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Home"),
        ("/pairs/{pair}/", "Home"),
        ("/pairs/{pair}/goals/", "Home"),
        ("/pairs/{pair}/progress/", "Home"),
        ("/programs/{program}/mentors/", "Home"),
        ("/pairs/{pair}/sessions/new/", "Sessions"),
        ("/pairs/{pair}/commitments/new/", "Commitments"),
        ("/practice/stakeholders/", "Practice"),
    ],
)
def test_a_page_marks_the_item_it_belongs_to(as_, pair, sam, installation, path, words):
    make.entry(sam, pair)
    assert current_item(as_(sam), path.format(pair=pair.pk, program=pair.program_id)) == [words]


@pytest.mark.parametrize("path", ["", "overview/", "people/new/", "matching/", "resources/", "mentors/", "pairs/new/"])
def test_pages_of_a_program_mark_programs(as_, pair, installation, path):
    assert current_item(as_(make.admin(pair.program)), f"/programs/{pair.program_id}/{path}") == ["Programs"]


def test_the_chosen_theme_is_on_the_page(as_, ada, installation):
    assert "data-theme" not in page(as_(ada))
    ada.theme = "dark"
    ada.save()
    assert 'data-theme="dark"' in page(as_(ada))


def test_sign_up_is_offered_only_if_registration_is_open(client, installation, settings):
    assert "Create an account" not in page(client, "/accounts/login/")
    settings.OPEN_REGISTRATION = True
    assert "Create an account" in page(client, "/accounts/login/")
