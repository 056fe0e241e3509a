"""Everything the page to prepare a session shows, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import cached_property

from goals.models import Commitment, WorkEvent
from sessions.agendas import TOPICS_AT_MOST
from sessions.carryover import open_and_parked_items, shows_open_items
from sessions.checkins import check_ins_since_last_session
from sessions.energy_check import energy_check
from sessions.models import AgendaItem, Block, BlockRole, BlockType, Session, StatusUpdate
from sessions.models.session import BlockHasNotes
from sessions.texts import piece_of

WORK = (BlockType.LEARN, BlockType.REFLECT, BlockType.APPLY)


@dataclass(frozen=True)
class Shares:
    """How many minutes the blocks of a session take: "Open 15 · Work 38 · Close 7"."""

    blocks: Sequence[Block]
    length: int

    def sum(self, *types: str) -> int:
        return sum(block.planned_minutes for block in self.blocks if block.type in types)

    @property
    def opening(self) -> int:
        return self.sum(BlockType.OPEN)

    @property
    def work(self) -> int:
        return self.sum(*WORK)

    @property
    def closing(self) -> int:
        return self.sum(BlockType.CLOSE)

    @property
    def total(self) -> int:
        return self.sum(*BlockType.values)

    @property
    def over(self) -> int:
        """Return the minutes by which the blocks exceed the session."""
        return max(0, self.total - self.length)

    @property
    def free(self) -> int:
        return max(0, self.length - self.total)


@dataclass(frozen=True)
class TopicLists:
    """Topics, questions and the parking lot of a pair, as one person sees them."""

    items: Sequence[AgendaItem]
    user: object
    length: int = 60

    def __post_init__(self):
        for item in self.items:
            item.may_drop = item.droppable(self.user)

    @cached_property
    def topics(self) -> list[AgendaItem]:
        return self.marked(AgendaItem.Kind.TOPIC)

    @cached_property
    def questions(self) -> list[AgendaItem]:
        return self.marked(AgendaItem.Kind.QUESTION)

    @property
    def parked(self) -> list[AgendaItem]:
        return [item for item in self.items if item.state == AgendaItem.State.PARKED]

    @property
    def has_too_many_topics(self) -> bool:
        """Return True if there are more topics than fit the time: three an hour at most."""
        return len(self.topics) > max(1, TOPICS_AT_MOST * self.length // 60)

    def marked(self, kind: str) -> list[AgendaItem]:
        """Return the open items of a kind, marked with whether each can move up or down within its rank."""
        line = [item for item in self.items if item.kind == kind and item.state == AgendaItem.State.OPEN]
        for before, item, after in zip([None, *line], line, [*line[1:], None], strict=False):
            item.can_rise = before is not None and before.rank == item.rank
            item.can_sink = after is not None and after.rank == item.rank
        return line


def topic_lists(pair, user, length: int = 60) -> TopicLists:
    """Return the open and parked items of a pair for one person."""
    return TopicLists(open_and_parked_items(pair), user, length)


def preparation(session: Session, user) -> dict:
    """Return the context of the page for this person."""
    pair = session.pair
    blocks = list(session.blocks.all())
    visits = {visit.user_id: visit for visit in session.visits.all()}
    mine, mentors = visits.get(user.pk), visits.get(pair.mentor_id)
    read_at = mentors and mentors.read_at
    update = session.status_for(user)
    shown = shows_open_items(session)
    is_mentee = pair.is_mentee(user)
    return {
        "session": session,
        "pair": pair,
        "other": pair.other(user),
        "is_mentee": is_mentee,
        "is_prepared": bool(update and update.shared_at if is_mentee else read_at),
        "was_opened": bool(mine and mine.opened_at),
        "read_at": read_at,
        "has_agreement": pair.agreements.exists(),
        "energy_check": energy_check(pair),
        "shares": Shares(blocks, session.minutes),
        "blocks": blocks,
        "update": update or (StatusUpdate(session=session, author=user) if is_mentee else None),
        "update_parts": [piece_of(update, name, may_edit=False) for name in StatusUpdate.FIELDS] if update else [],
        "topic_lists": topic_lists(pair, user, session.minutes) if shown else None,
        "commitments": Commitment.objects.filter(pair=pair).open().soonest_first().as_lines([pair]),
        "check_ins": check_ins_since_last_session(pair)[:3],
        "events": WorkEvent.objects.filter(pair=pair).coming(user.today()),
    }


def replace_work_blocks(session: Session, new: list) -> bool:
    """Replace the work blocks of a session with those of a topic; opening, open questions and closing stay.

    Returns False and changes nothing if the session has started or a block to be replaced has notes.
    """
    with session.pair.locked():
        session.pair.touch()
        if Session.objects.filter(pk=session.pk, started_at__isnull=False).exists():
            return False
        blocks = list(session.blocks.all())
        stay = [block for block in blocks if block.type not in WORK or block.role == BlockRole.QUESTIONS]
        opening = [(block.pk, {}) for block in stay if block.type == BlockType.OPEN]
        closing = [(block.pk, {}) for block in stay if block.type != BlockType.OPEN]
        work = [block for block in new if block.type in WORK]
        free = max(len(work), session.minutes - sum(block.minutes for block in stay))
        minutes = split_minutes(free, [block.minutes for block in work])
        copied = ("type", "role", "title", "question")
        rows = [
            (None, {name: getattr(block, name) for name in copied} | {"minutes": n})
            for block, n in zip(work, minutes, strict=True)
        ]
        try:
            session.replace_blocks([*opening, *rows, *closing])
        except BlockHasNotes:
            return False
    return True


def split_minutes(minutes: int, weights: list[int]) -> list[int]:
    """Split the minutes in proportion to the weights, in whole minutes, at least one each."""
    total, done, found = sum(weights) or 1, 0, []
    for n in range(1, len(weights) + 1):
        left = len(weights) - n
        upto = minutes if not left else min(minutes - left, max(done + 1, round(minutes * sum(weights[:n]) / total)))
        found.append(upto - done)
        done = upto
    return found
