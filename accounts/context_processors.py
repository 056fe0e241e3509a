"""Template context about the installation, available on every page."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from accounts.models import Installation
from config.version import VERSION
from core.token_paths import holds_token


def installation(request) -> dict:
    return {
        "installation": SimpleLazyObject(lambda: Installation.current() or Installation()),
        "registration_open": settings.OPEN_REGISTRATION,
        "in_development": settings.DEBUG,
        "by_secret_link": holds_token(request),
        "version": VERSION,
        "source_url": settings.SOURCE_URL,
    }
