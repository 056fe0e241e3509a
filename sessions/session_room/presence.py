"""Who has a session's page open right now. Stored in the cache only: without it nobody is shown as present."""

from django.core.cache import cache

STAYS = 10  # seconds after the last sign of life; the page asks every 2
STAYS_IN_BACKGROUND = 45  # a tab behind the video call asks every 30


def cache_key(session_pk: int, user_pk: int) -> str:
    return f"here:{session_pk}:{user_pk}"


def arrive(session_pk: int, user_pk: int, in_background: bool = False) -> None:
    cache.set(cache_key(session_pk, user_pk), 1, STAYS_IN_BACKGROUND if in_background else STAYS)


def is_here(session_pk: int, user_pk: int) -> bool:
    return bool(cache.get(cache_key(session_pk, user_pk)))
