"""What the bar at the top of every page, and what stands under it, ask: only on pages that show them."""

from django.db.models import Exists, OuterRef
from django.utils.functional import SimpleLazyObject

from accounts.models import Installation, User
from mentoring.models import Enrollment
from reminders.health import stuck_since
from reminders.inbox import anything_for, lines


def bar(request) -> dict:
    """`runs_programs`: whether this person runs one; `inbox_count`: how much waits for them; `is_demo`.

    One query for all, and more only where something waits. `reminders_stuck_since` is asked for program admins alone.
    """
    asked = SimpleLazyObject(lambda: facts(request.user))
    return {
        "runs_programs": SimpleLazyObject(lambda: asked["runs_programs"]),
        "inbox_count": SimpleLazyObject(lambda: len(lines(request.user)) if asked["anything"] else 0),
        "is_demo": SimpleLazyObject(lambda: asked["demo"] if signed_in(request) else DEMO.exists()),
        "reminders_stuck_since": stuck_since,
    }


def signed_in(request) -> bool:
    """Also where a request was refused before anybody asked who sends it."""
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
