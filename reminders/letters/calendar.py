from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from reminders.emails import Letter, address, letter, on_the_calendar, subject
from reminders.intents import Intent
from reminders.kinds.calendar import newest_change
from reminders.kinds.sessions import TIME_TO_UNDO
from reminders.session_changes import Act, acts_of, called_off, changes_since, last_told_at
from sessions.calendar import SeriesEntry, SessionEntry, message
from sessions.models import Session

SHOWN = 6


def _about(person: User, session: Session) -> dict:
    return {"session": session, "partner": session.pair.other(person)}


def _words(person: User, session: Session) -> dict[str, str]:
    return {"name": session.pair.other(person).first_name, "when": on_the_calendar(session.starts_at)}


def _acts(person: User, intent: Intent, entry: SessionEntry | SeriesEntry) -> list[Act]:
    """Return the acts since the last email about the entry, or else in the minute before its newest change."""
    since = last_told_at(person, intent.subject, entry.sessions)
    if since is None and (changed_at := newest_change(entry)):
        since = changed_at - TIME_TO_UNDO
    return acts_of(changes_since(entry.sessions, since), person) if since else []


@letter
def calendar_invite(person: User, intent: Intent) -> Letter:
    session: Session = intent.row
    acts = _acts(person, intent, SessionEntry(session))
    if acts:
        text = _("Moved: session with %(name)s, now %(when)s")
    else:
        text = (
            _("Updated: session with %(name)s, %(when)s")
            if session.sequence
            else _("Scheduled: session with %(name)s, %(when)s")
        )
    page = address("session_prepare", session.pk)
    heading = subject(text, **_words(person, session))
    return Letter(heading, page, _about(person, session) | {"acts": acts}, message(SessionEntry(session), person))


@letter
def calendar_cancel(person: User, intent: Intent) -> Letter:
    session: Session = intent.row
    text = (
        _("Skipped: session with %(name)s, %(when)s")
        if session.skipped_at
        else _("Canceled: session with %(name)s, %(when)s")
    )
    heading = subject(text, **_words(person, session))
    by_end = session.canceled_at and session.canceled_at == session.pair.ended_at
    facts = _about(person, session) | {"acts": [] if by_end else acts_of([called_off(session)], person)}
    return Letter(heading, address("session_list"), facts, message(SessionEntry(session), person))


def _series(person: User, intent: Intent, text: str, dated: str = "") -> Letter:
    """Compose an email about a series; `dated` is the subject if it has a session to come."""
    entry, now = SeriesEntry(intent.row), timezone.now()
    partner = entry.pair.other(person)
    coming = sorted((s for s in entry.kept.values() if s.ends_at > now and s.is_live), key=lambda s: s.starts_at)
    words, page, acts = (
        {"name": partner.first_name},
        address("pair_detail", entry.pair.pk),
        _acts(person, intent, entry),
    )
    changes = [change for act in acts for change in act.changes]
    if dated and coming:
        text, words["when"] = dated, on_the_calendar(coming[0].starts_at)
    if len(changes) == 1 and (only := changes[0]).kind == "moved":
        text, page = _("Moved: session with %(name)s, now %(when)s"), only.url
        words["when"] = on_the_calendar(only.session.starts_at)
    facts = {"series": entry.series, "partner": partner, "coming": coming[:SHOWN], "more": coming[SHOWN:]}
    facts |= {"acts": acts, "one_moved": page != address("pair_detail", entry.pair.pk)}
    return Letter(subject(text, **words), page, facts, message(entry, person))


@letter
def calendar_series(person: User, intent: Intent) -> Letter:
    planned = _("Scheduled: sessions with %(name)s from %(when)s")
    updated = _("Updated: sessions with %(name)s, next %(when)s")
    dated = updated if SeriesEntry(intent.row).sequence else planned
    return _series(person, intent, _("Updated: sessions with %(name)s"), dated)


@letter
def calendar_series_end(person: User, intent: Intent) -> Letter:
    return _series(person, intent, _("Canceled: sessions with %(name)s"))
