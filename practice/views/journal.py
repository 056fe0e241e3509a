"""The journal: its page, the search in one's own entries, and its download.

An entry of it ends as a commitment or a topic, like any other; most of them end as what their author knows.
"""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import AuditEvent
from practice import export
from practice.kinds import KINDS, EntryKind
from practice.models import Entry
from practice.search import LONGEST, search
from practice.views.practice import attachment

PAGE = 20


@require_safe
def practice_journal(request):
    """Show the person's journal, newest first."""
    rows = Entry.objects.filter(author=request.user, kind=EntryKind.JOURNAL).written().newest_first()
    page = Paginator(rows.with_texts().with_shares(), PAGE).get_page(request.GET.get("page"))
    return render(request, "practice/journal.html", {"kind": KINDS[EntryKind.JOURNAL], "page": page})


@require_safe
def entry_search(request):
    """Search the person's own entries, of all kinds or of one (`kind`)."""
    asked = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    context = {"asked": asked, "kind": kind, "kinds": KINDS.values(), "found": search(request.user, asked, kind)}
    return render(request, "practice/entry_search.html", context)


@require_safe
def practice_journal_export(request):
    """Download the person's journal as a page to read, or as data (`kind=json`)."""
    kind = "json" if request.GET.get("kind") == "json" else "html"
    content = export.journal(request.user, kind)
    AuditEvent.record(request.user, AuditEvent.Action.PRACTICE_EXPORTED)
    return attachment(request.user, "journal", kind, content)
