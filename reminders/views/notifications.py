"""Inbox, notification preferences and upcoming emails, for a person and for program admins."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.formatting import time_of_day
from core.http import add_undo_message, form_page, signed_undo, undo_facts, warn_not_undone
from dashboard.models import OverviewEmail
from mentoring.models import Pair, Program
from reminders import inbox, links
from reminders.figures import email_counts
from reminders.forms import TopicsForm
from reminders.models import Reminder, Topic, TopicChoice
from reminders.upcoming import upcoming_for, upcoming_in
from reminders.windows import AFTERNOON, MORNING
from sessions.models import CalendarFeed

PAIRS_PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request):
    form = TopicsForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("notifications")
    context = {
        "form": form,
        "feed": CalendarFeed.objects.filter(user=request.user).first(),
        "morning": time_of_day(MORNING),
        "afternoon": time_of_day(AFTERNOON),
    }
    return form_page(request, "reminders/notifications.html", context)


@require_POST
def links_revoke(request):
    links.revoke(request.user)
    messages.success(request, _("Done. The links in the emails you got so far no longer work."))
    return redirect("notifications")


@require_safe
def upcoming(request):
    emails = upcoming_for(request.user, timezone.now())
    return render(request, "reminders/upcoming.html", {"emails": emails})


@require_safe
def inbox_list(request):
    lines = inbox.lines(request.user)
    return render(request, "reminders/inbox_list.html", {"lines": lines, "inbox_count": len(lines)})


@require_POST
def reminder_read(request, pk):
    """Dismiss a reminder, or with `undo` show it again."""
    reminder = get_object_or_404(Reminder.objects.visible_to(request.user), pk=pk)
    if "undo" in request.GET:
        reminder.update_if({"read_at__isnull": False}, read_at=None)
    else:
        reminder.dismiss()
        add_undo_message(request, _("Dismissed."), f"{request.path}?undo=1")
    return redirect("inbox_list")


@require_POST
def inbox_read(request):
    """Dismiss all reminders, or show again those that were dismissed together at the moment `undo`."""
    mine, now = Reminder.objects.visible_to(request.user), timezone.now()
    if "undo" in request.GET:
        mine.filter(read_at=dismissed_at(request.GET["undo"])).update(read_at=None)
    elif n := mine.unread().update(read_at=now):
        text = ngettext("%(n)s reminder dismissed.", "%(n)s reminders dismissed.", n) % {"n": n}
        add_undo_message(request, text, f"{request.path}?{urlencode({'undo': now.isoformat()})}")
    return redirect("inbox_list")


def dismissed_at(text: str) -> datetime:
    """Return the moment that the link of an undo names; anything else is not found."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise Http404
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # not a date, or outside of the years that UTC has
        raise Http404 from None


@require_POST
def reminder_snooze(request, pk):
    """Snooze a reminder, or undo that."""
    reminder = get_object_or_404(Reminder.objects.visible_to(request.user), pk=pk)
    if undo := undo_facts(request):
        if not reminder.undo_snooze(*undo):
            warn_not_undone(request)
        return redirect("inbox_list")
    until = inbox.snooze_until(reminder, request.POST.get("until", ""), timezone.now())
    if until is None:
        messages.warning(request, _("You have no next session yet. Choose one day or three days."))
    else:
        url = signed_undo(request, *reminder.snooze(*until))
        add_undo_message(request, _("Snoozed. You will not be reminded until then."), url)
    return redirect("inbox_list")


@require_POST
def overview_email(request, pk):
    """Store how often this admin wants the overview as a file by email."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    every = request.POST.get("every", "")
    if every not in ("", *OverviewEmail.Every.values):
        messages.warning(request, _("Choose how often you want the overview by email."))
        return redirect("program_overview", pk)
    OverviewEmail.choose(request.user, program, every)
    if not every:
        messages.success(request, _("You no longer get the overview by email."))
    elif TopicChoice.of(request.user)[Topic.PROGRAM] == TopicChoice.Mode.INBOX:
        messages.warning(
            request, _("Saved. It is sent once you turn on emails about programs you run, under Notifications.")
        )
    else:
        text = _("You get the overview by email %(when)s.")
        messages.success(request, text % {"when": OverviewEmail.Every(every).label})
    return redirect("program_overview", pk)


@require_safe
def program_reminders(request, pk):
    """Show a program admin when emails will be sent, without their content or any to the admin's own partners."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    pairs = Pair.objects.managed_by(request.user).filter(program=program).active().with_people().order_by("pk")
    page = Paginator(pairs, PAIRS_PER_PAGE).get_page(request.GET.get("page"))
    emails = upcoming_in(list(page.object_list), timezone.now(), Pair.objects.partners_of(request.user))
    people = sorted({email.person for email in emails}, key=lambda person: person.name.casefold())
    chosen = next((person for person in people if str(person.pk) == request.GET.get("person")), None)
    context = {
        "program": program,
        "emails": [email for email in emails if chosen in (None, email.person)],
        "people": people,
        "chosen": chosen,
        "counts": email_counts(program),
        "page": page,
    }
    return render(request, "reminders/program_reminders.html", context)
