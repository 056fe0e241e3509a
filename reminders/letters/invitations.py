from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from reminders.emails import Letter, letter, subject
from reminders.intents import Intent
from reminders.kinds.invitations import INVITED


@letter
def invitation(person: User, intent: Intent) -> Letter:
    enrollment = INVITED.select_related("program", "invited_by").get(pk=intent.subject_pk)
    facts = {"enrollment": enrollment, "program": enrollment.program, "by": enrollment.invited_by}
    if enrollment.invited_by:
        words = {"name": str(enrollment.invited_by), "program": enrollment.program.name}
        heading = subject(_("%(name)s invites you: %(program)s"), **words)
    else:
        heading = subject(_("You are invited: %(program)s"), program=enrollment.program.name)
    return Letter(heading, settings.SITE_URL + enrollment.invitation_path(), facts)
