"""Signing in and out: passwords, emailed codes, limits, and what a stranger can learn."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Bounce, Installation, User
from tests import make

LOGIN, CODE, RESET = "/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/"
PASSWORD = "a-river-in-winter"


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings, db):
    settings.EMAIL_URL = "smtp://localhost:25"
    make.installation()


@pytest.fixture
def lena():
    return make.user("Lena Brandt", email="lena@example.org", password=PASSWORD)


def sign_in(client, email="lena@example.org", password=PASSWORD, **headers):
    return client.post(LOGIN, {"login": email, "password": password}, **headers)


def signed_in(client) -> bool:
    return client.get("/preferences/").status_code == 200


def test_sign_in_ignores_the_case_of_the_address(client, lena):
    answer = sign_in(client, "Lena@Example.org")
    assert answer.headers["Location"] == "/"
    assert signed_in(client)


def test_sign_in_leads_to_the_requested_page(client, lena):
    redirect = client.get("/preferences/")
    assert redirect.headers["Location"] == "/accounts/login/?next=/preferences/"
    answer = client.post(
        redirect.headers["Location"], {"login": lena.email, "password": PASSWORD, "next": "/preferences/"}
    )
    assert answer.headers["Location"] == "/preferences/"


def test_next_stays_on_the_site(client, lena):
    answer = client.post(LOGIN, {"login": lena.email, "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_is_a_422_that_keeps_the_address(client, lena):
    answer = sign_in(client, password="wrong")
    assert answer.status_code == 422
    assert b'value="lena@example.org"' in answer.content
    assert not signed_in(client)


def test_signing_in_replaces_the_session_key(client, lena):
    client.get(CODE)
    client.session["kept"] = 1
    before = client.session.session_key
    sign_in(client)
    after = client.cookies["session"].value
    assert before != after
    old = Client()
    old.cookies["session"] = before or "x"
    assert not signed_in(old)


@pytest.mark.parametrize(
    "who", ["nobody@example.org", "invited@example.org", "gone@example.org"], ids=["unknown", "no password", "inactive"]
)
def test_sign_in_does_not_reveal_who_has_an_account(client, lena, who, monkeypatch):
    make.user("Invited", email="invited@example.org")
    make.user("Gone", email="gone@example.org", password=PASSWORD, is_active=False)
    hashed = []
    work = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, password, salt: hashed.append(1) or work(self, password, salt)
    )
    known, known_work = sign_in(Client(), lena.email, "wrong-guess"), len(hashed)
    other, other_work = sign_in(Client(), who, "wrong-guess"), len(hashed) - known_work
    assert known.status_code == other.status_code == 422
    assert body(known) == body(other)
    assert header_names(known) == header_names(other)
    assert known_work == other_work == 1


def body(answer) -> str:
    """The page without the parts that differ on every load and without the typed address."""
    text = re.sub(r'(csrfmiddlewaretoken" value|csrf-token" content)="\w+"', "", answer.content.decode())
    return re.sub(r"[\w.]+@example\.org", "", text)


def header_names(answer) -> set:
    return set(answer.headers) - {"Content-Length"}


@pytest.mark.parametrize("url", [RESET, CODE])
def test_codes_and_resets_do_not_reveal_who_has_an_account(client, lena, url, mailoutbox):
    known, unknown = Client(), Client()
    answers = [known.post(url, {"email": lena.email}), unknown.post(url, {"email": "nobody@example.org"})]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert header_names(answers[0]) == header_names(answers[1])
    pages = [each.get(answers[0].headers["Location"]) for each in (known, unknown)]
    assert body(pages[0]) == body(pages[1])
    assert [mail.to for mail in mailoutbox] == [[lena.email], ["nobody@example.org"]]


def code_in(mail) -> str:
    return re.search(r"^    (\S+)$", mail.body, re.M).group(1)


def test_account_emails_have_an_html_part_with_the_same_links(client, lena, mailoutbox):
    for url, words in ((CODE, "Your sign-in code"), (RESET, "Choose a new password")):
        client.post(url, {"email": lena.email})
        mail = mailoutbox[-1]
        html, mimetype = mail.alternatives[0]
        assert mimetype == "text/html"
        assert f"{words}</h1>" in html
        assert 'class="card" style=' in html  # inlined
        links = [set(re.findall(r'http://[^\s"<>]+', part)) for part in (mail.body, html)]
        assert links[0] == links[1]
    assert code_in(mailoutbox[0]) in mailoutbox[0].alternatives[0].content


def test_each_account_email_has_both_parts(settings):
    folder = settings.BASE_DIR / "templates" / "account" / "email"
    names = [{path.stem for path in folder.glob(f"*_message.{kind}")} for kind in ("txt", "html")]
    assert names[0] == names[1]
    for name in names[1] - {"base_message"}:
        assert "<h1" in render_to_string(f"account/email/{name}.html", {"current_site": None})


def test_an_emailed_code_signs_in_within_ten_minutes(client, lena, mailoutbox):
    client.post(CODE, {"email": lena.email})
    code = code_in(mailoutbox[0])
    assert client.post("/accounts/login/code/confirm/", {"code": code}).status_code == 302
    assert signed_in(client)


def test_a_code_expires_after_ten_minutes(client, lena, mailoutbox):
    client.post(CODE, {"email": lena.email})
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        client.post("/accounts/login/code/confirm/", {"code": code_in(mailoutbox[0])})
        assert not signed_in(client)


def test_a_wrong_code_is_a_422(client, lena):
    client.post(CODE, {"email": lena.email})
    assert client.post("/accounts/login/code/confirm/", {"code": "nonsense"}).status_code == 422


def test_a_person_without_a_password_signs_in_by_code(client, mailoutbox):
    ada = make.user("Ada Lind", email="ada@example.org")
    client.post(CODE, {"email": ada.email})
    client.post("/accounts/login/code/confirm/", {"code": code_in(mailoutbox[0])})
    assert signed_in(client)


def reset_link(mail) -> str:
    return re.search(r"http://localhost:8000(/\S+)", mail.body).group(1)


def test_a_reset_link_sets_a_new_password_within_the_hour(client, lena, mailoutbox):
    client.post(RESET, {"email": lena.email})
    form = client.get(reset_link(mailoutbox[0]), follow=True)
    answer = client.post(form.redirect_chain[-1][0], {"password1": "the-other-river", "password2": "the-other-river"})
    assert answer.status_code == 302
    assert sign_in(Client(), password="the-other-river").status_code == 302
    assert AuditEvent.objects.filter(action=AuditEvent.Action.PASSWORD_CHANGED, user=lena).exists()


def test_a_reset_link_expires_after_an_hour(client, lena, mailoutbox):
    client.post(RESET, {"email": lena.email})
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        answer = client.get(reset_link(mailoutbox[0]), follow=True)
    assert not answer.redirect_chain and b"password1" not in answer.content


def test_a_new_password_signs_out_all_other_devices(client, lena):
    elsewhere = Client()
    sign_in(client), sign_in(elsewhere)
    new = {"oldpassword": PASSWORD, "password1": "the-other-river", "password2": "the-other-river"}
    assert client.post("/accounts/password/change/", new).status_code == 302
    assert signed_in(client)
    assert not signed_in(elsewhere)
    assert AuditEvent.objects.filter(action=AuditEvent.Action.PASSWORD_CHANGED, user=lena).exists()


def test_an_address_changes_only_once_the_new_one_is_confirmed(client, lena, mailoutbox):
    sign_in(client)
    Bounce.record(lena, is_permanent=True, status="5.1.1")
    change = {"email": "lena@new.example", "action_add": ""}
    redirect = client.post("/accounts/email/", change)
    assert redirect.headers["Location"].startswith("/accounts/reauthenticate/")
    client.post(redirect.headers["Location"], {"password": PASSWORD})
    lena.refresh_from_db()
    assert lena.email == "lena@example.org"
    mail = next(mail for mail in mailoutbox if mail.to == ["lena@new.example"])
    link = reset_link(mail)
    client.get(link)
    lena.refresh_from_db()
    assert lena.email == "lena@example.org" and lena.mail_suspended_at
    client.post(link)
    lena.refresh_from_db()
    assert lena.email == "lena@new.example" and not lena.mail_suspended_at
    assert sign_in(Client(), "lena@new.example").status_code == 302
    assert sign_in(Client(), "lena@example.org").status_code == 422


def test_opening_the_address_page_changes_nothing(client, lena):
    sign_in(client)
    before = list(EmailAddress.objects.values())
    page = client.get("/accounts/email/")
    assert b"Waiting for you" not in page.content
    assert list(EmailAddress.objects.values()) == before


def test_signing_out_clears_the_browser_storage(client, lena):
    sign_in(client)
    assert client.get("/accounts/logout/").status_code == 200
    assert signed_in(client)
    answer = client.post("/accounts/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not signed_in(client)


def test_a_deactivated_person_is_refused_with_the_reason(client):
    make.user("Gone", email="gone@example.org", password=PASSWORD, is_active=False)
    answer = client.post(LOGIN, {"login": "gone@example.org", "password": PASSWORD}, follow=True)
    assert not signed_in(client)
    assert answer.status_code == 200


def test_deactivated_people_are_signed_out_at_the_next_request(client, lena):
    sign_in(client)
    User.objects.filter(pk=lena.pk).update(is_active=False)
    assert not signed_in(client)


# Limits


def test_the_sixth_failed_sign_in_answers_429_with_the_wait(client, lena):
    for _n in range(5):
        assert sign_in(client, password="wrong").status_code == 422
    answer = sign_in(client, password="wrong")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert sign_in(client).status_code == 429  # the right password is refused, too, while the account is locked


def test_the_limit_also_applies_to_unknown_addresses(client):
    for _n in range(5):
        sign_in(client, "nobody@example.org", "wrong")
    assert sign_in(client, "nobody@example.org", "wrong").status_code == 429


def test_ten_failures_lock_an_ip_address_despite_forged_headers(client):
    for n in range(10):
        sign_in(client, f"person{n}@example.org", "wrong", headers={"X-Forwarded-For": f"10.0.0.{n}"})
    answer = sign_in(client, "person11@example.org", "wrong", headers={"X-Forwarded-For": "10.9.9.9"})
    assert answer.status_code == 429


def test_resets_for_one_account_are_limited(client, lena, mailoutbox):
    answers = [client.post(RESET, {"email": lena.email}).status_code for _n in range(6)]
    assert answers == [302] * 5 + [429]
    assert len(mailoutbox) == 5


def test_a_person_can_post_at_most_sixty_times_a_minute(as_, lena):
    client = as_(lena)
    with time_machine.travel(timezone.now(), tick=False):
        answers = [client.post("/preferences/", {"name": ""}).status_code for _n in range(61)]
    assert answers == [422] * 60 + [429]


# Session lifetime


def test_a_sign_in_ends_after_thirty_days_of_use(lena):
    client, start = Client(), timezone.now()
    with time_machine.travel(start):
        sign_in(client)
        assert signed_in(client)
    for day in range(7, 30, 7):
        with time_machine.travel(start + timedelta(days=day)):
            assert signed_in(client)
    with time_machine.travel(start + timedelta(days=30, hours=1)):
        assert not signed_in(client)


def test_an_unused_sign_in_ends_after_fourteen_days(lena):
    client, start = Client(), timezone.now()
    sign_in(client)
    assert signed_in(client)
    with time_machine.travel(start + timedelta(days=14, hours=1)):
        assert not signed_in(client)


def test_an_idle_program_admin_is_signed_out_after_12_hours(lena):
    make.enrollment(make.program(), lena, "admin")
    client, start = Client(), timezone.now()
    sign_in(client)
    assert signed_in(client)
    with time_machine.travel(start + timedelta(hours=11)):
        assert signed_in(client)
    with time_machine.travel(start + timedelta(hours=24)):
        assert not signed_in(client)


def test_an_idle_mentor_stays_signed_in_after_12_hours(lena):
    client, start = Client(), timezone.now()
    sign_in(client)
    assert signed_in(client)
    with time_machine.travel(start + timedelta(hours=24)):
        assert signed_in(client)


# Registration and email


def test_registration_is_closed_by_default(client):
    answer = client.post("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD, "name": "New"})
    assert not User.objects.filter(email="new@example.org").exists()
    assert answer.status_code == 200


def test_open_registration_asks_for_a_name(client, settings):
    settings.OPEN_REGISTRATION = True
    facts = {"email": "new@example.org", "password1": PASSWORD}
    assert client.post("/accounts/signup/", facts).status_code == 422
    assert client.post("/accounts/signup/", facts | {"name": "Nia Cole"}).status_code == 302
    assert User.objects.get(email="new@example.org").name == "Nia Cole"


@pytest.mark.parametrize("url", [RESET, CODE])
def test_pages_that_need_email_explain_when_it_is_off(client, lena, url, settings, mailoutbox):
    settings.EMAIL_URL = ""
    for answer in (client.get(url), client.post(url, {"email": lena.email})):
        assert b"Email is not set up" in answer.content
        assert b"Example Foundation" in answer.content
    assert not mailoutbox


def test_sign_in_codes_work_in_a_demo_without_email(client, lena, settings, mailoutbox):
    settings.EMAIL_URL = ""
    Installation.objects.update(demo=True)
    client.post(CODE, {"email": lena.email})
    assert len(mailoutbox) == 1


def test_overridden_pages_have_one_url():
    assert reverse("account_login") == LOGIN
    assert reverse("account_request_login_code") == CODE
    assert reverse("account_reset_password") == RESET


# Where links and redirects lead


def test_links_in_emails_use_the_site_url_not_the_request_host(settings, client, lena, mailoutbox):
    settings.SITE, settings.SITE_URL = urlsplit("https://mentoring.example.org"), "https://mentoring.example.org"
    settings.ALLOWED_HOSTS = ["mentoring.example.org", "localhost", "127.0.0.1", "[::1]"]
    for host in ("localhost:1337", "127.0.0.1", "[::1]:99"):
        client.post(RESET, {"email": lena.email}, headers={"Host": host})
        client.post(RESET, {"email": "nobody@example.org"}, headers={"Host": host})
    assert len(mailoutbox) >= 3
    for mail in mailoutbox:
        whole = mail.body + "".join(str(each) for each in mail.alternatives)
        assert "localhost" not in whole and "127.0.0.1" not in whole and "::1" not in whole


@pytest.mark.parametrize(
    "next_url", ["//[::1]", "//[::1]/", "http://localhost:1337/", "//127.0.0.1/x", "https:///evil", "\\\\evil"]
)
def test_no_redirect_leaves_the_site(client, lena, settings, next_url):
    settings.SITE, settings.SITE_URL = urlsplit("https://mentoring.example.org"), "https://mentoring.example.org"
    settings.ALLOWED_HOSTS = ["mentoring.example.org", "localhost", "127.0.0.1", "[::1]", "testserver"]
    answer = client.post(
        f"/accounts/login/?next={next_url}", {"login": lena.email, "password": PASSWORD, "next": next_url}
    )
    assert answer.status_code == 302 and answer.url == "/"


def test_messages_are_stored_in_the_session_not_in_a_cookie(client, lena):
    sign_in(client)
    answer = client.post("/preferences/", client.get("/preferences/").context["form"].initial)
    assert answer.status_code == 302 and "messages" not in answer.cookies
    assert "Saved" in client.get(answer.url).content.decode()
