"""Languages of this installation (LANGUAGES), and what people who read them expect of dates and times."""

from django.conf import settings
from django.utils.formats import get_format


def default_language() -> str:
    """Return the language of people who have not chosen one: the first of LANGUAGES."""
    return settings.LANGUAGE_CODE


def offered(language: str | None) -> str:
    """Return `language` if this installation offers it, and otherwise the default."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def conventions(language: str) -> dict:
    """Return the usual clock ("12" or "24") and first day of the week (ISO weekday) of a language, as User has them."""
    return {"clock": get_format("CLOCK", language), "week_start": get_format("FIRST_DAY_OF_WEEK", language) or 7}
