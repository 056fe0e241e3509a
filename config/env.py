"""Settings from environment variables, validated: an invalid value raises ImproperlyConfigured with a clear message."""

import base64
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SECRETS = (
    *("DATABASE_URL", "DATABASE_PASSWORD", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "PRIVATE_KEYS"),
    *("OIDC_CLIENT_SECRET", "SCIM_TOKEN", "METRICS_KEY", "SENTRY_DSN"),
)


def secret(name: str) -> str:
    """Return the variable, or the text of the file that NAME_FILE names, without the newline at its end."""
    assert name in SECRETS
    path = os.environ.get(f"{name}_FILE", "")
    if not path:
        return os.environ.get(name, "")
    if os.environ.get(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: remove one of them.")
    try:
        text = Path(path).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or "it is not UTF-8 text"
        raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {reason}.") from None
    if not text:
        raise ImproperlyConfigured(f"{name}_FILE={path} is empty.")
    return text


def switch(name: str, default: bool = False) -> bool:
    """Return True if the variable is 1, False if it is 0, and the default if it is unset."""
    return number(name, int(default), at_most=1) == 1


def token(name: str) -> str:
    """Return the secret in a variable, which must be too long to guess, or an empty string."""
    text = secret(name)
    if text and not re.fullmatch(r"[!-~]{32,500}", text):
        raise ImproperlyConfigured(f"{name} must have at least 32 characters, such as from `openssl rand -hex 32`.")
    return text


def file(name: str) -> str:
    """Return the path in a variable, which must be a file that can be read, or an empty string."""
    path = os.environ.get(name, "")
    if path and not (os.path.isfile(path) and os.access(path, os.R_OK)):
        raise ImproperlyConfigured(f"{name}={path} is not a file that can be read.")
    return path


def choice(name: str, *allowed: str) -> str:
    """Return the value of the variable, which must be one of these; the first is the default."""
    text = os.environ.get(name) or allowed[0]
    if text not in allowed:
        raise ImproperlyConfigured(f"{name}={text} must be one of: {', '.join(allowed)}.")
    return text


def number(name: str, default: int, *, at_most: int, at_least: int = 0) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not at_least <= int(text) <= at_most:
        raise ImproperlyConfigured(f"{name}={text} must be a whole number from {at_least} to {at_most}.")
    return int(text)


def choices(name: str, known: Iterable[str]) -> list[str]:
    """Return the values in a variable, separated by commas, each one of `known`; all of them if it is unset."""
    values = [value.strip() for value in (os.environ.get(name) or ",".join(known)).split(",")]
    if not set(values) <= set(known) or len(set(values)) < len(values):
        raise ImproperlyConfigured(f"{name} must be one or more of {', '.join(known)}, separated by commas.")
    return values


def address(name: str, default: str, schemes: tuple[str, ...], example: str) -> SplitResult:
    """Return the URL in a variable, which needs one of the schemes and a host."""
    return url(name, os.environ.get(name) or default, schemes, example)


def url(name: str, text: str, schemes: tuple[str, ...], example: str) -> SplitResult:
    """Return the parts of a URL, which needs one of the schemes and a host (with unix:, a path)."""
    wrong = ImproperlyConfigured(f"{name} is invalid: it should look like {example}.")
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  raises ValueError for an invalid port
    except ValueError:
        raise wrong from None
    if parts.scheme not in schemes or not (parts.path if parts.scheme == "unix" else parts.hostname):
        raise wrong
    return parts


def site(default: str) -> SplitResult:
    example = "https://mentoring.example.org"
    parts = address("SITE_URL", default, ("http", "https"), example)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ImproperlyConfigured(
            f"SITE_URL must be a scheme and a host without a path: it should look like {example}."
        )
    return parts


def database() -> dict | None:
    """Return Django's settings for the database in DATABASE_URL, or None if it is unset.

    DATABASE_PASSWORD is its password as it is; in the URL it would be percent-encoded.
    """
    text = secret("DATABASE_URL")
    if not text:
        return None
    values = postgresql("DATABASE_URL", text)
    if password := secret("DATABASE_PASSWORD"):
        values["PASSWORD"] = password
    return values


def postgresql(name: str, text: str) -> dict:
    """Return Django's settings for the URL of a PostgreSQL database."""
    example = "postgres://name:password@host:5432/database"
    parts = url(name, text, ("postgres", "postgresql"), example)
    if not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} names no database: it should look like {example}.")
    pooled = switch("DATABASE_POOLER")  # a server-side cursor would live in one of many connections
    return dj_database_url.parse(text, conn_max_age=600, conn_health_checks=True, disable_server_side_cursors=pooled)


