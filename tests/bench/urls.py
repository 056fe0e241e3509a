"""The product's own URLs and, beside them, the yardstick."""

from django.shortcuts import render
from django.urls import include, path

from goals.models import Commitment


def yardstick(request):
    """A bare signed-in view: one indexed query, thirty rows in a plain template (docs/bench.md)."""
    rows = Commitment.objects.filter(owner=request.user).order_by("due_on")[:30]
    return render(request, "bench/yardstick.html", {"rows": rows})


urlpatterns = [path("yardstick/", yardstick, name="yardstick"), path("", include("config.urls"))]
