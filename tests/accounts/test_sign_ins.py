"""Where a person is signed in: the list, signing out elsewhere, and the email about a new device."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.browsers import describe
from accounts.models import AuditEvent, Installation, SignIn
from records import retention
from reminders import planner, sender
from tests import make

LIST, OTHERS = "/preferences/sign-ins/", "/preferences/sign-ins/end-others/"
PASSWORD = "a-river-in-winter"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
TABLET = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings, db):
    settings.EMAIL_URL = "smtp://localhost:25"
    make.installation()


@pytest.fixture
def lena():
    return make.user("Lena Brandt", email="lena@example.org", password=PASSWORD)


def sign_in(user_agent: str = LAPTOP, client: Client | None = None) -> Client:
    client = client or Client(headers={"User-Agent": user_agent})
    client.post("/accounts/login/", {"login": "lena@example.org", "password": PASSWORD})
    client.get("/preferences/")  # the page to which the sign-in leads
    return client


def signed_in(client) -> bool:
    return client.get("/preferences/").status_code == 200


def shown(client) -> str:
    return client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (PHONE, "Safari, iPhone"),
        (LAPTOP, "Firefox, Windows"),
        (TABLET, "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge, Mac"),
        ("curl/8", ""),
        ("", ""),
        ("<script>" * 5000, ""),
    ],
)
def test_browsers_are_named_without_versions(header, name):
    assert describe(header) == name


def test_the_list_names_each_device_and_marks_this_one(lena):
    laptop, phone = sign_in(LAPTOP), sign_in(PHONE)
    page = shown(laptop)
    of_laptop = page[page.index("Firefox, Windows") :]
    assert of_laptop.index("This device") < of_laptop.index("Signed in:") and page.count("This device") == 1
    assert "Safari, iPhone" in page and page.count("Sign out<span") == 1
    assert signed_in(phone)


def test_one_device_is_signed_out_at_its_next_request(lena):
    laptop, phone = sign_in(LAPTOP), sign_in(PHONE)
    pk = SignIn.objects.get(browser="Safari, iPhone").pk
    assert laptop.post(f"{LIST}{pk}/end/").headers["Location"] == LIST
    assert not signed_in(phone) and signed_in(laptop)
    assert "Safari, iPhone" not in shown(laptop)
    assert laptop.post(f"{LIST}{pk}/end/").status_code == 302  # a second press does no harm
    assert AuditEvent.objects.filter(action=AuditEvent.Action.SIGNED_OUT_ELSEWHERE, user=lena).count() == 1


def test_nobody_ends_the_sign_in_of_somebody_else(lena, as_):
    laptop = sign_in(LAPTOP)
    as_(make.user("Other")).post(f"{LIST}{SignIn.objects.get().pk}/end/")
    assert signed_in(laptop)


def test_signing_out_elsewhere_ends_every_other_sign_in_also_unlisted_ones(lena):
    laptop, phone, unlisted = sign_in(LAPTOP), sign_in(PHONE), Client()
    unlisted.force_login(lena)
    key = laptop.cookies["session"].value
    laptop.post(OTHERS)
    assert signed_in(laptop)
    assert not signed_in(phone) and not signed_in(unlisted)
    assert laptop.cookies["session"].value != key
    assert "Safari, iPhone" not in shown(laptop) and "Firefox, Windows" in shown(laptop)
    laptop.post(OTHERS)
    assert signed_in(laptop)


def test_an_upgrade_signs_nobody_out_and_lists_who_is_here(lena):
    """The hash in earlier web sessions is Django's, and they have no row."""
    client = Client(headers={"User-Agent": TABLET})
    client.force_login(lena)
    assert client.session["_auth_user_hash"] == super(type(lena), lena)._get_session_auth_hash()
    assert signed_in(client)
    assert "Chrome, Android" in shown(client)


