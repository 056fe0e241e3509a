"""Signing in at a real OpenID Connect provider on this machine, and how forged or stale answers are refused."""

import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import jwt
import oidc_provider_mock
import pytest
import requests
import time_machine
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, SignIn, User
from accounts.single_sign_on import openid_connect as single_sign_on
from config import env
from operations.own_data import closing, erasure
from operations.own_data.sections import SECTIONS, Reader
from tests import make

BEGIN, CALLBACK = "/accounts/single-sign-on/", "/accounts/single-sign-on/callback/"
CONFIRM, LOGIN = "/accounts/single-sign-on/confirm/", "/accounts/login/"

pytestmark = [pytest.mark.django_db, pytest.mark.real_time]


@pytest.fixture(scope="module")
def server():
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def issuer(server, settings, db):
    settings.IDENTITY_PROVIDER = env.OpenIDProvider(server, "throughline", "a secret", "Example University")
    settings.EMAIL_URL = "smtp://localhost:25"
    make.installation()
    return server


@pytest.fixture
def lena():
    user = make.user("Lena Brandt", email="lena@example.org")
    user.emailaddress_set.update(verified=True)
    return user


def at_provider(begun, sub: str = "u-1", verified=True, email: str = "lena@example.org", **claims) -> str:
    """Sign in at the provider; return the address to which it leads the browser back."""
    url = begun.headers["Location"]
    known = {"email": email, "email_verified": verified, "name": "Lena Brandt"} | claims
    requests.put(f"{origin(url)}/users/{sub}", json=known, timeout=5)
    answer = requests.post(url, data={"sub": sub}, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def origin(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def sign_in(client, next_url: str = "", **person):
    return client.get(at_provider(client.post(BEGIN, {"next": next_url}), **person))


def signed_in(client) -> str:
    return client.session.get("_auth_user_id", "")


def refused(answer, text: str, status: int = 403) -> None:
    assert answer.status_code == status
    assert text in answer.content.decode(), answer.content.decode()


def test_a_verified_address_signs_in_and_the_page_asked_for_opens(client, lena):
    page = client.get(f"{LOGIN}?next=/preferences/")
    assert "Sign in with Example University" in page.content.decode()
    assert page.content.decode().count("btn-primary") == 1
    assert sign_in(client, "/preferences/").headers["Location"] == "/preferences/"
    assert signed_in(client) == str(lena.pk)
    row = SocialAccount.objects.get()
    assert (row.user, row.uid, row.extra_data) == (lena, "u-1", {})
    assert SignIn.objects.filter(user=lena).count() == 1
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {AuditEvent.Action.SIGNED_IN, AuditEvent.Action.IDENTITY_LINKED} <= actions
    client.post("/accounts/logout/")
    assert not signed_in(client)


def test_the_request_has_pkce_a_nonce_and_our_own_address(client, monkeypatch):
    sent = {}
    ask = OAuth2Client.get_access_token

    def spy(self, code, **kwargs):
        sent.update(kwargs)
        return ask(self, code, **kwargs)

    monkeypatch.setattr(OAuth2Client, "get_access_token", spy)
    begun = client.post(BEGIN, headers={"Host": "localhost"})
    query = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert query["code_challenge_method"] == ["S256"] and query["nonce"] and query["state"]
    assert query["redirect_uri"] == ["http://localhost:8000" + CALLBACK]
    client.get(at_provider(begun))
    assert len(sent["pkce_code_verifier"]) >= 43


def test_only_pages_for_signing_in_let_forms_lead_to_the_provider(client, issuer, settings):
    policy = client.get(LOGIN).headers["Content-Security-Policy"]
    assert f"form-action 'self' {issuer};" in policy
    assert issuer not in client.get("/accounts/login/code/").headers["Content-Security-Policy"]
    settings.IDENTITY_PROVIDER = None
    assert issuer not in client.get(LOGIN).headers["Content-Security-Policy"]
    assert client.post(BEGIN).status_code == client.get(CALLBACK).status_code == 404


def test_another_site_is_no_page_to_go_to_afterwards(client, lena):
    assert sign_in(client, "https://evil.example/").headers["Location"] == "/"


@pytest.mark.parametrize("verified", [False, None, "yes", 1.5])
def test_an_unverified_address_opens_no_account(client, lena, verified):
    refused(sign_in(client, verified=verified), "doesn’t confirm that lena@example.org is your address")
    assert not signed_in(client) and not SocialAccount.objects.exists()
    event = AuditEvent.objects.get(result="refused")
    assert event.action == "sign-in through the provider: unverified" and event.subject == ""


def test_a_stranger_learns_what_to_do(client):
    refused(sign_in(client), "Nobody has invited lena@example.org yet.")
    refused(sign_in(client, email=""), "didn’t tell us your email address")
    assert not User.objects.exists()


def test_with_open_registration_a_stranger_gets_an_account(client, settings):
    settings.OPEN_REGISTRATION = True
    sign_in(client)
    user = User.objects.get()
    assert (user.name, user.email, user.has_verified_address) == ("Lena Brandt", "lena@example.org", True)
    assert signed_in(client) == str(user.pk) and not user.has_usable_password()


def test_who_reserved_an_address_before_its_owner_is_locked_out(client):
    thief = make.user("Lena Brandt", email="lena@example.org", password="a-river-in-winter")
    thief.emailaddress_set.update(verified=False)
    sign_in(client)
    thief.refresh_from_db()
    assert signed_in(client) == str(thief.pk)
    assert not thief.has_usable_password() and thief.has_verified_address


def test_an_address_changed_at_the_provider_opens_nobody_elses_account(client, lena):
    sam = make.user("Sam Okafor", email="sam@example.org")
    sign_in(client, sub="sam", email="sam@example.org")
    client.post("/accounts/logout/")
    sign_in(client, sub="sam", email="lena@example.org")
    assert signed_in(client) == str(sam.pk)  # the provider's id for a person decides, not the address


def test_an_address_given_to_somebody_new_opens_no_account(client, lena):
    sign_in(client, sub="old")
    client.post("/accounts/logout/")
    refused(sign_in(client, sub="new"), "with another account at Example University")
    assert not signed_in(client)
    call_command("forget_single_sign_on", lena.email, stdout=SimpleNamespace(write=lambda *_: None))
    sign_in(client, sub="new")
    assert signed_in(client) == str(lena.pk)
    assert AuditEvent.objects.filter(action=AuditEvent.Action.IDENTITY_FORGOTTEN).exists()


def test_the_ids_of_another_issuer_belong_to_other_people(client, lena, settings):
    SocialAccount.objects.create(user=make.user("Sam Okafor"), provider="oidc-of-before", uid="u-1")
    sign_in(client)
    assert signed_in(client) == str(lena.pk)


def test_a_closed_account_stays_closed(client, lena):
    before = Client()
    sign_in(before)
    closing.close(lena, None)
    assert before.get("/preferences/").status_code == 302
    assert sign_in(client).headers["Location"] == "/accounts/inactive/"
    assert not signed_in(client)
    SocialAccount.objects.all().delete()
    refused(sign_in(client), "This account is closed.")
    assert not signed_in(client) and not SocialAccount.objects.exists()


def test_an_answer_works_once_and_only_where_it_was_asked_for(client, lena):
    back = at_provider(client.post(BEGIN))
    refused(Client().get(back), "took too long, was used before, or began in another browser", 400)
    client.get(back)
    client.post("/accounts/logout/")
    refused(client.get(back), "Start again", 400)
    assert not signed_in(client)


def test_an_answer_that_comes_too_late_is_refused(client, lena):
    back = at_provider(client.post(BEGIN))
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        refused(client.get(back), "Start again", 400)


def test_a_provider_that_refuses_or_is_down_has_a_page(client, issuer, settings):
    state = parse_qs(urlsplit(client.post(BEGIN).headers["Location"]).query)["state"][0]
    refused(client.get(CALLBACK, {"state": state, "error": "access_denied"}), "was canceled")
    state = parse_qs(urlsplit(client.post(BEGIN).headers["Location"]).query)["state"][0]
    refused(client.get(CALLBACK, {"state": state, "error": "server_error"}), "Something went wrong", 502)
    state = parse_qs(urlsplit(client.post(BEGIN).headers["Location"]).query)["state"][0]
    refused(client.get(CALLBACK, {"state": state, "code": "made-up"}), "Something went wrong", 502)
    settings.IDENTITY_PROVIDER = replace(settings.IDENTITY_PROVIDER, issuer="http://localhost:1")
    refused(client.post(BEGIN), "Something went wrong at Example University", 502)
    settings.IDENTITY_PROVIDER = replace(settings.IDENTITY_PROVIDER, issuer=f"{issuer}/other")
    refused(client.post(BEGIN), "Something went wrong at Example University", 502)


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def with_token(monkeypatch, issuer, key=KEY, algorithm="RS256", known=True, **changes) -> None:
    """Have the provider answer with a changed token, signed with `key`, which it publishes as its own if `known`."""
    ask, fetch = OAuth2Client.get_access_token, single_sign_on.Adapter.fetch

    def forged(self, code, **kwargs):
        tokens = ask(self, code, **kwargs)
        claims = jwt.decode(tokens["id_token"], options={"verify_signature": False}) | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return tokens | {"id_token": jwt.encode(claims, key, algorithm=algorithm)}

    def published(self, url, **kwargs):
        if known and url.endswith("/jwks"):
            return {"keys": [jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)]}
        return fetch(self, url, **kwargs)

    monkeypatch.setattr(OAuth2Client, "get_access_token", forged)
    monkeypatch.setattr(single_sign_on.Adapter, "fetch", published)


def test_a_token_with_the_published_key_signs_in(client, lena, issuer, monkeypatch):
    with_token(monkeypatch, issuer)
    sign_in(client)
    assert signed_in(client) == str(lena.pk)


def test_tokens_of_the_provider_stay_on_the_server_and_are_forgotten(client, lena, monkeypatch):
    tokens, ask = [], OAuth2Client.get_access_token

    def spy(self, code, **kwargs):
        answer = ask(self, code, **kwargs)
        tokens.extend(answer[name] for name in ("access_token", "id_token"))
        return answer

    monkeypatch.setattr(OAuth2Client, "get_access_token", spy)
    answer = sign_in(client)
    shown = f"{answer.headers} {answer.content} {client.cookies} {client.get('/').content}"
    stored = f"{dict(client.session)} {list(SocialAccount.objects.values())} {list(SocialToken.objects.values())}"
    assert len(tokens) == 2 and not any(token in shown + stored for token in tokens)


def test_a_sign_in_through_the_provider_ends_as_any_other(client, lena):
    sign_in(client)
    with time_machine.travel(timezone.now() + timedelta(days=13)):
        assert client.get("/preferences/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert client.get("/preferences/").status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-client"},
        {"aud": ["throughline", "another-client"]},
        {"azp": "another-client"},
        {"iss": "https://evil.example"},
        {"nonce": "another"},
        {"nonce": None},
        pytest.param({"exp": int(time.time()) - 120}, id="expired"),  # the same name in each test process
        {"exp": None},
        {"sub": None},
        {"known": False},
        {"key": "a shared secret of more than 32 bytes", "algorithm": "HS256"},
        {"key": None, "algorithm": "none"},
    ],
    ids=str,
)
def test_a_forged_or_misdirected_token_signs_nobody_in(client, lena, issuer, monkeypatch, changes):
    with_token(monkeypatch, issuer, **changes)
    refused(sign_in(client), "Something went wrong", 502)
    assert not signed_in(client) and not SocialAccount.objects.exists()


