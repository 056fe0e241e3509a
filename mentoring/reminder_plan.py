"""The reminders that a program may leave out for all of its pairs (docs/rules.md, reminders)."""

from django.utils.translation import gettext_lazy as _

MAY_BE_SILENT = {
    "status_update": _("Before a session: the update"),
    "session_brief": _("Before a session: the brief"),
    "did_you_meet": _("Did you meet?"),
    "commitment_soon": _("A commitment, before it is due"),
    "commitment_due": _("A commitment that is due"),
    "commitment_overdue": _("A commitment, one working day after"),
    "commitment_last": _("A commitment, five working days after"),
    "check_in": _("Check-in between sessions"),
    "indicator_due": _("A value for what you watch"),
    "indicator_again": _("A value for what you watch, asked again"),
    "first_date": _("No first date yet"),
    "next_date": _("No next date"),
    "agreement": _("How you work together"),
    "pair_pulse": _("Pulse"),
}
