"""The conversation with a SAML 2.0 provider; every failure is a `Refused` with its reason.

python3-saml checks the XML, the signature of the only assertion, its issuer and times. It lets an assertion pass that
names no audience or no request, so both are required here. An answer comes as a POST from the provider's page, without
our cookies: it is kept for a moment under a ticket, with which the browser that asked comes back and signs in.
"""

import base64
import secrets
import time
import zlib
from dataclasses import asdict, dataclass
from functools import cache as remembered
from hashlib import sha256
from urllib.parse import urlencode

from allauth.socialaccount.internal import statekit
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Names
from onelogin.saml2.errors import OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from accounts.single_sign_on.identities import Answer, Identity, Refused
from config.env import SAMLProvider

LEEWAY = 60  # seconds by which the clocks may differ
REMEMBERED = statekit.STATE_TTL + LEEWAY  # seconds; an older answer belongs to no request any more
TICKET_LASTS = 60  # seconds
LONGEST = 300_000  # characters of an answer
NAMES = {"saml": Names.NS_SAML, "samlp": Names.NS_SAMLP}
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
MICROSOFT = "http://schemas.microsoft.com/identity/claims"

# Attributes by which providers send the same facts; the first that is there counts.
LASTING_IDS = [
    *("urn:oasis:names:tc:SAML:attribute:subject-id", "urn:oasis:names:tc:SAML:attribute:pairwise-id"),
    f"{MICROSOFT}/objectidentifier",
]
EMAILS = ["urn:oid:0.9.2342.19200300.100.1.3", f"{CLAIMS}/emailaddress", "email", "mail", "emailAddress"]
FULL_NAMES = ["urn:oid:2.16.840.1.113730.3.1.241", f"{MICROSOFT}/displayname", "displayName", "name"]
GIVEN_NAMES = ["urn:oid:2.5.4.42", f"{CLAIMS}/givenname", "givenName", "firstName", "first_name"]
FAMILY_NAMES = ["urn:oid:2.5.4.4", f"{CLAIMS}/surname", "sn", "surname", "lastName", "last_name"]


@dataclass(frozen=True)
class Statement:
    """The content of the provider's assertion, and the request that it answers."""

    request_id: str
    signed_in_at: int  # seconds since 1970
    identity: Identity


def saml_provider() -> SAMLProvider:
    """Return the provider of the settings, which speaks SAML: otherwise nothing here is used."""
    assert isinstance(settings.IDENTITY_PROVIDER, SAMLProvider)
    return settings.IDENTITY_PROVIDER


def our_addresses() -> dict[str, str]:
    """Return our entity id, which is the address of our metadata, and the address for answers."""
    pages = {"entity_id": "single_sign_on_metadata", "answers_to": "single_sign_on_saml"}
    return {name: settings.SITE_URL + reverse(page) for name, page in pages.items()}


# --- Asking -------------------------------------------------------------------------------------------------


def begin(request: HttpRequest, process: str, next_url: str | None) -> HttpResponse:
    """Return the redirect to the provider; to confirm, people sign in there again."""
    provider, request_id = saml_provider(), f"_{secrets.token_hex(20)}"
    state = {"process": process, "next": next_url or ""}
    statekit.stash_state(request, provider_id=provider.provider_id, state=state, state_id=request_id)
    facts = {"id": request_id, "at": f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}", "again": process == "confirm"}
    xml = render_to_string("account/saml_request.xml", facts | our_addresses() | {"provider": provider})
    packed = zlib.compress(xml.encode(), wbits=-zlib.MAX_WBITS)
    query = urlencode({"SAMLRequest": base64.b64encode(packed).decode()})
    return HttpResponseRedirect(f"{provider.sign_in_url}{'&' if '?' in provider.sign_in_url else '?'}{query}")


# --- The answer ---------------------------------------------------------------------------------------------


def receive(request: HttpRequest) -> str:
    """Check the provider's answer and return the ticket for it; the same assertion gets no second one."""
    try:
        assertion_id, statement = read(request.POST.get("SAMLResponse", ""))
    except Exception as error:  # python3-saml raises plain ones, too
        declined = getattr(error, "code", None) == OneLogin_Saml2_ValidationError.STATUS_CODE_IS_NOT_SUCCESS
        raise Refused("declined" if declined else "provider") from error
    if not cache.add(f"saml-assertion:{sha256(assertion_id.encode()).hexdigest()}", 1, REMEMBERED):
        raise Refused("expired")
    ticket = secrets.token_urlsafe(24)
    cache.set(f"saml-ticket:{ticket}", asdict(statement), TICKET_LASTS)
    return ticket


def finish(request: HttpRequest) -> Answer:
    """Return the answer for the ticket; it works once, and only in the browser that asked the provider."""
    key = f"saml-ticket:{request.GET.get('ticket', '')[:100]}"
    if not (kept := cache.get(key)):
        raise Refused("expired")
    cache.delete(key)
    found = {"provider_id": saml_provider().provider_id, "state_id": kept["request_id"]}
    if (state := statekit.unstash_state(request, **found)) is None:
        raise Refused("expired")
    return Answer(Identity(**kept["identity"]), state["process"], state["next"], kept["signed_in_at"])


