"""Sessions for calendar apps: one file to download, and a private link with times and links."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.cache import count_up
from sessions import calendar
from sessions.models import CalendarFeed, Session

HOUR = 3600
READS_AN_HOUR = 60


@require_safe
def session_calendar(request, pk):
    sessions = Session.objects.visible_to(request.user).filter(canceled_at=None, skipped_at=None)
    session = get_object_or_404(sessions.select_related("pair"), pk=pk).for_reader(request.user)
    return calendar_response(calendar.download(session, request.user), f"session-{session.pk}.ics")


@login_not_required
@require_safe
def calendar_feed(request, token):
    """Read by calendar apps without a sign-in: the secret link is the key (docs/rules.md, calendar)."""
    found = CalendarFeed.for_token(token)
    if found is None:
        raise Http404
    if wait := retry_after(found):
        return HttpResponse(status=429, headers={"Retry-After": str(wait)}, content_type="text/plain")
    with translation.override(found.user.spoken_language):
        content = calendar.feed(calendar.feed_sessions(found.user))
    found.note_read()
    return calendar_response(content)


def retry_after(found: CalendarFeed) -> int:
    """Return how many seconds to wait before the next read, or 0. Without the shared cache there is no limit."""
    now = int(time.time())
    count = count_up(f"calendar:{found.pk}:{found.digest[:16]}:{now // HOUR}", timeout=HOUR)
    return HOUR - now % HOUR if count > READS_AN_HOUR else 0


def calendar_response(content: bytes, filename: str = "") -> HttpResponse:
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    if filename:
        headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


@require_POST
def calendar_feed_create(request):
    """Create a new link and show it in this response only: just its hash is stored."""
    token = CalendarFeed.renew(request.user)
    address = f"{settings.SITE_URL}{reverse('calendar_feed', args=[token])}"
    return render(request, "sessions/calendar_feed_create.html", {"address": address})


@require_POST
def calendar_feed_delete(request):
    CalendarFeed.objects.filter(user=request.user).delete()
    messages.success(request, _("Your calendar link no longer works."))
    return redirect(f"{reverse('notifications')}#calendar")