def redis(default: str) -> str:
    """Return REDIS_URL, or the default if it is unset."""
    text = secret("REDIS_URL")
    if text:
        url("REDIS_URL", text, ("redis", "rediss", "unix"), "redis://host:6379/0")
    return text or default


def bounces() -> str:
    """Return BOUNCES_TO, the mailbox for bounces (name+tag@ per person); empty if bounces are not processed."""
    text = os.environ.get("BOUNCES_TO") or ""
    if text and not re.fullmatch(r"[A-Za-z0-9._-]{1,24}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        raise ImproperlyConfigured("BOUNCES_TO is invalid: it should look like bounces@example.org.")
    return text


def security_contact() -> str:
    """Return SECURITY_CONTACT as the address of a link; empty if it is unset."""
    text = os.environ.get("SECURITY_CONTACT") or ""
    if not text:
        return ""
    if re.fullmatch(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        return f"mailto:{text}"
    return url("SECURITY_CONTACT", text, ("https",), "security@example.org or https://example.org/report").geturl()


def ping() -> str:
    """Return HEALTH_PING_URL, or an empty string."""
    if not os.environ.get("HEALTH_PING_URL"):
        return ""
    return address("HEALTH_PING_URL", "", ("http", "https"), "https://hc-ping.com/your-check").geturl()


def sentry() -> str:
    """Return SENTRY_DSN, where errors are reported, or an empty string; it needs the package sentry-sdk."""
    text = secret("SENTRY_DSN")
    if not text:
        return ""
    example = "https://key@sentry.example.org/1"
    parts = url("SENTRY_DSN", text, ("http", "https"), example)
    if not parts.username or not parts.path.rpartition("/")[2].isdecimal():
        raise ImproperlyConfigured(f"SENTRY_DSN is invalid: it should look like {example}.")
    if not find_spec("sentry_sdk"):
        raise ImproperlyConfigured(
            "SENTRY_DSN needs the package sentry-sdk: .venv/bin/pip install --require-hashes -r requirements/sentry.txt"
        )
    return text


@dataclass(frozen=True)
class OpenIDProvider:
    """The OpenID Connect provider at which people sign in."""

    issuer: str  # without a slash at the end
    client_id: str
    client_secret: str
    name: str
    asks_second_factor: bool = False  # of each program admin, so that it isn't asked for here
    protocol = "oidc"

    @property
    def provider_id(self) -> str:
        """Return what stored identities belong to: another issuer may use the same ids for other people."""
        return f"oidc-{hashlib.sha256(self.issuer.encode()).hexdigest()[:16]}"

    @property
    def origin(self) -> str:
        return origin(self.issuer)


@dataclass(frozen=True)
class SAMLProvider:
    """The SAML 2.0 provider at which people sign in."""

    issuer: str  # its entity id
    sign_in_url: str
    certificates: tuple[str, ...]  # in Base64: those with which it signs, more than one while it changes them
    domains: frozenset[str]  # of the addresses that it gives out, and vouches for
    name: str
    asks_second_factor: bool = False
    protocol = "saml"

    @property
    def provider_id(self) -> str:
        return f"saml-{hashlib.sha256(self.issuer.encode()).hexdigest()[:16]}"

    @property
    def origin(self) -> str:
        return origin(self.sign_in_url)


def origin(text: str) -> str:
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc}"


def identity_provider() -> OpenIDProvider | SAMLProvider | None:
    """Return the provider of the settings OIDC_* or SAML_*, or None if they are unset."""
    values = {name: os.environ.get(name, "") for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID")}
    openid = values | {"OIDC_CLIENT_SECRET": secret("OIDC_CLIENT_SECRET")}
    names = ("SAML_ENTITY_ID", "SAML_SIGN_IN_URL", "SAML_CERTIFICATE", "SAML_DOMAINS")
    saml = {name: os.environ.get(name, "") for name in names}
    if any(openid.values()) and any(saml.values()):
        raise ImproperlyConfigured("Settings OIDC_… and SAML_… are both set: people sign in at one provider only.")
    if all_or_none(openid):
        return openid_provider(openid)
    return saml_provider(saml) if all_or_none(saml) else None


def all_or_none(values: dict[str, str]) -> bool:
    """Return True if all of the settings are set, and False if none is; otherwise name those that are missing."""
    given = [name for name, value in values.items() if value]
    if given and (missing := [name for name in values if name not in given]):
        raise ImproperlyConfigured(f"{given[0]} is set, so {' and '.join(missing)} must be set, too.")
    return bool(given)


def openid_provider(values: dict[str, str]) -> OpenIDProvider:
    example = "https://login.example.org/realms/staff"
    parts = sign_in_address("OIDC_ISSUER", example)
    if parts.query or "/.well-known/" in parts.path:
        raise ImproperlyConfigured(f"OIDC_ISSUER is invalid: it should look like {example}.")
    client = values["OIDC_CLIENT_ID"], values["OIDC_CLIENT_SECRET"]
    name, asks = name_of_provider("OIDC_NAME", parts), switch("OIDC_SECOND_FACTOR")
    return OpenIDProvider(parts.geturl().rstrip("/"), *client, name, asks)


def saml_provider(values: dict[str, str]) -> SAMLProvider:
    parts = sign_in_address("SAML_SIGN_IN_URL", "https://login.example.org/saml/sign-in")
    domains = frozenset(domain.strip().lower() for domain in values["SAML_DOMAINS"].split(","))
    if not all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain) for domain in domains):
        raise ImproperlyConfigured("SAML_DOMAINS is invalid: it should look like example.org,students.example.org.")
    certificates = signing_certificates(values["SAML_CERTIFICATE"])
    name, asks = name_of_provider("SAML_NAME", parts), switch("SAML_SECOND_FACTOR")
    return SAMLProvider(values["SAML_ENTITY_ID"].strip(), parts.geturl(), certificates, domains, name, asks)


