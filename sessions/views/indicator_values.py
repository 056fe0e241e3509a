"""Add a value to an indicator. It is in this app because two values far apart become a topic."""

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from core.http import form_page, safe_next_url
from goals.forms import ReadingForm
from goals.models import Indicator
from sessions import indicator_values


@require_http_methods(["GET", "HEAD", "POST"])
def reading_create(request, pk):
    """Add a value, for the person who gives this indicator's values."""
    mine = Indicator.objects.editable_by(request.user).current().select_related("pair")
    indicator = get_object_or_404(mine.entered_by(request.user), pk=pk)
    indicator.pair.for_reader(request.user)
    back = safe_next_url(request, indicator.get_absolute_url())
    form = ReadingForm(request.POST or None, indicator=indicator, user=request.user)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "indicator": indicator, "back": back}
        return form_page(request, "sessions/reading_create.html", context)
    indicator_values.add_value(indicator, request.user, **form.cleaned_data)
    return redirect(back)
