"""First-time setup of an empty installation, and signing in to a demo."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.local_access import setup_code
from accounts.models import AuditEvent, Installation, OutboxMail, User
from demo import first_time_setup
from mentoring.models import Enrollment, Program
from tests import make

FACTS = {
    "your_name": "Priya Nair",
    "email": "priya@example.org",
    "password": "a-river-in-winter",
    "name": "Engineering mentoring",
    "starts_on": "2026-01-12",
    "ends_on": "2026-07-12",
    "cadence": "2-weekly",
    "minutes": "60",
    "operator_name": "Example Foundation",
    "zone": "Europe/London",
}
HERE = {"HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def here(db):
    """A client on the same machine as the server."""
    return Client(**HERE)


@pytest.mark.parametrize("url", ["/", "/preferences/", "/programs/", "/accounts/login/"])
def test_an_empty_installation_redirects_to_setup(here, url):
    assert here.get(url).headers["Location"] == "/start/"


def test_setup_offers_a_demo_or_a_program(here):
    page = here.get("/start/").content.decode()
    assert "Look around" in page and "Start our program" in page


def test_setup_creates_installation_admin_and_program(here):
    answer = here.post("/start/program/", FACTS)
    program = Program.objects.get()
    assert answer.headers["Location"] == f"/programs/{program.pk}/"
    assert Installation.current().operator_name == "Example Foundation"
    assert not Installation.current().demo
    person = User.objects.get()
    assert (person.name, person.zone, person.is_superuser) == ("Priya Nair", "Europe/London", False)
    assert Enrollment.objects.active().get().role == "admin"
    page = here.get(answer.headers["Location"]).content.decode()
    assert "Engineering mentoring" in page and "Invite mentors" in page


def test_a_form_with_errors_answers_422_and_keeps_its_input(here):
    wrong = FACTS | {"ends_on": "2026-01-01", "password": "tiny-pw", "your_name": "Пётр 😀 " + "x" * 180}
    answer = here.post("/start/program/", wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter an end date after the start date." in page
    assert wrong["your_name"] in page and "Example Foundation" in page and "tiny-pw" not in page
    assert not Installation.current() and not User.objects.exists()


def test_an_unknown_time_zone_is_utc(here):
    here.post("/start/program/", FACTS | {"zone": "Mars/Olympus"})
    assert User.objects.get().zone == "UTC"


def test_setup_is_possible_once(here):
    here.post("/start/program/", FACTS)
    second_client = Client(**HERE)
    assert second_client.get("/start/").headers["Location"] == "/"
    assert second_client.post("/start/program/", FACTS | {"email": "other@example.org"}).headers["Location"] == "/"
    assert User.objects.count() == 1


def test_only_one_of_two_simultaneous_setups_stores_anything(db):
    facts = FACTS | first_time_setup.initial_values()
    first_time_setup.start_program(facts)
    with pytest.raises(first_time_setup.AlreadySetUp):
        first_time_setup.start_program(facts | {"email": "second@example.org"})
    assert User.objects.count() == 1 and Program.objects.count() == 1


@pytest.mark.parametrize(
    "extra",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_HOST": "mentoring.example.org"},
        {"SERVER_PROTOCOL": "HTTP/1.0"},
    ],
    ids=["another machine", "X-Forwarded-For", "Forwarded", "X-Real-IP", "another host name", "HTTP/1.0"],
)
def test_setup_from_another_machine_needs_the_code(db, settings, extra):
    settings.ALLOWED_HOSTS = ["*"]
    elsewhere = Client(**(HERE | extra))
    for answer in (
        elsewhere.get("/start/"),
        elsewhere.get("/start/program/"),
        elsewhere.post("/start/program/", FACTS),
    ):
        assert answer.status_code == 403
        assert b"setup_link" in answer.content
    assert elsewhere.post("/start/demo/").status_code == 403
    assert elsewhere.get("/start/", {"code": "0" * 24}).status_code == 403
    assert not User.objects.exists()
    opened = elsewhere.get("/start/", {"code": setup_code()})
    assert opened.status_code == 200 and opened.headers["Referrer-Policy"] == "same-origin"
    assert elsewhere.post("/start/program/", FACTS | {"code": setup_code()}).status_code == 302
    assert User.objects.exists()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1"])
def test_every_loopback_address_counts_as_local(db, address):
    assert Client(HTTP_HOST="[::1]:8000", REMOTE_ADDR=address).get("/start/").status_code == 200


def test_setup_link_prints_the_link_until_setup_is_done(db, settings):
    settings.SITE_URL = "https://mentoring.example.org"
    out = StringIO()
    call_command("setup_link", stdout=out)
    assert out.getvalue().strip() == f"https://mentoring.example.org/start/?code={setup_code()}"
    make.installation()
    with pytest.raises(CommandError):
        call_command("setup_link")


def test_the_setup_code_is_derived_from_the_secret_key(settings):
    before = setup_code()
    settings.SECRET_KEY = "another"
    assert setup_code() != before


# The demo


@pytest.fixture
def demo(db):
    make.installation(demo=True)
    return make.pair()


def test_the_demo_lists_people_and_signs_in_with_one_click(here, demo):
    page = here.get("/demo/").content.decode()
    assert "Sign in as Sam" in page and "Sign in as Ada" in page
    assert here.post(f"/demo/enter/{demo.mentor.pk}/").headers["Location"] == "/"
    assert b"Sam Okafor" in here.get("/preferences/").content
    here.post(f"/demo/enter/{demo.mentee.pk}/")
    assert b"Ada Lind" in here.get("/preferences/").content


def test_the_list_needs_no_more_queries_for_twice_the_people(here, demo, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        here.get("/demo/")
    for _n in range(5):
        make.pair(demo.program, make.user(), make.user())
    with django_assert_max_num_queries(6):
        here.get("/demo/")


def test_signing_in_to_the_demo_needs_a_post(here, demo):
    assert here.get(f"/demo/enter/{demo.mentor.pk}/").status_code == 405
    assert here.get("/demo/clear/").status_code == 405


@pytest.mark.parametrize("method, url", [("get", "/demo/"), ("post", "/demo/enter/{}/"), ("post", "/demo/clear/")])
def test_remote_requests_to_the_demo_answer_404_and_are_logged(demo, method, url):
    elsewhere = Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.7")
    assert getattr(elsewhere, method)(url.format(demo.mentor.pk)).status_code == 404
    assert AuditEvent.objects.filter(action=AuditEvent.Action.DEMO_ENTERED, result="refused").exists() == (
        method == "post"
    )
    assert User.objects.exists()


def test_one_click_sign_in_works_in_demos_only(here, pair):
    assert here.get("/demo/").status_code == 404
    assert here.post(f"/demo/enter/{pair.mentor.pk}/").status_code == 404
    assert here.post("/demo/clear/").status_code == 404
    assert here.get("/preferences/").status_code == 302
    assert User.objects.count() == 2


# The page of emails


def test_emails_are_shown_newest_first_with_working_links(here, demo):
    OutboxMail.objects.create(recipients="a@example.org", subject="First", text="older")
    link = "http://localhost:8000/invitation/1-abc/"
    newest = OutboxMail.objects.create(
        recipients="b@example.org", subject="Second <b>", text=f"Come:\n\n{link}\n<script>x</script>"
    )
    page = here.get("/outbox/").content.decode()
    assert page.index("Second &lt;b&gt;") < page.index("First")
    html = here.get(f"/outbox/{newest.pk}/").content.decode()
    assert f'href="{link}"' in html and "<script>x" not in html


def test_the_emails_page_needs_a_local_demo_or_debug(here, demo, settings):
    assert Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.7").get("/outbox/").status_code == 404
    Installation.objects.update(demo=False)
    assert here.get("/outbox/").status_code == 404
    settings.DEBUG = True
    assert here.get("/outbox/").status_code == 200


def test_an_empty_emails_page_explains_itself(here, demo):
    assert b"No emails yet" in here.get("/outbox/").content


def test_a_demo_can_be_created_and_cleared(here):
    assert here.post("/start/demo/").headers["Location"] == "/demo/"
    page = here.get("/demo/").content.decode()
    assert "Sign in as Sam" in page and "Sign in as Ada" in page
    sam = User.objects.get(name__startswith="Sam ")
    here.post(f"/demo/enter/{sam.pk}/")
    assert here.get("/").status_code == 200
    assert here.post("/start/demo/").headers["Location"] == "/"  # there is a demo already
    assert here.post("/demo/clear/").headers["Location"] == "/start/"
    assert here.get("/preferences/").headers["Location"] == "/start/"
    assert not User.objects.exists() and not Program.objects.exists() and not Installation.objects.exists()
