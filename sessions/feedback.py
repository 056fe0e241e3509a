"""Feedback outside the session room: start it, and find the last one on the same competency."""

from goals.models import Competency, WorkEvent
from mentoring.models import Pair
from sessions.models import Feedback


def start(pair: Pair, by, event: WorkEvent | None = None, competency: Competency | None = None) -> Feedback:
    """Return a new draft of `by`, or their empty one; what it is about is filled in, so that nobody types it again."""
    about = {"work_event": event, "competency": competency, "happened_on": None}
    if event and event.happens_on <= by.today():
        about["happened_on"] = event.happens_on
    with pair.locked():
        blank = pair.feedback.blank().filter(session=None, created_by=by, shared_at=None).first()
        if blank is None:
            return pair.feedback.create(created_by=by, shared_at=None, **about)
        Feedback.objects.filter(pk=blank.pk).update(**about)
    blank.refresh_from_db()
    return blank


def drafts_of(pair: Pair, user) -> list[Feedback]:
    """Return the drafts of this person that have a text, newest first."""
    drafts = pair.feedback.drafts_of(user).exclude(pk__in=pair.feedback.blank())
    return list(drafts.select_related("work_event").order_by("-pk")[:5])


def last_time(feedback: Feedback) -> Feedback | None:
    """Return the feedback before this one on the same competency, with its commitment; None without a competency."""
    if feedback.competency_id is None:
        return None
    rows = Feedback.objects.written().filter(pair=feedback.pair_id, competency=feedback.competency_id)
    if not feedback.is_draft:
        rows = rows.filter(created_at__lt=feedback.created_at)
    rows = rows.exclude(pk=feedback.pk).select_related("commitment", "competency", "created_by")
    return rows.order_by("-created_at", "-pk").first()
