"""Buddies: ask, agree, send a line, answer in one line, end."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.submit_once import submit_once
from core.http import form_page
from practice.forms.buddies import AskForm, LineForm
from practice.models import Buddies, BuddyUpdate

LINES = 30
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def buddy_create(request):
    """Ask somebody to be a buddy. The answer does not reveal who is in a program."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "practice/buddy_create.html", {"form": form})
    Buddies.ask(request.user, form.cleaned_data["email"])
    messages.success(request, _("If they are a mentee in your program, they see your request under Practice."))
    return redirect("practice_list")


def buddies_or_404(request, pk: int) -> Buddies:
    rows = Buddies.objects.visible_to(request.user).select_related("asked_by", "other")
    return get_object_or_404(rows, pk=pk)


@get_or_post
def buddy_detail(request, pk):
    """Show the lines of two buddies, and send one."""
    buddies = get_object_or_404(Buddies.objects.visible_to(request.user).filter(accepted_at__isnull=False), pk=pk)
    form = LineForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return buddy_page(request, buddies, form)
    if not buddies.is_running:
        return buddy_page(request, buddies, form, status=409)
    text = form.cleaned_data["text"]
    submit_once(request, lambda: BuddyUpdate.objects.create(buddies=buddies, author=request.user, text=text).pk)
    messages.success(request, _("Sent to %(name)s.") % {"name": buddies.partner_of(request.user).first_name})
    return redirect("buddy_detail", pk)


def buddy_page(request, buddies: Buddies, form: LineForm, status: int = 200, answered: int | None = None):
    rows = buddies.updates.select_related("author")[:LINES]
    context = {
        "buddies": buddies,
        "buddy": buddies.partner_of(request.user),
        "running": buddies.is_running,
        "updates": rows,
        "form": form,
        "answered": answered,
    }
    return form_page(request, "practice/buddy_detail.html", context, status=status)


@require_POST
def buddy_reply(request, pk):
    """Answer the buddy's line in one line; answering again rewords it."""
    update = get_object_or_404(BuddyUpdate.objects.to_answer_by(request.user).select_related("buddies"), pk=pk)
    form = LineForm(request.POST)
    if not form.is_valid():
        return buddy_page(request, update.buddies, form, answered=pk)
    update.answer(form.cleaned_data["text"])
    return redirect("buddy_detail", update.buddies_id)


@require_POST
def buddy_accept(request, pk):
    """Agree to a request."""
    buddies = get_object_or_404(Buddies.objects.visible_to(request.user).filter(other=request.user), pk=pk)
    buddies.accept()
    return redirect("buddy_detail", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def buddy_end(request, pk):
    """Decline or end, after asking if there are lines."""
    buddies = buddies_or_404(request, pk)
    if request.method != "POST":
        context = {"buddies": buddies, "buddy": buddies.partner_of(request.user)}
        return render(request, "practice/buddy_end.html", context)
    buddies.end()
    messages.success(request, _("Ended. Neither of you sees the lines here anymore; yours stay in your download."))
    return redirect("practice_list")
