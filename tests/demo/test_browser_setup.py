"""Setup, sign-in and settings pages with very long names are accessible and never scroll sideways."""

import pytest

from accounts.models import OutboxMail
from mentoring import invitations
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_setup_pages_are_accessible(look_at):
    look_at(None, ["/start/", "/start/program/"])


def test_pages_of_a_program_admin_are_accessible(look_at):
    program = make.program("P" * 80)
    priya = make.admin(program)
    invitations.invite(priya, program, "mentee", [("Lena Brandt", "lena@example.org")])
    pair = make.pair(program, make.user("م" * 80), make.user("x" * 80))
    pages = ("", f"{program.pk}/", f"{program.pk}/edit/", f"{program.pk}/people/new/", f"{program.pk}/pairs/new/")
    look_at(priya, [*(f"/programs/{page}" for page in pages), f"/pairs/{pair.pk}/end/"])


def test_pages_of_a_pair_are_accessible(look_at, pair, ada):
    make.agreement(pair, purpose="x" * 500)
    agreement = f"/pairs/{pair.pk}/agreement/"
    look_at(ada, [agreement, f"{agreement}edit/", "/preferences/", "/who-can-see-what/"])


def test_pages_before_the_sign_in_are_accessible(look_at, demo_program):
    mail = OutboxMail.objects.create(
        recipients="ada@example.org", subject="x" * 120, text="https://example.org/" + "y" * 200
    )
    enrollment = make.enrollment(demo_program, make.user(), "mentee", accepted_at=None)
    links = [enrollment.invitation_path(), "/invitation/1-cut/"]
    look_at(None, ["/demo/", "/outbox/", f"/outbox/{mail.pk}/", *links])


@pytest.fixture
def demo_program(db):
    make.installation(demo=True)
    return make.pair().program
