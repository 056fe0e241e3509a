from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from mentoring.models import Enrollment
from mentoring.models.program import INVITATION_LASTS
from reminders.intents import Intent, reads
from sessions.models.session import REOPEN_WITHIN as TIME_TO_UNDO

INVITED = Enrollment.objects.invited().filter(user__is_active=True).select_related("program")


@reads(
    INVITED,
    says=_("Invitation"),
    touched="invited_at",
    moment="invited_at",
    stays=INVITATION_LASTS,
    people=("user",),
    pair="",
)
def invitation(enrollment: Enrollment) -> Iterator[Intent]:
    """Invite a person who was enrolled and has not accepted yet; sending it again is a new occasion."""
    yield Intent(
        "invitation",
        enrollment.user_id,
        f"enrollment:{enrollment.pk}",
        enrollment.invited_at.isoformat(),
        enrollment.invited_at + TIME_TO_UNDO,
        enrollment.invited_at + INVITATION_LASTS,
        _("You get this because somebody added you to a mentoring program."),
    )
