"""Changes of sessions since a person's last email about them: who moved, canceled or skipped which, and why."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from reminders.emails import date_and_time, page_url
from reminders.models import Reminder
from sessions.models import Session, SessionMove

ABOUT_CHANGES = ("calendar_invite", "calendar_series", "session_moved", "session_canceled", "session_skipped")
SENT = (Reminder.State.SENT, Reminder.State.UNKNOWN)


@dataclass(frozen=True)
class Change:
    """One session that was moved, canceled or skipped; several moves count as one, from the earliest time."""

    kind: str  # moved, canceled or skipped
    session: Session
    created_by_id: int | None
    created_at: datetime | None
    reason: str
    from_at: datetime

    @property
    def url(self) -> str:
        return page_url("session_prepare", self.session.pk) if self.kind == "moved" else ""


@dataclass(frozen=True)
class ChangeSummary:
    """What one person changed at one moment in one or more sessions, as a sentence for the reader."""

    sentence: str
    reason: str
    changes: list[Change]

    @property
    def url(self) -> str:
        """Return the URL of the first moved session, or an empty string."""
        return self.changes[0].url


def last_notified_at(person: User, subject: str, sessions: Iterable[Session]) -> datetime | None:
    """Return when the last email about the times of these sessions was sent to this person."""
    subjects = [subject, *(f"session:{session.pk}" for session in sessions)]
    subjects += [f"move:{move.pk}" for session in sessions for move in session.known_moves]
    sent = Reminder.objects.filter(recipient=person, kind__in=ABOUT_CHANGES, state__in=SENT, subject__in=subjects)
    return sent.aggregate(at=Max(Coalesce(F("delivery__sent_at"), F("due_at"))))["at"]


def changes_since(sessions: Iterable[Session], since: datetime) -> list[Change]:
    """Return the changes of these sessions since then, except for sessions moved back to their old time."""
    changes = []
    for session in sessions:
        moves = [move for move in session.known_moves if move.created_at >= since]
        called_off_at = session.canceled_at or session.skipped_at
        if called_off_at and called_off_at >= since and called_off_at != session.pair.ended_at:
            changes.append(call_off_change(session))
        elif moves and session.is_live and moves[0].from_at != session.starts_at:
            changes.append(move_change(session, moves))
    return changes


def move_change(session: Session, moves: list[SessionMove]) -> Change:
    """Return several moves as one change by the person who made the last, with the last reason they gave."""
    last = moves[-1]
    reason = next(
        (move.reason for move in reversed(moves) if move.reason and move.created_by_id == last.created_by_id), ""
    )
    return Change("moved", session, last.created_by_id, last.created_at, reason, moves[0].from_at)


def call_off_change(session: Session) -> Change:
    kind = "canceled" if session.canceled_at else "skipped"
    at = session.canceled_at or session.skipped_at
    return Change(kind, session, session.called_off_by_id, at, session.reason, session.starts_at)


def summarize_changes(changes: Iterable[Change], reader: User) -> list[ChangeSummary]:
    """Group changes made together into one sentence each, the earliest session first."""
    groups = defaultdict(list)
    for change in sorted(changes, key=lambda change: change.from_at):
        groups[change.kind, change.created_by_id, change.created_at, change.reason].append(change)
    return [ChangeSummary(_sentence(group, reader), group[0].reason, group) for group in groups.values()]


def _sentence(group: list[Change], reader: User) -> str:
    first, n = group[0], len(group)
    people = {person.pk: person for person in first.session.pair.people}
    values = {
        "n": n,
        "name": people[first.created_by_id].first_name if first.created_by_id in people else _("Someone"),
        "old": date_and_time(first.from_at),
        "new": date_and_time(first.session.starts_at),
    }
    return _text(first.kind, n, first.created_by_id == reader.pk) % values


def _text(kind: str, n: int, by_reader: bool) -> str:
    if kind == "moved":
        if by_reader:
            return ngettext(
                "You moved your session from %(old)s to %(new)s.",
                "You moved %(n)d sessions, the first one from %(old)s to %(new)s.",
                n,
            )
        return ngettext(
            "%(name)s moved your session from %(old)s to %(new)s.",
            "%(name)s moved %(n)d sessions, the first one from %(old)s to %(new)s.",
            n,
        )
    if kind == "canceled":
        if by_reader:
            return ngettext(
                "You canceled your session on %(old)s.", "You canceled %(n)d sessions, the first one on %(old)s.", n
            )
        return ngettext(
            "%(name)s canceled your session on %(old)s.",
            "%(name)s canceled %(n)d sessions, the first one on %(old)s.",
            n,
        )
    if by_reader:
        return ngettext(
            "You skipped your session on %(old)s.", "You skipped %(n)d sessions, the first one on %(old)s.", n
        )
    return ngettext(
        "%(name)s skipped your session on %(old)s.", "%(name)s skipped %(n)d sessions, the first one on %(old)s.", n
    )
