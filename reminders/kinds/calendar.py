"""Calendar entries, emailed to both people a minute after each change (docs/rules.md, calendar).

The occasion contains the entry's sequence, so that only its newest state is sent: reminders of older ones are no longer
true. An email about a change on short notice already contains the entry, so its recipient gets no second email.
"""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.working_hours import DAY
from reminders.intents import Intent, reads
from reminders.kinds.endings import end_notice_at
from reminders.kinds.sessions import TIME_TO_UNDO, session_canceled, session_moved, session_skipped
from reminders.models import Reminder
from sessions.calendar import ALL_SERIES, SINGLE_SESSIONS, SeriesEntry, SessionEntry
from sessions.models import Series, Session

WHY = _("You get this to keep your calendar up to date. You can turn these emails off.")
BRING_AN_ENTRY = ("calendar_invite", "calendar_series", "session_moved")
LEFT = (Reminder.State.SENT, Reminder.State.UNKNOWN)


def for_calendars(rows, says, moment: str):
    """Register a kind that is always sent, at once and in an email of its own."""
    return reads(rows, says=says, touched="pair__touched_at", moment=moment, stays=DAY)


@for_calendars(SINGLE_SESSIONS, _("A session for your calendar"), "starts_at")
def calendar_invite(session: Session) -> Iterator[Intent]:
    """Send a session to both people when it is scheduled, or its time, length or place changes."""
    entry = SessionEntry(session)
    if session.changed_at and entry.takes_place:
        yield from told("calendar_invite", f"session:{session.pk}", entry, session.changed_at)


@for_calendars(SINGLE_SESSIONS, _("A canceled session for your calendar"), "starts_at")
def calendar_cancel(session: Session) -> Iterator[Intent]:
    """Remove a canceled or skipped session from the calendars that got it, also when the pair has ended."""
    at = session.canceled_at or session.skipped_at
    if at and session.starts_at > at:
        for intent in told("calendar_cancel", f"session:{session.pk}", SessionEntry(session), at):
            if was_brought(intent, [session]):
                yield intent


@for_calendars(ALL_SERIES, _("A series of sessions for your calendar"), "last_at")
def calendar_series(series: Series) -> Iterator[Intent]:
    """Send the whole series as it is now when it is scheduled or anything in it changes."""
    entry = SeriesEntry(series)
    if (changed_at := newest_change(entry)) and entry.takes_place:
        ahead = any(session.starts_at > changed_at for session in entry.kept.values())
        for intent in told("calendar_series", f"series:{series.pk}", entry, changed_at):
            if ahead or was_brought(intent, entry.sessions):
                yield intent


@for_calendars(ALL_SERIES, _("A canceled series for your calendar"), "last_at")
def calendar_series_end(series: Series) -> Iterator[Intent]:
    """Remove a series from the calendars that got it when no session of it is left."""
    entry = SeriesEntry(series)
    if (changed_at := newest_change(entry)) and not entry.takes_place:
        for intent in told("calendar_series_end", f"series:{series.pk}", entry, changed_at):
            if was_brought(intent, entry.sessions):
                yield intent


def told(kind: str, subject: str, entry: SessionEntry | SeriesEntry, changed_at: datetime) -> Iterator[Intent]:
    """Yield an intent for each person who wants calendar emails and does not get the entry with one on short notice."""
    already = {pk for session in entry.sessions for pk in told_on_short_notice(session, changed_at)}
    by_end = entry.pair.ended_at and any(session.canceled_at == entry.pair.ended_at for session in entry.sessions)
    due_at = end_notice_at(entry.pair) if by_end else changed_at + TIME_TO_UNDO
    until = max(max(session.starts_at, moved_from(session) or session.starts_at) for session in entry.sessions)
    for person in entry.pair.people:
        if person.calendar_mails and person.pk not in already:
            yield Intent(
                kind,
                person.pk,
                subject,
                str(entry.sequence),
                due_at,
                until,
                WHY,
                entry.pair.pk,
            )


def told_on_short_notice(session: Session, changed_at: datetime) -> Iterator[int]:
    """Yield the people who get an email on short notice after this change, which will contain the current entry."""
    if session.is_called_off:
        mails = [session_canceled(session), session_skipped(session)]
    else:
        mails = [session_moved(move) for move in list(session.moves.all())[-1:]]
    return (intent.recipient_id for mail in mails for intent in mail if intent.due_at >= changed_at)


def newest_change(entry: SessionEntry | SeriesEntry) -> datetime | None:
    """Return the time of the entry's last change, or None if it has not changed since version 0.2."""
    return max((session.changed_at for session in entry.sessions if session.changed_at), default=None)


def moved_from(session: Session) -> datetime | None:
    """Return the session's time before its last move, unless something else has changed since."""
    move = next(iter(list(session.moves.all())[-1:]), None)
    return move.from_at if move and session.changed_at and move.created_at >= session.changed_at else None


def was_brought(intent: Intent, sessions: list[Session]) -> bool:
    """Return True if an email with this entry was sent to the recipient."""
    moves = [f"move:{move.pk}" for session in sessions for move in session.moves.all()]
    mails = Reminder.objects.filter(recipient=intent.recipient_id, kind__in=BRING_AN_ENTRY, state__in=LEFT)
    return mails.filter(subject__in=[intent.subject, *moves]).exists()
