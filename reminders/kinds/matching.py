"""Reminders about a mentee's request for a mentor (docs/rules.md, reminders, N16)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.working_hours import DAY
from mentoring.models import Enrollment, MatchRequest
from reminders.intents import Intent, reads
from reminders.kinds.planning import at_morning
from reminders.models import Topic

# Until they accept, an invited mentor gets only the invitation.
JOINED = Enrollment.objects.active().filter(program=OuterRef("program"), user=OuterRef("mentor"), role="mentor")
ASKED = MatchRequest.objects.waiting().filter(Exists(JOINED)).select_related("program", "mentor", "mentee")
READS = {
    "rows": ASKED,
    "touched": "asked_at",
    "moment": "asked_at",
    "stays": timedelta(days=21),
    "topic": Topic.PLANNING,
    "people": ("mentor",),
    "pair": "",
}


def asked(request: MatchRequest, kind: str, due_at) -> Iterator[Intent]:
    why = _("You get this because you are a mentor in this program.")
    yield Intent(
        kind, request.mentor_id, f"match_request:{request.pk}", str(request.rank), due_at, request.answer_due_at, why
    )


@reads(**READS, says=_("A mentee would like you as their mentor"))
def match_request(request: MatchRequest) -> Iterator[Intent]:
    """N16: notify the mentor of the request at the next window."""
    yield from asked(request, "match_request", request.asked_at)


@reads(**READS, says=_("A mentee would like you as their mentor, second reminder"))
def match_request_again(request: MatchRequest) -> Iterator[Intent]:
    """N16: remind the mentor once more two days later."""
    mentor = request.mentor
    yield from asked(
        request, "match_request_again", at_morning(mentor, mentor.local(request.asked_at).date() + 2 * DAY)
    )
