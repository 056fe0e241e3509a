"""Context for the top bar and the banners below it, queried lazily on the pages that show them."""

from functools import cache

from django.utils.functional import SimpleLazyObject

from mentoring.models import Enrollment
from reminders.bell import inbox_count
from reminders.health import stuck_since


def bar(request) -> dict:
    """Return `runs_programs`, `inbox_count` and `reminders_stuck_since`, all lazy.

    The templates read the first two for people who are signed in, and `reminders_stuck_since` for program admins only.
    The count is a function, which a template calls: plural forms can need a real number.
    """
    return {
        "runs_programs": SimpleLazyObject(lambda: Enrollment.objects.run_by(request.user).exists()),
        "inbox_count": cache(lambda: inbox_count(request.user)),
        "reminders_stuck_since": stuck_since,
    }
