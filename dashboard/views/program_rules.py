"""The sections of a program's settings that apply to all its pairs, one form on each page."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.reauthentication import requires_reauthentication
from dashboard.attention import pairs_managed_by
from dashboard.forms.program_rules import (
    AttentionRulesForm,
    NormsForm,
    NoteTemplatesForm,
    PhrasesForm,
    QuestionsForm,
    ReminderRulesForm,
    TipsForm,
)
from dashboard.program_rules import change_rules, count_own, defaults_of, rules_of
from dashboard.rules_preview import preview_rules
from mentoring.models import Pair, Program

RESTORED = "restored_rules"  # in the web session: the settings that a person replaced by the defaults

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def section(request, pk: int, form_class, template: str, preview=None):
    """Show one section, or store it. The lock makes a second save at the same moment read what the first one wrote."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    context = {"program": program, "pairs": Pair.objects.filter(program=program).active().count()}
    with transaction.atomic():
        if request.method == "POST":
            program.lock()
            program.refresh_from_db()
            if request.POST.keys() & {"restore", "undo"}:
                replace_rules(request, program, form_class.names)
                return redirect(request.path)
        form = form_class(request.POST or None, program=program)
        if request.method == "POST" and form.is_valid():
            if preview and "preview" in request.POST:
                context["preview"] = preview(program, form.rules)
            else:
                request.session.pop(RESTORED, None)
                change_rules(program, request.user, form.rules)
                messages.success(request, _("Saved. It applies to running pairs, too."))
                return redirect(request.path)
        elif preview:
            context["preview"] = preview(program, rules_of(program))
    own = count_own(program, form_class.names)
    context |= {"form": form, "own": own, "may_undo": not own and kept_rules(request) is not None}
    return render(request, template, context, status=form.error_status)


def kept_rules(request) -> dict | None:
    """Return what this person had on this page before the defaults were restored, if they have not saved since."""
    page, rules = request.session.get(RESTORED, ("", None))
    return rules if page == request.path else None


def replace_rules(request, program: Program, names: tuple[str, ...]) -> None:
    """Restore the defaults of a section, or undo that; the undo is refused once somebody has changed the section."""
    if "restore" in request.POST:
        now, defaults = rules_of(program), defaults_of(program)
        request.session[RESTORED] = request.path, {name: now[name] for name in names}
        change_rules(program, request.user, {name: defaults[name] for name in names})
    elif (before := kept_rules(request)) is None or count_own(program, names):
        messages.warning(request, _("Somebody changed these settings meanwhile, so nothing was undone."))
    else:
        del request.session[RESTORED]
        change_rules(program, request.user, before)
        messages.success(request, _("Undone. Your values apply again."))


@get_or_post
@requires_reauthentication(when=lambda request: "preview" not in request.POST)
def program_rules(request, pk):
    """Edit the attention rules; the page counts the pairs that they list today."""

    def preview(program, rules):
        return preview_rules(pairs_managed_by(program, request.user), rules)

    return section(request, pk, AttentionRulesForm, "dashboard/program_rules.html", preview)


@get_or_post
def program_norms(request, pk):
    """Edit the norms that new working agreements suggest."""
    return section(request, pk, NormsForm, "dashboard/program_norms.html")


@get_or_post
def program_questions(request, pk):
    """Edit the coaching questions."""
    return section(request, pk, QuestionsForm, "dashboard/program_questions.html")


@get_or_post
@requires_reauthentication
def program_reminder_rules(request, pk):
    """Choose the reminders that the program sends."""
    return section(request, pk, ReminderRulesForm, "dashboard/program_reminder_rules.html")


@get_or_post
def program_phrases(request, pk):
    """Edit the phrases for a respectful tone, which people put in the preparation of a hard conversation."""
    return section(request, pk, PhrasesForm, "dashboard/program_phrases.html")


@get_or_post
def program_tips(request, pk):
    """Edit the tips that mentors read on their page."""
    return section(request, pk, TipsForm, "dashboard/program_tips.html")


@get_or_post
def program_note_templates(request, pk):
    """Edit the templates that people start quick notes with."""
    return section(request, pk, NoteTemplatesForm, "dashboard/program_note_templates.html")
