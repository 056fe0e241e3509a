from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from mentoring.models import Pair


@require_safe
def pair_detail(request, pk):
    pair = get_object_or_404(Pair.objects.visible_to(request.user).with_people(), pk=pk)
    return render(request, "dashboard/pair_detail.html", {"pair": pair})
