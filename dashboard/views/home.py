"""The home page."""

from django.db.models import prefetch_related_objects
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.whats_new import newest_release, news_for
from dashboard.attention import count_pairs_in_need
from dashboard.home import read_home, read_pairs
from dashboard.open_tasks import tasks_on
from mentoring.models import Enrollment, Pair, Program
from records.progress import charted_indicator

EARLIER = 10


@require_safe
def home(request):
    user, pairs = request.user, read_pairs(request.user)
    roles = list(user.enrollments.order_by("pk"))
    invitations, active = (
        [row for row in roles if row.invitation_state == "open"],
        [row for row in roles if row.is_active],
    )
    page = read_home(
        user, pairs, {row.program_id: row.capacity for row in active if row.role == Enrollment.Role.MENTOR}
    )
    waiting = [] if page.lines else [row for row in active if row.role != Enrollment.Role.ADMIN]
    runs = [row.program_id for row in active if row.role == Enrollment.Role.ADMIN]
    if runs and not (page.lines or waiting or invitations):
        return redirect_admin(runs)
    prefetch_related_objects(invitations + waiting, "program")
    context = {
        "home": page,
        "greeting": greeting(user),
        "today": user.today(),
        "invitations": invitations,
        "waiting": waiting,
        "tasks": tasks_on(page, user.today()),
        "needs": programs_in_need(user, runs),
        "earlier": ended_pairs(user, pairs),
        "runs_programs": bool(runs),
        "news": news_for(user),
        "progress": charted_indicator(page.mentored[0].pair) if page.mentored else None,
    }
    return render(request, "dashboard/home.html", context)


@require_POST
def news_dismiss(request):
    """Hide the news of the newest release; a later one is shown again."""
    request.user.news_seen = newest_release()
    request.user.save(update_fields=["news_seen"])
    return redirect("home")


def redirect_admin(programs: list[int]):
    """Send a person who only runs programs to them."""
    if len(programs) > 1:
        return redirect("program_list")
    paired = Pair.objects.filter(program=programs[0]).exists()
    return redirect("program_overview" if paired else "program_detail", programs[0])


def programs_in_need(user, programs: list[int]) -> list[tuple[Program, int]]:
    """Return those of the programs this person runs that have pairs in need of attention, each with their number."""
    if not programs or not (needs := count_pairs_in_need(programs, user, user.today())):
        return []
    return [
        (program, needs[program.pk]) for program in Program.objects.only("name").filter(pk__in=needs).order_by("name")
    ]


def ended_pairs(user, pairs: list[Pair]) -> list[tuple[Pair, object]]:
    """Return the ended ones of these pairs, newest first, each with the other person."""
    ended = sorted((pair for pair in pairs if pair.ended_at), key=lambda pair: pair.ended_at, reverse=True)
    return [(pair, pair.other(user)) for pair in ended[:EARLIER]]


def greeting(user) -> str:
    hour, name = user.local(timezone.now()).hour, {"name": user.first_name}
    if hour < 5:
        return _("Hello, %(name)s") % name
    if hour >= 18:
        return _("Good evening, %(name)s") % name
    return _("Good morning, %(name)s") % name if hour < 12 else _("Good afternoon, %(name)s") % name
