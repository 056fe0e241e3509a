from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboard.home import home_of
from mentoring.models import Enrollment, Pair

EARLIER = 10


@require_safe
def home(request):
    page = home_of(request.user)
    if not page.lines:
        return nothing_yet(request)
    context = {"home": page, "greeting": greeting(request.user), "earlier": earlier(request.user)}
    return render(request, "dashboard/home.html", context)


def earlier(user) -> list[tuple[Pair, object]]:
    """Pairs that ended, the last ones first, each with the other person."""
    rows = Pair.objects.visible_to(user).filter(ended_at__isnull=False).select_related("mentor", "mentee")
    return [(pair, pair.other(user)) for pair in rows.order_by("-ended_at")[:EARLIER]]


def nothing_yet(request):
    """Who only runs programs starts there; everybody else is told what will come."""
    roles = list(Enrollment.objects.active().filter(user=request.user).select_related("program").order_by("pk"))
    if roles and all(row.role == Enrollment.Role.ADMIN for row in roles):
        return redirect("program_detail", roles[0].program_id) if len(roles) == 1 else redirect("program_list")
    waiting = [row for row in roles if row.role != Enrollment.Role.ADMIN]
    context = {"waiting": waiting, "greeting": greeting(request.user), "earlier": earlier(request.user)}
    return render(request, "dashboard/home.html", context)


def greeting(user) -> str:
    hour, name = user.local(timezone.now()).hour, {"name": user.first_name}
    if hour < 5 or hour >= 18:
        return _("Good evening, %(name)s") % name
    return _("Good morning, %(name)s") % name if hour < 12 else _("Good afternoon, %(name)s") % name
