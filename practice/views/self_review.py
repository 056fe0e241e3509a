"""The self-review of a quarter: what it held, three questions, and what comes of it.

It ends as a topic of the next session, a commitment, or a changed goal.
"""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.http import add_undo_message
from practice import self_review
from practice.kinds import KINDS, EntryKind
from practice.quarters import Quarter
from practice.views.entries import running_pairs


@require_http_methods(["GET", "HEAD", "POST"])
def practice_review(request):
    """Show what the newest finished quarter held, and start or continue its review.

    A page from before the quarter ended starts nothing: it shows the newer one.
    """
    if request.method == "POST":
        quarter = self_review.quarter_named(request.POST.get("quarter", ""), request.user.today())
        if quarter:
            return redirect("entry_edit", self_review.start(request.user, quarter).pk)
        return redirect("practice_review")
    quarter = Quarter.finished(request.user.today())
    context = {
        "kind": KINDS[EntryKind.REVIEW],
        "page": self_review.quarter_page(request.user, quarter),
        "is_offered": self_review.offered_to(request.user, running_pairs(request.user)) is not None,
    }
    return render(request, "practice/review.html", context)


@require_POST
def practice_review_skip(request):
    """Ask no more about this quarter, or with `undo` ask again."""
    undo = "undo" in request.GET
    named = request.GET["undo"] if undo else request.POST.get("quarter", "")
    quarter = self_review.quarter_named(named, request.user.today())
    if quarter:
        self_review.skip(request.user, quarter, undo)
        if not undo:
            text = _("Skipped. You’ll be asked again after the next quarter.")
            add_undo_message(request, text, f"{request.path}?undo={quarter.first.isoformat()}")
    return redirect("practice_list")
