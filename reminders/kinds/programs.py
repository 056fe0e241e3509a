"""Notifications to program admins: a request to talk, a red flag, and a summary on Mondays."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext_lazy as _

from accounts.working_hours import DAY
from dashboard.attention import NeedsAttention
from dashboard.models import Digest, Flag
from mentoring.models import Enrollment, TalkRequest
from mentoring.models.talk_request import talk_request_recipients
from reminders.intents import Intent, reads
from reminders.models import Topic
from reminders.windows import morning

WHY = _("You get this because you run this program.")
RUNS_IT = Enrollment.objects.admins().filter(program=OuterRef("program"), user=OuterRef("user"))
STAYS = timedelta(days=7)
ADMINS = {
    "topic": Topic.PROGRAM,
    "people": (),
    "pair": "",
    "confidential": True,
}


@reads(
    TalkRequest.objects.waiting().select_related("program", "user"),
    says=_("Somebody wants to talk to you"),
    touched="created_at",
    moment="created_at",
    stays=STAYS,
    **ADMINS,
)
def wish_to_talk(wish: TalkRequest) -> Iterator[Intent]:
    """Notify all admins except the person's partners at the next window, until one has been in touch."""
    for admin in talk_request_recipients(wish.user, wish.program):
        subject = f"talk:{wish.pk}"
        yield Intent("wish_to_talk", admin.pk, subject, "", wish.created_at, wish.created_at + STAYS, WHY)


@reads(
    Flag.objects.to_alert_admins()
    .select_related("pair__program", "pair__mentor", "pair__mentee")
    .prefetch_related(Prefetch("pair__program__enrollments", Enrollment.objects.admins(), to_attr="admins")),
    says=_("A pair needs attention"),
    touched="level_changed_at",
    moment="level_changed_at",
    stays=STAYS,
    **ADMINS,
)
def red_flag(flag: Flag) -> Iterator[Intent]:
    """N21: notify the admins who are not part of the pair of a red flag at the next window."""
    pair, since = flag.pair, flag.level_changed_at
    for admin in {row.user_id for row in pair.program.admins} - {pair.mentor_id, pair.mentee_id}:
        yield Intent("red_flag", admin, f"flag:{flag.pk}", since.isoformat(), since, since + STAYS, WHY)


@reads(
    Digest.objects.filter(Exists(RUNS_IT)).select_related("program", "user"),
    says=_("Monday summary of your program"),
    touched="updated_at",
    moment="due_on",
    stays=STAYS,
    **ADMINS | {"people": ("user",)},
)
def week(digest: Digest) -> Iterator[Intent]:
    """N21: send an admin the summary on Monday at 08:30, if there is anything to do."""
    if not NeedsAttention(digest.program, digest.user, digest.program.today()):
        return
    due_at, over = (morning(digest.user, digest.due_on + days) for days in (timedelta(0), 2 * DAY))
    yield Intent("week", digest.user_id, f"digest:{digest.pk}", "", due_at, over, WHY)
