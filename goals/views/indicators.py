"""What the two watch. Its values and charts are on the page "Progress", in a room above this one."""

from django.utils.translation import gettext_lazy

from goals.forms import IndicatorForm
from goals.models import Indicator
from goals.views.lasting import create, edit, get_or_post, of_both, verb


@get_or_post
def indicator_create(request, pk):
    return create(request, pk, IndicatorForm, home="progress")


@get_or_post
def indicator_edit(request, pk):
    return edit(request, of_both(request, Indicator, pk), IndicatorForm)


indicator_drop = verb(Indicator, "drop", gettext_lazy("No longer watched: %(title)s"), "indicator_reopen")
indicator_reopen = verb(Indicator, "reopen")
