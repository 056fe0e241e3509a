"""The home page."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboard.attention import count_pairs_in_need
from dashboard.home import read_home
from dashboard.open_tasks import open_invitations
from mentoring.models import Enrollment, Pair, Program

EARLIER = 10


@require_safe
def home(request):
    page, invitations = read_home(request.user), open_invitations(request.user)
    if not page.lines and not invitations:
        return home_without_pairs(request)
    return render(
        request, "dashboard/home.html", {"home": page, "invitations": invitations, **shared_context(request.user)}
    )


def shared_context(user) -> dict:
    """Return what the home page shows with and without pairs."""
    return {"greeting": greeting(user), "earlier": ended_pairs(user), "needs": programs_in_need(user)}


def programs_in_need(user) -> list[tuple[Program, int]]:
    """Return the programs this person runs that have pairs in need of attention, each with their number."""
    programs = list(Program.objects.managed_by(user).order_by("name"))
    needs = count_pairs_in_need(user, user.today()) if programs else {}
    return [(program, needs[program.pk]) for program in programs if program.pk in needs]


def ended_pairs(user) -> list[tuple[Pair, object]]:
    """Return this person's ended pairs, newest first, each with the other person."""
    rows = Pair.objects.visible_to(user).filter(ended_at__isnull=False).select_related("mentor", "mentee", "ended_by")
    return [(pair, pair.other(user)) for pair in rows.order_by("-ended_at")[:EARLIER]]


def home_without_pairs(request):
    """Send a person who only runs programs to them; show anyone else what happens next."""
    roles = list(Enrollment.objects.active().filter(user=request.user).select_related("program").order_by("pk"))
    if roles and all(row.role == Enrollment.Role.ADMIN for row in roles):
        if len(roles) > 1:
            return redirect("program_list")
        program = roles[0].program
        paired = Pair.objects.filter(program=program).exists()
        return redirect("program_overview" if paired else "program_detail", program.pk)
    waiting = [row for row in roles if row.role != Enrollment.Role.ADMIN]
    context = {"waiting": waiting, **shared_context(request.user)}
    return render(request, "dashboard/home.html", context)


def greeting(user) -> str:
    hour, name = user.local(timezone.now()).hour, {"name": user.first_name}
    if hour < 5 or hour >= 18:
        return _("Good evening, %(name)s") % name
    return _("Good morning, %(name)s") % name if hour < 12 else _("Good afternoon, %(name)s") % name
