"""The mentors' page of a program: tips, and the huddle of its mentors.

It stays in the program: its mentors and admins read it, and admins can remove what names a mentee.
"""

from allauth.core import ratelimit
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import AuditEvent
from accounts.submit_once import submit_once
from core.http import form_page
from core.optimistic_locking import Conflict
from mentoring.forms.huddle import AnswerForm, QuestionForm
from mentoring.mentors_page import mentors_page
from mentoring.models import HuddleAnswer, HuddleQuestion, Program
from mentoring.models.huddle import programs_with_page

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def program_or_404(request, pk: int) -> Program:
    return get_object_or_404(programs_with_page(request.user), pk=pk)


def page_url(program_pk: int, question_pk: int | None = None) -> str:
    """Return the URL of the page, at a question."""
    url = reverse("mentors_page", args=[program_pk])
    return f"{url}#question-{question_pk}" if question_pk else url


@get_or_post
def mentors_page_view(request, pk):
    """Show tips and the newest questions; POST asks one."""
    program = program_or_404(request, pk)
    form = QuestionForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"page": mentors_page(program, request.user), "program": program, "form": form}
        return form_page(request, "mentoring/mentors_page.html", context)
    if too_often := ratelimit.consume_or_429(request, action="huddle"):
        return too_often
    text = form.cleaned_data["text"]
    submit_once(request, lambda: HuddleQuestion.objects.create(program=program, author=request.user, text=text).pk)
    messages.success(request, _("Asked. The other mentors find it in their inbox."))
    return redirect("mentors_page", pk)


@get_or_post
def huddle_answer(request, pk, question_pk):
    """Answer a question, or reword the own answer. If the question was removed, the typed text is shown again."""
    program = program_or_404(request, pk)
    question = program.huddle_questions.filter(pk=question_pk).select_related("author").first()
    mine = HuddleAnswer.objects.editable_by(request.user).filter(question__pk=question_pk).first()
    initial = {"text": mine.text, "version": mine.version} if mine else {"version": 0}
    form = AnswerForm(request.POST if request.method == "POST" else None, initial=initial)
    context = {"program": program, "question": question, "form": form, "mine": mine}
    if question is None:
        return render(request, "mentoring/huddle_answer.html", context, status=409 if form.is_bound else 404)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "mentoring/huddle_answer.html", context)
    if too_often := ratelimit.consume_or_429(request, action="huddle"):
        return too_often
    try:
        save_answer(question, request.user, form.cleaned_data)
    except HuddleQuestion.DoesNotExist:  # removed a moment ago
        return render(request, "mentoring/huddle_answer.html", context | {"question": None}, status=409)
    except Conflict as lost:
        data = request.POST.copy()
        data["version"] = lost.current.version
        context |= {"form": AnswerForm(data), "mine": lost.current, "newer": lost.current}
        return render(request, "mentoring/huddle_answer.html", context, status=409)
    return redirect(page_url(pk, question_pk))


def save_answer(question: HuddleQuestion, author, data: dict) -> None:
    """Store an answer, with the question locked so that it is not removed at this moment.

    Raises DoesNotExist if it was, and Conflict if another device stored another text since the form was opened.
    """
    with transaction.atomic():
        question = HuddleQuestion.objects.select_for_update().get(pk=question.pk)
        mine = HuddleAnswer.objects.filter(question=question, author=author).first()
        if mine is None:
            facts = {"question": question, "author": author, "program_id": question.program_id}
            HuddleAnswer.objects.create(**facts, text=data["text"])
        elif mine.text != data["text"]:
            mine.write(data["version"], text=data["text"])


@require_POST
def huddle_remove(request, pk, kind):
    """Remove an own answer, or an own question that nobody else has answered; admins of the program remove any."""
    model = {"question": HuddleQuestion, "answer": HuddleAnswer}[kind]
    with transaction.atomic():
        row = get_object_or_404(model.objects.removable_by(request.user).select_for_update(), pk=pk)
        runs_it = Program.objects.managed_by(request.user).filter(pk=row.program_id).exists()
        if kind == "question" and not runs_it and row.answers.exclude(author=request.user).exists():
            messages.warning(request, _("Others have answered, so only a program admin can remove this question."))
            return redirect(page_url(row.program_id, pk))
        if row.author_id != request.user.pk:
            AuditEvent.record(request.user, AuditEvent.Action.HUDDLE_TEXT_REMOVED, row)
        row.delete()
    messages.success(request, _("Removed."))
    return redirect(page_url(row.program_id))
