"""What people do in the session room: status update, feedback, the "Still right?" card, commitments."""

from django.utils import timezone

from core.optimistic_locking import Conflict
from goals.models import Commitment, Competency
from sessions.models import Block, Feedback, Session, SessionCommitment, StatusUpdate, StillRight
from sessions.planning import default_due_on
from sessions.question_bank import alternative_questions

TEXT_OF_A_COMMITMENT = Commitment._meta.get_field("text").max_length


def open_status_update(session: Session, by) -> StatusUpdate:
    """Open a shared status update in the session, for either person to type. Another author's draft stays private."""
    with session.pair.locked():
        update, made = StatusUpdate.objects.get_or_create(
            session=session, defaults={"author": session.pair.mentee, "shared_at": timezone.now()}
        )
        if not made and update.shared_at is None and (update.is_empty or update.author_id == by.pk):
            StatusUpdate.objects.filter(pk=update.pk, version=update.version).update(shared_at=timezone.now())
        session.pair.touch()
    return update


def confirm_still_right(session: Session) -> None:
    """Record that the pair confirmed the "Still right?" card in this session."""
    with session.pair.locked():
        Session.objects.live().filter(pk=session.pk).update(still_right_confirmed_at=timezone.now())
        session.pair.touch()


def change_still_right(session: Session, by, challenges: str, number: int) -> StillRight:
    """Store a new version of the challenges. Raise Conflict if there is a newer one than version `number`."""
    challenges = challenges.replace("\r\n", "\n")
    with session.pair.locked():
        session.pair.touch()
        last = session.pair.still_right.first()
        if last and last.challenges == challenges:
            return last
        if last and last.number != number:
            raise Conflict(last)
        Session.objects.live().filter(pk=session.pk).update(still_right_confirmed_at=timezone.now())
        return session.pair.still_right.create(
            number=last.number + 1 if last else 1, challenges=challenges, created_by=by
        )


def add_to_still_right(session: Session, by, challenges: str) -> StillRight:
    """Store what `by` typed, followed by the newest version."""
    with session.pair.locked():
        last = session.pair.still_right.first()
        if last and challenges.strip() in last.challenges:
            challenges = last.challenges
        elif last and last.challenges.strip() not in challenges:
            challenges = f"{challenges.rstrip()}\n\n{last.challenges}"
        return change_still_right(session, by, challenges, last.number if last else 0)


def change_question(block: Block, question: str) -> bool:
    """Replace the block's question by one of the question bank and keep the planned one; False for other texts."""
    if question not in alternative_questions(block, timezone.localdate()):
        return False
    with block.pair.locked():
        block.pair.touch()
        planned = block.planned_question or block.question
        Block.objects.filter(pk=block.pk).update(question=question, planned_question=planned)
    return True


def start_feedback(session: Session, by) -> Feedback:
    """Return the session's feedback without answers, or create it."""
    with session.pair.locked():
        session.pair.touch()
        blank = session.feedback.blank().first()
        return blank or session.feedback.create(pair=session.pair, created_by=by)


def set_competency(feedback: Feedback, competency: Competency | None) -> None:
    """Set the competency of a feedback, so that the last feedback on it can be shown."""
    with feedback.pair.locked():
        Feedback.objects.filter(pk=feedback.pk).update(competency=competency)
        feedback.pair.touch()


def commit_from_feedback(feedback: Feedback, by, owner=None) -> Commitment | None:
    """Turn the third answer into a commitment of `owner` (None: the mentee), once. Return None without an answer."""
    text = " ".join(feedback.differently.split())
    if not text:
        return None
    pair = feedback.pair
    with pair.locked():
        pair.touch()
        feedback.refresh_from_db(fields=["commitment"])
        if feedback.commitment is None:
            made = Commitment.create(
                by,
                pair=pair,
                owner=owner or pair.mentee,
                text=shortened(text),
                due_on=default_due_on(pair, pair.mentee.today()),
                work_event=feedback.work_event,
                competency_id=feedback.competency_id,
            )
            Feedback.objects.filter(pk=feedback.pk).update(commitment=made)
            feedback.commitment = made
            if feedback.session:
                SessionCommitment.objects.create(session=feedback.session, commitment=made)
    return feedback.commitment


def capture_commitment(session: Session, by, owner, due_on, item, text: str, done_when: str = "") -> Commitment:
    """Create a commitment in `session`, linked to its agenda `item` and the work event of that item."""
    with session.pair.locked():
        made = Commitment.create(
            by,
            pair=session.pair,
            owner=owner,
            text=text,
            due_on=due_on,
            done_when=done_when,
            work_event_id=item.work_event_id if item else None,
        )
        if not Session.objects.get(pk=session.pk).is_called_off:
            SessionCommitment.objects.create(session=session, commitment=made, item=item)
        Session.objects.filter(pk=session.pk).update(no_commitments_at=None)
    return made


def shortened(text: str) -> str:
    """Return `text` cut between words to the length of a commitment."""
    if len(text) <= TEXT_OF_A_COMMITMENT:
        return text
    return text[: TEXT_OF_A_COMMITMENT - 1].rsplit(" ", 1)[0] + "…"
