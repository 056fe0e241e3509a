"""The page on which a person connects their other services: a chat for reminders, the calendar for suggested times."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.cache import count_up
from core.http import form_page
from reminders import chat
from reminders.forms import CalendarForm, ChatChoiceForm, ChatForm
from reminders.models import ChatWebhook
from sessions.models import BusyCalendar

TESTS_AN_HOUR = 10


@require_safe
def connections(request):
    return connections_page(request)


def connections_page(request, calendar_form=None, chat_form=None):
    """Render the page with one of its forms, if it has errors."""
    connected = ChatWebhook.objects.filter(user=request.user).first()
    context = {
        "calendar": BusyCalendar.objects.filter(user=request.user).first(),
        "calendar_form": calendar_form or CalendarForm(),
        "chat": connected,
        "chat_form": chat_form or ChatForm(),
        "choice_form": ChatChoiceForm(initial={"to_chat": "1" if connected and connected.gets_reminders else ""}),
        "form": calendar_form or chat_form or CalendarForm(),
    }
    return form_page(request, "reminders/connections.html", context)


# --- Chat -----------------------------------------------------------------------------------------------------


@require_POST
def chat_connect(request):
    form = ChatForm(request.POST)
    if not form.is_valid():
        return connections_page(request, chat_form=form)
    ChatWebhook.connect(request.user, form.cleaned_data["address"])
    messages.success(request, _("Connected. Send a test message to see whether it arrives."))
    return redirect("connections")


@require_POST
def chat_choose(request):
    """Store whether reminders go by email, or by email and chat."""
    form = ChatChoiceForm(request.POST)
    connected = ChatWebhook.objects.filter(user=request.user).first()
    if connected and form.is_valid():
        connected.choose(form.cleaned_data["to_chat"])
        messages.success(request, _("Saved."))
    return redirect("connections")


@require_POST
def chat_test(request):
    """Send a test message now, a few times an hour at most, because the person waits for the answer."""
    connected = ChatWebhook.objects.filter(user=request.user).first()
    if connected is None:
        return redirect("connections")
    if count_up(f"chat-test:{request.user.pk}:{timezone.now():%Y%m%d%H}", timeout=3600) > TESTS_AN_HOUR:
        messages.warning(request, _("You sent many test messages. Try again in an hour."))
        return redirect("connections")
    try:
        chat.send_test(connected)
    except chat.NotTaken as error:
        text = _("The chat did not take the message (status %(status)s). Check the address.")
        messages.error(request, text % {"status": error.errno})
    except (OSError, ValueError):
        messages.error(request, _("The chat did not answer. Check the address, or try again later."))
    else:
        messages.success(request, _("Sent. It is in your chat now."))
    return redirect("connections")


@require_POST
def chat_disconnect(request):
    ChatWebhook.disconnect(request.user)
    messages.success(request, _("Disconnected. The address is deleted."))
    return redirect("connections")


# --- Calendar -------------------------------------------------------------------------------------------------


@require_POST
def calendar_connect(request):
    form = CalendarForm(request.POST)
    if not form.is_valid():
        return connections_page(request, calendar_form=form)
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
