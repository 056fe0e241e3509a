"""The page of a pair."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, prefetch_related_objects
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core.http import whole_number
from dashboard.models import Flag
from goals.models import Commitment, Goal, Milestone, count_kept
from goals.models.goal import ACTIVE_GOALS
from mentoring.models import Pair, attach_pairs
from mentoring.models.pair import AgreementState, AgreementStatus
from practice.kinds import STARTING
from practice.page import shared_entries
from records.handover import is_offered
from records.progress import tracked_indicators
from records.retention import retention_period
from records.timeline import SHOWN, Group, timeline
from sessions.energy_check import energy_check
from sessions.forms.items import ItemForm
from sessions.models import CheckIn
from sessions.planning import next_session, rhythms
from sessions.preparation import topic_lists
from sessions.question_share import question_share
from sessions.views.pauses import skipped_for_pause
from sessions.views.private_notes import is_sharing

PAGE = 30
OPEN_SESSIONS = 3  # in the story; older ones are folded
KEPT_PERIOD = timedelta(days=90)
HANDOVER_OFFERED_FOR = timedelta(days=60)
PAST_EVENTS = 50


@require_safe
def pair_detail(request, pk):
    """Show a pair to its mentor and mentee: next session, goals, work events and their story so far."""
    pairs = Pair.objects.visible_to(request.user).select_related("program")
    pair = get_object_or_404(pairs.with_pause(request.user.today()), pk=pk).for_reader(request.user)
    show, page = request.GET.get("show", ""), page_number(request)
    story = timeline(pair, show, (page - 1) * PAGE, PAGE)
    if page > 1 and not story.groups:  # past the end, where "Nothing here yet" would be wrong
        return redirect(f"{request.path}?show={show if show in SHOWN else ''}")
    open_groups = newest_sessions(story.groups) if page == 1 else None
    context = pair_summary(pair, request.user) | {
        "back": request.path,
        "sharing": is_sharing(request),
        "filters": [("", _("Everything")), *SHOWN.items()],
        "show": show if show in SHOWN else "",
        "groups": story.groups[:open_groups],
        "earlier": story.groups[open_groups:] if open_groups else [],
        "page": page,
        "older": page + 1 if story.has_older else None,
    }
    return render(request, "dashboard/pair_detail.html", context)


def pair_summary(pair: Pair, user) -> dict:
    """Return the pair's next session, cadence, commitments, goals and work events for the page."""
    today, running = user.today(), pair.ended_at is None
    coming = next_session(pair) if running else None
    undated = running and coming is None  # topics are listed here until there is an agenda
    rhythm, goals = rhythms([pair], today)[pair.pk], goal_blocks(pair)
    skipped_n = skipped_for_pause(pair, today).count() if running and pair.paused_until else 0
    as_mentor, agreement = pair.is_mentor(user), pair.agreement_state(user)
    events = list(pair.work_events.current())
    commitments = recent_commitments(pair)
    kept = kept_of(pair, commitments)
    return {
        "pair": pair,
        "other": pair.other(user),
        "as_mentor": as_mentor,
        "agreement": agreement,
        "agreement_label": agreement_label(agreement, running),
        "is_agreed": agreement.status == AgreementStatus.AGREED,
        "check_in_label": _("Check-ins in between") if as_mentor else _("Check in"),
        "open": running,
        "ended_by_other": pair.ended_by_id not in (None, user.pk) and not pair.content_deleted_at,
        "offers_growth_record": not running and not as_mentor and not pair.content_deleted_at,
        "may_undo_end": not running and pair.may_undo_end(user),
        "kept_until": None if running else pair.kept_until or pair.ended_on + retention_period(),
        "needs_attention": running and Flag.objects.for_member(user).filter(pair=pair).exists(),
        "offers_handover": running and pair.is_mentee(user) and offers_handover(pair, today),
        "energy_check": energy_check(pair),
        "question_share": question_share(pair, user) if running and as_mentor else None,
        "paused": running and pair.paused_until is not None,
        "skipped_n": skipped_n,
        "pause_button": pause_button(pair, skipped_n, today),
        "today": today,
        "next": coming,
        "days_ahead": (user.local(coming.starts_at).date() - today).days if coming else 0,
        "topic_lists": topic_lists(pair, user, pair.minutes) if undated else None,
        "item_form": ItemForm(pair=pair, user=user) if undated else None,
        "rhythm": rhythm,
        "shared": shared_entries([pair], user, most=3),
        "kinds": STARTING,
        "check_in": CheckIn.open_of(pair) if running else None,
        "goals": goals,
        "active_goals": sum(block.goal.is_active for block in goals),
        "most_goals": ACTIVE_GOALS,
        "indicators": [row for row in tracked_indicators(pair, pair.mentee.today()) if not row.chart.is_empty],
        "events": [event for event in events if event.happens_on >= today],
        "past_events": [event for event in reversed(events) if event.happens_on < today][:PAST_EVENTS],
        "overdue": sum(row.is_overdue_here for row in commitments),
        "kept": sum(n for _person, n, _counted in kept),
        "counted": sum(n for _person, _kept, n in kept),
        "kept_of": [row for row in kept if row[-1]],
        "kept_days": KEPT_PERIOD.days,
    }


