"""The pages on which program admins add webhooks and see what became of each message."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.reauthentication import requires_reauthentication
from accounts.submit_once import submit_once
from api.forms import WebhookForm
from api.models import WebhookEndpoint
from core.http import form_page
from mentoring.models import Program

LOG = 50  # the newest messages that a page shows


@require_http_methods(["GET", "HEAD", "POST"])
@requires_reauthentication
def program_webhooks(request, pk):
    """List the addresses of a program, or add one and show its secret in this answer only."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = WebhookForm(request.POST or None, program=program)
    if request.method != "POST" or not form.is_valid():
        context = {"program": program, "hooks": program.webhooks.order_by("pk"), "form": form}
        return form_page(request, "api/webhook_list.html", context)
    added = []

    def add() -> str:
        added.append(WebhookEndpoint.add(request.user, program, **form.cleaned_data))
        return str(added[0].pk)

    submit_once(request, add)
    if not added:
        text = _("The webhook was already added. If you have not copied its secret, remove it and add it again.")
        messages.info(request, text)
        return redirect("program_webhooks", pk)
    return render(request, "api/webhook_create.html", {"program": program, "hook": added[0]})


def hook_or_404(request, pk: int, hook_pk: int) -> WebhookEndpoint:
    programs = Program.objects.managed_by(request.user).filter(pk=pk)
    return get_object_or_404(WebhookEndpoint.objects.filter(program__in=programs).select_related("program"), pk=hook_pk)


@require_safe
def program_webhook(request, pk, hook_pk):
    """Show one address with its newest messages: what, when and the status of the answer."""
    hook = hook_or_404(request, pk, hook_pk)
    deliveries = hook.deliveries.order_by("-pk")[:LOG]
    return render(request, "api/webhook_detail.html", {"program": hook.program, "hook": hook, "deliveries": deliveries})


@require_POST
def webhook_test(request, pk, hook_pk):
    hook_or_404(request, pk, hook_pk).send_test(request.user)
    messages.success(request, _("A test message leaves within a minute. Load the page again to see the answer."))
    return redirect("program_webhook", pk, hook_pk)


@require_POST
def webhook_on(request, pk, hook_pk):
    hook_or_404(request, pk, hook_pk).switch_on(request.user)
    messages.success(request, _("Switched on. What happens from now on is sent."))
    return redirect("program_webhook", pk, hook_pk)


@require_POST
def webhook_remove(request, pk, hook_pk):
    try:
        hook_or_404(request, pk, hook_pk).remove(request.user)
    except Http404:  # a second press finds it gone
        get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
        if WebhookEndpoint.objects.filter(pk=hook_pk).exists():
            raise
    messages.success(request, _("Webhook removed. Nothing more is sent to its address."))
    return redirect("program_webhooks", pk)
