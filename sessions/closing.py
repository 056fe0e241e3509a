"""How a session ends: read aloud, agreed, closed by a person, reopened within a minute; and whether it was held.

A session never closes by itself. It counts as held by the answers of the pair (docs/rules.md, held sessions).
"""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.optimistic_locking import Conflict
from goals.models import Commitment, CommitmentEvent
from mentoring.models import attach_pairs
from sessions.carryover import carry_over, undo_carry_over
from sessions.models import Block, Session, SessionCommitment, SessionRating
from sessions.models.session import REOPEN_WITHIN, NotLive
from sessions.planning import SessionProposal, default_due_on, plan_session
from sessions.session_room import timer
from sessions.session_room.features import features_for
from sessions.time_slot import TimeSlot


class NextSessionChanged(Exception):
    """The next session was moved or called off by someone else."""


class NoNextDate(Exception):
    """A session cannot be closed without a next date or the decision to leave it open."""


# --- Reading back -------------------------------------------------------------------------------------------


def commitments_of(session: Session):
    """Return the commitments made in this session and not dropped, oldest first.

    `after_agreed`: added, reworded or moved after both had agreed.
    """
    made = Commitment.objects.filter(session_commitments__session=session).exclude(state=Commitment.State.DROPPED)
    if session.agreed_at:
        later = CommitmentEvent.objects.filter(
            commitment=OuterRef("pk"), created_at__gt=session.agreed_at, undone_at=None
        )
        kinds = CommitmentEvent.Kind
        made = made.annotate(after_agreed=Exists(later.filter(kind__in=(kinds.MADE, kinds.REWORDED, kinds.MOVED))))
    return made.order_by("session_commitments__pk")


def commitments_made(session: Session) -> list[Commitment]:
    """Return the same with their owners and the session's pair, to be read aloud."""
    return attach_pairs(commitments_of(session), [session.pair], "owner")


def as_sentence(commitment: Commitment, to=None) -> str:
    """Return the commitment as a sentence: "Ada will send the draft to Lin by Thu, Dec 17".

    Addressed to the owner (`to`), it begins with "You".
    """
    words = {
        "name": commitment.owner.first_name,
        "what": _as_verb(commitment.text),
        "day": date_format(commitment.due_on, "DAY_FORMAT"),
    }
    request = requested_text(commitment.pair.mentee, "")
    if commitment.owner_id != commitment.pair.mentee_id and commitment.text.startswith(request):
        words |= {"request": commitment.text.strip().rstrip("."), "mentee": commitment.pair.mentee.first_name}
        if to is not None and commitment.owner_id == to.pk:
            return _("You, by %(day)s. %(request)s") % words
        return _("%(name)s, by %(day)s. %(request)s") % words
    if to is not None and commitment.owner_id == to.pk:
        return _("You will %(what)s by %(day)s") % words
    return _("%(name)s will %(what)s by %(day)s") % words


def requested_text(mentee, need: str) -> str:
    """Return the text of the mentor's commitment that a mentee asked for: "For Ada: …"."""
    return _("For %(name)s: %(need)s") % {"name": mentee.first_name, "need": need}


def _as_verb(text: str) -> str:
    """ "Send the draft." becomes "send the draft"; "CV to Lin" keeps its capitals, as does any other language."""
    text = text.strip().rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() and (get_language() or "en").startswith("en") else text


# --- Agreeing -----------------------------------------------------------------------------------------------


def agree(session: Session) -> None:
    """Record that both agreed, and again after something was added or changed. One device is enough."""
    with session.pair.locked():
        session.refresh_from_db()
        if session.agreed_at is None or commitments_of(session).filter(after_agreed=True).exists():
            _update(session, Session.objects.live(), agreed_at=timezone.now())


def make_no_commitments(session: Session) -> None:
    """Record that the pair makes no commitment this time."""
    _update(session, Session.objects.live().filter(no_commitments_at=None), no_commitments_at=timezone.now())


