"""The forms of a pair's indicators. Their values and charts are on the progress page, in an app above this one."""

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goals.forms import IndicatorForm
from goals.models import Indicator
from goals.views.editing import Action, create, edit, editable_or_404, get_or_post, return_to, return_with_undo


@get_or_post
def indicator_create(request, pk):
    return create(request, pk, IndicatorForm, list_url_name="progress")


@get_or_post
def indicator_edit(request, pk):
    indicator = editable_or_404(request, Indicator, pk)
    action = Action(reverse("indicator_drop", args=[indicator.pk]), _("Stop tracking"))
    if indicator.dropped_at:
        action = Action(reverse("indicator_reopen", args=[indicator.pk]), _("Track again"))
    return edit(request, indicator, IndicatorForm, [action])


@require_POST
def indicator_drop(request, pk):
    indicator = editable_or_404(request, Indicator, pk)
    indicator.drop(request.user)
    return return_with_undo(request, indicator, _("No longer tracked: %(title)s"), "indicator_reopen")


@require_POST
def indicator_reopen(request, pk):
    """Track the indicator again, unless the pair has five or already tracks the same ready-made one."""
    indicator = editable_or_404(request, Indicator, pk)
    if reason := indicator.reason_not_to_reopen():
        messages.warning(request, reason)
    else:
        indicator.reopen(request.user)
    return return_to(request, indicator)
