"""The reminders that a program may turn off for all of its pairs (docs/rules.md, reminders)."""

from django.utils.translation import gettext_lazy as _

OPTIONAL_REMINDERS = {
    "status_update": _("Status update, before a session"),
    "session_brief": _("Session brief, before a session"),
    "did_you_meet": _("Did you meet?"),
    "commitment_soon": _("Commitment, before it is due"),
    "commitment_due": _("Commitment, on the day it is due"),
    "commitment_overdue": _("Commitment, one working day overdue"),
    "commitment_last": _("Commitment, five working days overdue"),
    "check_in": _("Check-in between sessions"),
    "indicator_due": _("Indicator: add a value"),
    "indicator_again": _("Indicator: add a value, second reminder"),
    "first_date": _("No first session planned"),
    "next_date": _("No next session planned"),
    "agreement": _("Working agreement"),
    "pair_pulse": _("Pulse"),
}
