"""Calendar entries, emailed to both people a minute after each change (docs/rules.md, calendar).

The occasion contains the entry's sequence, so that only its newest state is sent: reminders of older ones are no longer
true. An email about a change on short notice already contains the entry, so its recipient gets no second email. What
is scheduled while a session is closed goes with its recap.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from reminders.emails import Email, date_and_time, page_url, subject_line
from reminders.intents import KINDS, Intent, Kind, Row, register
from reminders.kinds.endings import end_notice_at
from reminders.kinds.sessions import name_and_time
from reminders.models import Reminder
from reminders.session_changes import ChangeSummary, call_off_change, changes_since, last_notified_at, summarize_changes
from reminders.windows import UNDO_PERIOD
from sessions.calendar import ALL_SERIES, SINGLE_SESSIONS, SeriesEntry, SessionEntry, message
from sessions.models import Series, Session

WITH_AN_ENTRY = ("calendar_invite", "calendar_series", "session_moved")
SENT = (Reminder.State.SENT, Reminder.State.UNKNOWN)


class CalendarKind(Kind[Row]):
    """Base class for emails with calendar entries, which are always sent, at once and on their own."""

    why = gettext_lazy("You get this to keep your calendar up to date. You can turn these emails off.")
    max_age = DAY

    def to_both(self, entry: SessionEntry | SeriesEntry, row: Row, changed_at: datetime) -> Iterator[Intent]:
        """Yield an intent for each person who wants calendar emails and does not get the entry with another one."""
        notified = {pk for session in entry.sessions for pk in notified_on_short_notice(session, changed_at)}
        ended_at = entry.pair.ended_at
        by_end = ended_at and any(session.canceled_at == ended_at for session in entry.sessions)
        due_at = end_notice_at(entry.pair, ended_at) if ended_at and by_end else changed_at + UNDO_PERIOD
        expires_at = max(max(session.starts_at, moved_from(session) or session.starts_at) for session in entry.sessions)
        for person in entry.pair.people:
            if person.calendar_mails and person.pk not in notified:
                yield self.intent(row, person.pk, str(entry.sequence), due_at, expires_at)


def notified_on_short_notice(session: Session, changed_at: datetime) -> Iterator[int]:
    """Yield the people who get an email on short notice after this change, which will contain the current entry."""
    if session.is_called_off:
        intents = [KINDS["session_canceled"].intents(session), KINDS["session_skipped"].intents(session)]
    else:
        intents = [KINDS["session_moved"].intents(move) for move in session.known_moves[-1:]]
    return (intent.recipient_id for some in intents for intent in some if intent.due_at >= changed_at)


def newest_change(entry: SessionEntry | SeriesEntry) -> datetime | None:
    """Return the time of the entry's last change, or None if it has not changed since version 0.2."""
    return max((session.changed_at for session in entry.sessions if session.changed_at), default=None)


def moved_from(session: Session) -> datetime | None:
    """Return the session's time before its last move, unless something else has changed since."""
    move = next(iter(session.known_moves[-1:]), None)
    return move.from_at if move and session.changed_at and move.created_at >= session.changed_at else None


def entry_was_sent(intent: Intent, sessions: list[Session]) -> bool:
    """Return True if an email with this entry was sent to the recipient."""
    moves = [f"move:{move.pk}" for session in sessions for move in session.known_moves]
    sent = Reminder.objects.filter(recipient=intent.recipient_id, kind__in=WITH_AN_ENTRY, state__in=SENT)
    return sent.filter(subject__in=[intent.subject, *moves]).exists()


def changes_since_last_email(person: User, intent: Intent, entry: SessionEntry | SeriesEntry) -> list[ChangeSummary]:
    """Return the changes since the last email about the entry, or else in the minute before its newest change."""
    since = last_notified_at(person, intent.subject, entry.sessions)
    if since is None and (changed_at := newest_change(entry)):
        since = changed_at - UNDO_PERIOD
    return summarize_changes(changes_since(entry.sessions, since), person) if since else []


# --- A session ----------------------------------------------------------------------------------------------


class SessionEntryEmail(CalendarKind[Session]):
    """An email with the entry of a session that is not part of a series."""

    subject = "session"
    anchor = "starts_at"

    @staticmethod
    def rows() -> QuerySet[Session]:
        return SINGLE_SESSIONS.all()


@register
class CalendarInvite(SessionEntryEmail):
    """Send a session to both people when it is scheduled, or its time, length or place changes."""

    name = "calendar_invite"
    joins = "recap"
    label = gettext_lazy("A session for your calendar")

    def intents(self, session: Session) -> Iterator[Intent]:
        entry = SessionEntry(session)
        if session.changed_at and entry.takes_place:
            yield from self.to_both(entry, session, session.changed_at)

    def email(self, person: User, intent: Intent[Session]) -> Email:
        session: Session = intent.row
        entry = SessionEntry(session)
        if changes := changes_since_last_email(person, intent, entry):
            text = _("Moved: session with %(name)s, now %(when)s")
        elif session.sequence:
            text = _("Updated: session with %(name)s, %(when)s")
        else:
            text = _("Scheduled: session with %(name)s, %(when)s")
        subject = subject_line(text, **name_and_time(person, session))
        context = {"session": session, "partner": session.pair.other(person), "changes": changes}
        return Email(subject, page_url("session_prepare", session.pk), context, message(entry, person))