def read(text: str) -> tuple[str, Statement]:
    """Return the id of the assertion and its content, once its signature, audience, request and times are right."""
    if len(text) > LONGEST:
        raise ValueError("the answer is too long")
    response = OneLogin_Saml2_Response(_library_settings(saml_provider(), settings.SITE_URL), text)
    site = {"https": "on" if settings.SITE.scheme == "https" else "off", "http_host": settings.SITE.netloc}
    response.is_valid(site | {"script_name": reverse("single_sign_on_saml")}, raise_exceptions=True)
    (assertion,) = response.document.findall("saml:Assertion", NAMES)  # the library found it signed, and the only one
    now, ours = time.time(), our_addresses()
    if response.document.get("Destination") not in (None, ours["answers_to"]):
        raise ValueError("the answer is for another address")
    _check_conditions(assertion, ours["entity_id"], now)
    request_id = _request_of(assertion, ours["answers_to"], now)
    signed_in_at = _seconds(assertion.find("saml:AuthnStatement", NAMES).get("AuthnInstant"))
    return assertion.get("ID"), Statement(request_id, signed_in_at, _identity(response))


@remembered
def _library_settings(provider: SAMLProvider, site_url: str) -> OneLogin_Saml2_Settings:
    ours = our_addresses()
    identity_provider = {
        "entityId": provider.issuer,
        "singleSignOnService": {"url": provider.sign_in_url},
        "x509certMulti": {"signing": list(provider.certificates)},
    }
    security = {
        "wantAssertionsSigned": True,
        "wantNameId": False,
        "wantAttributeStatement": False,
        "rejectDeprecatedAlgorithm": True,
        "allowRepeatAttributeName": True,
        "allowSingleLabelDomains": True,
    }
    us = {"entityId": ours["entity_id"], "assertionConsumerService": {"url": ours["answers_to"]}}
    return OneLogin_Saml2_Settings({"strict": True, "idp": identity_provider, "sp": us, "security": security})


def _check_conditions(assertion, entity_id: str, now: float) -> None:
    conditions = assertion.find("saml:Conditions", NAMES)
    restrictions = conditions.findall("saml:AudienceRestriction", NAMES)
    audiences = [[_text(each) for each in row.findall("saml:Audience", NAMES)] for row in restrictions]
    if not audiences or not all(entity_id in row for row in audiences):
        raise ValueError("the assertion is for another service")
    if conditions.find("saml:Condition", NAMES) is not None:
        raise ValueError("the assertion has a condition that is not known here")
    if conditions.get("NotBefore") and now < _seconds(conditions.get("NotBefore")) - LEEWAY:
        raise ValueError("the assertion is not valid yet")
    if conditions.get("NotOnOrAfter") and now >= _seconds(conditions.get("NotOnOrAfter")) + LEEWAY:
        raise ValueError("the assertion has expired")


def _request_of(assertion, answers_to: str, now: float) -> str:
    """Return the id of our request that a bearer confirms in time and at our address; without one, nobody asked."""
    for confirmation in assertion.findall("saml:Subject/saml:SubjectConfirmation", NAMES):
        facts = confirmation.find("saml:SubjectConfirmationData", NAMES)
        if confirmation.get("Method") != Names.CM_BEARER or facts is None or facts.get("Recipient") != answers_to:
            continue
        if facts.get("InResponseTo") and facts.get("NotOnOrAfter") and now < _seconds(facts.get("NotOnOrAfter")):
            return facts.get("InResponseTo")
    raise ValueError("the assertion does not answer a request of ours in time")


def _identity(response: OneLogin_Saml2_Response) -> Identity:
    """Return the person: by an attribute that lasts, or else by the name id; addresses of our domains are verified."""
    attributes, name_id = response.get_attributes(), response.get_nameid_data()
    kind, name = name_id.get("Format"), name_id.get("Value") or ""
    uid = _first(attributes, LASTING_IDS) or ("" if kind == Names.NAMEID_TRANSIENT else name)
    if not uid:
        raise ValueError("the assertion has no lasting id of the person")
    email = _first(attributes, EMAILS) or (name if kind == Names.NAMEID_EMAIL_ADDRESS else "")
    is_verified = email.rpartition("@")[2].lower() in saml_provider().domains
    parts = (_first(attributes, names) for names in (GIVEN_NAMES, FAMILY_NAMES))
    return Identity(uid, email, is_verified, _first(attributes, FULL_NAMES) or " ".join(filter(None, parts)))


def _first(attributes: dict, names: list[str]) -> str:
    values = (value for name in names for value in attributes.get(name, []) if isinstance(value, str))
    return next(values, "")


def _text(element) -> str:
    return (OneLogin_Saml2_XML.element_text(element) or "").strip()


def _seconds(moment: str) -> int:
    return OneLogin_Saml2_Utils.parse_SAML_to_time(moment)
