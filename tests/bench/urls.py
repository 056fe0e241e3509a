"""The URLs of the app and of the yardstick page."""

from django.shortcuts import render
from django.urls import include, path

from goals.models import Commitment


def yardstick(request):
    """A minimal page for a signed-in person: one indexed query, thirty rows in a plain template."""
    rows = Commitment.objects.filter(owner=request.user).order_by("due_on")[:30]
    return render(request, "bench/yardstick.html", {"rows": rows})


urlpatterns = [path("yardstick/", yardstick, name="yardstick"), path("", include("config.urls"))]
