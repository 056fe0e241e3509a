"""Signing in at a SAML provider, and how forged, stale and misdirected answers are refused."""

import copy
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
import xmlsec
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from lxml import etree

from accounts.models import AuditEvent
from accounts.single_sign_on import saml as conversation
from config import env
from tests import make
from tests.saml import ISSUER, MAIL, NAMES, SAML, SAMLP, Key, encoded, moment, request_in, settings_of, sign, unsigned

BEGIN, ANSWER, METADATA = (f"/accounts/single-sign-on/{part}" for part in ("", "saml/", "metadata/"))
CONFIRM, LOGIN = "/accounts/single-sign-on/confirm/", "/accounts/login/"
DECLINED = "urn:oasis:names:tc:SAML:2.0:status:Responder"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
BY_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def key():
    return Key()


@pytest.fixture(autouse=True)
def _provider(settings, db, key):
    settings.IDENTITY_PROVIDER = settings_of(key)
    settings.EMAIL_URL = "smtp://localhost:25"
    make.installation()


@pytest.fixture
def lena():
    user = make.user("Lena Brandt", email="lena@example.org")
    user.emailaddress_set.update(verified=True)
    return user


def begin(client, next_url: str = "") -> str:
    """Ask the provider; return the id of the request."""
    return request_in(client.post(BEGIN, {"next": next_url}).headers["Location"]).get("ID")


def deliver(client, response, **more):
    """Come back from the provider: its page sends the answer without cookies, and then the browser follows."""
    page = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "cross-site"})
    posted = page.post(ANSWER, {"SAMLResponse": encoded(response)} | more)
    return client.get(posted.headers["Location"]) if posted.status_code == 302 else posted


def sign_in(client, key, next_url: str = "", **facts):
    return deliver(client, sign(unsigned(begin(client, next_url), **facts), key))


def signed_in(client) -> str:
    return client.session.get("_auth_user_id", "")


def refused(answer, text: str = "Something went wrong at Example University", status: int = 502) -> None:
    assert answer.status_code == status, answer.headers
    assert text in answer.content.decode(), answer.content.decode()
    assert not SocialAccount.objects.exists()


# --- Signing in ---------------------------------------------------------------------------------------------


def test_a_signed_answer_signs_in_and_the_page_asked_for_opens(client, key, lena):
    assert "Sign in with Example University" in client.get(f"{LOGIN}?next=/preferences/").content.decode()
    assert sign_in(client, key, "/preferences/").headers["Location"] == "/preferences/"
    assert signed_in(client) == str(lena.pk)
    row = SocialAccount.objects.get()
    assert (row.user, row.uid, row.extra_data) == (lena, "u-1", {})
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {AuditEvent.Action.SIGNED_IN, AuditEvent.Action.IDENTITY_LINKED} <= actions


def test_an_answer_that_is_signed_twice_signs_in(client, key, lena):
    deliver(client, sign(sign(unsigned(begin(client)), key), key, "."))
    assert signed_in(client) == str(lena.pk)


def test_the_request_names_us_and_nothing_else(client):
    begun = client.post(BEGIN, headers={"Host": "localhost"})
    assert begun.headers["Location"].startswith("https://login.example.org/saml?tenant=7&SAMLRequest=")
    request = request_in(begun.headers["Location"])
    assert request.tag == f"{{{SAMLP}}}AuthnRequest" and request.get("ForceAuthn") is None
    assert request.get("AssertionConsumerServiceURL") == f"http://localhost:8000{ANSWER}"
    assert request.get("IssueInstant") == moment(0) and len(request.get("ID")) > 40
    assert request.findtext("saml:Issuer", None, NAMES) == f"http://localhost:8000{METADATA}"


def test_the_metadata_describes_us_to_a_provider(client):
    answer = client.get(METADATA)
    assert answer.headers["Content-Type"] == "application/samlmetadata+xml"
    document = etree.fromstring(answer.content)
    service = document.find(".//{*}AssertionConsumerService")
    assert document.get("entityID") == f"http://localhost:8000{METADATA}"
    assert service.get("Location") == f"http://localhost:8000{ANSWER}"
    assert document.find("{*}SPSSODescriptor").get("WantAssertionsSigned") == "true"


