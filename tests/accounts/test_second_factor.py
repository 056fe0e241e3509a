"""The second factor: apps, passkeys, recovery codes, limits, and what the operator can do."""

import base64
import json
import re
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, OutboxMail, SignInFailure
from core.fields import cipher
from tests import make
from tests.accounts.passkeys import SoftwarePasskey

LOGIN, CODE = "/accounts/login/", "/accounts/second-factor/code/"
INDEX, APP = "/accounts/second-factor/", "/accounts/second-factor/app/"
RECOVERY, NEW_PASSKEY = "/accounts/second-factor/recovery-codes/", "/accounts/second-factor/passkeys/new/"
PASSWORD = "a-river-in-winter"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings, monkeypatch, db):
    settings.EMAIL_URL = "smtp://localhost:25"
    monkeypatch.setattr(transaction, "on_commit", lambda function, **_options: function())
    make.installation()


@pytest.fixture
def lena():
    return make.user("Lena Brandt", email="lena@example.org", password=PASSWORD)


@pytest.fixture
def web(client, lena):
    """A client in which Lena has signed in with her password."""
    client.post(LOGIN, {"login": lena.email, "password": PASSWORD})
    return client


def secret_on(page) -> str:
    return re.search(r"<code>([A-Z2-7 ]+)</code>", page.content.decode())[1].replace(" ", "")


def app_code(secret: str) -> str:
    counter = int(timezone.now().timestamp()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def set_up_app(web) -> str:
    secret = secret_on(web.get(APP))
    assert web.post(APP, {"code": app_code(secret)}).headers["Location"] == RECOVERY
    return secret


def options_on(page) -> dict:
    """Return what a page asks the browser for a passkey."""
    return json.loads(base64.b64decode(re.search(r'data-options="([^"]*)"', page.content.decode())[1]))


def set_up_passkey(web, key: SoftwarePasskey, name: str = "My phone"):
    options = options_on(web.get(NEW_PASSKEY))
    return web.post(NEW_PASSKEY, {"name": name, "credential": key.create(options)})


def recovery_codes(answer) -> list[str]:
    return re.findall(r"<code>(\d{8})</code>", answer.content.decode())


def begin(lena) -> Client:
    """Return a client in which the password was right, and the second factor is asked for."""
    client = Client()
    answer = client.post(LOGIN, {"login": lena.email, "password": PASSWORD})
    assert answer.headers["Location"] == CODE
    return client


def signed_in(client) -> bool:
    return client.get("/preferences/").status_code == 200


def later(seconds: int = 60):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


# --- Authenticator app ------------------------------------------------------------------------------------------


def test_an_app_is_set_up_and_then_asked_for_at_each_sign_in(web, lena, mailoutbox):
    secret = set_up_app(web)
    lena.refresh_from_db()
    assert lena.has_second_factor
    assert [mail.subject for mail in mailoutbox] == ["An authenticator app was added to your account"]
    client = begin(lena)
    assert not signed_in(client)
    with later():
        assert client.post(CODE, {"code": app_code(secret)}).headers["Location"] == "/"
        assert signed_in(client)


def test_a_code_by_email_is_not_enough_either(web, lena, mailoutbox):
    set_up_app(web)
    client = Client()
    client.post("/accounts/login/code/", {"email": lena.email})
    code = re.search(r"^    (\S+)$", mailoutbox[-1].body, re.M)[1]
    assert client.post("/accounts/login/code/confirm/", {"code": code}).headers["Location"] == CODE
    assert not signed_in(client)


def test_a_new_password_does_not_replace_the_second_factor(web, lena, mailoutbox):
    set_up_app(web)
    client, new = Client(), {"password1": "another-river", "password2": "another-river"}
    client.post("/accounts/password/reset/", {"email": lena.email})
    form = client.get(re.search(r"/accounts/password/reset/key/\S+", mailoutbox[-1].body)[0], follow=True)
    client.post(form.request["PATH_INFO"], new)
    assert not signed_in(client) and Authenticator.objects.filter(user=lena, type="totp").exists()
    assert client.post(LOGIN, {"login": lena.email, "password": "another-river"}).headers["Location"] == CODE
    assert not signed_in(client)


def test_the_picture_is_part_of_the_page_and_has_no_style(web):
    page = web.get(APP).content.decode()
    picture = re.search(r'<svg role="img".*?</svg>', page, re.S)[0]
    assert "style" not in picture and "data:" not in page and "<path" in picture


def test_a_wrong_code_keeps_the_same_secret(web):
    secret = secret_on(web.get(APP))
    answer = web.post(APP, {"code": "000000"})
    assert answer.status_code == 422
    assert secret_on(answer) == secret


def test_a_code_of_the_app_works_once(web, lena):
    secret = set_up_app(web)
    with later():
        code = app_code(secret)
        assert begin(lena).post(CODE, {"code": code}).status_code == 302
        assert begin(lena).post(CODE, {"code": code}).status_code == 422
    with later(75):  # the code is still inside the tolerance
        assert begin(lena).post(CODE, {"code": code}).status_code == 422


def test_secrets_are_encrypted_in_the_database(web, lena):
    pending = secret_on(web.get(APP))
    assert pending not in json.dumps(dict(web.session))
    web.post(APP, {"code": app_code(pending)})
    shown = recovery_codes(web.post(RECOVERY, {"show": ""}))
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        stored = " ".join(str(row[0]) for row in cursor.fetchall())
    assert pending not in stored and not any(code in stored for code in shown)
    row = Authenticator.objects.get(type="totp")
    assert cipher().decrypt(row.data["secret"].encode()).decode() == pending


def test_a_lost_key_is_explained_and_not_a_crash(web, lena, settings):
    set_up_app(web)
    client = begin(lena)
    settings.PRIVATE_KEYS = ["x" * 43 + "="]
    assert client.post(CODE, {"code": "123456"}).status_code == 503


def test_codes_are_limited_even_without_the_cache(web, lena, settings):
    set_up_app(web)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    answers = [begin(lena).post(CODE, {"code": "000000"}).status_code for _attempt in range(6)]
    assert answers == [422] * 5 + [429]
    assert AuditEvent.objects.filter(action=AuditEvent.Action.SECOND_FACTOR_FAILED).count() == 5
    assert AuditEvent.objects.filter(action=AuditEvent.Action.SIGN_IN_LOCKED).count() == 1


def test_a_right_code_is_not_counted(web, lena):
    secret = set_up_app(web)
    with later():
        begin(lena).post(CODE, {"code": app_code(secret)})
    assert not SignInFailure.objects.exists()


def test_removing_the_app_ends_it_and_is_announced(web, lena, mailoutbox):
    set_up_app(web)
    assert web.post("/accounts/second-factor/app/remove/").headers["Location"] == INDEX
    lena.refresh_from_db()
    assert not lena.has_second_factor
    assert not Authenticator.objects.exists()  # its recovery codes went too
    assert mailoutbox[-1].subject == "The authenticator app was removed from your account"
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"second factor added: app", "second factor removed: app"} <= actions


