"""Context for the top bar and the banners below it, queried lazily on the pages that show them."""

from django.db.models import Exists, OuterRef
from django.utils.functional import SimpleLazyObject

from accounts.models import Installation, User
from mentoring.models import Enrollment
from reminders.health import stuck_since
from reminders.inbox import anything_for, lines


def bar(request) -> dict:
    """Return `runs_programs`, `inbox_count`, `is_demo` and `reminders_stuck_since`, all lazy.

    The first three share one query; counting takes more only if the inbox may not be empty. The templates read
    `reminders_stuck_since` for program admins only.
    """
    asked = SimpleLazyObject(lambda: facts(request.user))
    return {
        "runs_programs": SimpleLazyObject(lambda: asked["runs_programs"]),
        "inbox_count": SimpleLazyObject(lambda: len(lines(request.user)) if asked["anything"] else 0),
        "is_demo": SimpleLazyObject(lambda: asked["demo"] if signed_in(request) else DEMO.exists()),
        "reminders_stuck_since": stuck_since,
    }


def signed_in(request) -> bool:
    """Return True if the user is signed in; False also for requests refused before the authentication middleware."""
    return hasattr(request, "user") and request.user.is_authenticated


DEMO = Installation.objects.filter(demo=True)


def facts(user) -> dict:
    nothing = {"runs_programs": False, "anything": False, "demo": False}
    if not user.is_authenticated:
        return nothing
    runs = Enrollment.objects.admins().filter(user=OuterRef("pk"))
    person = User.objects.filter(pk=user.pk).values(
        runs_programs=Exists(runs), anything=anything_for(user), demo=Exists(DEMO)
    )
    return person.first() or nothing