def test_only_pages_for_signing_in_let_forms_lead_to_the_provider(client):
    assert "form-action 'self' https://login.example.org;" in client.get(LOGIN).headers["Content-Security-Policy"]
    assert "login.example.org" not in client.get("/accounts/login/code/").headers["Content-Security-Policy"]


def test_without_such_a_provider_there_are_no_such_pages(client, settings):
    for provider in (None, env.OpenIDProvider("https://login.example.org", "a", "b", "Example University")):
        settings.IDENTITY_PROVIDER = provider
        assert client.post(ANSWER).status_code == client.get(METADATA).status_code == 404


def test_neither_next_nor_the_relay_state_leads_to_another_site(client, key, lena):
    response = sign(unsigned(begin(client, "https://evil.example/")), key)
    assert deliver(client, response, RelayState="https://evil.example/").headers["Location"] == "/"


def test_a_stranger_gets_no_account(client, key):
    refused(sign_in(client, key, email="nobody@example.org"), "nobody@example.org", 403)


@pytest.mark.parametrize("email", ["lena@evil.example", "lena@sub.example.org", "lena@example.org.evil.example", ""])
def test_an_address_of_another_domain_opens_no_account(client, key, email):
    make.user("Lena", email=email or "lena@example.org")
    refused(sign_in(client, key, email=email), "address", 403)
    assert not signed_in(client)


def test_the_lasting_id_counts_from_then_on_and_not_the_address(client, key, lena):
    sign_in(client, key)
    nia = make.user("Nia Cole", email="nia@example.org")
    web = Client()
    sign_in(web, key, email="nia@example.org", assertion_id="_a2")
    assert signed_in(web) == str(lena.pk)
    assert sign_in(Client(), key, name_id="u-2", assertion_id="_a3").status_code == 403
    assert not nia.socialaccount_set.exists()


@pytest.mark.parametrize(
    ("facts", "uid"),
    [
        ({"name_id": "lena@example.org", "name_format": BY_EMAIL, "email": ""}, "lena@example.org"),
        ({"name_format": TRANSIENT, "attributes": {"urn:oasis:names:tc:SAML:attribute:subject-id": "l7@x"}}, "l7@x"),
        ({"attributes": {conversation.LASTING_IDS[2]: "0-1-2", "email": "lena@example.org"}, "email": ""}, "0-1-2"),
    ],
)
def test_ids_and_addresses_are_found_where_providers_put_them(client, key, lena, facts, uid):
    sign_in(client, key, **facts)
    assert SocialAccount.objects.get().uid == uid and signed_in(client) == str(lena.pk)


def test_an_id_that_changes_each_time_signs_nobody_in(client, key, lena):
    refused(sign_in(client, key, name_format=TRANSIENT))


def test_a_new_account_has_the_name_of_the_provider(client, key, settings):
    settings.OPEN_REGISTRATION = True
    sign_in(client, key, attributes={"urn:oid:2.5.4.42": "Lena", "urn:oid:2.5.4.4": "Brandt"})
    assert SocialAccount.objects.get().user.name == "Lena Brandt"


@pytest.mark.parametrize("taken_care_of", [False, True])
def test_an_admin_still_needs_a_second_factor_unless_the_provider_has_one(client, key, settings, taken_care_of):
    settings.ADMIN_SECOND_FACTOR = True
    settings.IDENTITY_PROVIDER = replace(settings.IDENTITY_PROVIDER, asks_second_factor=taken_care_of)
    program = make.program()
    admin = make.admin(program)
    sign_in(client, key, email=admin.email)
    assert client.get(f"/programs/{program.pk}/").status_code == (200 if taken_care_of else 302)


@pytest.mark.parametrize(("signed_in_before", "status"), [(5, 302), (300, 403)])
def test_a_sensitive_step_needs_a_new_sign_in_at_the_provider(client, key, lena, signed_in_before, status):
    sign_in(client, key)
    begun = request_in(client.post(CONFIRM, {"next": "/preferences/"}).headers["Location"])
    assert begun.get("ForceAuthn") == "true"
    response = unsigned(begun.get("ID"), assertion_id="_a2", signed_in=-signed_in_before)
    assert deliver(client, sign(response, key)).status_code == status


