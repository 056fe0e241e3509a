from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from reminders import health


@require_safe
@login_not_required
def healthz(request):
    """R10: for monitors, without a sign-in. Which part is red, and nothing else."""
    parts = health.parts()
    green = all(parts.values())
    said = {"health": "green" if green else "red"} | {name: "ok" if ok else "red" for name, ok in parts.items()}
    response = JsonResponse(said, status=200 if green else 503, headers={"Cache-Control": "no-store"})
    response._has_been_logged = True  # a monitor that asks every few seconds is no error of ours each time
    return response