def test_a_change_of_the_second_factor_ends_other_sign_ins(web, lena):
    elsewhere = Client()
    elsewhere.post(LOGIN, {"login": lena.email, "password": PASSWORD})
    assert signed_in(elsewhere)
    secret = set_up_app(web)
    assert signed_in(web) and not signed_in(elsewhere)
    with later():
        again = begin(lena)
        again.post(CODE, {"code": app_code(secret)})
        assert signed_in(again)
    web.post("/accounts/second-factor/app/remove/")
    assert signed_in(web) and not signed_in(again)


def test_after_a_while_a_change_is_confirmed_first(web, lena):
    secret = set_up_app(web)
    with later(16 * 60):
        answer = web.post("/accounts/second-factor/app/remove/")
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
        assert b"Use a code from your app" in web.get(answer.headers["Location"]).content
        confirm = answer.headers["Location"].replace("reauthenticate", "second-factor/confirm")
        assert web.post(confirm, {"code": "000000"}).status_code == 422
        assert web.post(confirm, {"code": app_code(secret)}).headers["Location"] == INDEX
    assert not Authenticator.objects.exists()


# --- Recovery codes ---------------------------------------------------------------------------------------------


def test_recovery_codes_are_shown_once_and_work_once(web, lena):
    set_up_app(web)
    assert "Save your recovery codes" in web.get(INDEX).content.decode()
    assert not recovery_codes(web.get(RECOVERY))
    shown = recovery_codes(web.post(RECOVERY, {"show": ""}))
    assert len(set(shown)) == 10
    assert "Save your recovery codes" not in web.get(INDEX).content.decode()
    file = web.post(RECOVERY + "download/")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert all(code in file.content.decode() for code in shown)
    with later(601):
        assert web.post(RECOVERY, {"show": ""}).status_code == 302
        assert web.post(RECOVERY + "download/").status_code == 404
    assert begin(lena).post(CODE, {"code": shown[0]}).status_code == 302
    assert begin(lena).post(CODE, {"code": shown[0]}).status_code == 422
    assert b"9 codes left" in web.get(RECOVERY).content


