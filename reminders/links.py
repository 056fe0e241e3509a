"""Links in emails that work without signing in: each for one person, one object, one purpose (docs/rules.md, links).

A link is signed, expires after 14 days, and is revoked by a new password or address, a closed account, or "Turn off
links in past emails". Anyone who has it can do that one thing and read no more than a title.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

VALID_FOR = timedelta(days=14)
SALT = "reminders.links"


class Purpose(models.TextChoices):
    COMMITMENT = "c"
    MET = "m"
    UPDATE = "s"
    CHECK_IN = "k"
    HELP = "h"
    INDICATOR = "i"
    STOP = "u"


class Expired(Exception):
    """The link is genuine, but it has expired or was revoked."""


def token(purpose: str, person: User, pk: int = 0) -> str:
    return signing.TimestampSigner(salt=SALT).sign(f"{purpose}.{person.pk}.{pk}.{_secret(person, purpose)}")


def link(name: str, purpose: str, person: User, pk: int = 0, **query: str) -> str:
    """Return the absolute URL of a page for a link; `query` only preselects an answer on it."""
    path = reverse(name, args=[token(purpose, person, pk)])
    parameters = "&".join(f"{key}={value}" for key, value in query.items())
    return f"{settings.SITE_URL}{path}{'?' if parameters else ''}{parameters}"


def read(purpose: str, text: str) -> tuple[User, int]:
    """Return the person and the object's key; raise Expired, or BadSignature for a forged link."""
    signer = signing.TimestampSigner(salt=SALT)
    try:
        value = signer.unsign(text, max_age=None if purpose == Purpose.STOP else VALID_FOR)
    except signing.SignatureExpired as error:
        raise Expired from error
    signed_purpose, user_pk, pk, secret = value.split(".")
    person = User.objects.filter(pk=user_pk, is_active=True).first()
    if signed_purpose != purpose:
        raise signing.BadSignature
    if person is None or not constant_time_compare(secret, _secret(person, purpose)):
        raise Expired
    return person, int(pk)


def revoke(person: User) -> None:
    """Revoke all links in emails sent so far, except the one that stops reminders by email."""
    User.objects.filter(pk=person.pk).update(links_version=models.F("links_version") + 1)
    person.refresh_from_db(fields=["links_version"])


def _secret(person: User, purpose: str) -> str:
    """Return the secret that ties a link to the account; the link that stops emails depends only on the address."""
    secret_parts = (
        person.email if purpose == Purpose.STOP else f"{person.email} {person.password} {person.links_version}"
    )
    return salted_hmac(SALT, secret_parts, algorithm="sha256").hexdigest()[:12]
