"""The number beside the bell and the newest reminders on the home page, cached for a minute: every page shows them.

They are forgotten when the person sends a form and when one of their pairs changes; what only time brings, such as a
commitment that becomes overdue, shows within the minute.
"""

from datetime import datetime

from django.core.cache import cache
from django.db import transaction

from accounts.middleware import Middleware
from mentoring.models import Pair
from reminders.inbox import lines

KEPT = 60  # seconds
NEWEST = 3


def cache_key(user_pk: int) -> str:
    return f"bell:{user_pk}"


def inbox_summary(user) -> tuple[int, list[tuple[str, str, datetime]]]:
    """Return how many lines the inbox of this person has, and the newest reminders: title, address and due time.

    Tasks are counted, but not among the reminders: the home page has a place for each of them.
    """
    found = cache.get(cache_key(user.pk))
    if found is None:
        all_lines = lines(user)
        found = len(all_lines), [(line.title, line.page, line.at) for line in all_lines if not line.stays][:NEWEST]
        cache.set(cache_key(user.pk), found, KEPT)
    return found


def inbox_count(user) -> int:
    return inbox_summary(user)[0]


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
