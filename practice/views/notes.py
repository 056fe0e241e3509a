"""Quick notes: start one with the questions of a template, and keep templates of one's own.

A note ends where entries end: a commitment, a topic, evidence for a competency. A template of one's own is an entry;
it is written, shared and deleted on the pages of entries.
"""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.submit_once import submit_once
from core.http import form_page
from mentoring.models import Pair
from practice import note_templates
from practice.forms.entries import PairForm
from practice.kinds import KINDS, EntryKind
from practice.models import Entry
from practice.page import shared_entries
from practice.views.entries import PAGE, get_or_post, running_pairs

UNAVAILABLE = gettext_lazy("This template was changed or deleted, or is no longer shared with you. Choose another one.")


@get_or_post
def note_create(request):
    """Offer the templates; POST starts a note with the questions of one, or without (`template` is empty)."""
    pairs = running_pairs(request.user)
    data = request.POST if request.method == "POST" else None
    form = PairForm(data, pairs=pairs, user=request.user, initial={"pair": request.GET.get("pair")})
    if request.method != "POST" or not form.is_valid():
        own = Entry.objects.filter(author=request.user, kind=EntryKind.TEMPLATE).written().newest_first()
        received = shared_entries(
            Pair.objects.visible_to(request.user), request.user, only_received=True, most=PAGE, kind=EntryKind.TEMPLATE
        )
        entries = [*own.with_texts()[:PAGE], *(one.entry for one in received)]
        templates = note_templates.of_programs(request.user, pairs)
        templates += [one for one in map(note_templates.of_entry, entries) if one.questions]
        context = {"kind": KINDS[EntryKind.NOTE], "form": form, "pairs": pairs, "templates": templates}
        return form_page(request, "practice/note_create.html", context)
    pair, key = form.cleaned_data["pair"] or (pairs[0] if len(pairs) == 1 else None), request.POST.get("template", "")
    template = note_templates.find(request.user, pairs, key) if key else None
    if key and template is None:
        messages.warning(request, UNAVAILABLE)
        return redirect("note_create")
    entry = Entry.start(request.user, EntryKind.NOTE, pair, template.questions if template else ())
    return redirect("entry_edit", entry.pk)


@require_safe
def note_template_list(request):
    """Show the person's own templates with whom they share them, those shared with them, and those of the program."""
    user, pairs = request.user, running_pairs(request.user)
    own = Entry.objects.filter(author=user, kind=EntryKind.TEMPLATE).written().newest_first()
    rows = list(own.with_texts().with_shares()[: PAGE + 1])
    received = shared_entries(
        Pair.objects.visible_to(user), user, only_received=True, most=PAGE, kind=EntryKind.TEMPLATE
    )
    context = {
        "kind": KINDS[EntryKind.TEMPLATE],
        "own": [(entry, note_templates.of_entry(entry)) for entry in rows[:PAGE]],
        "has_more": len(rows) > PAGE,
        "received": [(one, note_templates.of_entry(one.entry)) for one in received],
        "of_programs": note_templates.of_programs(user, pairs),
    }
    return render(request, "practice/note_template_list.html", context)


@require_POST
def note_template_copy(request):
    """Copy a template of the program, or one that a partner shares, to edit it. The copy is private."""
    template = note_templates.find(request.user, running_pairs(request.user), request.POST.get("template", ""))
    if template is None:
        messages.warning(request, UNAVAILABLE)
        return redirect("note_template_list")
    return redirect("entry_edit", submit_once(request, lambda: note_templates.copy(request.user, template).pk))