# --- What is refused ----------------------------------------------------------------------------------------


def test_an_unsigned_answer_signs_nobody_in(client, lena):
    refused(deliver(client, unsigned(begin(client))))


def test_a_signature_of_the_envelope_alone_is_not_enough(client, key, lena):
    refused(deliver(client, sign(unsigned(begin(client)), key, ".")))


def test_another_key_signs_nobody_in_even_with_its_certificate(client, lena):
    other = Key()
    response = sign(unsigned(begin(client)), other)
    info = etree.SubElement(response.find(".//{*}Signature"), "{http://www.w3.org/2000/09/xmldsig#}KeyInfo")
    data = etree.SubElement(info, "{http://www.w3.org/2000/09/xmldsig#}X509Data")
    etree.SubElement(data, "{http://www.w3.org/2000/09/xmldsig#}X509Certificate").text = other.certificate_text
    refused(deliver(client, response))


def test_any_of_several_certificates_counts(client, key, lena, settings):
    new = Key()
    certificates = (key.certificate_text, new.certificate_text)
    settings.IDENTITY_PROVIDER = replace(settings.IDENTITY_PROVIDER, certificates=certificates)
    deliver(client, sign(unsigned(begin(client)), new))
    assert signed_in(client) == str(lena.pk)


@pytest.mark.parametrize(
    ("method", "digest"),
    [(xmlsec.constants.TransformRsaSha1, None), (None, xmlsec.constants.TransformSha1)],
)
def test_broken_algorithms_sign_nobody_in(client, key, lena, method, digest):
    refused(deliver(client, sign(unsigned(begin(client)), key, method=method, digest=digest)))


@pytest.mark.parametrize(
    "facts",
    [
        {"ends": -61},
        {"begins": 62},
        {"confirmed_until": -1},
        {"audience": "https://other.example.org/metadata"},
        {"audience": ""},
        {"issuer": "https://idp.example.org/other"},
        {"recipient": "https://other.example.org/accounts/single-sign-on/saml/"},
        {"recipient": f"http://localhost:8000{ANSWER}more"},
        {"recipient": ""},
        {"destination": "https://other.example.org/"},
        {"destination": f"http://localhost:8000{ANSWER}more"},
    ],
)
def test_a_stale_or_misdirected_answer_signs_nobody_in(client, key, lena, facts):
    refused(sign_in(client, key, **facts))
    assert not signed_in(client)


@pytest.mark.parametrize("facts", [{"ends": -30, "begins": -200}, {"begins": 30}])
def test_clocks_may_differ_by_less_than_a_minute(client, key, lena, facts):
    assert sign_in(client, key, **facts).headers["Location"] == "/"


def test_an_answer_works_once(client, key, lena):
    response = sign(unsigned(begin(client)), key)
    deliver(client, response)
    client.post("/accounts/logout/")
    again = Client().post(ANSWER, {"SAMLResponse": encoded(response)})
    assert again.status_code == 400 and "was used before" in again.content.decode() and not signed_in(client)


def test_an_answer_to_a_request_that_was_answered_signs_nobody_in(client, key, lena):
    request_id = begin(client)
    deliver(client, sign(unsigned(request_id), key))
    client.post("/accounts/logout/")
    assert deliver(client, sign(unsigned(request_id, assertion_id="_a2"), key)).status_code == 400
    assert not signed_in(client)


def test_an_answer_after_ten_minutes_signs_nobody_in(client, key, lena):
    request_id = begin(client)
    with time_machine.travel(timezone.now() + timedelta(seconds=601), tick=False):
        refused(deliver(client, sign(unsigned(request_id), key)), "took too long", 400)


def test_without_the_cache_nobody_signs_in(client, key, lena, monkeypatch):
    """The cache forgives that its server is away: then an answer counts as new, but its ticket leads nowhere."""
    away = SimpleNamespace(add=lambda *_args: True, get=lambda *_args: None, set=lambda *_args: None)
    monkeypatch.setattr(conversation, "cache", away)
    refused(sign_in(client, key), "Start again", 400)