def test_new_codes_end_the_old_ones(web, lena, mailoutbox):
    set_up_app(web)
    old = recovery_codes(web.post(RECOVERY, {"show": ""}))
    new = recovery_codes(web.post(RECOVERY, {"new": ""}))
    assert len(new) == 10 and not set(old) & set(new)
    assert begin(lena).post(CODE, {"code": old[1]}).status_code == 422
    assert begin(lena).post(CODE, {"code": new[1]}).status_code == 302
    assert mailoutbox[1].subject == "New recovery codes were created for your account"


def test_opening_the_codes_page_changes_nothing(web):
    set_up_app(web)
    before = list(Authenticator.objects.values())
    for url in (INDEX, RECOVERY, NEW_PASSKEY, "/accounts/second-factor/app/remove/"):
        web.get(url)
    assert list(Authenticator.objects.values()) == before


def test_without_a_factor_there_are_no_recovery_codes(web):
    assert web.get(RECOVERY).status_code == web.post(RECOVERY + "download/").status_code == 404


# --- Passkeys ---------------------------------------------------------------------------------------------------


def test_a_passkey_signs_in_by_itself(web, lena, mailoutbox):
    key, client = SoftwarePasskey(), Client()
    assert set_up_passkey(web, key).headers["Location"] == RECOVERY
    assert mailoutbox[-1].subject == "A passkey was added to your account"
    assert "My phone" in web.get(INDEX).content.decode()
    options = client.get("/accounts/second-factor/passkey/", headers={"X-Requested-With": "XMLHttpRequest"}).json()
    sent = {"credential": key.get(options["request_options"]["publicKey"]), "next": "/preferences/"}
    assert client.post("/accounts/second-factor/passkey/", sent).headers["Location"] == "/preferences/"
    assert signed_in(client)


def test_a_passkey_follows_a_password(web, lena):
    key = SoftwarePasskey()
    set_up_passkey(web, key)
    client = begin(lena)
    options = options_on(client.get(CODE))
    assert client.post(CODE, {"credential": key.get(options)}).headers["Location"] == "/"
    assert signed_in(client)


def test_another_key_or_site_or_no_fingerprint_is_refused(web, lena):
    key = SoftwarePasskey()
    set_up_passkey(web, key)
    stranger = SoftwarePasskey(id=key.id)
    stranger.user = key.user
    elsewhere = SoftwarePasskey("https://evil.example")
    elsewhere.key, elsewhere.user = key.key, key.user
    for wrong, flags in ((stranger, 5), (elsewhere, 5), (key, 1)):
        client = Client()
        options = client.get("/accounts/second-factor/passkey/", headers={"X-Requested-With": "XMLHttpRequest"}).json()
        sent = {"credential": wrong.get(options["request_options"]["publicKey"], flags)}
        assert client.post("/accounts/second-factor/passkey/", sent, follow=True).status_code == 200
        assert not signed_in(client)


def test_the_page_after_the_password_opens_nothing_without_a_fingerprint(web, lena):
    key = SoftwarePasskey()
    set_up_passkey(web, key)
    for url in (CODE, "/accounts/second-factor/passkey/"):
        client = begin(lena)
        client.post(url, {"credential": key.get(options_on(client.get(CODE)), flags=1)})
        assert not signed_in(client), url


def test_a_closed_account_has_no_way_in_by_passkey(web, lena):
    key, client = SoftwarePasskey(), Client()
    set_up_passkey(web, key)
    type(lena).objects.filter(pk=lena.pk).update(is_active=False)
    options = client.get("/accounts/second-factor/passkey/", headers={"X-Requested-With": "XMLHttpRequest"}).json()
    client.post("/accounts/second-factor/passkey/", {"credential": key.get(options["request_options"]["publicKey"])})
    assert not signed_in(client)


