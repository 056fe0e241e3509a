"""What an admin does about flags: end a snooze, remind pairs of missing paperwork."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from dashboard.attention import remind_of_paperwork
from dashboard.flags import RULES
from dashboard.models import Flag
from mentoring.models import Pair, Program


def managed_flag_or_404(request, pk: int) -> Flag:
    """Return a flag that this admin may see: never one of their own pairs."""
    flags = Flag.objects.for_admins().filter(pair__in=Pair.objects.managed_by(request.user))
    return get_object_or_404(flags.exclude(pair__mentor=request.user).exclude(pair__mentee=request.user), pk=pk)


@require_POST
def flag_unsnooze(request, pk):
    """End the snooze of a flag early."""
    flag = managed_flag_or_404(request, pk)
    flag.end_snooze(request.user)
    return redirect("program_overview", flag.pair.program_id)


@require_POST
def paperwork_remind(request, pk, rule):
    """Remind both people of every pair in which this paperwork is missing, at most once a week."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    if rule not in RULES or not RULES[rule].paperwork:
        raise Http404
    if count := remind_of_paperwork(program, request.user, rule):
        message = ngettext("%(n)s pair will be reminded.", "%(n)s pairs will be reminded.", count)
        messages.success(request, message % {"n": count})
    else:
        messages.info(request, _("All of them were reminded in the last 7 days."))
    return redirect("program_overview", pk)