def test_a_new_device_is_announced(client, lena):
    sign_in(client)
    sign_in(Client())
    assert SignIn.objects.filter(user=lena).count() == 2
    assert SignIn.objects.exclude(new_device_at=None).count() == 1


@pytest.mark.parametrize("taken_care_of", [False, True])
def test_an_admin_still_needs_a_second_factor_unless_the_provider_has_one(client, settings, taken_care_of):
    settings.ADMIN_SECOND_FACTOR = True
    settings.IDENTITY_PROVIDER = replace(settings.IDENTITY_PROVIDER, asks_second_factor=taken_care_of)
    program = make.program()
    admin = make.admin(program)
    sign_in(client, email=admin.email)
    answer = client.get(f"/programs/{program.pk}/")
    assert answer.status_code == (200 if taken_care_of else 302)
    client.post("/accounts/logout/")
    client.force_login(admin)
    assert client.get(f"/programs/{program.pk}/").status_code == 302


def test_a_second_factor_is_asked_for_after_the_provider(client, lena):
    lena.authenticator_set.create(type="totp", data={"secret": "x"})
    assert sign_in(client).headers["Location"].startswith("/accounts/second-factor/code/")
    assert not signed_in(client)


@pytest.fixture
def exports(client):
    """The file of a program, wanted by an admin without a password who signed in here twenty minutes ago."""
    program = make.program()
    admin = make.admin(program)
    sign_in(client, email=admin.email)
    client.get("/")
    web = client.session
    web["signed_in_at"] -= 1200
    web["account_authentication_methods"] = [
        record | {"at": record["at"] - 1200} for record in web["account_authentication_methods"]
    ]
    web.save()
    return f"/programs/{program.pk}/people/export/", f"/programs/{program.pk}/", admin.email