def test_a_ticket_works_once(client, key, lena):
    response = sign(unsigned(begin(client)), key)
    back = Client().post(ANSWER, {"SAMLResponse": encoded(response)}).headers["Location"]
    client.get(back)
    assert not conversation.cache.get(f"saml-ticket:{back.partition('=')[2]}")
    client.post("/accounts/logout/")
    assert client.get(back).status_code == 400 and not signed_in(client)


def test_an_answer_signs_in_only_the_browser_that_asked(client, key, lena):
    thief = Client()
    begin(thief)
    refused(deliver(thief, sign(unsigned(begin(client)), key)), "began in another browser", 400)
    assert not signed_in(thief)


@pytest.mark.parametrize("request_id", ["", "_made-up"])
def test_an_answer_nobody_asked_for_signs_nobody_in(client, key, lena, request_id):
    begin(client)
    answer = deliver(client, sign(unsigned(request_id), key))
    assert answer.status_code in (400, 502) and not signed_in(client) and not SocialAccount.objects.exists()


def test_the_signed_request_counts_and_not_that_of_the_envelope(client, key, lena):
    response = sign(unsigned("_of-somebody-else"), key)
    response.set("InResponseTo", begin(client))
    refused(deliver(client, response))


def test_a_canceled_sign_in_is_called_canceled(client, lena):
    response = unsigned(begin(client), status=DECLINED)
    response.remove(response.find("saml:Assertion", NAMES))
    refused(deliver(client, response), "was canceled", 403)


def evil_copy(response) -> etree._Element:
    """Return a copy of the assertion without its signature, about somebody else."""
    evil = copy.deepcopy(response.find("saml:Assertion", NAMES))
    evil.remove(evil.find("{*}Signature"))
    evil.set("ID", "_evil")
    evil.find(".//saml:NameID", NAMES).text = "u-admin"
    evil.find(f".//saml:Attribute[@Name='{MAIL}']/saml:AttributeValue", NAMES).text = "priya@example.org"
    return evil


def before_the_signed_one(response) -> None:
    response.insert(2, evil_copy(response))


def after_the_signed_one(response) -> None:
    response.append(evil_copy(response))


def around_the_signed_one(response) -> None:
    evil, good = evil_copy(response), response.find("saml:Assertion", NAMES)
    response.replace(good, evil)
    evil.append(good)


def around_it_in_the_signature(response) -> None:
    evil, good = evil_copy(response), response.find("saml:Assertion", NAMES)
    signature = good.find("{*}Signature")
    response.replace(good, evil)
    evil.insert(1, signature)
    etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object").append(good)


def with_its_id_and_signature(response) -> None:
    evil, good = evil_copy(response), response.find("saml:Assertion", NAMES)
    evil.set("ID", good.get("ID"))
    evil.insert(1, copy.deepcopy(good.find("{*}Signature")))
    hide(response, good)
    response.append(evil)


def in_an_extension(response) -> None:
    good = response.find("saml:Assertion", NAMES)
    response.append(evil_copy(response))
    hide(response, good)


def hide(response, element) -> None:
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(element)
    response.insert(1, extensions)


def with_another_person(response) -> None:
    response.find(".//saml:NameID", NAMES).text = "u-admin"


def with_more_attributes(response) -> None:
    statement = response.find(".//saml:AttributeStatement", NAMES)
    etree.SubElement(statement, f"{{{SAML}}}Attribute", Name="email")


WRAPPINGS = [
    *(before_the_signed_one, after_the_signed_one, around_the_signed_one, around_it_in_the_signature),
    *(with_its_id_and_signature, in_an_extension, with_another_person, with_more_attributes),
]


@pytest.mark.parametrize("wrap", WRAPPINGS)
def test_an_answer_changed_after_it_was_signed_signs_nobody_in(client, key, lena, wrap):
    make.user("Priya Nair", email="priya@example.org")
    response = sign(unsigned(begin(client)), key)
    wrap(response)
    refused(deliver(client, etree.fromstring(etree.tostring(response))))
    assert not signed_in(client)


