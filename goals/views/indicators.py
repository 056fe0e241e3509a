"""What the two watch. Its values and charts are on the page "Progress", in a room above this one."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from goals.forms import IndicatorForm
from goals.models import Indicator
from goals.views.back import named_way_back
from goals.views.lasting import create, edit, get_or_post, home_of, of_both, verb


@get_or_post
def indicator_create(request, pk):
    return create(request, pk, IndicatorForm, home="progress")


@get_or_post
def indicator_edit(request, pk):
    return edit(request, of_both(request, Indicator, pk), IndicatorForm)


indicator_drop = verb(Indicator, "drop", gettext_lazy("No longer watched: %(title)s"), "indicator_reopen")


@require_POST
def indicator_reopen(request, pk):
    """Watched again, unless that would be a sixth, or a second one of the same ready-made kind."""
    indicator = of_both(request, Indicator, pk)
    if refused := indicator.why_not_again():
        messages.warning(request, refused)
    else:
        indicator.reopen(request.user)
    return redirect(named_way_back(request) or home_of(indicator))
