from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mentoring.models import Program, TalkRequest
from mentoring.models.talk_request import talk_request_recipients


@require_http_methods(["GET", "HEAD", "POST"])
def talk_request_create(request, pk):
    """Ask to talk to the program admins; the page first shows who would see the request."""
    program = get_object_or_404(Program.objects.open_to(request.user), pk=pk)
    admins = talk_request_recipients(request.user, program)
    if request.method == "POST" and admins:
        TalkRequest.ask(request.user, program)
        messages.success(request, _("Request sent. Nobody else sees it."))
        return redirect("talk_request_create", pk)
    asked = TalkRequest.objects.filter(user=request.user, program=program).select_related("handled_by").last()
    context = {"program": program, "admins": admins, "asked": asked}
    return render(request, "mentoring/talk_request_create.html", context)


@require_POST
def talk_request_handle(request, pk):
    talk_request = get_object_or_404(TalkRequest.objects.shown_to(request.user).select_related("program"), pk=pk)
    talk_request.mark_handled(request.user)
    return redirect("program_detail", talk_request.program_id)
