from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from dashboard.flags import RULES
from dashboard.models import FlagRule
from mentoring.models import Pair
from reminders.emails import Entry, Letter, address, letter, subject
from reminders.intents import Intent


def _plan(person: User, pair: Pair, title: str, subject_: str) -> Entry:
    words, page = {"name": pair.other(person).first_name}, address("session_schedule", pair.pk)
    return Entry(subject(subject_, **words), title % words, _("Schedule a session"), page, page)


@letter
def first_date(person: User, intent: Intent) -> Entry:
    title = _("You and %(name)s have not scheduled your first session")
    return _plan(person, intent.row, title, _("Schedule your first session with %(name)s"))


@letter
def next_date(person: User, intent: Intent) -> Entry:
    title = _("You and %(name)s have no next session")
    return _plan(person, intent.row.pair, title, _("Schedule your next session with %(name)s"))


@letter
def agreement(person: User, intent: Intent) -> Entry:
    pair = intent.row
    words, page = {"name": pair.other(person).first_name}, address("agreement_detail", pair.pk)
    return Entry(
        subject=subject(_("Your working agreement with %(name)s"), **words),
        title=_("Your working agreement with %(name)s needs your “I agree”") % words,
        action=_("Read the agreement"),
        url=page,
        page=page,
    )


@letter
def still_going(person: User, intent: Intent) -> Entry:
    pair: Pair = intent.row
    words, page = {"name": pair.other(person).first_name}, address("session_schedule", pair.pk)
    return Entry(
        subject=subject(_("Are you still meeting with %(name)s?"), **words),
        title=_("No activity between you and %(name)s for three months. Are you still meeting?") % words,
        action=_("Schedule a session"),
        url=page,
        page=page,
        more=[
            (_("Pause for a while"), address("pair_pause", pair.pk)),
            (_("Plan a good ending"), address("pair_finish", pair.pk)),
        ],
        told=lambda: [_("Nothing ends by itself. Your program admin sees that you are not meeting, and can help.")],
    )


PAGES = {
    FlagRule.NO_AGREEMENT: "agreement_detail",
    FlagRule.NO_CURRENT_GOAL: "goal_list",
    FlagRule.NO_CLOSING_SESSION: "session_schedule",
}


@letter
def nudge(person: User, intent: Intent) -> Entry:
    pair: Pair = intent.row
    rule = RULES[intent.occasion.partition(":")[0]]
    words, page = {"name": pair.other(person).first_name}, address(PAGES[rule.name], pair.pk)
    return Entry(
        subject=subject(_("Still open for you and %(name)s"), **words),
        title=_("Still open for you and %(name)s: %(what)s") % (words | {"what": rule.label}),
        action=_("Open"),
        url=page,
        page=page,
        told=lambda: [str(rule.advice_for_pair)],
    )


@letter
def pause_ends(person: User, intent: Intent) -> Letter:
    pause = intent.row
    partner = pause.pair.other(person)
    words = {"name": partner.first_name, "when": date_format(pause.resume_on, "D j M")}
    coming = pause.pair.sessions.to_come().upcoming().first()
    facts = {"pair": pause.pair, "partner": partner, "pause": pause, "next": coming}
    page = address("pair_detail", pause.pair_id)
    return Letter(subject(_("Your pause with %(name)s ends on %(when)s"), **words), page, facts)
