"""The page about oneself."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from practice.kinds import KINDS, EntryKind
from practice.self_page import self_page


@require_safe
def practice_self(request):
    """Show what the person keeps to know themselves. Each part ends in a commitment, a topic, a goal or evidence."""
    context = {"self_page": self_page(request.user), "journal": KINDS[EntryKind.JOURNAL]}
    return render(request, "practice/self.html", context)
