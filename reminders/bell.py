"""The number beside the bell, cached for a minute because every page shows it.

It is forgotten when the person sends a form and when one of their pairs changes; what only time brings, such as a
commitment that becomes overdue, shows within the minute.
"""

from django.core.cache import cache
from django.db import transaction

from accounts.middleware import Middleware
from mentoring.models import Pair
from reminders.inbox import lines

KEPT = 60  # seconds


def cache_key(user_pk: int) -> str:
    return f"inbox:{user_pk}"


def inbox_count(user) -> int:
    """Return how many lines the inbox of this person has."""
    count = cache.get(cache_key(user.pk))
    if count is None:
        count = len(lines(user))
        cache.set(cache_key(user.pk), count, KEPT)
    return count


def forget(*user_pks: int) -> None:
    """Drop the cached numbers of these people."""
    cache.delete_many([cache_key(pk) for pk in user_pks])


def pair_changed(pair: Pair) -> None:
    """Drop the numbers of both people, and again after the commit in case somebody counted in between."""
    forget(pair.mentor_id, pair.mentee_id)
    transaction.on_commit(lambda: forget(pair.mentor_id, pair.mentee_id))


class BellMiddleware(Middleware):
    """Forget the number after each form that the person sends."""

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and request.user.pk:
            forget(request.user.pk)
        return response
