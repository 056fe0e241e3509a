"""Important steps are confirmed: files, new admins, rules. Nothing that was entered is lost."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Installation, User
from mentoring.models import Enrollment
from tests import make

PASSWORD = "a-river-in-winter"

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.program()


@pytest.fixture
def client(program):
    """A program admin with a password who signed in twenty minutes ago."""
    admin = make.admin(program)
    admin.set_password(PASSWORD)
    admin.save()
    client, now = Client(), timezone.now()
    with time_machine.travel(now - timedelta(minutes=20)):
        client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
        client.get("/preferences/")
    return client


def files(program) -> list[str]:
    pk = program.pk
    return [
        *(f"/programs/{pk}/people/export/", f"/programs/{pk}/pairs/export/", f"/programs/{pk}/invitations.csv"),
        *(f"/programs/{pk}/figures.csv", f"/programs/{pk}/weeks/export/", f"/programs/{pk}/file.yaml"),
    ]


def confirm(client, answer):
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/reauthenticate/")
    return client.post(answer.headers["Location"], {"password": PASSWORD})


def test_each_file_of_a_program_is_confirmed_first(client, program):
    page = f"/programs/{program.pk}/"
    for url in files(program):
        answer = client.post(url, headers={"Referer": f"http://testserver{page}"})
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/?next="), url
    assert "then press the button again" in client.get(answer.headers["Location"]).content.decode()
    assert confirm(client, answer).headers["Location"] == page
    for url in files(program):
        assert client.post(url).status_code == 200, url


def test_within_fifteen_minutes_nothing_is_asked_again(client, program):
    url = files(program)[0]
    confirm(client, client.post(url))
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert client.post(url).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert client.post(url).status_code == 302


def test_a_fresh_sign_in_is_enough(client, program):
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": User.objects.get(name="Priya Nair").email, "password": PASSWORD})
    assert client.post(files(program)[0]).status_code == 200


def test_a_new_admin_is_invited_after_the_confirmation_with_all_inputs(client, program):
    invitation = {"role": "admin", "people": "Nia Cole, nia@example.org", "message": "Welcome to the team"}
    answer = client.post(f"/programs/{program.pk}/people/new/", invitation)
    assert not Enrollment.objects.filter(role="admin", user__email="nia@example.org").exists()
    assert client.post(answer.headers["Location"], {"password": "wrong"}).status_code == 422
    assert confirm(client, answer).headers["Location"] == f"/programs/{program.pk}/"
    row = Enrollment.objects.get(role="admin", user__email="nia@example.org")
    assert row.invitation_message == "Welcome to the team"


def test_inviting_anybody_else_is_not_an_important_step(client, program):
    invitation = {"role": "mentee", "people": "Nia Cole, nia@example.org"}
    assert (
        client.post(f"/programs/{program.pk}/people/new/", invitation).headers["Location"] == f"/programs/{program.pk}/"
    )


def test_rules_change_after_the_confirmation_and_previews_at_once(client, program):
    url = f"/programs/{program.pk}/matching/rules/"
    fields = {name: value for name, value in client.get(url).context["form"].initial.items() if value is not None}
    answer = client.post(f"{url}?from=settings", fields | {"grades_above": "2"})
    program.refresh_from_db()
    assert not program.match_rules
    confirm(client, answer)
    program.refresh_from_db()
    assert program.match_rules
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        rules = f"/programs/{program.pk}/rules/"
        assert client.post(rules, {"preview": "1", "A1_amber": "12"}).status_code in (200, 422)
        assert client.post(rules, {"A1_amber": "12"}).headers["Location"].startswith("/accounts/reauthenticate/")
        kinds = f"/programs/{program.pk}/reminders/choices/"
        assert client.post(kinds, {}).headers["Location"].startswith("/accounts/reauthenticate/")
        file = f"/programs/{program.pk}/file/"
        assert client.post(file, {"text": "x", "sure": "1"}).headers["Location"].startswith("/accounts/reauth")
        assert client.post(file, {"text": "x"}).status_code == 422


def test_a_form_with_errors_is_shown_with_them_after_the_confirmation(client, program):
    answer = client.post(f"/programs/{program.pk}/people/new/", {"role": "admin", "people": "not an address"})
    page = confirm(client, answer)
    assert page.status_code == 422 and "not an address" in page.content.decode()
    assert f'action="/programs/{program.pk}/people/new/"' in page.content.decode()


def test_a_step_that_was_put_off_does_not_happen_by_another_confirmation(client, program):
    client.post(f"/programs/{program.pk}/people/new/", {"role": "admin", "people": "Nia Cole, nia@example.org"})
    client.post("/accounts/reauthenticate/?next=/preferences/", {"password": PASSWORD})
    assert not Enrollment.objects.filter(user__email="nia@example.org").exists()


def test_a_step_that_was_put_off_does_not_happen_when_a_file_is_confirmed(client, program):
    page = f"/programs/{program.pk}/people/new/"
    client.post(page, {"role": "admin", "people": "Nia Cole, nia@example.org"})
    answer = client.post(files(program)[0], headers={"Referer": f"http://testserver{page}"})
    assert confirm(client, answer).headers["Location"] == page
    assert not Enrollment.objects.filter(user__email="nia@example.org").exists()


def test_a_step_put_off_does_not_happen_when_its_page_is_confirmed(client):
    totp.TOTP.activate(User.objects.get(name="Priya Nair"), "A" * 32)
    page = "/accounts/second-factor/app/remove/"
    client.post(page)
    assert confirm(client, client.get(page)).headers["Location"] == page
    assert User.objects.get(name="Priya Nair").has_second_factor


def test_a_first_password_is_confirmed_by_a_second_factor(program):
    admin = make.admin(program, "Kim Roe")
    totp.TOTP.activate(admin, "A" * 32)
    client, now = Client(), timezone.now()
    with time_machine.travel(now - timedelta(minutes=20)):
        client.force_login(admin)
        client.get("/preferences/")
    new = {"password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/accounts/password/set/", new)
    assert answer.headers["Location"].startswith("/accounts/second-factor/confirm/")
    admin.refresh_from_db()
    assert not admin.has_usable_password() and PASSWORD not in str(dict(client.session))
    code = totp.format_hotp_value(totp.hotp_value("A" * 32, int(now.timestamp()) // 30))
    client.post(answer.headers["Location"], {"code": code})
    client.post("/accounts/password/set/", new)
    admin.refresh_from_db()
    assert admin.has_usable_password()


def test_a_step_that_was_put_off_is_forgotten_after_ten_minutes(client, program):
    page = f"/programs/{program.pk}/people/new/"
    sent = {"role": "admin", "people": "Nia Cole, nia@example.org"}
    answer = client.post(page, sent, headers={"Referer": f"http://testserver{page}"})
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        late = client.post(answer.headers["Location"], {"password": PASSWORD})
    assert late.headers["Location"] == page and not Enrollment.objects.filter(user__email="nia@example.org").exists()
    assert "more than ten minutes" in client.get(page).content.decode()
    answer = client.post(page, sent)
    with time_machine.travel(timezone.now() + timedelta(minutes=9)):
        confirm(client, answer)
    assert Enrollment.objects.filter(user__email="nia@example.org").exists()


def test_a_step_put_off_by_allauth_is_forgotten_as_well(client):
    back = {"Referer": "http://testserver/preferences/your-data/"}
    answer = client.post("/preferences/your-data/close/", headers=back)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert client.get(answer.headers["Location"]).headers["Location"] == "/preferences/your-data/"
        confirm(client, answer)
    assert User.objects.get(name="Priya Nair").is_active


def test_a_script_is_led_to_the_confirmation(client, program):
    answer = client.post(f"/programs/{program.pk}/rules/", {"A1_amber": "12"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204 and answer.headers["HX-Redirect"].startswith("/accounts/reauthenticate/")


def test_who_has_only_a_second_factor_confirms_with_it(program):
    admin = make.admin(program, "Kim Roe")
    totp.TOTP.activate(admin, "A" * 32)
    client, now = Client(), timezone.now()
    with time_machine.travel(now - timedelta(minutes=20)):
        client.force_login(admin)
        client.get("/preferences/")
    answer = client.post(files(program)[0])
    assert answer.headers["Location"].startswith("/accounts/second-factor/confirm/")
    code = totp.format_hotp_value(totp.hotp_value("A" * 32, int(now.timestamp()) // 30))
    assert client.post(answer.headers["Location"], {"code": code}).status_code == 302
    assert client.post(files(program)[0]).status_code == 200


def test_who_has_nothing_to_confirm_with_signs_in_again_by_email(settings):
    person, client, now = make.user("Kim Roe"), Client(), timezone.now()
    make.installation()
    steps = ["password/set/", "email/", "second-factor/app/"]
    urls = [f"/accounts/{step}" for step in steps] + [f"/preferences/your-data/{do}/" for do in ("download", "erase")]
    with time_machine.travel(now - timedelta(minutes=20)):
        client.force_login(person)
        client.get("/preferences/")
    sent = {"email": person.email, "password1": PASSWORD, "password2": PASSWORD, "code": "1"}
    settings.EMAIL_URL = "smtp://localhost:25"
    for url in urls:
        assert client.post(url, sent).headers["Location"] == "/preferences/", url
    assert "sign in again with a code by email" in client.get("/preferences/").content.decode()
    person.refresh_from_db()
    assert person.erase_at is None and not person.has_usable_password()
    settings.EMAIL_URL = ""  # no code would arrive, so that nobody is locked out
    assert client.post(urls[-1], sent).headers["Location"] == "/preferences/your-data/"


def test_a_demo_does_not_ask(client, program):
    Installation.objects.update(demo=True)
    cache.delete(Installation.CACHE_KEY)
    assert client.post(files(program)[0]).status_code == 200


@pytest.mark.parametrize(
    ("password", "is_refused"), [("Correct-Horse-9", True), ("correct-horse-9", True), ("x" * 12, False)]
)
def test_a_list_of_the_operator_refuses_passwords(client, settings, tmp_path, password, is_refused):
    settings.PASSWORD_LIST = str(tmp_path / "known.txt")
    (tmp_path / "known.txt").write_bytes(b"first\r\ncorrect-horse-9\r\n\xff\xfe\n")
    new = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    answer = client.post("/accounts/password/change/", new)
    assert answer.status_code == (422 if is_refused else 302)
    assert ("on a list of common or leaked passwords" in answer.content.decode()) is is_refused
