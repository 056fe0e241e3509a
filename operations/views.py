from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from reminders import health


@require_safe
@login_not_required
def healthz(request):
    """Return the health of each part for monitors, and whether the clock was set back recently; needs no sign-in."""
    parts, found = health.check()
    green = all(parts.values())
    content = {"health": "green" if green else "red"} | {name: "ok" if ok else "red" for name, ok in parts.items()}
    if found:
        content["clock"] = (
            f"set back at {found.clock_set_back_at:%Y-%m-%d %H:%M} UTC" if found.clock_set_back_at else "ok"
        )
    response = JsonResponse(content, status=200 if green else 503, headers={"Cache-Control": "no-store"})
    response._has_been_logged = True  # do not log an error for every poll of a monitor
    return response