def sign_in_address(name: str, example: str) -> SplitResult:
    """Return the address in a variable, which must be https, or on this machine."""
    parts = address(name, "", ("https", "http"), example)
    if parts.fragment or parts.username:
        raise ImproperlyConfigured(f"{name} is invalid: it should look like {example}.")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ImproperlyConfigured(f"{name} must be https: sign-ins would be sent over the network unencrypted.")
    return parts


def name_of_provider(name: str, parts: SplitResult) -> str:
    text = os.environ.get(name) or parts.hostname or ""
    if len(text) > 40:
        raise ImproperlyConfigured(f"{name} must have at most 40 characters: it is the text of a button.")
    return text


def signing_certificates(text: str) -> tuple[str, ...]:
    """Return the certificates of a PEM file, or those written in the variable itself, separated by commas."""
    from cryptography.x509 import load_der_x509_certificate  # slow, and without SAML not needed for the settings

    try:
        if os.path.isfile(text):
            pem = Path(text).read_text(encoding="ascii")
            text = ",".join(re.findall(r"-----BEGIN CERTIFICATE-----([^-]+)-----", pem))
        certificates = tuple("".join(part.split()) for part in text.split(","))
        for certificate in certificates:
            load_der_x509_certificate(base64.b64decode(certificate, validate=True))
    except (OSError, ValueError):
        raise ImproperlyConfigured(
            "SAML_CERTIFICATE is invalid: it should be the path of a PEM file with the certificate of the provider, or "
            "the certificate itself in Base64."
        ) from None
    return certificates


def mail(text: str) -> dict:
    """Return Django's mail settings for the address of a mail server."""
    schemes = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    parts = url("EMAIL_URL", text, tuple(schemes), "smtp+tls://name:password@mail.example.org:587")
    return {
        "EMAIL_BACKEND": "core.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or schemes[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
    }