def test_a_new_password_ends_others_and_this_device_can_still_be_ended(lena):
    laptop, phone = sign_in(LAPTOP), sign_in(PHONE)
    new = {"oldpassword": PASSWORD, "password1": "the-other-river", "password2": "the-other-river"}
    laptop.post("/accounts/password/change/", new)
    assert "Safari, iPhone" not in shown(laptop) and not signed_in(phone)
    phone.post("/accounts/login/", {"login": lena.email, "password": "the-other-river"})
    pk = SignIn.objects.get(browser="Firefox, Windows").pk
    phone.post(f"{LIST}{pk}/end/")
    assert signed_in(phone) and not signed_in(laptop)


def test_a_device_that_signed_out_is_not_listed(lena):
    laptop, phone = sign_in(LAPTOP), sign_in(PHONE)
    phone.post("/accounts/logout/")
    assert "Safari, iPhone" not in shown(laptop)


def test_the_list_needs_as_many_queries_for_many_devices(lena):
    client, counts = sign_in(LAPTOP), []
    for _more in range(2):
        sign_in(PHONE), sign_in(TABLET)
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- New devices ------------------------------------------------------------------------------------------------


def announced() -> int:
    return SignIn.objects.exclude(new_device_at=None).count()


def send_mail() -> None:
    """Do what the task does every minute."""
    planner.plan()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        sender.send_due()


def test_a_sign_in_on_a_new_device_is_announced_once(lena, mailoutbox):
    sign_in(LAPTOP)
    send_mail()
    assert not mailoutbox  # the first of all
    phone = sign_in(PHONE)
    assert not mailoutbox  # a mail server that hangs does not delay a sign-in
    send_mail()
    assert [mail.subject for mail in mailoutbox] == ["Sign-in on a new device"]
    assert "(Safari, iPhone)" in mailoutbox[0].body and mailoutbox[0].to == [lena.email]
    phone.post("/accounts/logout/")
    sign_in(client=phone)
    send_mail()
    assert len(mailoutbox) == 1


def test_signing_out_at_once_does_not_stop_the_email(lena, mailoutbox):
    sign_in(LAPTOP)
    phone = sign_in(PHONE)
    pk = SignIn.objects.get(browser="Safari, iPhone").pk
    phone.post(OTHERS), phone.post(f"{LIST}{pk}/end/")
    send_mail()
    assert [mail.subject for mail in mailoutbox] == ["Sign-in on a new device"]


def test_another_browser_of_the_same_kind_is_a_new_device(lena):
    sign_in(LAPTOP), sign_in(LAPTOP)
    assert announced() == 1


def test_a_device_that_was_signed_out_from_elsewhere_is_new_again(lena):
    laptop, phone = sign_in(LAPTOP), sign_in(PHONE)
    laptop.post(OTHERS)
    sign_in(client=phone)
    assert announced() == 2


def test_a_device_from_before_an_upgrade_is_known_by_its_browser(lena):
    SignIn.objects.create(user=lena, browser="Firefox, Windows")
    sign_in(LAPTOP)
    assert announced() == 0
    sign_in(PHONE)
    assert announced() == 1


def test_a_device_is_forgotten_after_ninety_days(lena):
    phone, laptop, start = sign_in(PHONE), sign_in(LAPTOP), timezone.now()
    laptop.post("/accounts/logout/"), phone.post("/accounts/logout/")
    for day in range(30, 121, 30):
        with time_machine.travel(start + timedelta(days=day)):
            sign_in(client=phone)
    before = announced()
    with time_machine.travel(start + timedelta(days=121)):
        sign_in(client=laptop)
        assert announced() == before + 1


def test_devices_that_are_not_seen_for_ninety_days_are_deleted(lena):
    sign_in(LAPTOP)
    for days, left in ((89, 1), (91, 0)):
        retention.delete_old_logs(timezone.now() + timedelta(days=days))
        assert SignIn.objects.count() == left


def test_a_demo_announces_nothing(lena, mailoutbox):
    Installation.objects.update(demo=True)
    sign_in(LAPTOP), sign_in(PHONE)
    send_mail()
    assert not mailoutbox and not announced()


def test_the_device_cookie_is_private_and_stored_as_a_digest(lena):
    client = sign_in(LAPTOP)
    cookie = client.cookies["device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 365 * 24 * 3600
    assert cookie.value not in "".join(map(str, SignIn.objects.values_list()))