def newest_sessions(groups: list[Group]) -> int | None:
    """Return how many groups there are up to the last of the newest sessions, or None if no session is older."""
    sessions = [n for n, group in enumerate(groups) if group.on]
    return sessions[OPEN_SESSIONS - 1] + 1 if len(sessions) > OPEN_SESSIONS else None


def recent_commitments(pair: Pair) -> list[Commitment]:
    """Return the open commitments of a pair and those due in the last three months or later, with `slipped`."""
    since = min(person.today() for person in pair.people) - KEPT_PERIOD
    rows = pair.commitments.filter(Q(state=Commitment.State.OPEN) | Q(due_on__gte=since))
    return attach_pairs(rows.with_slips(), [pair], "owner")


def kept_of(pair: Pair, commitments: list[Commitment]) -> list[tuple[object, int, int]]:
    """Return how many commitments each person kept, of how many, by the dates of their own time zone."""
    found = []
    for person in pair.people[::-1]:
        today, theirs = person.today(), [row for row in commitments if row.owner_id == person.pk]
        found.append((person, *count_kept(theirs, today - KEPT_PERIOD, today)))
    return found


@dataclass(frozen=True)
class GoalBlock:
    """A goal with its milestones, and how many of them are reached."""

    goal: Goal
    milestones: list[Milestone]

    @property
    def reached(self) -> int:
        return sum(milestone.reached_at is not None for milestone in self.milestones)


def standing(goal: Goal) -> list[Milestone]:
    """Return the milestones of a goal that were not dropped, those reached first."""
    rows = [milestone for milestone in goal.milestones.all() if not milestone.dropped_at]
    return sorted(rows, key=lambda milestone: milestone.reached_at is None)


def goal_blocks(pair: Pair) -> list[GoalBlock]:
    """Return the pair's goals that were not dropped, active ones first."""
    prefetch_related_objects([pair], "goals__milestones")  # once for the goals and the timeline
    blocks = [GoalBlock(goal, standing(goal)) for goal in pair.goals.all() if not goal.dropped_at]
    return sorted(blocks, key=lambda block: not block.goal.is_active)


def agreement_label(agreement: AgreementState, running: bool) -> str:
    if agreement.status == AgreementStatus.NEEDS_YOU:
        return _("Read and agree")
    if agreement.status == AgreementStatus.NOT_WRITTEN and running:
        return _("Write the agreement")
    return _("Read the agreement")


def pause_button(pair: Pair, skipped_n: int, today: date) -> str:
    """Return the label of the button that ends a pause, or cancels one that has not started."""
    ahead = pair.paused_from is not None and pair.paused_from > today
    if not skipped_n:
        return _("Cancel the pause") if ahead else _("End the pause")
    if ahead:
        label = ngettext(
            "Cancel the pause and restore %(n)s skipped session",
            "Cancel the pause and restore %(n)s skipped sessions",
            skipped_n,
        )
    else:
        label = ngettext(
            "End the pause and restore %(n)s skipped session",
            "End the pause and restore %(n)s skipped sessions",
            skipped_n,
        )
    return label % {"n": skipped_n}


def offers_handover(pair: Pair, today) -> bool:
    """Return True if a mentee may still bring items from an earlier pair: in the first 60 days, once."""
    return today - pair.started_on < HANDOVER_OFFERED_FOR and is_offered(pair, today)


def page_number(request) -> int:
    return max(1, whole_number(request.GET.get("page", ""), max_digits=5))
