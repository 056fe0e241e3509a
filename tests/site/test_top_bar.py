"""The bar at the top: where one can go, and where one is."""

import pytest

from accounts.models import Installation
from tests import make

MAIL, PROGRAMS, DEMO = "Emails sent from here", "Programs I run", "This is a demo"


@pytest.fixture
def house(db):
    Installation.objects.update_or_create(pk=1)


def page(client, url: str = "/commitments/") -> str:
    return client.get(url).content.decode()


def test_programs_are_for_those_who_run_one(as_, ada, pair, house):
    assert PROGRAMS not in page(as_(ada))
    assert PROGRAMS in page(as_(make.admin(pair.program)))


def test_somebody_invited_to_run_a_program_runs_none_yet(as_, ada, pair, house):
    make.enrollment(pair.program, ada, "admin", accepted_at=None)
    assert PROGRAMS not in page(as_(ada))


def test_a_demo_says_so_and_offers_its_mail(as_, ada, house):
    assert DEMO not in page(as_(ada)) and MAIL not in page(as_(ada))
    Installation.objects.update(demo=True)
    assert DEMO in page(as_(ada)) and MAIL in page(as_(ada))


def test_the_place_one_is_at_is_marked(as_, ada, house):
    assert page(as_(ada)).count('aria-current="page"') == 1


def test_the_chosen_colors_are_on_the_page(as_, ada, house):
    assert "data-theme" not in page(as_(ada))
    ada.theme = "dark"
    ada.save()
    assert 'data-theme="dark"' in page(as_(ada))


def test_an_account_is_offered_only_where_people_may_register(client, house, settings):
    assert "Create an account" not in page(client, "/accounts/login/")
    settings.OPEN_REGISTRATION = True
    assert "Create an account" in page(client, "/accounts/login/")
