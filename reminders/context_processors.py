"""Context for the top bar and the banners below it, queried lazily on the pages that show them."""

from functools import cache

from reminders.bell import bar_of
from reminders.health import stuck_since
from reminders.inbox import reminder_lines


def bar(request) -> dict:
    """Return `runs_programs`, `inbox_count`, `inbox_tasks`, `inbox_reminders` and `reminders_stuck_since`, all lazy.

    The templates read the first two for people who are signed in, tasks and reminders on the home page, and
    `reminders_stuck_since` for program admins only. All are functions, which a template calls: plural forms can need a
    real number.
    """
    facts = cache(lambda: bar_of(request.user))
    return {
        "runs_programs": lambda: facts().runs_programs,
        "inbox_count": lambda: facts().inbox_count,
        "inbox_tasks": lambda: facts().tasks,
        "inbox_reminders": lambda: reminder_lines(request.user, facts().newest_reminders),
        "reminders_stuck_since": stuck_since,
    }
