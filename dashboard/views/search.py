"""The search page, and the same search in the dialog that opens with Ctrl+K."""

from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from dashboard.search import LONGEST, read_places, read_search

ON_THE_PAGE, IN_THE_DIALOG = 20, 5  # hits of each kind


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def search(request):
    """Search what this person may read; htmx gets the dialog, or only its results while somebody types."""
    asked = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    groups = read_search(request.user, asked, IN_THE_DIALOG if request.htmx else ON_THE_PAGE)
    context = {"asked": asked, "groups": groups, "count": sum(group.count for group in groups)}
    if not request.htmx:
        return render(request, "dashboard/search.html", context)
    if not asked:
        context["groups"] = read_places(request.user)
    results = request.htmx.target == "palette-results"
    return render(request, f"dashboard/{'_palette_results' if results else '_palette'}.html", context)
