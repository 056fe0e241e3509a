"""Build the data of one demo pair: agreement, sessions, topics, commitments and goals."""

from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from demo import texts
from demo.progress import build_progress
from goals.models import Commitment, CommitmentEvent, Goal, Milestone, WorkEvent
from mentoring.models import Agreement, Pair, Pause
from sessions.models import (
    AgendaItem,
    CheckIn,
    Feedback,
    ItemOutcome,
    PrivateNote,
    Session,
    SessionCommitment,
    SessionMove,
    SessionRating,
    SessionVisit,
    StatusUpdate,
    StillRight,
)
from sessions.planning import plan_series, plan_session
from sessions.time_slot import TimeSlot

DAY = timedelta(days=1)


class PairBuilder:
    """Builder for the history of one pair, oldest rows first; `rng` is seeded, so the result is reproducible."""

    def __init__(self, pair: Pair, now: datetime, rng: Random):
        self.pair, self.now, self.rng = pair, now, rng
        self.mentor, self.mentee = pair.mentor, pair.mentee
        self.topics = rng.sample(texts.TOPICS, len(texts.TOPICS))
        self.commitment_texts = rng.sample(texts.COMMITMENTS, len(texts.COMMITMENTS))
        self.goals: list[Goal] = []
        self.milestones: list[Milestone] = []  # the next milestone of each goal

    def begin(self, days_ago: int) -> None:
        self.pair.started_on = self.now.date() - days_ago * DAY
        self.pair.save(update_fields=["started_on"])

    def agree(self, both: bool = True) -> None:
        made_at = timezone.make_aware(datetime.combine(self.pair.started_on, time(15)))
        agreement = Agreement.objects.create(
            pair=self.pair,
            version=1,
            purpose="Grow into the next role without losing what I like about this one.",
            cadence=self.pair.cadence,
            channel="Video, and chat in between",
            norms="We are on time. We say so when something is not useful. The mentee owns the agenda.",
            confidentiality=(
                "What we say and write stays between us. It ends where somebody's safety, the law "
                "or the code of conduct is concerned; then we talk about it first."
            ),
            ending="Either of us may end this at any time, without blame, in one last conversation.",
            created_by=self.mentor,
            created_at=made_at,
        )
        for person in (self.mentor, self.mentee) if both else (self.mentor,):
            agreement.signatures.create(user=person, signed_at=made_at)

    # --- Past -----------------------------------------------------------------------------------------------

    def meet_every(
        self, days: int, count: int, last: datetime, kept: float = 0.8, answered_by_both: bool = True
    ) -> None:
        """Create `count` held sessions, the last one at about `last`, with their topics, commitments and ratings."""
        self._direction()
        for n in range(count):
            ago = (count - 1 - n) * days
            session = self._hold(self._plan(last - ago * DAY), answered_by_both or ago > 0)
            self._status(session, n, shared=True)
            self._discuss(session, n)
            self._commit(session, self._due_dates(last - (ago - days) * DAY), kept)
            if n % 3 == 1:
                self._reflect(session)
            if n % 2 and session.held_at:
                SessionRating.objects.create(
                    session=session, heard=4 - n % 2, useful=3 + n % 2, created_at=session.closed_at
                )
        if count > 2:
            build_progress(self.pair, self.now)

    def leave_unconfirmed(self, at: datetime) -> None:
        """Create a past session that nobody has confirmed or denied."""
        self._status(self._plan(at), 0, shared=True)

    def contradict(self, at: datetime) -> None:
        session = self._hold(self._plan(at), by_both=False)
        session.answers.create(user=self.mentee, met=False, answered_at=session.closed_at + DAY)
        Session.objects.filter(pk=session.pk).update(held_at=None)

    def cancel_or_skip(self, at: datetime, how: str) -> None:
        session = self._plan(at)
        Session.objects.filter(pk=session.pk).update(
            **{f"{how}_at": session.starts_at - DAY}, called_off_by=self.mentor, reason=self.rng.choice(texts.REASONS)
        )

    def pause(self, days_ago: int, days: int) -> None:
        start = self.now.date() - days_ago * DAY
        Pause.objects.create(pair=self.pair, from_on=start, resume_on=start + days * DAY, created_by=self.mentee)

    def check_in(self, days_ago: int, answer: str, note: str = "") -> None:
        """Create a check-in by the mentee; check-ins have been on for two months."""
        Pair.objects.filter(pk=self.pair.pk).update(check_ins_since=self.now - 60 * DAY)
        at = self.now - days_ago * DAY
        CheckIn.objects.create(pair=self.pair, created_by=self.mentee, answer=answer, note=note, created_at=at)

    def end(self, days_ago: int) -> None:
        self.pair.commitments.open().delete()
        self.pair.items.open().delete()
        Pair.objects.filter(pk=self.pair.pk).update(ended_at=self.now - days_ago * DAY)

    # --- Upcoming -------------------------------------------------------------------------------------------

    def plan_first(self, at: datetime, place: str) -> None:
        plan_session(self.pair, self.mentor, TimeSlot(at.replace(tzinfo=None), str(at.tzinfo), 60, place))

    def plan_series(self, at: datetime, place: str, moved: bool = False) -> None:
        local = timezone.localtime(at, self.mentor.tzinfo)
        slot = TimeSlot(local.replace(tzinfo=None), self.mentor.zone, 60, place)
        first, *_rest = plan_series(self.pair, self.mentor, slot, self.pair.cadence)
        self.next = first
        if moved:
            SessionMove.objects.create(
                session=first,
                from_at=first.starts_at - 2 * DAY,
                to_at=first.starts_at,
                created_by=self.mentor,
                reason=self.rng.choice(texts.REASONS),
                created_at=self.now - DAY,
            )

    def prepare(self, shared: bool) -> None:
        update = self._status(self.next, 0, shared)
        if shared:
            update.shared_at = self.now - DAY
            update.save(update_fields=["shared_at"])
            SessionVisit.objects.create(session=self.next, user=self.mentee, opened_at=self.now - DAY)
        PrivateNote.objects.create(pair=self.pair, author=self.mentor, text=texts.PRIVATE)

    def add_topics(self, topics: int, questions: int) -> None:
        event = self.pair.work_events.filter(happens_on__gt=self.now.date()).first()
        for n in range(topics):
            title, obstacle, tried, options, _ideas = self.topics[-1 - n]
            AgendaItem.objects.create(
                pair=self.pair,
                created_by=self.mentee if n < 2 else self.mentor,
                created_at=self.now - (n + 1) * DAY,
                title=title,
                obstacle=obstacle if n == 0 else "",
                tried=tried if n == 0 else "",
                options=options if n == 0 else "",
                work_event=event if n == 0 else None,
                position=n,
            )
        for n in range(questions):
            AgendaItem.objects.create(
                pair=self.pair,
                kind=AgendaItem.Kind.QUESTION,
                block_type="reflect",
                created_by=self.mentee,
                created_at=self.now - (n + 2) * DAY,
                title=self.rng.choice(texts.QUESTIONS),
                position=10 + n,
            )

    # --- One session ----------------------------------------------------------------------------------------

    def _direction(self) -> None:
        """Create goals, work events and the challenges named in the first session."""
        start = timezone.make_aware(datetime.combine(self.pair.started_on, time(16)))
        for title, why, measure in self.rng.sample(texts.GOALS, 2):
            goal = Goal.objects.create(pair=self.pair, title=title, why=why, measure=measure, created_by=self.mentee)
            Goal.objects.filter(pk=goal.pk).update(created_at=start)
            self.goals.append(goal)
            reached, ahead = texts.MILESTONES[title]
            at = start + 21 * DAY
            reached_at = at if at < self.now else None
            Milestone.objects.create(goal=goal, title=reached, created_by=self.mentee, reached_at=reached_at)
            due_on = self.now.date() + 30 * DAY
            self.milestones.append(
                Milestone.objects.create(goal=goal, title=ahead, due_on=due_on, created_by=self.mentee)
            )
        for days, title in zip((-20, 9, 40), self.rng.sample(texts.EVENTS, 3), strict=True):
            WorkEvent.objects.create(
                pair=self.pair, title=title, happens_on=self.now.date() + days * DAY, created_by=self.mentee
            )
        StillRight.objects.create(
            pair=self.pair, number=1, challenges=self.topics[0][1], created_by=self.mentee, created_at=start
        )

    def _plan(self, at: datetime) -> Session:
        local = timezone.localtime(at, self.mentor.tzinfo).replace(second=0, microsecond=0)
        local = local.replace(minute=0, hour=min(max(local.hour, 9), 17))
        slot = TimeSlot(local.replace(tzinfo=None), self.mentor.zone, 60, "Room Dover")
        session = plan_session(self.pair, self.mentor, slot)
        Session.objects.filter(pk=session.pk).update(created_at=session.starts_at - 14 * DAY)
        return session

    def _hold(self, session: Session, by_both: bool) -> Session:
        """Close the session as held, with actual minutes for its blocks, confirmed by one person or both."""
        blocks = list(session.blocks.all())
        for block in blocks:
            block.actual_seconds = max(60, 60 * block.minutes + self.rng.randint(-150, 210))
            block.left_at = session.ends_at
            if block.role in ("topic", "apply"):
                block.note = self.rng.choice(texts.NOTES)
        session.blocks.model.objects.bulk_update(blocks, ["actual_seconds", "left_at", "note"])
        closed_at = session.ends_at + timedelta(minutes=2)
        session.started_at, session.closed_at, session.held_at = session.starts_at, closed_at, closed_at
        session.closed_by, session.agreed_at = self.mentor, closed_at
        session.still_right_confirmed_at = session.starts_at
        session.takeaway = self.rng.choice([*texts.TAKEAWAYS, ""])
        session.save()
        for person in self.pair.people if by_both else (self.mentor,):
            session.answers.create(user=person, met=True, answered_at=closed_at + timedelta(hours=1))
            SessionVisit.objects.create(
                session=session, user=person, opened_at=session.starts_at, read_at=session.starts_at - DAY
            )
        return session

    def _status(self, session: Session, n: int, shared: bool) -> StatusUpdate:
        wins, blocks, deadlines = texts.UPDATES[(n + self.pair.pk) % len(texts.UPDATES)]
        return StatusUpdate.objects.create(
            session=session,
            author=self.mentee,
            wins=wins,
            blocks=blocks,
            deadlines=deadlines,
            shared_at=session.starts_at - DAY if shared else None,
        )

    def _discuss(self, session: Session, n: int) -> None:
        title, obstacle, tried, options, ideas = self.topics[n % len(self.topics)]
        item = AgendaItem.objects.create(
            pair=self.pair,
            created_by=self.mentee,
            created_at=session.starts_at - 3 * DAY,
            title=title,
            obstacle=obstacle,
            tried=tried,
            options=options,
            ideas=ideas,
            state=AgendaItem.State.DISCUSSED,
            settled_at=session.starts_at + timedelta(minutes=30),
            position=n,
        )
        ItemOutcome.objects.create(
            session=session, item=item, outcome=ItemOutcome.Outcome.DISCUSSED, title=title, created_at=item.settled_at
        )
        self.last_item = item

    def _due_dates(self, next_at: datetime) -> list[date]:
        """Return due dates before the next session; if it is upcoming, one overdue, one today, one in three days."""
        if next_at > self.now - DAY:
            return [self.now.date() + days * DAY for days in (-3, 0, 3)]
        return [next_at.date() - DAY, next_at.date() - 3 * DAY]

    def _commit(self, session: Session, due_dates: list[date], kept: float) -> None:
        """Create one commitment for each due date, and settle those whose date has passed."""
        for n, due_on in enumerate(due_dates):
            text, done_when, role = self.commitment_texts[(session.number * 2 + n) % len(self.commitment_texts)]
            owner = self.mentor if role == "mentor" else self.mentee
            created_at = session.closed_at - timedelta(minutes=5)
            row = Commitment.objects.create(
                pair=self.pair,
                owner=owner,
                text=text.replace("Ada", self.mentee.first_name),
                done_when=done_when,
                due_on=due_on,
                goal=self.goals[n % 2] if owner == self.mentee else None,
                milestone=self.milestones[n % 2] if owner == self.mentee and due_on >= self.now.date() else None,
                created_by=self.mentor,
                created_at=created_at,
            )
            self._event(row, CommitmentEvent.Kind.MADE, created_at, new_due_on=due_on)
            SessionCommitment.objects.create(session=session, commitment=row, item=self.last_item if n == 0 else None)
            if due_on < self.now.date():
                self._settle(row, self.rng.random(), kept)

    def _settle(self, row: Commitment, chance: float, kept: float) -> None:
        """Mark a commitment as done on time, moved and then done, done late or dropped, or leave it open."""
        noon = timezone.make_aware(datetime.combine(row.due_on, time(12)))
        if chance < kept * 0.8:
            self._done(row, noon - DAY, late=False)
        elif chance < kept:
            moved = row.due_on + 3 * DAY
            self._event(
                row,
                CommitmentEvent.Kind.MOVED,
                noon - DAY,
                note="Waiting for figures",
                old_due_on=row.due_on,
                new_due_on=moved,
            )
            row.due_on = moved
            row.save(update_fields=["due_on"])
            if moved < self.now.date():
                self._done(row, noon + 2 * DAY, late=False)
        elif chance < kept + 0.12 and noon + 4 * DAY < self.now:
            self._done(row, noon + 4 * DAY, late=True)
        elif self.now - noon > 40 * DAY:
            row.state, row.settled_at = Commitment.State.DROPPED, noon + 9 * DAY
            row.save(update_fields=["state", "settled_at"])
            self._event(row, CommitmentEvent.Kind.DROPPED, noon + 9 * DAY, late=True, note="No longer needed")

    def _done(self, row: Commitment, at: datetime, late: bool) -> None:
        row.state, row.settled_at = Commitment.State.DONE, at
        row.save(update_fields=["state", "settled_at"])
        self._event(row, CommitmentEvent.Kind.DONE, at, late=late)

    def _event(self, row: Commitment, kind: str, at: datetime, **fields) -> None:
        CommitmentEvent.objects.create(
            commitment=row,
            kind=kind,
            created_by=row.owner,
            created_at=at,
            effective_on=at.date(),
            version_after=row.version,
            **fields,
        )

    def _reflect(self, session: Session) -> None:
        intended, happened, differently = self.rng.choice(texts.FEEDBACK)
        Feedback.objects.create(
            pair=self.pair,
            session=session,
            created_by=self.mentee,
            created_at=session.starts_at + timedelta(minutes=40),
            intended=intended,
            happened=happened,
            differently=differently,
        )
