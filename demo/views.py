"""Views for first-time setup, and for signing in to a demo as any of its people."""

from functools import wraps

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.local_access import may_start, on_this_machine
from accounts.models import AuditEvent, Installation, User
from core.http import form_page
from demo import first_time_setup
from demo.forms import StartForm
from mentoring.models import Enrollment
from sessions.models import Session


def before_setup(view):
    """Allow a view only before setup, and only from this machine or with the setup code."""

    @login_not_required
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if Installation.current():
            return redirect("/")
        if not may_start(request):
            return render(request, "demo/start_elsewhere.html", status=403)
        return view(request, *args, **kwargs)

    return wrapped


@require_safe
@before_setup
def start(request):
    return render(request, "demo/start.html", {"code": request.GET.get("code", "")})


@require_POST
@before_setup
def start_demo(request):
    try:
        call_command("demo")
    except (CommandError, IntegrityError) as error:
        messages.error(request, str(error))
    return redirect("demo_people" if on_this_machine(request) else "/")


@before_setup
def start_program(request):
    form = StartForm(
        request.POST or None, initial={**first_time_setup.initial_values(), "code": request.GET.get("code", "")}
    )
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "demo/start_program.html", {"form": form})
    try:
        user, program = first_time_setup.start_program(form.cleaned_data)
    except first_time_setup.AlreadySetUp:
        messages.info(request, _("Someone else has just set up this installation. Sign in if they invited you."))
        return redirect("account_login")
    get_adapter().login(request, user)
    messages.success(request, _("Your program is ready. Next: invite people."))
    return redirect("program_detail", program.pk)


def in_demo(view):
    """Allow a view only in a demo and from this machine; otherwise answer 404 and record POST requests."""

    @login_not_required
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        installation = Installation.current()
        if installation and installation.demo and on_this_machine(request):
            return view(request, *args, **kwargs)
        if request.method == "POST":
            AuditEvent.record(request.user, AuditEvent.Action.DEMO_ENTERED, result="refused")
        raise Http404

    return wrapped


@require_safe
@in_demo
def demo_people(request):
    roles = Enrollment.objects.active().select_related("user", "program").order_by("user_id", "pk")
    soon = Session.objects.upcoming().with_people().filter(ends_at__gt=timezone.now()).first()
    context = {"roles": roles, "soon": soon, "elsewhere": _other_loopback_url(request)}
    return render(request, "demo/demo_people.html", context)


def _other_loopback_url(request) -> str:
    """Return the URL of this page on the other loopback name, whose separate cookies allow a second sign-in."""
    other = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}.get(request.get_host().partition(":")[0])
    port = request.get_port()
    return f"{request.scheme}://{other}:{port}{request.path}" if other else ""


@require_POST
@in_demo
def demo_enter(request, pk):
    get_adapter().login(request, get_object_or_404(User, pk=pk, is_active=True))
    return redirect("/")


@require_POST
@in_demo
def demo_clear(request):
    request.session.flush()
    call_command("demo", clear=True)
    messages.success(request, _("The demo is cleared. This installation is empty again."))
    return redirect("start")
