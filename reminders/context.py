"""What the bar at the top of every page, and what stands under it, ask: only on pages that show them."""

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import SimpleLazyObject

from accounts.models import Installation, User
from mentoring.models import Enrollment
from reminders.health import stuck_since
from reminders.inbox import waiting_for


def bar(request) -> dict:
    """`runs_programs`: whether this person runs one; `inbox_count`: how much waits for them; `is_demo`.

    One query for all. `reminders_stuck_since` is asked for program admins alone.
    """
    asked = SimpleLazyObject(lambda: facts(request.user.pk))
    return {
        "runs_programs": SimpleLazyObject(lambda: asked["runs_programs"]),
        "inbox_count": SimpleLazyObject(lambda: asked["waiting"]),
        "is_demo": SimpleLazyObject(lambda: asked["demo"] if signed_in(request) else DEMO.exists()),
        "reminders_stuck_since": stuck_since,
    }


def signed_in(request) -> bool:
    """Also where a request was refused before anybody asked who sends it."""
    return hasattr(request, "user") and request.user.is_authenticated


DEMO = Installation.objects.filter(demo=True)


def facts(user_pk: int) -> dict:
    runs = Enrollment.objects.admins().filter(user=OuterRef("pk"))
    count = waiting_for(OuterRef("pk")).order_by().values("recipient").annotate(n=Count("pk")).values("n")
    person = User.objects.filter(pk=user_pk).values(
        runs_programs=Exists(runs), waiting=Coalesce(Subquery(count), 0), demo=Exists(DEMO)
    )
    return person.first() or {"runs_programs": False, "waiting": 0, "demo": False}
