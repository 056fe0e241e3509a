"""The practice page, what a pair shares, and the download of a person's own entries."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import AuditEvent
from mentoring.models import Pair
from practice import export, note_templates
from practice.kinds import KINDS, STARTING, EntryKind
from practice.page import practice_page, resources_in_use, shared_entries
from practice.self_review import offered_to
from practice.views.entries import running_pairs

PAIR_SHARED = 30
TYPES = {"json": "application/json", "html": "text/html; charset=utf-8"}


@require_safe
def practice_list(request):
    practice, pairs = practice_page(request.user), running_pairs(request.user)
    templates = note_templates.of_programs(request.user, pairs)
    templates += [one for one in map(note_templates.of_entry, practice.templates) if one.questions]
    context = {"practice": practice, "pairs": pairs, "reflection": KINDS[EntryKind.REFLECTION], "templates": templates}
    context["review"] = offered_to(request.user, pairs)
    return render(request, "practice/practice_list.html", context)


@require_safe
@vary_on_headers("HX-Request")
def pair_practice(request, pk):
    """Show what the people of a pair share; for another page as a fragment with the newest."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user).select_related("program"), pk=pk)
    pair = pair.for_reader(request.user)
    shared = shared_entries([pair], request.user, most=3 if request.htmx else PAIR_SHARED)
    context = {"pair": pair, "other": pair.other(request.user), "shared": shared, "kinds": STARTING}
    context["resources"] = resources_in_use(pair) if request.htmx else []
    context["templates"] = [] if pair.ended_at else note_templates.of_programs(request.user, [pair])
    template = "practice/_pair_practice.html" if request.htmx else "practice/pair_practice.html"
    return render(request, template, context)


@require_safe
def practice_export(request):
    """Download the person's own entries as a page to read, or as data (`kind=json`)."""
    kind = "json" if request.GET.get("kind") == "json" else "html"
    content = export.as_json(request.user) if kind == "json" else export.as_html(request.user)
    AuditEvent.record(request.user, AuditEvent.Action.PRACTICE_EXPORTED)
    return attachment(request.user, "practice", kind, content)


def attachment(user, name: str, kind: str, content: str) -> HttpResponse:
    """Return a file to keep, named after what it holds and the day."""
    headers = {"Content-Disposition": f'attachment; filename="{name}-{user.today().isoformat()}.{kind}"'}
    return HttpResponse(content, content_type=TYPES[kind], headers=headers)
