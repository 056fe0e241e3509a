"""What is due to whom, and why: derived from the facts, never asked for.

One function per kind turns one row of facts into intents. The planner, the sender's last look, the page of what will
be sent and the tests all read the same functions, so that a new kind of reminder is one function here and one mail in
emails.py.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mentoring.models import Enrollment
from mentoring.models.program import INVITATION_LASTS
from sessions.models import Session, SessionMove
from sessions.models.session import REOPEN_WITHIN

HORIZON = timedelta(hours=48)
# Nothing about a change leaves this machine within a minute of it, so that undo comes first (docs/rules.md, reminders).
TIME_TO_UNDO = REOPEN_WITHIN
SOON = timedelta(hours=12)  # a session this close that is moved or called off is told by mail

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Intent:
    """One person is due one message about one row, once for this occasion."""

    kind: str
    recipient_id: int
    subject: str
    occasion: str
    due_at: datetime
    expires_at: datetime | None
    why: str
    pair_id: int | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.recipient_id}:{self.subject}:{self.occasion}"


@dataclass(frozen=True)
class Kind:
    """One kind of reminder: which rows hold its facts, and what it makes of one row."""

    name: str
    rows: QuerySet
    touched: str  # the time of the last change that may matter
    moment: str  # the time its intents are counted from
    ahead: timedelta | None  # they fall due at most this long before the moment; None: never before it
    stays: timedelta  # this long after the moment none of them is worth sending
    of: Callable[[Model], Iterable[Intent]]

    def changed(self, since: datetime, now: datetime) -> QuerySet:
        """Rows that somebody touched after `since` and whose intents lie between now and the horizon."""
        return self._in_reach(now).filter(**{f"{self.touched}__gt": since})

    def coming_up(self, since: datetime, now: datetime) -> QuerySet:
        """Rows whose intents came into the horizon after `since` merely because time passed."""
        if self.ahead is None:
            return self.rows.none()
        return self._in_reach(now).filter(**{f"{self.moment}__gt": since + HORIZON + self.ahead})

    def about(self, pks: Iterable[int]) -> dict[str, Intent]:
        """What is true of these rows at this moment, by key. A row that cannot be read is logged and left out.

        Nobody whose account is closed is due anything.
        """
        true: dict[str, Intent] = {}
        for row in self.rows.filter(pk__in=pks):
            try:
                true |= {intent.key: intent for intent in self.of(row)}
            except Exception:
                logger.exception("Intents of %s %s cannot be derived", row._meta.label, row.pk)
        people = {intent.recipient_id for intent in true.values()}
        here = set(User.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True))
        return {key: intent for key, intent in true.items() if intent.recipient_id in here}

    def _in_reach(self, now: datetime) -> QuerySet:
        rows = self.rows.filter(**{f"{self.moment}__gt": now - self.stays})
        if self.ahead is not None:
            rows = rows.filter(**{f"{self.moment}__lte": now + HORIZON + self.ahead})
        return rows


KINDS: dict[str, Kind] = {}


def reads(rows: QuerySet, *, touched: str, moment: str, stays: timedelta, ahead: timedelta | None = None):
    """Declare an intent function: the rows it reads, and when one of them has to be looked at again."""

    def declare(function):
        KINDS[function.__name__] = Kind(function.__name__, rows, touched, moment, ahead, stays, function)
        return function

    return declare


# --- The kinds ----------------------------------------------------------------------------------------------

CLOSED = Session.objects.filter(closed_at__isnull=False).select_related("pair")


@reads(CLOSED, touched="pair__touched_at", moment="closed_at", stays=timedelta(days=7))
def recap(session: Session) -> Iterator[Intent]:
    """N5: both get the recap when a session is closed. One that was logged afterwards has nothing to tell by mail."""
    if session.logged_at:
        return
    for person_id in (session.pair.mentor_id, session.pair.mentee_id):
        yield Intent(
            "recap",
            person_id,
            f"session:{session.pk}",
            session.closed_at.isoformat(),
            session.closed_at + TIME_TO_UNDO,
            session.closed_at + timedelta(days=7),
            _("You get this after each session, so that both of you have the same words."),
            session.pair_id,
        )


CHANGED = Session.objects.select_related("pair")
MOVED = SessionMove.objects.filter(session__in=Session.objects.live()).select_related("session__pair")
SHORT_NOTICE = _("You get this because the session was to start within 12 hours.")


@reads(MOVED, touched="session__pair__touched_at", moment="at", stays=SOON)
def session_moved(move: SessionMove) -> Iterator[Intent]:
    """A session about to start was moved: the other person is told, unless it moved once more since."""
    session = move.session
    if move.from_at - move.at > SOON or move.to_at != session.starts_at:
        return
    for person_id in others(session, move.by_id):
        yield Intent(
            "session_moved",
            person_id,
            f"move:{move.pk}",
            move.at.isoformat(),
            move.at + TIME_TO_UNDO,
            max(move.from_at, move.to_at),
            SHORT_NOTICE,
            session.pair_id,
        )


def _called_off(kind: str, session: Session, at: datetime) -> Iterator[Intent]:
    if session.starts_at - at > SOON or at > session.ends_at:
        return
    for person_id in others(session, session.ended_by_id):
        yield Intent(
            kind,
            person_id,
            f"session:{session.pk}",
            at.isoformat(),
            at + TIME_TO_UNDO,
            session.ends_at,
            SHORT_NOTICE,
            session.pair_id,
        )


@reads(CHANGED, touched="pair__touched_at", moment="canceled_at", stays=SOON)
def session_canceled(session: Session) -> Iterator[Intent]:
    """A session about to start was canceled: the other person is told."""
    return _called_off("session_canceled", session, session.canceled_at) if session.canceled_at else iter(())


@reads(CHANGED, touched="pair__touched_at", moment="skipped_at", stays=SOON)
def session_skipped(session: Session) -> Iterator[Intent]:
    """A session about to start was skipped: the other person is told."""
    return _called_off("session_skipped", session, session.skipped_at) if session.skipped_at else iter(())


INVITED = Enrollment.objects.invited().filter(user__is_active=True).select_related("program")


@reads(INVITED, touched="invited_at", moment="invited_at", stays=INVITATION_LASTS)
def invitation(enrollment: Enrollment) -> Iterator[Intent]:
    """Somebody was enrolled and has not come in yet; "send again" is a new occasion."""
    yield Intent(
        "invitation",
        enrollment.user_id,
        f"enrollment:{enrollment.pk}",
        enrollment.invited_at.isoformat(),
        enrollment.invited_at + TIME_TO_UNDO,
        enrollment.invited_at + INVITATION_LASTS,
        _("You get this because somebody enrolled you in a mentoring program."),
    )


def others(session: Session, by_id: int | None) -> list[int]:
    """The people of the pair who did not do it themselves."""
    return [pk for pk in (session.pair.mentor_id, session.pair.mentee_id) if pk != by_id]


# --- Reading them -------------------------------------------------------------------------------------------


def still_true(reminders: Iterable) -> dict[str, Intent]:
    """Of these ledger rows, the intents that the facts bear out at this moment, by key."""
    subjects: dict[str, set[int]] = {}
    for reminder in reminders:
        subjects.setdefault(reminder.kind, set()).add(reminder.subject_pk)
    true: dict[str, Intent] = {}
    for name, pks in subjects.items():
        if name in KINDS:
            true |= KINDS[name].about(pks)
    return true
