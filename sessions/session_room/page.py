"""The view model of the session room for one person. Each fact is read once, and only if it is shown."""

from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import fingerprint
from goals.models import Competency, Goal, Milestone, Pivot, WorkEvent
from mentoring.models import Agreement
from sessions.carryover import items_in, shows_open_items
from sessions.first_session import FirstSession, first_session_of
from sessions.models import (
    AgendaItem,
    Block,
    BlockRole,
    BlockType,
    Feedback,
    Session,
    SessionVisit,
    StatusUpdate,
    StillRight,
    TextVersion,
)
from sessions.models.session import WRAP_UP_BEFORE_END
from sessions.planning import default_due_on
from sessions.question_bank import alternative_questions
from sessions.session_room import presence, timer
from sessions.session_room.features import features_for
from sessions.since_last_session import SinceLastTime, commitments_around, since_last_time
from sessions.texts import piece_of

SOON = timedelta(weeks=8)  # work events this near are shown on the "Still right?" card
PHASES = {  # in the one-line agenda the rest is Work
    BlockType.OPEN: pgettext_lazy("part of a session", "Open"),
    BlockType.CLOSE: pgettext_lazy("part of a session", "Close"),
}


class Room:
    def __init__(self, session: Session, user):
        self.session, self.user = session.for_reader(user), user
        self.pair = session.pair
        self.partner = self.pair.other(user)
        self.is_mentor = self.pair.is_mentor(user)
        self.shows = features_for(session.number)
        self.may_edit = self.pair.ended_at is None and session.is_live

    @property
    def url(self) -> str:
        return reverse("session_detail", args=[self.session.pk])

    @property
    def title(self) -> str:
        names = {"n": self.session.number, "name": self.partner.first_name}
        if self.session.kind == Session.Kind.CHECK_IN:
            return gettext("Check-in with %(name)s") % names
        return gettext("Session %(n)s with %(name)s") % names

    @cached_property
    def is_next(self) -> bool:
        """Return True if the pair's open topics belong to this session."""
        return shows_open_items(self.session)

    @property
    def people(self) -> tuple:
        """The pair's people, the one who commits more often first."""
        return self.pair.mentee, self.pair.mentor

    # --- Where we are ---

    @property
    def state(self) -> str:
        """ "called off", "closed", "running" or "waiting"."""
        if self.session.is_called_off:
            return "called off"
        if self.session.closed_at:
            return "closed"
        return "running" if self.session.started_at else "waiting"

    @cached_property
    def blocks(self) -> list[Block]:
        blocks = list(self.session.blocks.all())
        for block in blocks:
            block.session = self.session
        return blocks

    @cached_property
    def current_block(self) -> Block | None:
        """The running block."""
        return next((block for block in self.blocks if block.position == self.session.current_block), None)

    @cached_property
    def alternative_questions(self) -> list[str]:
        """The questions that the mentor can ask in this block instead."""
        if not (self.is_mentor and self.may_edit and self.current_block):
            return []
        return alternative_questions(self.current_block, timezone.localdate())

    @property
    def is_last(self) -> bool:
        return self.current_block is not None and self.current_block is self.blocks[-1]

    @property
    def minutes(self) -> int:
        return sum(block.planned_minutes for block in self.blocks)

    @property
    def minutes_over(self) -> int:
        """By how much the plan is longer than the session."""
        return max(0, self.minutes - self.session.minutes)

    @property
    def minutes_by_phase(self) -> list[tuple[str, int]]:
        """Open 15 · Work 38 · Close 7."""
        kinds = groupby(self.blocks, key=lambda block: PHASES.get(block.type, _("Work")))
        return [(kind, sum(block.planned_minutes for block in blocks)) for kind, blocks in kinds]

    @property
    def block_started(self) -> int:
        """The Unix time at which the running block would have started if it had never been left."""
        since = self.session.block_started_at or self.session.started_at
        return int(since.timestamp()) - self.current_block.actual_seconds

    @property
    def seconds_spent(self) -> int:
        """The seconds spent in the running block; a pause does not count."""
        return self.current_block.actual_seconds + int(timer.elapsed(self.session).total_seconds())

    @property
    def wrap_up_at(self):
        return self.session.ends_at - WRAP_UP_BEFORE_END

    @property
    def time_to_wrap_up(self) -> bool:
        return timezone.now() >= self.wrap_up_at or self.is_last

    @cached_property
    def balance(self) -> list[timer.Share]:
        """Planned and actual minutes of the blocks that were left so far."""
        return timer.balance(self.blocks)

    @cached_property
    def visit(self) -> SessionVisit | None:
        """When this person opened the session, and whether they hid its timer."""
        return self.session.visits.filter(user=self.user).first()

    @property
    def timer_is_hidden(self) -> bool:
        return bool(self.visit and self.visit.timer_hidden_at)

    @cached_property
    def partner_is_here(self) -> bool:
        return presence.is_here(self.session.pk, self.partner.pk)

    # --- What is on the agenda ---

    @cached_property
    def items(self) -> list[AgendaItem]:
        return items_in(self.session, with_parked=True)

    def belongs_in(self, block: Block, item: AgendaItem) -> bool:
        """Return True if `block` is the first block of the type of `item`, or else the first one for topics."""
        if item.kind == AgendaItem.Kind.QUESTION:
            return block is self._first(lambda b: b.role == BlockRole.QUESTIONS)
        at_work = (BlockRole.TOPIC, BlockRole.FEEDBACK, BlockRole.APPLY, BlockRole.NOTES)
        home = self._first(lambda b: b.type == item.block_type and b.role in at_work)
        return block is (home or self._first(lambda b: b.role == BlockRole.TOPIC))

    def items_of(self, block: Block) -> list[AgendaItem]:
        shown = [item for item in self.items if item.state != AgendaItem.State.PARKED or item.outcome_here]
        return [item for item in shown if self.belongs_in(block, item)]

    @cached_property
    def agenda(self) -> list[tuple[Block, list[AgendaItem]]]:
        return [(block, self.items_of(block)) for block in self.blocks]

    @cached_property
    def topics(self) -> list[AgendaItem]:
        """The items of the running block."""
        return self.items_of(self.current_block) if self.current_block else []

    @cached_property
    def focus(self) -> AgendaItem | None:
        """The topic in focus: the one chosen, or else the first that is still ahead."""
        if self.current_block is None or self.current_block.role == BlockRole.QUESTIONS:
            return None
        chosen = next((item for item in self.topics if item.pk == self.session.current_item_id), None)
        if chosen and chosen.state == AgendaItem.State.OPEN:
            return chosen
        return next((item for item in self.topics if is_ahead(item)), None)

    @cached_property
    def other_topics(self) -> list[AgendaItem]:
        return [item for item in self.topics if item is not self.focus]

    @property
    def all_discussed(self) -> bool:
        return all(item.state == AgendaItem.State.DISCUSSED for item in self.topics)

    @property
    def ideas_open(self) -> bool:
        return not self.shows.obstacle_first or self.focus.ideas_open

    @property
    def mentee_first(self) -> bool:
        """From the second session on, the mentee's attempts and options come before ideas."""
        return self.shows.obstacle_first

    @property
    def notes_open(self) -> bool:
        """Where a block has no form of its own, its notes are the form."""
        return self.role in (BlockRole.NOTES, BlockRole.CLOSE) or (self.role == BlockRole.APPLY and not self.focus)

    @cached_property
    def questions(self) -> list[AgendaItem]:
        return [item for item in self.items if item.kind == AgendaItem.Kind.QUESTION and is_ahead(item)]

    @cached_property
    def parked(self) -> list[AgendaItem]:
        return [item for item in self.items if item.state == AgendaItem.State.PARKED]

    @cached_property
    def unplaced_topics(self) -> list[AgendaItem]:
        """The topics that fit no block of this agenda; they are carried over."""
        placed = {item.pk for _block, items in self.agenda for item in items}
        return [i for i in self.items if is_ahead(i) and i.kind == AgendaItem.Kind.TOPIC and i.pk not in placed]

    # --- Commitments ---

    @cached_property
    def last_at(self) -> datetime | None:
        """When the pair's last session before this one was held."""
        before = self.pair.sessions.held().filter(starts_at__lt=self.session.starts_at).order_by("-starts_at")
        return before.values_list("held_at", flat=True).first()

    @cached_property
    def commitments(self) -> list:
        return commitments_around(self.session, self.last_at)

    @cached_property
    def new_commitments(self) -> list:
        return sorted((c for c in self.commitments if c.is_new), key=lambda c: c.pk)

    @cached_property
    def earlier_commitments(self) -> list:
        """The commitments from before this session that are open or were settled in it."""
        return [c for c in self.commitments if not c.is_new and (c.is_open or c.settled_at >= self._began)]

    @cached_property
    def since(self) -> SinceLastTime | None:
        if not (self.shows.since_last_time and self.last_at):
            return None
        before = [c for c in self.commitments if not c.is_new]
        return since_last_time(self.session, self.last_at, before)

    @cached_property
    def due_on(self):
        """The default due date of a new commitment."""
        return default_due_on(self.pair, self.user.today())

    @property
    def _began(self):
        return self.session.started_at or timezone.now()

    # --- What is written ---

    @cached_property
    def status(self) -> StatusUpdate | None:
        """The status update, if `user` may read it: a draft is visible to its author only."""
        return self.session.status_for(self.user)

    @property
    def status_answers(self) -> list[tuple[str, str]]:
        """The questions and answers of the status update, without empty answers."""
        fields = [self.status._meta.get_field(name) for name in StatusUpdate.FIELDS]
        return [(f.verbose_name, getattr(self.status, f.name)) for f in fields if getattr(self.status, f.name).strip()]

    @property
    def status_is_a_draft(self) -> bool:
        update = getattr(self.session, "status_update", None)
        return update is not None and update.shared_at is None and not update.is_empty

    @cached_property
    def feedback(self) -> list[Feedback]:
        """The feedback of this session, each with the last one on the same competency."""
        feedback = list(self.session.feedback.select_related("created_by", "commitment", "competency"))
        before = self.feedback_before({row.competency_id for row in feedback} - {None})
        for row in feedback:
            row.pair, row.last_time = self.pair, before.get(row.competency_id)
        return feedback

    def feedback_before(self, competencies: set[int]) -> dict[int, Feedback]:
        """Return the last feedback on each of these competencies from before this session."""
        if not competencies:
            return {}
        written = Feedback.objects.written().filter(pair=self.pair, competency__in=competencies)
        earlier = written.exclude(session=self.session).exclude(differently="").filter(created_at__lt=self._began)
        return {row.competency_id: row for row in earlier.order_by("created_at")[:200]}

    @cached_property
    def competencies(self) -> list[Competency]:
        """The competencies of the program, which feedback may be about."""
        return list(Competency.objects.filter(program=self.pair.program_id).current())

    @cached_property
    def goals(self) -> list[Goal]:
        return list(self.pair.goals.active())

    @cached_property
    def goals_to_review(self) -> list[Goal]:
        """The active goals and those decided on in this session; `decided` is the decision or ""."""
        since = self.session.started_at or timezone.now()
        decided = dict(
            self.pair.pivots.filter(created_at__gte=since, goal__isnull=False)
            .order_by("pk")
            .values_list("goal", "kind")
        )
        there = Q(reached_at=None, dropped_at=None) | Q(pk__in=decided)
        goals = list(self.pair.goals.filter(there))
        for goal in goals:
            goal.decided = Pivot.Kind(decided[goal.pk]).label if goal.pk in decided else ""
        return goals

    @cached_property
    def milestones(self) -> list[Milestone]:
        """The soonest milestones, in every session that reviews them."""
        if not self.shows.milestones:
            return []
        steps = Milestone.objects.filter(goal__pair=self.pair, goal__reached_at=None, goal__dropped_at=None)
        return list(steps.active().select_related("goal")[:6])

    @cached_property
    def first_session(self) -> FirstSession | None:
        """What the pair wrote in the first session; shown when a reset or closing session begins."""
        looks_back = self.session.kind in (Session.Kind.RESET, Session.Kind.CLOSING)
        return first_session_of(self.pair) if looks_back and self.current_block is self.blocks[0] else None

    @property
    def renews(self) -> bool:
        """True in the block of a reset session that renews plans and agreement."""
        return self.session.kind == Session.Kind.RESET and self.role == BlockRole.APPLY

    @property
    def goals_without_lines(self) -> list[Goal]:
        return [goal for goal in self.goals if not (goal.why and goal.measure)] if self.shows.goal_lines else []

    @cached_property
    def events(self) -> list[WorkEvent]:
        today = self.user.today()
        return list(self.pair.work_events.coming(today).filter(happens_on__lte=today + SOON)[:8])

    @cached_property
    def still_right(self) -> StillRight | None:
        """The newest version of the pair's challenges."""
        return self.pair.still_right.first()

    @property
    def still_right_number(self) -> int:
        return self.still_right.number if self.still_right else 0

    @cached_property
    def agreement(self) -> Agreement | None:
        return self.pair.agreements.prefetch_related("signatures").first()

    @property
    def i_agreed(self) -> bool:
        return any(signature.user_id == self.user.pk for signature in self.agreement.signatures.all())

    @property
    def both_agreed(self) -> bool:
        return len(self.agreement.signatures.all()) == 2

    @cached_property
    def norm(self) -> str:
        """The first line of the pair's norms, for the opening."""
        norms = self.pair.agreements.order_by("-version").values_list("norms", flat=True).first() or ""
        return next((line.strip(" -•*") for line in norms.splitlines() if line.strip()), "")

    @cached_property
    def note_writers(self) -> dict[int, object]:
        """Who wrote last in the shared notes of each block, by its number."""
        blocks = {piece_of(block, "note").key: block.pk for block in self.blocks if block.note.strip()}
        if not blocks:
            return {}
        found = TextVersion.objects.filter(pair=self.pair, key__in=blocks).order_by("pk")
        people = {person.pk: person for person in self.people}
        return {blocks[key]: people.get(by) for key, by in found.values_list("key", "created_by")}

    @property
    def notes(self) -> list[tuple[Block, object]]:
        """The notes of the other blocks, each with who wrote in them last, or None."""
        others = [block for block in self.blocks if block is not self.current_block and block.note.strip()]
        return [(block, self.note_writers.get(block.pk)) for block in others]

    @property
    def note_writer(self):
        """Who wrote last in the notes of the running block, or None."""
        return self.note_writers.get(self.current_block.pk) if self.current_block else None

    # --- What a live page replaces ---

    @property
    def role(self) -> str:
        return self.current_block.role if self.current_block else BlockRole.NOTES

    @property
    def block_template(self) -> str:
        """The template of the running block."""
        return f"sessions/_now_{'topic' if self.role == BlockRole.APPLY else self.role}.html"

    @property
    def pieces(self) -> list[tuple[object, str]]:
        """The row and field of each text that the running block shows."""
        if self.current_block is None:
            return []
        found = [(self.current_block, "note")]
        if self.focus:
            found += [(self.focus, name) for name in ("obstacle", "tried", "options", "ideas")]
        if self.role == BlockRole.STATUS and self.status:
            found += [(self.status, name) for name in StatusUpdate.FIELDS]
        if self.role == BlockRole.FEEDBACK:
            found += [(row, name) for row in self.feedback for name in Feedback.FIELDS]
        return found

    @property
    def parts(self) -> list[str]:
        """The fragments that a live answer may replace; none of them holds an input."""
        return [part for part in PARTS if self.has_part(part)]

    def has_part(self, part: str) -> bool:
        if part == "since":
            return self.since is not None
        if part == "gate":
            return self.focus is not None
        return part in PARTS_ALWAYS or part in PARTS_BY_ROLE.get(self.role, [])

    @cached_property
    def block_fingerprint(self) -> str:
        """A fingerprint of the structure of the running block: its topic, its question and its forms."""
        question = self.current_block and self.current_block.question
        shape = [self.session.pk, self.state, self.session.current_block, self.may_edit, question]
        shape += [self.focus and (self.focus.pk, self.focus.title, self.focus.work_event_id)]
        shape += [function(self) for role, function in STRUCTURE_BY_ROLE.items() if role == self.role]
        return fingerprint(repr(shape))

    def _first(self, wanted) -> Block | None:
        return next((block for block in self.blocks if wanted(block)), None)