def leave_next_open(session: Session) -> None:
    """Record that the pair plans no next session now."""
    _update(session, Session.objects.live().filter(next_left_open_at=None), next_left_open_at=timezone.now())


def _update(session: Session, allowed, **changes) -> bool:
    """Store `changes` if the row is among `allowed`; a second press changes nothing."""
    with session.pair.locked():
        changed = allowed.filter(pk=session.pk).update(version=F("version") + 1, **changes)
        if changed:
            session.pair.touch()
    session.refresh_from_db(fields=[*changes, "version"])
    return bool(changed)


def create_commitment(session: Session, by, **fields) -> Commitment:
    """Create a commitment in this session, or without a session if it was called off meanwhile."""
    with session.pair.locked():
        commitment = Commitment.create(by, pair=session.pair, **fields)
        if not Session.objects.get(pk=session.pk).is_called_off:
            SessionCommitment.objects.create(session=session, commitment=commitment)
    return commitment


def save_texts(session: Session, by, takeaway: str, started_from: str, need: str) -> None:
    """Store what was typed while wrapping up, even if the other person has closed the session meanwhile.

    The need becomes a commitment of the mentor's, once, even if both devices send it. `started_from` is the
    fingerprint of the takeaway the writer saw; raise Conflict if it has changed since.
    """
    pair = session.pair
    with pair.locked():
        session.write_text("takeaway", takeaway, started_from)
        text = requested_text(pair.mentee, need)
        if need and not commitments_of(session).filter(owner=pair.mentor, text=text).exists():
            create_commitment(
                session, by, owner=pair.mentor, text=text, due_on=default_due_on(pair, pair.mentor.today())
            )
        pair.touch()


def wrap_up(
    session: Session,
    by,
    proposal: SessionProposal | None,
    moved: tuple[Session, TimeSlot] | None = None,
    **texts: str,
) -> bool:
    """Store the texts, plan or move the next session or leave it open, and close the session.

    False if the session was closed already: then only the texts are stored. Raises NextSessionChanged, and
    stores nothing, if the next session that is `moved` was changed since it was read.
    """
    with session.pair.locked():
        save_texts(session, by, **texts)
        if Session.objects.filter(pk=session.pk, closed_at__isnull=False).exists():
            return False
        if moved:
            later, slot = moved
            try:
                later.move(by, slot, expected=later.version)
            except (NotLive, Conflict):
                raise NextSessionChanged from None
        elif proposal:
            plan_next(session, by, proposal)
        elif not next_session_after(session):
            leave_next_open(session)
        return close(session, by)


# --- The next date ------------------------------------------------------------------------------------------


def next_session_after(session: Session) -> Session | None:
    """Return the session planned after this one."""
    later = session.pair.sessions.to_come().exclude(pk=session.pk).filter(starts_at__gt=session.starts_at)
    return later.upcoming().first()


def plan_next(session: Session, by, proposal: SessionProposal) -> Session:
    """Return the next session: the one planned meanwhile, or else plan the proposed one."""
    with session.pair.locked():
        return next_session_after(session) or plan_session(session.pair, by, proposal, proposal.kind)


# --- Closing ------------------------------------------------------------------------------------------------


def may_close(session: Session) -> bool:
    """Return True once the session has begun, if it is neither closed nor called off."""
    return session.is_live and (session.started_at is not None or session.starts_at <= timezone.now())


def close(session: Session, by) -> bool:
    """Close the session once: True for the call that did it, False if it was closed already.

    Stop the timer, carry over open items, and record that `by` met the other person.
    Raise NoNextDate without a next date or "not yet", and Conflict if the session was called off meanwhile.
    """
    with session.pair.locked():
        session.refresh_from_db()
        if session.closed_at:
            return False
        is_last = session.kind == Session.Kind.CLOSING
        if not (is_last or session.next_left_open_at or next_session_after(session)):
            raise NoNextDate
        timer.stop(session)
        changes = {"closed_at": timezone.now(), "closed_by": by}
        if not _update(session, Session.objects.live(), **changes):
            if session.closed_at:
                return False
            raise Conflict(Session.objects.get(pk=session.pk))
        carry_over(session)
        session.feedback.blank().delete()
        session.answer(by, met=True)
    return True


