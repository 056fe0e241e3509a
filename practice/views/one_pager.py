"""Talking points as a file."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.models import AuditEvent
from core.pdf import NoPdf
from practice import one_pager
from practice.kinds import EntryKind
from practice.views.entries import own_or_404

TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


@require_safe
def entry_one_pager(request, pk):
    """Download the own talking points as a page to print, or as a PDF (`kind=pdf`). They also lead to a topic."""
    entry = own_or_404(request, pk)
    if entry.kind != EntryKind.POINTS:
        raise Http404
    kind = "pdf" if request.GET.get("kind") == "pdf" else "html"
    try:
        content = one_pager.as_pdf(entry) if kind == "pdf" else one_pager.as_html(entry)
    except NoPdf as error:
        messages.warning(request, str(error))
        return redirect("entry_detail", pk)
    AuditEvent.record(request.user, AuditEvent.Action.PRACTICE_EXPORTED, entry)
    headers = {
        "Content-Disposition": f'attachment; filename="talking-points-{request.user.today().isoformat()}.{kind}"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)
