"""Reminders about a session: prepare it, confirm it, read its recap, learn of changes (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.working_hours import DAY, working_days_later
from goals.models import Commitment
from reminders.intents import HORIZON, Intent, others, reads
from reminders.models import Topic
from reminders.windows import afternoon, morning, window_from
from sessions.models import Session, SessionMove, SessionVisit
from sessions.models.session import REOPEN_WITHIN

# Nothing about a change is sent within a minute of it, so that it can be undone first (docs/rules.md, reminders).
TIME_TO_UNDO = REOPEN_WITHIN
SOON = timedelta(hours=12)  # the other person is emailed if a session this close is moved, canceled or skipped
AWAY = timedelta(days=10)  # how far days off may bring a reminder forward; after longer ones it is late
ASKED_WITH_THE_UPDATE = timedelta(days=3)
WITH_PEOPLE = Session.objects.with_people().filter(pair__ended_at=None)


# --- Always sent --------------------------------------------------------------------------------------------

CLOSED = Session.objects.filter(closed_at__isnull=False).select_related("pair")


@reads(
    CLOSED,
    says=_("Recap of a session"),
    touched="pair__touched_at",
    moment="closed_at",
    stays=timedelta(days=7),
)
def recap(session: Session) -> Iterator[Intent]:
    """N5: send both people the recap of a closed session, unless it was logged afterward."""
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
            _("You get this after each session, so that you both have the same record."),
            session.pair_id,
        )


CHANGED = Session.objects.select_related("pair")
MOVED = SessionMove.objects.filter(session__in=Session.objects.live()).select_related("session__pair")
SHORT_NOTICE = _("You get this because the session was due to start within 12 hours.")


@reads(
    MOVED,
    says=_("A session was moved on short notice"),
    touched="session__pair__touched_at",
    moment="created_at",
    stays=SOON,
    people=("session__pair__mentor", "session__pair__mentee"),
    pair="session__pair",
)
def session_moved(move: SessionMove) -> Iterator[Intent]:
    """Notify the other person that a session about to start was moved, unless it has been moved again."""
    session = move.session
    if move.from_at - move.created_at > SOON or move.to_at != session.starts_at:
        return
    for person_id in others(session.pair, move.created_by_id):
        yield Intent(
            "session_moved",
            person_id,
            f"move:{move.pk}",
            move.created_at.isoformat(),
            move.created_at + TIME_TO_UNDO,
            max(move.from_at, move.to_at),
            SHORT_NOTICE,
            session.pair_id,
        )


def _called_off(kind: str, session: Session, at: datetime) -> Iterator[Intent]:
    if session.starts_at - at > SOON or at > session.ends_at or at == session.pair.ended_at:
        return  # canceled by the end of the pair, which has its own notice
    for person_id in others(session.pair, session.called_off_by_id):
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


@reads(
    CHANGED,
    says=_("A session was canceled on short notice"),
    touched="pair__touched_at",
    moment="canceled_at",
    stays=SOON,
)
def session_canceled(session: Session) -> Iterator[Intent]:
    """Notify the other person that a session about to start was canceled."""
    return _called_off("session_canceled", session, session.canceled_at) if session.canceled_at else iter(())


@reads(
    CHANGED,
    says=_("A session was skipped on short notice"),
    touched="pair__touched_at",
    moment="skipped_at",
    stays=SOON,
)
def session_skipped(session: Session) -> Iterator[Intent]:
    """Notify the other person that a session about to start was skipped."""
    return _called_off("session_skipped", session, session.skipped_at) if session.skipped_at else iter(())


# --- Sent in a window ---------------------------------------------------------------------------------------


def local_date(person: User, session: Session) -> date:
    return person.local(session.starts_at).date()


def update_asked_at(mentee: User, starts_at: datetime) -> datetime:
    """Return when the update (N1) is asked for: at 08:30 two working days before the session."""
    return morning(mentee, working_days_later(mentee, mentee.local(starts_at).date(), -2))


def brief_at(mentor: User, session: Session) -> datetime:
    """Return when the brief (N2) is due: at 16:00 on the working day before the session."""
    return afternoon(mentor, working_days_later(mentor, local_date(mentor, session), -1))


def about_session(kind: str, person: User, session: Session, due_at: datetime, why, expires_at=None) -> Intent:
    """Return an intent whose occasion is the session's start time, so that moving the session makes a new one."""
    return Intent(
        kind,
        person.pk,
        f"session:{session.pk}",
        session.starts_at.isoformat(),
        due_at,
        expires_at or session.starts_at,
        why,
        session.pair_id,
    )


def _visit(person: str):
    return SessionVisit.objects.filter(session=OuterRef("pk"), user=OuterRef(f"pair__{person}"))