def confirmation(client, exports, **claims):
    url, page, email = exports
    asked = client.post(url, headers={"Referer": f"http://testserver{page}"})
    assert asked.headers["Location"].startswith(CONFIRM)
    shown = client.get(asked.headers["Location"])
    assert "Sign in at Example University again" in shown.content.decode()
    begun = client.post(CONFIRM, {"next": page})
    query = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert (query["prompt"], query["max_age"]) == (["login"], ["0"])
    return client.get(at_provider(begun, **{"email": email} | claims))


def test_somebody_without_a_password_confirms_at_the_provider(client, exports, issuer, monkeypatch):
    with_token(monkeypatch, issuer, auth_time=int(time.time()))
    assert confirmation(client, exports).headers["Location"] == exports[1]
    assert client.post(exports[0]).status_code == 200


def test_a_confirmation_by_an_earlier_sign_in_does_not_count(client, exports, issuer, monkeypatch):
    with_token(monkeypatch, issuer, auth_time=int(time.time()) - 300)
    refused(confirmation(client, exports), "didn’t ask you to sign in again")
    assert client.post(exports[0]).status_code == 302


def test_somebody_else_confirms_nothing(client, exports, issuer, monkeypatch):
    with_token(monkeypatch, issuer, auth_time=int(time.time()))
    refused(confirmation(client, exports, sub="u-2"), "as someone else")
    assert client.post(exports[0]).status_code == 302


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"OIDC_ISSUER": "https://login.example.org"}, "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set"),
        ({"OIDC_ISSUER": "http://login.example.org"}, "must be https"),
        ({"OIDC_ISSUER": "login.example.org"}, "should look like"),
        ({"OIDC_ISSUER": "https://l.example/.well-known/openid-configuration"}, "should look like"),
        ({"OIDC_ISSUER": "https://login.example.org", "OIDC_NAME": "x" * 41}, "at most 40 characters"),
    ],
)
def test_bad_settings_stop_the_start_with_a_hint(monkeypatch, given, message):
    complete = {} if "must be set" in message else {"OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"}
    for name, value in (complete | given).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=message):
        env.identity_provider()


def test_no_settings_mean_no_provider(monkeypatch):
    for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        monkeypatch.setenv(name, "")
    assert env.identity_provider() is None


def test_the_identity_is_in_the_own_data_and_goes_with_the_person(client, lena):
    sign_in(client)
    section = next(section for section in SECTIONS if section.name == "identities")
    facts = {fact.name: fact.value for fact in next(iter(section.rows(Reader(lena))))}
    assert facts["uid"] == "u-1"
    closing.close(lena, None)
    erasure.erase(lena, None)
    assert not SocialAccount.objects.exists()
