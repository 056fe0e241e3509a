"""What the bar at the top of every page asks."""

from django.utils.functional import SimpleLazyObject

from mentoring.models import Enrollment


def programs(request) -> dict:
    """`runs_programs`: one query, and only on pages that show the bar."""
    return {
        "runs_programs": SimpleLazyObject(
            lambda: Enrollment.objects.active().filter(user=request.user, role=Enrollment.Role.ADMIN).exists()
        )
    }
