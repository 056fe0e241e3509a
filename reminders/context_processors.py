"""Context for the top bar and the banners below it, queried lazily on the pages that show them."""

from functools import cache

from django.utils.functional import SimpleLazyObject

from mentoring.models import Enrollment
from reminders.bell import inbox_summary
from reminders.health import stuck_since


def bar(request) -> dict:
    """Return `runs_programs`, `inbox_count`, `inbox_reminders` and `reminders_stuck_since`, all lazy.

    The templates read the first two for people who are signed in, the reminders on the home page, and
    `reminders_stuck_since` for program admins only. The count is a function, which a template calls: plural forms can
    need a real number.
    """
    summary = cache(lambda: inbox_summary(request.user))
    return {
        "runs_programs": SimpleLazyObject(lambda: Enrollment.objects.run_by(request.user).exists()),
        "inbox_count": lambda: summary()[0],
        "inbox_reminders": lambda: summary()[1],
        "reminders_stuck_since": stuck_since,
    }