@register
class CalendarCancel(SessionEntryEmail):
    """Remove a canceled or skipped session from the calendars that got it, also when the pair has ended."""

    name = "calendar_cancel"
    label = gettext_lazy("A canceled session for your calendar")

    def intents(self, session: Session) -> Iterator[Intent]:
        called_off_at = session.canceled_at or session.skipped_at
        if called_off_at and session.starts_at > called_off_at:
            for intent in self.to_both(SessionEntry(session), session, called_off_at):
                if entry_was_sent(intent, [session]):
                    yield intent

    def email(self, person: User, intent: Intent[Session]) -> Email:
        session: Session = intent.row
        if session.skipped_at:
            text = _("Skipped: session with %(name)s, %(when)s")
        else:
            text = _("Canceled: session with %(name)s, %(when)s")
        subject = subject_line(text, **name_and_time(person, session))
        by_end = session.canceled_at and session.canceled_at == session.pair.ended_at
        changes = [] if by_end else summarize_changes([call_off_change(session)], person)
        context = {"session": session, "partner": session.pair.other(person), "changes": changes}
        return Email(subject, page_url("session_list"), context, message(SessionEntry(session), person))


# --- A series -----------------------------------------------------------------------------------------------


class SeriesEntryEmail(CalendarKind[Series]):
    """An email with the entry of a series."""

    subject = "series"
    anchor = "last_at"

    SHOWN = 6  # sessions listed in the email

    @staticmethod
    def rows() -> QuerySet[Series]:
        return ALL_SERIES.all()

    def series_email(self, person: User, intent: Intent, text: str, text_with_date: str = "") -> Email:
        """Return the email; `text_with_date` is its subject if there is a session to come."""
        entry, now = SeriesEntry(intent.row), timezone.now()
        partner, page = entry.pair.other(person), page_url("pair_detail", entry.pair.pk)
        upcoming = [session for session in entry.kept.values() if session.ends_at > now and session.is_live]
        upcoming.sort(key=lambda session: session.starts_at)
        changes = changes_since_last_email(person, intent, entry)
        sessions = [one for summary in changes for one in summary.changes]
        one_moved = len(sessions) == 1 and sessions[0].kind == "moved"
        values = {"name": partner.first_name}
        if text_with_date and upcoming:
            text, values["when"] = text_with_date, date_and_time(upcoming[0].starts_at)
        if one_moved:
            text, page = _("Moved: session with %(name)s, now %(when)s"), sessions[0].url
            values["when"] = date_and_time(sessions[0].session.starts_at)
        context = {"series": entry.series, "partner": partner, "changes": changes, "one_moved": one_moved}
        context |= {"upcoming": upcoming[: self.SHOWN], "more": upcoming[self.SHOWN :]}
        return Email(subject_line(text, **values), page, context, message(entry, person))


@register
class CalendarSeries(SeriesEntryEmail):
    """Send the whole series as it is now when it is scheduled or anything in it changes."""

    name = "calendar_series"
    joins = "recap"
    label = gettext_lazy("A series of sessions for your calendar")

    def intents(self, series: Series) -> Iterator[Intent]:
        entry = SeriesEntry(series)
        if (changed_at := newest_change(entry)) and entry.takes_place:
            ahead = any(session.starts_at > changed_at for session in entry.kept.values())
            for intent in self.to_both(entry, series, changed_at):
                if ahead or entry_was_sent(intent, entry.sessions):
                    yield intent

    def email(self, person: User, intent: Intent[Series]) -> Email:
        scheduled = _("Scheduled: sessions with %(name)s from %(when)s")
        updated = _("Updated: sessions with %(name)s, next %(when)s")
        text_with_date = updated if SeriesEntry(intent.row).sequence else scheduled
        return self.series_email(person, intent, _("Updated: sessions with %(name)s"), text_with_date)


@register
class CalendarSeriesEnd(SeriesEntryEmail):
    """Remove a series from the calendars that got it when no session of it is left."""

    name = "calendar_series_end"
    label = gettext_lazy("A canceled series for your calendar")

    def intents(self, series: Series) -> Iterator[Intent]:
        entry = SeriesEntry(series)
        if (changed_at := newest_change(entry)) and not entry.takes_place:
            for intent in self.to_both(entry, series, changed_at):
                if entry_was_sent(intent, entry.sessions):
                    yield intent

    def email(self, person: User, intent: Intent[Series]) -> Email:
        return self.series_email(person, intent, _("Canceled: sessions with %(name)s"))