def is_ahead(item: AgendaItem) -> bool:
    """Return True if an item has neither been discussed nor carried over in this session."""
    return item.state == AgendaItem.State.OPEN and item.outcome_here is None


PARTS_ALWAYS = ["presence", "hour", "agenda", "notes", "commitments", "parked", "cue"]
PARTS_OF_TEXTS = ["presence", "notes", "gate"]  # all that can change when a text is saved
PARTS_BY_ROLE = {
    BlockRole.COMMITMENTS: ["answers"],
    BlockRole.QUESTIONS: ["questions"],
    BlockRole.TOPIC: ["topics"],
    BlockRole.APPLY: ["topics"],
    BlockRole.CLOSE: ["closing"],
    BlockRole.FEEDBACK: ["feedback", "topics"],
    BlockRole.NOTES: ["topics"],
}
PARTS = [*PARTS_ALWAYS, "since", "answers", "questions", "topics", "closing", "feedback", "gate"]
STRUCTURE_BY_ROLE = {
    BlockRole.STATUS: lambda room: (room.status and (room.status.pk, room.status.shared_at), room.status_is_a_draft),
    BlockRole.FEEDBACK: lambda room: [(row.pk, row.competency_id) for row in room.feedback],
    BlockRole.ARRIVE: lambda room: (
        room.still_right_number,
        room.session.still_right_confirmed_at,
        [(goal.pk, goal.version) for goal in room.goals],
        [(event.pk, event.title, event.happens_on) for event in room.events],
    ),
    BlockRole.HOPES: lambda room: room.still_right_number,
    BlockRole.DIRECTION: lambda room: (
        [(goal.pk, goal.version) for goal in room.goals],
        [(event.pk, event.title, event.happens_on) for event in room.events],
    ),
    BlockRole.GOALS: lambda room: [(goal.pk, goal.version, goal.decided) for goal in room.goals_to_review],
    BlockRole.AGREEMENT: lambda room: room.agreement and (room.agreement.version, len(room.agreement.signatures.all())),
    BlockRole.CADENCE: lambda room: (room.pair.cadence, room.pair.minutes),
}