def just_closed(session: Session) -> bool:
    """Return True while closing can be undone, until the recap is sent."""
    return (
        session.closed_at is not None
        and session.logged_at is None
        and timezone.now() < session.closed_at + REOPEN_WITHIN
    )


def may_reopen(session: Session, user) -> bool:
    """Return True if `user` closed the session and can still undo that."""
    return just_closed(session) and session.closed_by_id == user.pk


def reopen(session: Session, by) -> bool:
    """Reopen the session; nothing written since is lost. False if it is too late."""
    with session.pair.locked():
        mine = Session.objects.filter(
            closed_by=by, closed_at__gt=timezone.now() - REOPEN_WITHIN, logged_at__isnull=True
        )
        if not _update(session, mine, closed_at=None, closed_by=None):
            return False
        undo_carry_over(session)
        session.answers.filter(user=by, note="").delete()
        answers = list(session.answers.values_list("met", flat=True))
        if not (answers and all(answers)):
            Session.objects.filter(pk=session.pk).update(held_at=None)
    session.refresh_from_db()
    return True


# --- Whether it was held ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MeetingAnswers:
    """Both answers to "Did you meet?": held, confirmed by one or both; not held; or unconfirmed."""

    answers: list

    @property
    def confirmed_by(self) -> int:
        return sum(answer.met for answer in self.answers)

    @property
    def contradictory(self) -> bool:
        return 0 < self.confirmed_by < len(self.answers)

    @property
    def unconfirmed(self) -> bool:
        return not self.answers or self.contradictory

    @property
    def shown(self) -> list:
        """The answers that the recap shows: contradictory ones, or those with a note."""
        return self.answers if self.contradictory else self.notes

    @property
    def notes(self) -> list:
        return [answer for answer in self.answers if answer.note]


def meeting_answers(session: Session) -> MeetingAnswers:
    answers = list(session.answers.order_by("answered_at", "pk"))
    people = {person.pk: person for person in session.pair.people}
    for answer in answers:
        if answer.user_id in people:
            answer.user = people[answer.user_id]
    return MeetingAnswers(answers)


def may_answer(session: Session) -> bool:
    """Return True once the session is over, unless it was called off."""
    return not session.is_called_off and (session.closed_at is not None or session.ends_at <= timezone.now())


def record_answer(session: Session, by, met: bool, note: str = "") -> bool:
    """Record whether the pair met. "Met" also closes an open session; False if its next date is missing.

    Raise Conflict if the session was called off or moved meanwhile.
    """
    with session.pair.locked():
        session.refresh_from_db()
        if not may_answer(session):
            raise Conflict(session)
        session.answer(by, met=met, note=note)
        if met and not session.closed_at:
            try:
                close(session, by)
            except NoNextDate:
                return False
    return True


def may_rate(session: Session, user) -> bool:
    """Return True for the mentee once the recap is sent, when they are alone. Not after the first session."""
    return (
        session.closed_at is not None
        and session.pair.is_mentee(user)
        and timezone.now() >= session.closed_at + REOPEN_WITHIN
        and features_for(session.number).rating
    )


def rate(session: Session, question: str, value: int) -> SessionRating:
    """Store one answer; the other question keeps its own."""
    rating, _new = SessionRating.objects.update_or_create(session=session, defaults={question: value})
    return rating


# --- Minutes ------------------------------------------------------------------------------------------------


def minutes_by_purpose(session: Session, blocks: list[Block]) -> list[timer.Share]:
    """Return planned and actual minutes by purpose, once they are shown and if the timer was used."""
    if not features_for(session.number).balance or not any(block.actual_seconds for block in blocks):
        return []
    return timer.balance(blocks)
