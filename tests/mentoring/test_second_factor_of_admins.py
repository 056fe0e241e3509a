"""Program admins without a second factor: every program page is closed to them, and leads to the set-up."""

import sys

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent, Installation
from tests import access, make
from tests.audiences import ADMIN, STARTS_PROGRAMS
from tests.site.test_architecture import run

REQUIRED = "/accounts/second-factor/required/"
OF_PROGRAMS = sorted(name for name, row in access.TABLE.items() if row.get in (ADMIN, STARTS_PROGRAMS))
ACTIONS = sorted(name for name, row in access.TABLE.items() if row.post in (ADMIN, STARTS_PROGRAMS))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings):
    settings.ADMIN_SECOND_FACTOR = True


def protect(user) -> None:
    """Give the person a second factor, as somebody has who set one up."""
    TOTP.activate(user, "A" * 32)
    user.refresh_from_db()


@pytest.mark.walk
def test_each_page_and_action_of_a_program_leads_to_the_set_up(as_):
    world = access.build()
    client, open_to_them = as_(world.actors["admin"]), []
    rows = AuditEvent.objects.count()
    for method, names in (("get", OF_PROGRAMS), ("post", ACTIONS)):
        for name in names:
            row = access.TABLE[name]
            cache.clear()  # so that no rate limit applies
            answer = getattr(client, method)(reverse(name, args=world.arguments(row)), row.data)
            if answer.status_code != 302 or answer.headers["Location"] != REQUIRED:
                open_to_them.append(f"{method} {name}: {answer.status_code}")
    assert not open_to_them, open_to_them
    assert AuditEvent.objects.count() == rows


def test_the_walk_above_finds_pages():
    assert len(OF_PROGRAMS) > 30 and len(ACTIONS) > 40


def test_with_a_second_factor_the_pages_are_open_and_onward_leads_there(as_):
    program = make.program()
    admin = make.admin(program)
    client, url = as_(admin), f"/programs/{program.pk}/edit/"
    assert client.get(url).headers["Location"] == REQUIRED
    page = client.get(REQUIRED).content.decode()
    assert "Set up two-step verification first" in page and "you can’t open the pages of your programs" in page
    protect(admin)
    assert client.get(url).status_code == 200
    assert client.get(REQUIRED).headers["Location"] == "/accounts/second-factor/"
    assert client.session["after_second_factor"] == url
    Authenticator.objects.all().delete()
    assert client.get(url).headers["Location"] == REQUIRED


def test_an_admin_who_is_also_a_mentor_keeps_what_is_theirs(as_):
    pair = make.pair()
    make.enrollment(pair.program, pair.mentor, "admin")
    client = as_(pair.mentor)
    for url in ("/", f"/pairs/{pair.pk}/", "/preferences/", "/sessions/", "/accounts/second-factor/"):
        assert client.get(url).status_code == 200, url
    assert 'href="/programs/"' in client.get("/").content.decode()  # the way to the set-up stays in the navigation
    assert client.get("/programs/").headers["Location"] == REQUIRED
    assert client.get("/programs/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == REQUIRED


def test_what_mentors_read_of_a_program_is_closed_to_its_admins_too(as_):
    program = make.program()
    admin, mentor = make.admin(program), make.participant(program, "mentor", "Sam Okafor")
    posted = make.opportunity(program, admin)
    pages = ("opportunities", "mentors")
    urls = [f"/opportunities/{posted.pk}/", *(f"/programs/{program.pk}/{page}/" for page in pages)]
    for url in urls:
        assert as_(admin).get(url).headers["Location"] == REQUIRED, url
        assert as_(mentor).get(url).status_code == 200, url
    assert as_(admin).get(f"/opportunities/{posted.pk}/edit/").headers["Location"] == REQUIRED
    protect(admin)
    for url in urls:
        assert as_(admin).get(url).status_code == 200, url


def test_search_and_lists_show_nothing_of_a_program(as_):
    program = make.program("Glacier mentoring")
    admin = make.admin(program)
    make.pair(program, admin, make.user("Tom Reed"))
    make.enrollment(program, make.user("Quirin Adler"), "mentee")
    client = as_(admin)
    assert "Quirin" not in client.get("/search/?q=quirin").content.decode()
    protect(admin)
    assert "Quirin" in client.get("/search/?q=quirin").content.decode()


def test_the_operator_needs_one_to_start_a_program(as_):
    make.installation()
    assert as_(make.user("Root", is_superuser=True)).get("/programs/new/").headers["Location"] == REQUIRED


def test_people_who_run_nothing_are_not_asked(as_, ada):
    client = as_(ada)
    assert client.get("/programs/").status_code == 404
    assert client.get("/pairs/999999/").status_code == 404


def test_a_demo_and_an_installation_that_turns_it_off_ask_nobody(as_, settings):
    program = make.program()
    client = as_(make.admin(program))
    Installation.objects.update(demo=True)
    assert client.get("/programs/").status_code in (200, 302)
    assert client.get(f"/programs/{program.pk}/").status_code == 200
    Installation.objects.update(demo=False)
    settings.ADMIN_SECOND_FACTOR = False
    assert client.get(f"/programs/{program.pk}/").status_code == 200


def test_a_person_with_a_factor_costs_no_query_more(as_, settings):
    program = make.program()
    admin = make.admin(program)
    protect(admin)
    client, counts = as_(admin), []
    client.get("/preferences/")
    for required in (False, True):
        settings.ADMIN_SECOND_FACTOR = required
        with CaptureQueriesContext(connection) as queries:
            client.get("/preferences/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("site", "switch", "needed"),
    [("https://mentoring.example.org", "", True), ("https://mentoring.example.org", "0", False), ("", "", False)],
)
def test_the_default_follows_https(site, switch, needed, tmp_path):
    code = "from django.conf import settings; print(settings.ADMIN_SECOND_FACTOR)"
    result = run(
        *(sys.executable, "manage.py", "shell", "--no-imports", "-c", code),
        SITE_URL=site,
        ADMIN_SECOND_FACTOR=switch,
        DATA_DIR=str(tmp_path),
    )
    assert result.stdout.strip() == str(needed), result.stderr
