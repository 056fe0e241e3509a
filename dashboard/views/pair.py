from datetime import timedelta

from django.db.models import Exists
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from dashboard.home import agreed_by_both, strip
from dashboard.timeline import SHOWN, timeline
from goals.models import Commitment
from goals.models.goal import ACTIVE_GOALS
from mentoring.models import Pair
from sessions.planning import next_session, rhythms
from sessions.views.notes import is_sharing

PAGE = 30
KEPT_OVER = timedelta(days=90)


@require_safe
def pair_detail(request, pk):
    """The thread of the relationship, for its two people alone."""
    user = request.user
    pair = get_object_or_404(
        Pair.objects.visible_to(user).with_people().annotate(agreed=Exists(agreed_by_both())), pk=pk
    )
    rhythm, show, page = rhythms([pair], user.today())[pair.pk], request.GET.get("show", ""), page_number(request)
    entries = timeline(pair, show, (page - 1) * PAGE, PAGE + 1)
    kept, counted = Commitment.objects.filter(pair=pair).kept_of_counted(user.today() - KEPT_OVER, user.today())
    goals = list(pair.goals.filter(dropped_at=None))
    context = {
        "pair": pair,
        "other": pair.other(user),
        "as_mentor": pair.is_mentor(user),
        "open": pair.ended_at is None,
        "next": next_session(pair) if pair.ended_at is None else None,
        "rhythm": rhythm,
        "strip": strip(rhythm),
        "goals": goals,
        "goals_are_full": sum(goal.is_active for goal in goals) >= ACTIVE_GOALS,
        "events": pair.work_items.coming(user.today()),
        "kept": kept,
        "counted": counted,
        "kept_days": KEPT_OVER.days,
        "shown": SHOWN.items(),
        "show": show if show in SHOWN else "",
        "entries": entries[:PAGE],
        "page": page,
        "sharing": is_sharing(request),
        "older": page + 1 if len(entries) > PAGE else None,
    }
    return render(request, "dashboard/pair_detail.html", context)


def page_number(request) -> int:
    asked = request.GET.get("page", "")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
