"""Words that come into being in the room: the update said aloud, feedback begun, the "Still right?" card confirmed."""

from django.utils import timezone

from core.optimistic_locking import Conflict
from goals.models import Commitment, Competency
from sessions.models import Block, Feedback, Session, SessionCommitment, StatusUpdate, StillRight
from sessions.planning import default_due_on
from sessions.question_bank import instead_of

TEXT_OF_A_COMMITMENT = Commitment._meta.get_field("text").max_length


def say_status(session: Session, by) -> StatusUpdate:
    """Nobody wrote the update, so it is said now and either of the two types. A draft with words stays its author's."""
    with session.pair.locked():
        update, made = StatusUpdate.objects.get_or_create(
            session=session, defaults={"author": session.pair.mentee, "shared_at": timezone.now()}
        )
        if not made and update.shared_at is None and (update.is_empty or update.author_id == by.pk):
            StatusUpdate.objects.filter(pk=update.pk, version=update.version).update(shared_at=timezone.now())
        session.pair.touch()
    return update


def confirm_still_right(session: Session, by) -> None:
    """One tap: the card is as it should be."""
    with session.pair.locked():
        Session.objects.live().filter(pk=session.pk).update(still_right_at=timezone.now())
        session.pair.touch()


def change_still_right(session: Session, by, challenges: str, number: int) -> StillRight:
    """A new version of the card's challenges. Conflict when the other wrote one after version `number`."""
    challenges = challenges.replace("\r\n", "\n")
    with session.pair.locked():
        session.pair.touch()
        last = session.pair.still_right.first()
        if last and last.challenges == challenges:
            return last
        if last and last.number != number:
            raise Conflict(last)
        Session.objects.live().filter(pk=session.pk).update(still_right_at=timezone.now())
        return session.pair.still_right.create(number=last.number + 1 if last else 1, challenges=challenges, by=by)


def add_to_still_right(session: Session, by, challenges: str) -> StillRight:
    """Keep both: what `by` typed, followed by the newest wording."""
    with session.pair.locked():
        last = session.pair.still_right.first()
        if last and challenges.strip() in last.challenges:
            challenges = last.challenges
        elif last and last.challenges.strip() not in challenges:
            challenges = f"{challenges.rstrip()}\n\n{last.challenges}"
        return change_still_right(session, by, challenges, last.number if last else 0)


def ask_instead(block: Block, question: str) -> bool:
    """Ask one of the bank in this block. The one that was planned stays at hand. Anything else changes nothing."""
    if question not in instead_of(block, timezone.localdate()):
        return False
    with block.pair.locked():
        block.pair.touch()
        planned = block.planned_question or block.question
        Block.objects.filter(pk=block.pk).update(question=question, planned_question=planned)
    return True


def start_feedback(session: Session, by) -> Feedback:
    """Three empty questions; a second press finds the ones that nobody has answered yet."""
    with session.pair.locked():
        session.pair.touch()
        blank = session.feedback.filter(**dict.fromkeys(Feedback.FIELDS, "")).first()
        return blank or session.feedback.create(pair=session.pair, by=by)


def name_ability(feedback: Feedback, competency: Competency | None) -> None:
    """What it is about, so that it stands beside the last feedback on the same ability."""
    with feedback.pair.locked():
        Feedback.objects.filter(pk=feedback.pk).update(competency=competency)
        feedback.pair.touch()


def commit_to(feedback: Feedback, by) -> Commitment | None:
    """The third answer becomes the mentee's commitment, once. None while there is no answer."""
    text = " ".join(feedback.differently.split())
    if not text:
        return None
    pair = feedback.pair
    with pair.locked():
        pair.touch()
        feedback.refresh_from_db(fields=["commitment"])
        if feedback.commitment is None:
            made = Commitment.make(
                by,
                pair=pair,
                owner=pair.mentee,
                text=shortened(text),
                due_on=default_due_on(pair, pair.mentee.today()),
                work_item=feedback.work_item,
                competency_id=feedback.competency_id,
            )
            Feedback.objects.filter(pk=feedback.pk).update(commitment=made)
            feedback.commitment = made
            if feedback.session:
                SessionCommitment.objects.create(session=feedback.session, commitment=made)
    return feedback.commitment


def capture_commitment(session: Session, by, owner, due_on, item, text: str, done_when: str = "") -> Commitment:
    """A commitment made in `session`; it remembers the `item` it came from, and that one's real event."""
    with session.pair.locked():
        made = Commitment.make(
            by,
            pair=session.pair,
            owner=owner,
            text=text,
            due_on=due_on,
            done_when=done_when,
            work_item_id=item.work_item_id if item else None,
        )
        if not Session.objects.get(pk=session.pk).is_called_off:
            SessionCommitment.objects.create(session=session, commitment=made, item=item)
        Session.objects.filter(pk=session.pk).update(none_this_time_at=None)
    return made


def shortened(text: str) -> str:
    """As much as a commitment holds, cut between words."""
    if len(text) <= TEXT_OF_A_COMMITMENT:
        return text
    return text[: TEXT_OF_A_COMMITMENT - 1].rsplit(" ", 1)[0] + "…"
