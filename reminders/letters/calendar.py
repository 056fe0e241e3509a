from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from reminders.emails import Letter, address, letter, on_the_calendar, subject
from reminders.intents import Intent
from sessions.calendar import Alone, Standing, message
from sessions.models import Session

SHOWN = 6


def _about(person: User, session: Session) -> dict:
    return {"session": session, "partner": session.pair.other(person)}


def _words(person: User, session: Session) -> dict[str, str]:
    return {"name": session.pair.other(person).first_name, "when": on_the_calendar(session.starts_at)}


@letter
def calendar_invite(person: User, intent: Intent) -> Letter:
    session: Session = intent.row
    text = _("Updated: with %(name)s, %(when)s") if session.sequence else _("Planned: with %(name)s, %(when)s")
    page = address("session_prepare", session.pk)
    said = subject(text, **_words(person, session))
    return Letter(said, page, _about(person, session), message(Alone(session), person))


@letter
def calendar_cancel(person: User, intent: Intent) -> Letter:
    session: Session = intent.row
    text = _("Skipped: with %(name)s, %(when)s") if session.skipped_at else _("Canceled: with %(name)s, %(when)s")
    said = subject(text, **_words(person, session))
    return Letter(said, address("session_list"), _about(person, session), message(Alone(session), person))


def _series(person: User, intent: Intent, text: str, dated: str = "") -> Letter:
    """`dated`: the subject where something is still to come."""
    entry, now = Standing(intent.row), timezone.now()
    partner = entry.pair.other(person)
    coming = sorted((s for s in entry.kept.values() if s.ends_at > now and s.is_live), key=lambda s: s.starts_at)
    words = {"name": partner.first_name}
    if dated and coming:
        text, words["when"] = dated, on_the_calendar(coming[0].starts_at)
    facts = {"series": entry.series, "partner": partner, "coming": coming[:SHOWN], "more": coming[SHOWN:]}
    return Letter(subject(text, **words), address("pair_detail", entry.pair.pk), facts, message(entry, person))


@letter
def calendar_series(person: User, intent: Intent) -> Letter:
    planned = _("Planned: a series with %(name)s from %(when)s")
    updated = _("Updated: the series with %(name)s, next %(when)s")
    dated = updated if Standing(intent.row).sequence else planned
    return _series(person, intent, _("Updated: the series with %(name)s"), dated)


@letter
def calendar_series_end(person: User, intent: Intent) -> Letter:
    return _series(person, intent, _("Canceled: the series with %(name)s"))
