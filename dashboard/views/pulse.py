"""The pulse of one person of a pair."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.http import form_page
from dashboard.forms.pulse import PulseForm
from mentoring.models import Pair, PulseAnswer
from mentoring.models.pulse import open_round


@require_http_methods(["GET", "HEAD", "POST"])
def pulse_edit(request, pk):
    """Ask one person of a pair the pulse questions; the partner never reads the answer."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    asked_on = open_round(pair, request.user.today())
    answer = PulseAnswer.objects.filter(pair=pair, user=request.user, asked_on=asked_on).first() if asked_on else None
    other = pair.other(request.user)
    form = PulseForm(request.POST or None, instance=answer, other=other)
    if request.method == "POST" and asked_on and form.is_valid():
        PulseAnswer.record(pair, request.user, asked_on, **form.cleaned_data)
        messages.success(request, _("Thank you. %(name)s does not see your answers.") % {"name": other.first_name})
        return redirect("pair_detail", pk)
    context = {"pair": pair, "other": other, "form": form, "asked_on": asked_on}
    return form_page(request, "dashboard/pulse_edit.html", context)