def test_a_comment_shortens_no_id_and_no_address(client, key, lena):
    """A signature does not cover comments: one could be put into the id or the address of somebody else."""
    sign_in(client, key)
    web = Client()
    longer = sign(unsigned(begin(web), name_id="u-1.evil", email="x@example.org", assertion_id="_a2"), key)
    answer = deliver(web, etree.tostring(longer).replace(b"u-1.evil", b"u-1<!-- -->.evil"))
    assert "x@example.org" in answer.content.decode() and not signed_in(web)
    longer = sign(unsigned(begin(web), name_id="u-3", email="lena@example.org.evil", assertion_id="_a3"), key)
    answer = deliver(web, etree.tostring(longer).replace(b"org.evil", b"org<!---->.evil"))
    assert "lena@example.org.evil" in answer.content.decode() and not signed_in(web)


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">&c;</samlp:Response>'
)
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize(
    "text", [b"", b"x", b"\0", BOMB, FILE, b"<x/>", b"<x>" * 20_000, b"x" * 300_000, b"\xff\xfe<x/>"]
)
def test_what_is_no_answer_is_refused(lena, text):
    refused(Client().post(ANSWER, {"SAMLResponse": encoded(text)}))


@pytest.mark.parametrize("text", ["", "%%%", "é", "a" * 5])
def test_what_is_not_encoded_is_refused(text):
    refused(Client().post(ANSWER, {"SAMLResponse": text}))


def test_a_doctype_is_refused_even_around_a_signed_answer(client, key, lena):
    text = etree.tostring(sign(unsigned(begin(client)), key))
    refused(deliver(client, b'<!DOCTYPE x [<!ENTITY a "b">]>' + text))


def test_too_many_answers_are_slowed_down(client):
    statuses = [client.post(ANSWER).status_code for _n in range(61)]
    assert statuses.count(429) == 1


# --- Settings -----------------------------------------------------------------------------------------------

COMPLETE = {
    "SAML_ENTITY_ID": ISSUER,
    "SAML_SIGN_IN_URL": "https://login.example.org/saml",
    "SAML_DOMAINS": "Example.org, students.example.org",
}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"SAML_DOMAINS": ""}, "SAML_DOMAINS must be set"),
        ({"SAML_DOMAINS": "@example.org"}, "SAML_DOMAINS is invalid"),
        ({"SAML_SIGN_IN_URL": "http://login.example.org/saml"}, "must be https"),
        ({"SAML_SIGN_IN_URL": "login.example.org"}, "should look like"),
        ({"SAML_CERTIFICATE": "/nowhere.pem"}, "SAML_CERTIFICATE is invalid"),
        ({"SAML_CERTIFICATE": "bm8gY2VydGlmaWNhdGU="}, "SAML_CERTIFICATE is invalid"),
        ({"SAML_CERTIFICATE": __file__}, "SAML_CERTIFICATE is invalid"),
        ({"SAML_NAME": "x" * 41}, "at most 40 characters"),
        ({"OIDC_ISSUER": "https://login.example.org"}, "at one provider only"),
    ],
)
def test_bad_settings_stop_the_start_with_a_hint(monkeypatch, key, given, message):
    for name, value in ({"SAML_CERTIFICATE": key.certificate_text} | COMPLETE | given).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=message):
        env.identity_provider()


def test_certificates_come_from_a_file_or_from_the_setting(monkeypatch, tmp_path, key):
    body = "\n".join(key.certificate_text[n : n + 64] for n in range(0, len(key.certificate_text), 64))
    pem = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    (tmp_path / "provider.pem").write_text(pem * 2)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    for value, count in ((str(tmp_path / "provider.pem"), 2), (body, 1), (f"{body},{body}", 2)):
        monkeypatch.setenv("SAML_CERTIFICATE", value)
        provider = env.identity_provider()
        assert provider.certificates == (key.certificate_text,) * count
    assert provider.domains == {"example.org", "students.example.org"}
    assert (provider.name, provider.origin) == ("login.example.org", "https://login.example.org")
