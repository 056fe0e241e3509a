"""The page on which a person connects their other services: the calendar that suggested times avoid."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.http import form_page
from reminders.forms import CalendarForm
from sessions.models import BusyCalendar


@require_safe
def connections(request):
    return connections_page(request, CalendarForm())


def connections_page(request, calendar_form):
    calendar = BusyCalendar.objects.filter(user=request.user).first()
    context = {"calendar": calendar, "calendar_form": calendar_form, "form": calendar_form}
    return form_page(request, "reminders/connections.html", context)


@require_POST
def calendar_connect(request):
    form = CalendarForm(request.POST)
    if not form.is_valid():
        return connections_page(request, form)
    BusyCalendar.connect(request.user, form.cleaned_data["address"])
    messages.success(request, _("Connected. Your calendar is read within a minute."))
    return redirect("connections")


@require_POST
def calendar_read(request):
    """Have the calendar read again within a minute, but not twice a minute."""
    now = timezone.now()
    rows = BusyCalendar.objects.filter(user=request.user).exclude(tried_at__gt=now - timedelta(minutes=1))
    rows.filter(lease_token=None).update(next_read_at=now)
    messages.success(request, _("Your calendar is read within a minute."))
    return redirect("connections")


@require_POST
def calendar_disconnect(request):
    BusyCalendar.disconnect(request.user)
    messages.success(request, _("Disconnected. The address and your busy times are deleted."))
    return redirect("connections")