def asked_commitments(session: Session):
    """Return the mentee's open commitments due around the session; only the email before it asks about them."""
    on = local_date(session.pair.mentee, session)
    mine = Commitment.objects.open().filter(pair=session.pair_id, owner=session.pair.mentee_id)
    mine = mine.select_related("owner", "pair")
    return mine.filter(due_on__range=(on - ASKED_WITH_THE_UPDATE, on)).soonest_first()


LAST_MOVE = SessionMove.objects.filter(session=OuterRef("pk")).order_by("-pk").values("created_at")[:1]
# `planned_at`: when its current time was set. Reminders due before then are not sent: see status_update.
TO_PREPARE = WITH_PEOPLE.live().filter(started_at=None).annotate(planned_at=Coalesce(Subquery(LAST_MOVE), "created_at"))
FOR_MENTEE = TO_PREPARE.annotate(shared_at=F("status_update__shared_at"))


@reads(
    FOR_MENTEE,
    says=_("Before a session: your update"),
    touched="pair__touched_at",
    moment="starts_at",
    ahead=AWAY,
    stays=timedelta(),
    topic=Topic.SESSIONS,
    early=True,
)
def status_update(session: Session) -> Iterator[Intent]:
    """N1: ask the mentee for their update, unless it is shared, and about commitments due around the session.

    Nothing is sent for a session scheduled or moved too late for this, because the person who did it is looking at it.
    """
    mentee = session.pair.mentee
    due_at = update_asked_at(mentee, session.starts_at)
    if due_at <= session.planned_at or (session.shared_at and not asked_commitments(session).exists()):
        return
    yield about_session(
        "status_update",
        mentee,
        session,
        due_at,
        _("You get this before each session, so that your mentor is up to date."),
    )


FOR_MENTOR = TO_PREPARE.annotate(
    read_at=Subquery(_visit("mentor").values("read_at")[:1]),
    opened_at=Subquery(_visit("mentor").values("opened_at")[:1]),
)


@reads(
    FOR_MENTOR,
    says=_("Before a session: your brief"),
    touched="pair__touched_at",
    moment="starts_at",
    ahead=AWAY,
    stays=timedelta(),
    topic=Topic.SESSIONS,
    early=True,
)
def session_brief(session: Session) -> Iterator[Intent]:
    """N2: send the mentor a brief on the working day before the session, unless they have just looked at it."""
    mentor = session.pair.mentor
    due_at = brief_at(mentor, session)
    if due_at <= session.planned_at or session.read_at or (session.opened_at and session.opened_at > due_at - HORIZON):
        return
    yield about_session("session_brief", mentor, session, due_at, _("You get this before your sessions."))


NOT_OPENED = TO_PREPARE.annotate(
    mentor_opened_at=Subquery(_visit("mentor").values("opened_at")[:1]),
    mentee_opened_at=Subquery(_visit("mentee").values("opened_at")[:1]),
)


@reads(
    NOT_OPENED,
    says=_("A session starts soon"),
    touched="pair__touched_at",
    moment="starts_at",
    ahead=timedelta(hours=2),
    stays=timedelta(),
    topic=Topic.SESSIONS,
    by_mail=False,
)
def session_soon(session: Session) -> Iterator[Intent]:
    """N3: remind each person who has not opened the agenda two hours before, in the inbox only."""
    pair = session.pair
    for person, opened_at in ((pair.mentor, session.mentor_opened_at), (pair.mentee, session.mentee_opened_at)):
        if not opened_at:
            due_at = session.starts_at - timedelta(hours=2)
            yield about_session("session_soon", person, session, due_at, _("You have not opened its agenda yet."))


OPEN_AFTER = timedelta(hours=2)
UNCONFIRMED_AFTER = 3  # working days
NOT_CLOSED = WITH_PEOPLE.live().prefetch_related("answers")


@reads(
    NOT_CLOSED,
    says=_("Did you meet?"),
    touched="pair__touched_at",
    moment="ends_at",
    ahead=timedelta(),
    stays=timedelta(days=14),
    topic=Topic.SESSIONS,
)
def did_you_meet(session: Session) -> Iterator[Intent]:
    """N6: ask whether an unclosed session took place, the mentee after two hours and the mentor a working day later.

    After three working days it stays unconfirmed and nobody is asked again; it is never closed automatically.
    """
    pair, answered = session.pair, {answer.user_id for answer in session.answers.all()}
    ended = session.ends_at + OPEN_AFTER
    first = window_from(pair.mentee, ended)
    second = morning(pair.mentor, working_days_later(pair.mentor, pair.mentor.local(ended).date(), 1))
    unconfirmed = working_days_later(pair.mentee, pair.mentee.local(ended).date(), UNCONFIRMED_AFTER)
    for person, due_at in ((pair.mentee, first), (pair.mentor, max(second, first))):
        if person.pk not in answered:
            why = _("You get this because nobody has confirmed whether this session took place.")
            until = max(morning(pair.mentee, unconfirmed + DAY), due_at + DAY)
            yield about_session("did_you_meet", person, session, due_at, why, until)
