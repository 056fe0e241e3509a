"""A SAML provider for tests: it reads requests, and writes and signs answers with a key of its own."""

import base64
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone
from lxml import etree

from config.env import SAMLProvider

ISSUER = "https://idp.example.org/entity"
SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
NAMES = {"saml": SAML, "samlp": SAMLP}
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
MAIL = "urn:oid:0.9.2342.19200300.100.1.3"
SITE = "http://localhost:8000/accounts/single-sign-on"


def moment(seconds: float) -> str:
    return f"{timezone.now() + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def request_in(url: str) -> etree._Element:
    """Return the request that leads to the provider."""
    packed = parse_qs(urlsplit(url).query)["SAMLRequest"][0]
    return etree.fromstring(zlib.decompress(base64.b64decode(packed), -zlib.MAX_WBITS))


@dataclass
class Key:
    """A key with its certificate."""

    private: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @cached_property
    def certificate_text(self) -> str:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.org")])
        begins, ends = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
        new = x509.CertificateBuilder(name, name, self.private.public_key(), 1, begins, ends)
        signed = new.sign(self.private, hashes.SHA256())
        return base64.b64encode(signed.public_bytes(serialization.Encoding.DER)).decode()

    @property
    def pem(self) -> bytes:
        kind = serialization.PrivateFormat.PKCS8
        return self.private.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())


def settings_of(key: Key, sign_in_url: str = "https://login.example.org/saml?tenant=7") -> SAMLProvider:
    domains = frozenset({"example.org"})
    return SAMLProvider(ISSUER, sign_in_url, (key.certificate_text,), domains, "Example University")


def unsigned(
    request_id: str,
    site: str = SITE,
    *,
    audience: str | None = None,
    issuer: str = ISSUER,
    name_id: str = "u-1",
    name_format: str = PERSISTENT,
    email: str = "lena@example.org",
    begins: float = -5,
    ends: float = 120,
    confirmed_until: float = 120,
    signed_in: float = -1,
    status: str = SUCCESS,
    destination: str | None = None,
    recipient: str | None = None,
    assertion_id: str = "_a1",
    attributes: dict[str, str] | None = None,
) -> etree._Element:
    """Return an answer; times are in seconds from now."""
    audience = f"{site}/metadata/" if audience is None else audience
    audiences = f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
    in_response = f' InResponseTo="{request_id}"' if request_id else ""
    values = ({MAIL: email} if email else {}) | (attributes or {"displayName": "Lena Brandt"})
    rows = "".join(
        f'<saml:Attribute Name="{name}"><saml:AttributeValue>{escape(value)}</saml:AttributeValue></saml:Attribute>'
        for name, value in values.items()
    )
    return etree.fromstring(
        f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_r{assertion_id}" Version="2.0"{in_response}'
        f' IssueInstant="{moment(0)}" Destination="{f"{site}/saml/" if destination is None else destination}">'
        f"<saml:Issuer>{issuer}</saml:Issuer>"
        f'<samlp:Status><samlp:StatusCode Value="{status}"/></samlp:Status>'
        f'<saml:Assertion ID="{assertion_id}" Version="2.0" IssueInstant="{moment(0)}">'
        f"<saml:Issuer>{issuer}</saml:Issuer><saml:Subject>"
        f'<saml:NameID Format="{name_format}">{name_id}</saml:NameID>'
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        f'<saml:SubjectConfirmationData{in_response} NotOnOrAfter="{moment(confirmed_until)}"'
        f' Recipient="{f"{site}/saml/" if recipient is None else recipient}"/>'
        "</saml:SubjectConfirmation></saml:Subject>"
        f'<saml:Conditions NotBefore="{moment(begins)}" NotOnOrAfter="{moment(ends)}">'
        f"{audiences if audience else ''}</saml:Conditions>"
        f'<saml:AuthnStatement AuthnInstant="{moment(signed_in)}"><saml:AuthnContext><saml:AuthnContextClassRef>'
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
        "</saml:AuthnStatement>"
        f"<saml:AttributeStatement>{rows}</saml:AttributeStatement></saml:Assertion></samlp:Response>"
    )


def sign(response: etree._Element, key: Key, path: str = "saml:Assertion", method=None, digest=None) -> etree._Element:
    """Sign the assertion, or with the path "." the whole response; the signature follows the issuer."""
    element = response if path == "." else response.find(path, NAMES)
    method, digest = method or xmlsec.constants.TransformRsaSha256, digest or xmlsec.constants.TransformSha256
    signature = xmlsec.template.create(element, xmlsec.constants.TransformExclC14N, method, ns="ds")
    element.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, digest, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    xmlsec.tree.add_ids(response, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key.pem, xmlsec.constants.KeyDataFormatPem)
    context.sign(signature)
    return response


@contextmanager
def provider(key: Key, site: str) -> Iterator[SAMLProvider]:
    """Run a provider whose page signs Lena in, at 127.0.0.1: for browsers another site than localhost."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = encoded(sign(unsigned(request_in(self.path).get("ID"), site), key))
            page = (
                f'<!doctype html><title>Sign in</title><form method="post" action="{site}/saml/">'
                f'<input type="hidden" name="SAMLResponse" value="{answer}"><button>Sign in as Lena</button></form>'
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield settings_of(key, f"http://127.0.0.1:{server.server_port}/sign-in")
        server.shutdown()


def encoded(response: etree._Element | bytes) -> str:
    text = response if isinstance(response, bytes) else etree.tostring(response)
    return base64.b64encode(text).decode()