NONSENSE = [
    *("", "x", "1", "[]", "{}", "null", '{"response": 1}', '{"response": {}}', '{"response": {"userHandle": 1}}'),
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "e30", "userHandle": "____"}}',
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "e30", '
    '"authenticatorData": "YQ", "signature": "YQ", "attestationObject": "YQ", "userHandle": "MQ"}}',
    "[" * 9000,
    "x" * 30_000,
]


@pytest.mark.parametrize("sent", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_instead_of_a_passkey_is_answered_calmly(web, lena, sent):
    set_up_passkey(web, SoftwarePasskey())
    client, other = Client(), begin(lena)
    client.get("/accounts/second-factor/passkey/", headers={"X-Requested-With": "XMLHttpRequest"})
    assert client.post("/accounts/second-factor/passkey/", {"credential": sent}).status_code == 302
    other.get(CODE), web.get(NEW_PASSKEY)
    assert other.post(CODE, {"credential": sent}).status_code == 422
    assert web.post(NEW_PASSKEY, {"name": "x", "credential": sent}).status_code == 422
    assert web.post("/accounts/second-factor/confirm/passkey/", {"credential": sent}).status_code == 422
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_a_passkey_is_renamed_and_removed_by_its_owner_only(web, lena, as_):
    set_up_passkey(web, SoftwarePasskey())
    url = f"/accounts/second-factor/passkeys/{Authenticator.objects.get(type='webauthn').pk}/"
    other = as_(make.user("Other"))
    for page in ("edit/", "remove/"):
        assert other.get(url + page).status_code == other.post(url + page, {"name": "x"}).status_code == 404
    assert web.post(url + "edit/", {"name": "x" * 61}).status_code == 422
    web.post(url + "edit/", {"name": "My <b>laptop</b>"})
    assert "My &lt;b&gt;laptop&lt;/b&gt;" in web.get(INDEX).content.decode()
    assert web.get(url + "remove/").status_code == 200
    web.post(url + "remove/")
    lena.refresh_from_db()
    assert not Authenticator.objects.exists() and not lena.has_second_factor


# --- Lost devices and addresses ---------------------------------------------------------------------------------


def test_the_operator_resets_a_second_factor(web, lena, mailoutbox):
    set_up_app(web)
    out = StringIO()
    call_command("reset_second_factor", "Lena@example.org", stdout=out)
    assert "signed out everywhere" in out.getvalue()
    assert not signed_in(web)
    client = Client()
    assert client.post(LOGIN, {"login": lena.email, "password": PASSWORD}).headers["Location"] == "/"
    assert mailoutbox[-1].subject == "Two-step verification was turned off for your account"
    assert "signed out everywhere" in mailoutbox[-1].body
    event = AuditEvent.objects.get(action=AuditEvent.Action.SECOND_FACTOR_RESET)
    assert (event.user, event.subject) == (None, f"accounts.user:{lena.pk}")


def test_a_reset_without_a_factor_changes_nothing(lena):
    out = StringIO()
    call_command("reset_second_factor", lena.email, stdout=out)
    assert "has not set up two-step verification" in out.getvalue()
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("reset_second_factor", "nobody@example.org")


def test_a_proved_address_ends_factors_set_up_before_the_proof(client):
    invited = make.user("Nia", email="nia@example.org", password=PASSWORD, address_verified=False)
    client.post(LOGIN, {"login": invited.email, "password": PASSWORD})
    set_up_app(client)
    invited.refresh_from_db()
    invited.verify_address()
    invited.refresh_from_db()
    assert not invited.has_second_factor


def test_with_open_registration_the_address_is_proved_first(client, settings):
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False
    person = make.user("Nia", email="nia@example.org", password=PASSWORD, address_verified=False)
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    page = client.get(APP, follow=True)
    assert b"Confirm your email address first" in page.content


def test_each_email_about_a_factor_has_both_parts(settings):
    folder = settings.BASE_DIR / "templates" / "mfa" / "email"
    names = {kind: {path.stem for path in folder.glob(f"*_message.{kind}")} for kind in ("txt", "html")}
    assert names["txt"] == names["html"] and len(names["txt"]) == 6
    assert not OutboxMail.objects.exists()
