"""Whose account an identity at the provider is. An unverified address opens no account."""

from dataclasses import dataclass

from allauth.account.internal.flows.login import get_authentication_records
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language

from accounts.models import AuditEvent, User
from config.env import OpenIDProvider, SAMLProvider
from core.addresses import one_line, parse_address


class Refused(Exception):
    """A sign-in through the provider that leads nowhere; the reason selects the text of the page."""

    def __init__(self, reason: str, email: str = ""):
        super().__init__(reason)
        self.reason, self.email = reason, email


@dataclass(frozen=True)
class Identity:
    """A person as the provider knows them: its lasting id for them, their address and name."""

    uid: str
    email: str
    email_is_verified: bool
    name: str


@dataclass(frozen=True)
class Answer:
    """The person who returned from the provider, and the purpose of the request."""

    identity: Identity
    process: str  # "login", or "confirm" before a sensitive step
    next_url: str
    signed_in_at: int  # seconds since 1970; 0 if the provider does not tell


def identity_provider() -> OpenIDProvider | SAMLProvider:
    """Return the provider of the settings, where it is known that there is one."""
    assert settings.IDENTITY_PROVIDER is not None
    return settings.IDENTITY_PROVIDER


def person_of(identity: Identity) -> User:
    """Return the person with this identity. The first time it is matched by the verified address, and remembered.

    From then on only the provider's id counts, so that an address that somebody is given later opens no account.
    Raises Refused if there is nobody.
    """
    provider = identity_provider().provider_id
    with transaction.atomic():
        known = SocialAccount.objects.filter(provider=provider, uid=identity.uid).select_related("user").first()
        if known:
            return known.user
        person = _person_with_address(identity)
        if SocialAccount.objects.filter(provider=provider, user=person).exists():
            raise Refused("taken", person.email)
        person.verify_address()
        SocialAccount.objects.get_or_create(provider=provider, uid=identity.uid, defaults={"user": person})
        AuditEvent.record(person, AuditEvent.Action.IDENTITY_LINKED, person)
    return person


def _person_with_address(identity: Identity) -> User:
    try:
        email = parse_address(identity.email)
    except ValidationError:
        raise Refused("no_address") from None
    longest = SocialAccount._meta.get_field("uid").max_length or 0
    if not identity.email_is_verified or not 0 < len(identity.uid) <= longest:
        raise Refused("unverified", email)
    person = User.objects.select_for_update().filter(email=email).first()
    if person is None and settings.OPEN_REGISTRATION:
        person = User(name=one_line(identity.name)[:200])
        person.speak(get_language())
        chosen = {name: getattr(person, name) for name in ("name", "language", "clock", "week_start")}
        return User.objects.create_user(email, address_verified=True, **chosen)
    if person is None:
        raise Refused("unknown", email)
    if not person.is_active:
        raise Refused("closed", email)
    return person


def has_identity(person: User) -> bool:
    """Return True if the person can confirm at the provider that it is them."""
    return bool(settings.IDENTITY_PROVIDER) and _identities(person).exists()


def is_of(person: User, identity: Identity) -> bool:
    return _identities(person).filter(uid=identity.uid).exists()


def _identities(person: User) -> QuerySet[SocialAccount]:
    return SocialAccount.objects.filter(provider=identity_provider().provider_id, user=person)


def provider_vouches(request) -> bool:
    """Return True if this sign-in came from a provider that takes care of the second factor, by the settings."""
    if not settings.IDENTITY_PROVIDER or not settings.IDENTITY_PROVIDER.asks_second_factor:
        return False
    return any(record.get("method") == "socialaccount" for record in get_authentication_records(request, request.user))
