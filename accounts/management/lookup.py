"""Find the person whom a command is about."""

from django.core.management.base import CommandError

from accounts.models import User
from core.addresses import normalize_address


def person_with(address: str) -> User:
    """Return the person with this email address; raise CommandError with what to do if there is none."""
    found = User.objects.filter(email=normalize_address(address)).first()
    if found is None:
        raise CommandError(f"Nobody has the address {address!r}. Check the spelling: it is the one they sign in with.")
    return found
