from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.version import VERSION
from operations import metrics
from reminders import health

CONTACT_LASTS = timedelta(days=180)  # how long readers of security.txt may rely on it; at most a year


@require_safe
@login_not_required
def livez(request):
    """Answer 200 while the web server responds, whatever the state of the database, so that nobody restarts it."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
@login_not_required
def metrics_text(request):
    """Return the metrics in the text format of Prometheus, to requests with METRICS_KEY as their bearer token."""
    key = settings.METRICS_KEY
    if not key or not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {key}"):
        raise Http404
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


@require_safe
@login_not_required
def healthz(request):
    """Return the health of each part for monitors, and whether the clock was set back recently; needs no sign-in."""
    parts, found = health.check()
    green = all(parts.values())
    content = {"health": "green" if green else "red", "version": VERSION}
    content |= {name: "ok" if ok else "red" for name, ok in parts.items()}
    if found:
        content["clock"] = (
            f"set back at {found.clock_set_back_at:%Y-%m-%d %H:%M} UTC" if found.clock_set_back_at else "ok"
        )
    response = JsonResponse(content, status=200 if green else 503, headers={"Cache-Control": "no-store"})
    response._has_been_logged = True  # do not log an error for every poll of a monitor
    return response


@require_safe
@login_not_required
def security_txt(request):
    """Return whom to tell about a vulnerability of this installation, as RFC 9116 describes it."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    lines = {
        "Contact": settings.SECURITY_CONTACT,
        "Expires": f"{timezone.now() + CONTACT_LASTS:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages": ", ".join(code for code, _name in settings.LANGUAGES),
        "Canonical": settings.SITE_URL + reverse("security_txt"),
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@login_not_required
def web_manifest(request):
    """Return what a browser needs to install the site as an app; browsers ask for it without cookies."""
    pages = ((_("Home"), "home"), (_("Sessions"), "session_list"), (_("Commitments"), "commitment_list"))
    icons = [
        {"src": static(f"img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    manifest = {
        "id": "/",
        "name": "Throughline",
        "short_name": "Throughline",
        "description": _("Prepare, hold and wrap up your mentoring sessions."),
        "lang": get_language(),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f7f6f2",
        "theme_color": "#1a6a4c",
        "icons": [{"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}, *icons],
        "shortcuts": [{"name": name, "url": reverse(url)} for name, url in pages],
    }
    return JsonResponse(manifest, content_type="application/manifest+json")
