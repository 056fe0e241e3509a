from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from reminders import health


@require_safe
@login_not_required
def healthz(request):
    """For monitors, without a sign-in: which part is red, and whether the clock was set back lately."""
    parts, found = health.look()
    green = all(parts.values())
    said = {"health": "green" if green else "red"} | {name: "ok" if ok else "red" for name, ok in parts.items()}
    if found:
        said["clock"] = f"set back at {found.set_back_at:%Y-%m-%d %H:%M} UTC" if found.set_back_at else "ok"
    response = JsonResponse(said, status=200 if green else 503, headers={"Cache-Control": "no-store"})
    response._has_been_logged = True  # a monitor that asks every few seconds is no error of ours each time
    return response
