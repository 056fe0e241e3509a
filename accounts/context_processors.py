"""Template context about the installation, available on every page."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Installation
from accounts.navigation import PAGES, section_of
from config.version import VERSION
from core.token_paths import holds_token


def installation(request: HttpRequest) -> dict:
    name = (request.resolver_match and request.resolver_match.url_name) or ""
    return {
        "section": section_of(name),
        "is_section_page": name in PAGES,
        "installation": SimpleLazyObject(known_installation),
        "registration_open": settings.OPEN_REGISTRATION,
        "in_development": settings.DEBUG,
        "by_secret_link": holds_token(request),
        "version": VERSION,
        "source_url": settings.SOURCE_URL,
    }


def known_installation() -> Installation:
    """Return the row of the installation, cached for a minute once it is set up, or an empty one before."""
    found = cache.get(Installation.CACHE_KEY)
    if found is None and (found := Installation.current()):
        cache.set(Installation.CACHE_KEY, found, 60)
    return found or Installation()
