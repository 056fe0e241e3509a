"""Creates a seeded data set: 1,000 people, 500 pairs, 12,000 sessions, 60,000 agenda items, 40,000 commitments."""

import random
import uuid
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Installation, User
from goals.models import Commitment, CommitmentEvent, Goal, WorkEvent
from mentoring.models import Agreement, Enrollment, Pair, Program, Signature
from sessions.agendas import STANDARD, TEMPLATES
from sessions.models import (
    AgendaItem,
    Block,
    ItemOutcome,
    Session,
    SessionAnswer,
    SessionCommitment,
    StatusUpdate,
)
from sessions.time_slot import TimeSlot

SESSIONS, ITEMS, COMMITMENTS = 24, 120, 80  # for each pair
ZONES = ["Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]


def bulk(rows: list, size: int = 2000) -> list:
    return type(rows[0]).objects.bulk_create(rows, batch_size=size) if rows else []


@transaction.atomic
def fill(pair_count: int) -> None:
    """Fill an empty database with this number of pairs. The rows are always the same, with dates relative to today."""
    rng = random.Random(20261123)
    Installation.objects.create(pk=1, demo=False, operator_name="Bench")
    people = bulk([_person(n) for n in range(2 * pair_count)])
    today = timezone.now().date()
    program = Program.objects.create(
        name="Bench", starts_on=today - timedelta(days=330), ends_on=today + timedelta(days=60)
    )
    mentors, mentees = people[:pair_count], people[pair_count:]
    now = timezone.now()
    roles = [(person, Enrollment.Role.MENTOR) for person in mentors]
    roles += [(person, Enrollment.Role.MENTEE) for person in mentees]
    roles += [(mentors[0], Enrollment.Role.ADMIN)]
    bulk([Enrollment(program=program, user=user, role=role, accepted_at=now) for user, role in roles])
    # The first mentor has three mentees and the second two, so that a busy home page is measured.
    chosen = [mentors[0], mentors[0], mentors[0], mentors[1], mentors[1], *mentors[5:]]
    pairs = bulk(
        [
            Pair(
                program=program,
                mentor=mentor,
                mentee=mentee,
                mentor_joined=True,
                mentee_joined=True,
                started_on=program.starts_on,
                ends_on=program.ends_on,
            )
            for mentor, mentee in zip(chosen, mentees, strict=True)
        ]
    )
    _agreements(pairs)
    for start in range(0, pair_count, 50):
        _history(pairs[start : start + 50], today, rng)


def _person(n: int) -> User:
    return User(
        email=f"person{n}@bench.example",
        name=f"Person {n:04}",
        zone=ZONES[n % len(ZONES)],
        zone_confirmed_at=timezone.now(),
        password="!",
    )


def _agreements(pairs: list[Pair]) -> None:
    made = bulk([Agreement(pair=pair, version=1, purpose="To grow", norms="We are on time.") for pair in pairs])
    bulk([Signature(agreement=row, user_id=who) for row in made for who in (row.pair.mentor_id, row.pair.mentee_id)])


def _history(pairs: list[Pair], today: date, rng: random.Random) -> None:
    bulk([Goal(pair=pair, title=f"Goal {n}", created_by=pair.mentee) for pair in pairs for n in range(2)])
    bulk([WorkEvent(pair=pair, title="Board presentation", happens_on=today + timedelta(days=9)) for pair in pairs])
    sessions = bulk([_session(pair, n, today) for pair in pairs for n in range(SESSIONS)])
    bulk([_block(session, position) for session in sessions for position in range(len(STANDARD))])
    held = [session for session in sessions if session.held_at]
    bulk(
        [
            SessionAnswer(session=session, user_id=who, met=True)
            for session in held
            for who in (session.pair.mentor_id, session.pair.mentee_id)
        ]
    )
    bulk(
        [
            StatusUpdate(
                session=session,
                author=session.pair.mentee,
                wins="It went well.",
                blocks="Time.",
                shared_at=session.starts_at,
            )
            for session in sessions
            if session.closed_at or session.starts_at < timezone.now() + timedelta(days=3)
        ]
    )
    items = bulk([_item(pair, n, rng) for pair in pairs for n in range(ITEMS)])
    by_pair = {}
    for session in held:
        by_pair.setdefault(session.pair_id, []).append(session)
    bulk(
        [
            ItemOutcome(
                session=by_pair[item.pair_id][n % len(by_pair[item.pair_id])],
                item=item,
                outcome="discussed",
                title=item.title,
            )
            for n, item in enumerate(items)
            if item.state == "discussed"
        ]
    )
    commitments = bulk([_commitment(pair, n, today, rng) for pair in pairs for n in range(COMMITMENTS)])
    bulk(
        [
            CommitmentEvent(
                commitment=row, kind="made", created_by=row.owner, created_at=row.created_at, new_due_on=row.due_on
            )
            for row in commitments
        ]
    )
    bulk(
        [
            CommitmentEvent(
                commitment=row, kind=row.state, created_by=row.owner, created_at=row.settled_at, effective_on=row.due_on
            )
            for row in commitments
            if row.state != "open"
        ]
    )
    bulk(
        [
            SessionCommitment(session=by_pair[row.pair_id][n % len(by_pair[row.pair_id])], commitment=row)
            for n, row in enumerate(commitments)
        ]
    )


def _session(pair: Pair, n: int, today: date) -> Session:
    """Return session n of 24: twenty past, one running and three future."""
    past = n < 20
    day = today + timedelta(days=14 * (n - 20))
    start = datetime.combine(day, time(10))
    row = Session(pair=pair, uid=uuid.uuid4(), kind="first" if n == 0 else "standard", place="Room 4")
    row.set_time(TimeSlot(start, "Europe/London", 60))
    if past:
        row.started_at, row.closed_at, row.held_at = row.starts_at, row.ends_at, row.ends_at
        row.closed_by_id = pair.mentor_id
    elif n == 20:
        row.started_at, row.current_block, row.block_started_at = timezone.now(), 3, timezone.now()
    return row


def _block(session: Session, position: int) -> Block:
    shape, minutes = STANDARD[position], TEMPLATES[0][-1][position]
    return Block(
        session=session,
        position=position,
        type=shape.type,
        role=shape.role,
        title=str(shape.title),
        minutes=minutes,
        question=str(shape.question),
        actual_seconds=60 * minutes if session.closed_at else 0,
        note="What matters is the question behind the question. " * 4 if session.closed_at else "",
    )


def _item(pair: Pair, n: int, rng: random.Random) -> AgendaItem:
    state = "open" if n < 3 else "parked" if n < 6 else rng.choice(["discussed"] * 9 + ["dropped"])
    return AgendaItem(
        pair=pair,
        created_by_id=pair.mentee_id if n % 3 else pair.mentor_id,
        kind="question" if n % 5 == 0 else "topic",
        title=f"Topic {n} of a long conversation",
        obstacle="The numbers are known, the words are not. " * 5,
        tried="A page that nobody read.",
        options="Talk first.",
        ideas="Start from the decision.",
        state=state,
        position=n,
    )


def _commitment(pair: Pair, n: int, today: date, rng: random.Random) -> Commitment:
    open_ = n < 4
    due = today + timedelta(days=n + 1) if open_ else today - timedelta(days=rng.randrange(1, 300))
    settled = None if open_ else datetime.combine(due, time(12), tzinfo=UTC)
    return Commitment(
        pair=pair,
        owner_id=pair.mentee_id if n % 4 else pair.mentor_id,
        text=f"Do the small thing number {n}",
        done_when="somebody has seen it",
        due_on=due,
        state="open" if open_ else "done",
        settled_at=settled,
        created_at=datetime.combine(due - timedelta(days=10), time(12), tzinfo=UTC),
    )
