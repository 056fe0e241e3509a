"""What every page shows a person, cached for a minute: the number beside the bell, and whether they run a program.

It is forgotten when the person sends a form, when one of their pairs changes and when they leave a program; what only
time brings, such as a commitment that becomes overdue, shows within the minute.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.core.cache import cache
from django.db import transaction

from accounts.middleware import Middleware
from accounts.models import User
from mentoring.models import Enrollment, Pair
from reminders.inbox import lines

KEPT = 60  # seconds
NEWEST = 3


def cache_key(user_pk: int) -> str:
    return f"bar:{user_pk}"


class Bar(NamedTuple):
    """What the pages show a person who is signed in."""

    inbox_count: int = 0
    # Keys only: no text is cached. The home page knows the text of each task.
    newest_reminders: Sequence[int] = ()
    tasks: Sequence[str] = ()  # their subjects, without snoozed ones
    runs_programs: bool = False


def bar_of(user: User) -> Bar:
    """Return how many lines the inbox of this person has, the newest reminders, and whether they run a program."""
    found = cache.get(cache_key(user.pk))
    if found is None:
        all_lines = lines(user)
        newest = [line.reminder.pk for line in all_lines if line.reminder and not line.stays][:NEWEST]
        tasks = [line.subject for line in all_lines if line.stays]
        found = len(all_lines), newest, tasks, Enrollment.objects.admin_roles_of(user).exists()
        cache.set(cache_key(user.pk), found, KEPT)
    return Bar(*found)


def forget(*user_pks: int) -> None:
    """Drop what is cached for these people."""
    cache.delete_many([cache_key(pk) for pk in user_pks])


def pair_changed(pair: Pair) -> None:
    """Drop what is cached for both people, and again after the commit in case somebody counted in between."""
    forget(pair.mentor_id, pair.mentee_id)
    transaction.on_commit(lambda: forget(pair.mentor_id, pair.mentee_id))


class BellMiddleware(Middleware):
    """Forget what is cached after each form that the person sends, unless it was refused."""

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400 and request.user.pk:
            forget(request.user.pk)
        return response
