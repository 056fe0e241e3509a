"""The home page: one page for every mix of roles, ordered by time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from math import ceil

from django.db.models import Count, Max, Q, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from dashboard.attention import workload_level
from dashboard.models import Flag
from goals.models import Commitment, WorkEvent
from mentoring.models import Pair, attach_pairs, attach_signatures
from mentoring.models.pair import AgreementState
from practice.conversations import to_look_back
from practice.mentoring_feedback import ASKED_FOR, EVERY, asked_in
from practice.models import Entry
from sessions.checkins import due_on
from sessions.forms.preparation import StatusForm
from sessions.models import AgendaItem, CheckIn, Session, SessionAnswer, StatusUpdate
from sessions.planning import Change, Rhythm, recent_changes, rhythms

ASK_IF_MET_FOR = timedelta(days=30)  # how long "Did you meet?" is asked
COMMITMENTS = 8  # the rest is one tap away
COMING_UP = 3
TOPICS = 5  # of a pair; all are on its agenda page
NEWS = 3


@dataclass
class PairLine:
    """One pair as this person sees it."""

    pair: Pair
    other: object
    as_mentor: bool
    agreement: AgreementState
    rhythm: Rhythm | None = None
    next: Session | None = None
    topics: list[AgendaItem] = field(default_factory=list)  # the first open ones
    opens: Session | None = None  # to open today
    check_in: CheckIn | None = None  # the current one
    last_held_at: datetime | None = None
    held_count: int = 0  # without check-ins
    question_count: int = 0  # open ones
    topic_count: int = 0
    # Only for a mentor: commitments of both people that are overdue, and that were done since the last session
    overdue: int = 0
    done_since: int = 0
    capacity: int | None = None  # how many mentees the program gives this mentor
    is_red: bool = False

    @property
    def topics_url(self) -> str:
        """The URL of the page with all topics and questions of the pair."""
        if self.next:
            return reverse("session_prepare", args=[self.next.pk])
        return reverse("item_create", args=[self.pair.pk])

    @property
    def has_topics(self) -> bool:
        return bool(self.question_count or self.topic_count)

    @property
    def topic_counts(self) -> str:
        """The open questions and topics in words, for example "1 open question, 2 topics"."""
        questions, topics = self.question_count, self.topic_count
        words = [
            questions and ngettext("%(n)s open question", "%(n)s open questions", questions) % {"n": questions},
            topics and ngettext("%(n)s topic", "%(n)s topics", topics) % {"n": topics},
        ]
        return ", ".join(filter(None, words))

    @property
    def strip(self) -> list[tuple[str, str]]:
        return self.rhythm.strip

    @property
    def days_since(self) -> int | None:
        return max(0, (timezone.now() - self.last_held_at).days) if self.last_held_at else None

    @property
    def paused(self) -> bool:
        return self.pair.paused_until is not None and self.pair.paused_from <= timezone.localdate()

    @property
    def check_in_due(self) -> bool:
        """Return True if the mentee is asked to check in: halfway between two sessions, once check-ins are on."""
        pair = self.pair
        if self.as_mentor or self.paused or pair.check_ins_since is None or self.check_in:
            return False
        local = pair.mentee.local
        last = local(self.last_held_at).date() if self.last_held_at else pair.started_on
        on = due_on(last, local(self.next.starts_at).date() if self.next else None, pair.interval)
        return on is not None and on <= pair.mentee.today()

    @property
    def needs_reply(self) -> bool:
        """Return True if a mentor has not answered a check-in that asks for an answer."""
        return self.as_mentor and self.check_in is not None and self.check_in.awaits_reply

    @property
    def check_in_state(self) -> str:
        return _("asks for help") if self.check_in.answer == CheckIn.Answer.HELP else _("stuck")

    @property
    def update_shared(self) -> bool:
        """Return True if the status update for the next session is shared."""
        update = getattr(self.next, "status_update", None)
        return bool(update and update.shared_at)


@dataclass
class SessionCard:
    """A session to prepare or to open."""

    session: Session
    line: PairLine
    today: bool
    writes: bool = False  # the first update still to be shared; its form is on this page
    after_another: bool = False  # another session was closed today

    @property
    def update(self) -> StatusUpdate | None:
        """The status update, if this person may read it: only its author reads a draft."""
        update = getattr(self.session, "status_update", None)
        return None if update is None or (self.line.as_mentor and not update.shared_at) else update

    @cached_property
    def form(self) -> StatusForm | None:
        """The mentee's form for the update, until it is shared."""
        if self.line.as_mentor or (self.update and self.update.shared_at):
            return None
        update = self.update or StatusUpdate(author=self.line.pair.mentee)
        update.session = self.session
        return StatusForm(update=update)

    @property
    def running(self) -> bool:
        return self.session.is_running

    @property
    def starts_in(self) -> str:
        """Return how long until it starts, within the hour before; otherwise an empty string."""
        minutes = ceil((self.session.starts_at - timezone.now()) / timedelta(minutes=1))
        return ngettext("In %(n)s minute", "In %(n)s minutes", minutes) % {"n": minutes} if 0 < minutes < 60 else ""

    @property
    def summary(self) -> str:
        """Return the wins, blocks and deadlines of the update in one line."""
        texts = (getattr(self.update, name).strip() for name in StatusUpdate.FIELDS)
        return " ".join(text if text[-1] in ".!?…" else f"{text}." for text in texts if text)


@dataclass
class Workload:
    """The workload of a mentor in one program."""

    lines: list[PairLine]

    @property
    def program(self):
        return self.lines[0].pair.program

    @property
    def mentees(self) -> int:
        return len(self.lines)

    @property
    def capacity(self) -> int:
        return self.lines[0].capacity or self.mentees

    @property
    def is_over_capacity(self) -> bool:
        return self.mentees > self.capacity

    @property
    def red(self) -> int:
        return sum(line.is_red for line in self.lines)

    @property
    def level(self) -> str:
        return workload_level(self.mentees, self.capacity, self.red)


@dataclass
class Home:
    lines: list[PairLine] = field(default_factory=list)
    cards: list[SessionCard] = field(default_factory=list)
    unanswered: list[tuple[Session, PairLine]] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)
    more_commitments: bool = False
    coming_up: list[tuple[date, list[tuple[Session, PairLine]]]] = field(default_factory=list)  # by day
    news: list[Change] = field(default_factory=list)
    past_events: list[WorkEvent] = field(default_factory=list)  # about which "How did it go?" is still open
    to_look_back: list[Entry] = field(default_factory=list)  # own hard conversations without a debrief
    asked_for_feedback: list[PairLine] = field(default_factory=list)  # on the mentoring

    @property
    def commitment_count(self) -> str:
        return f"{len(self.commitments)}{'+' if self.more_commitments else ''}"

    @property
    def writes(self) -> bool:
        return any(card.writes for card in self.cards)

    @property
    def several(self) -> bool:
        """Return True with more than one partner: then each commitment names its partner."""
        return len(self.lines) > 1

    @property
    def several_programs(self) -> bool:
        return len({line.pair.program_id for line in self.lines}) > 1

    @property
    def both_roles(self) -> bool:
        return bool(self.mentoring and self.mentored)

    @property
    def has_met(self) -> bool:
        """Return True once a session was held in one of the running pairs."""
        return any(line.last_held_at for line in self.lines)

    @property
    def mentoring(self) -> list[PairLine]:
        return [line for line in self.lines if line.as_mentor]

    @property
    def mentor_programs(self) -> list:
        """The programs in which this person mentors, by name."""
        programs = {line.pair.program_id: line.pair.program for line in self.mentoring}
        return sorted(programs.values(), key=str)

    @property
    def programs_with_board(self) -> list:
        """The programs in which something is open on the board of opportunities, or this person may post."""
        lines = (line for line in self.lines if line.as_mentor or line.pair.program.has_opportunities)
        return sorted({line.pair.program_id: line.pair.program for line in lines}.values(), key=str)

    @property
    def people_heading(self) -> str:
        if self.both_roles:
            return _("Your mentors and mentees")
        return _("Your mentees") if self.mentoring else _("Your mentors")

    @property
    def check_ins_due(self) -> list[PairLine]:
        return [line for line in self.mentored if line.check_in_due]

    @property
    def asked_for_help(self) -> list[CheckIn]:
        """Check-ins with "I need help" that this mentor has not answered."""
        check_ins = [line.check_in for line in self.mentoring if line.check_in and line.check_in.awaits_reply]
        return [check_in for check_in in check_ins if check_in.answer == CheckIn.Answer.HELP]

    @property
    def answered_check_ins(self) -> list[CheckIn]:
        """The mentee's own current check-ins that a mentor has answered."""
        return [line.check_in for line in self.mentored if line.check_in and line.check_in.replied_at]

    @property
    def workloads(self) -> list["Workload"]:
        """Programs in which this mentor has too much to do, by the flags that the mentor may see."""
        by_program: dict[int, list[PairLine]] = {}
        for line in self.mentoring:
            by_program.setdefault(line.pair.program_id, []).append(line)
        workloads = [Workload(lines) for lines in by_program.values()]
        return [workload for workload in workloads if workload.level]

    @property
    def mentored(self) -> list[PairLine]:
        return [line for line in self.lines if not line.as_mentor]


def read_home(user, pairs: list[Pair], capacity: dict[int, int]) -> Home:
    """Read the home page of a person: one plain query for each kind of row, joined here by pair.

    `pairs` are those of `read_pairs`, `capacity` is the number of mentees that each program gives this mentor.
    """
    lines, sessions = read_pair_lines(user, pairs)
    if not lines:
        return Home()
    add_topics(lines, user)
    prefetch_related_objects(sessions, "status_update")
    page = Home(list(lines.values()))
    today, rhythm = user.today(), rhythms([line.pair for line in page.lines], user.today())
    for line in page.lines:
        line.rhythm = rhythm[line.pair.pk]
        line.capacity = capacity.get(line.pair.program_id)
    add_mentor_facts(page.mentoring, user)
    page.cards = session_cards(sessions, lines, user)
    page.unanswered = [(session, lines[session.pair_id]) for session in sessions if is_unanswered(session)]
    page.news = [change for change in recent_changes(user, pairs) if change.changed_by != user][:NEWS]
    page.to_look_back = to_look_back(user)
    page.past_events = list(WorkEvent.objects.filter(pair__in=lines).to_review(today)[:NEWS])
    page.asked_for_feedback = asked_for_feedback(page.mentored)
    add_commitments(page, user)
    coming = coming_up(sessions, page.cards)
    page.coming_up = sessions_by_day(coming[:COMING_UP], lines, user)
    page.lines.sort(key=lambda line: (line.next is None, line.next and line.next.starts_at, line.pair.pk))
    return page


def read_pairs(user) -> list[Pair]:
    """Return the pairs this person may read, ended ones too, with what the home page shows of each.

    That is its people, the name of its program, its working agreement and its pause.
    """
    pairs = Pair.objects.visible_to(user).with_pause(user.today())
    pairs = attach_signatures(pairs.select_related("program").only(*PAIR_COLUMNS).order_by("pk"))
    ids = {pk for pair in pairs for pk in (pair.mentor_id, pair.mentee_id, pair.ended_by_id)}
    people = User.objects.only(*PERSON_COLUMNS).in_bulk(ids - {user.pk, None}) | {user.pk: user}
    for pair in pairs:
        pair.mentor, pair.mentee = people[pair.mentor_id], people[pair.mentee_id]
        pair.ended_by = people.get(pair.ended_by_id)
    return pairs


def read_pair_lines(user, pairs: list[Pair]) -> tuple[dict[int, PairLine], list[Session]]:
    """Return the active ones of these pairs by id, and the sessions of `home_sessions`."""
    pairs = [pair for pair in pairs if not pair.ended_at]
    if not pairs:
        return {}, []
    lines = {
        pair.pk: PairLine(pair, pair.other(user), pair.is_mentor(user), pair.agreement_state(user)) for pair in pairs
    }
    sessions = attach_pairs(home_sessions(user, lines), pairs)
    add_next_sessions(lines, sessions)
    held = Session.objects.filter(pair__in=lines).held().order_by().values_list("pair")
    for pk, last_held_at, n in held.annotate(Max("starts_at"), n=Count("pk", filter=~Q(kind=Session.Kind.CHECK_IN))):
        lines[pk].last_held_at, lines[pk].held_count = last_held_at, n
    add_check_ins(lines, pairs)
    return lines, sessions


def add_check_ins(lines: dict[int, PairLine], pairs: list[Pair]) -> None:
    """Add the current check-in of each pair, as `CheckInQuerySet.current` has it: the newest, until the pair meets."""
    held = [line.last_held_at for line in lines.values()]
    rows = CheckIn.objects.filter(pair__in=lines).order_by("pk")
    for check_in in attach_pairs(rows.filter(created_at__gte=min(held)) if all(held) else rows, pairs):
        line = lines[check_in.pair_id]
        is_current = line.last_held_at is None or line.last_held_at <= check_in.created_at
        line.check_in = check_in if is_current else None


def add_topics(lines: dict[int, PairLine], user) -> None:
    """Add the first open topics and questions of each pair, and how many there are."""
    items = AgendaItem.objects.filter(pair__in=lines).open()
    for item in items.in_agenda_order(line.pair for line in lines.values()):
        line = lines[item.pair_id]
        line.question_count += item.kind == AgendaItem.Kind.QUESTION
        line.topic_count += item.kind == AgendaItem.Kind.TOPIC
        if len(line.topics) < TOPICS:
            item.may_drop = item.droppable(user)
            item.is_by_other = item.created_by_id == line.other.pk
            line.topics.append(item)


def is_unanswered(session: Session) -> bool:
    """Return True if its time is over and it was neither answered nor, once started, wrapped up."""
    return session.is_live and session.ends_at <= timezone.now() and (not session.started_at or session.left_open)


PAIR_COLUMNS = (
    *("program__name", "program__opportunities_until", "mentor_id", "mentee_id", "started_on", "ends_on"),
    *("ended_at", "ended_by_id", "cadence", "check_ins_since"),
)
SESSION_COLUMNS = (
    *("version", "pair_id", "starts_at", "ends_at", "started_at", "closed_at", "canceled_at", "skipped_at"),
    "place",
)
PERSON_COLUMNS = ("name", "short_name", "email", "zone", "zone_confirmed_at")


def home_sessions(user, pairs: Iterable[int]) -> list[Session]:
    """Return the sessions to come and those of the last 30 days, but no open ones that this person answered."""
    since = timezone.now() - ASK_IF_MET_FOR
    rows = Session.objects.filter(pair__in=pairs, ends_at__gt=since, canceled_at=None, skipped_at=None)
    rows = list(rows.only(*SESSION_COLUMNS).order_by("starts_at", "pk"))
    open_ones = [row.pk for row in rows if not row.closed_at]
    answers = SessionAnswer.objects.filter(session__in=open_ones, user=user)
    answered = set(answers.values_list("session", flat=True))
    return [row for row in rows if row.pk not in answered]


def add_next_sessions(lines: dict[int, PairLine], sessions: list[Session]) -> None:
    """Add the next session of each pair: the running one, else the first to come."""
    for session in sorted(sessions, key=lambda session: not session.is_running):
        line = lines[session.pair_id]
        if line.next is None and session.is_to_come:
            line.next = session


def session_cards(sessions: list[Session], lines: dict[int, PairLine], user) -> list[SessionCard]:
    """Return the sessions to open today, earliest first, then a mentee's next session with each mentor."""
    now, today = timezone.now(), user.today()
    shown, closed_today = [], False
    for session in sessions:
        line = lines[session.pair_id]
        session.over = session.ends_at <= now
        is_today = user.local(session.starts_at).date() == today
        closed_today = closed_today or (is_today and session.closed_at)
        open_today = session.is_live and (
            (session.is_running and not session.left_open) or (is_today and not session.over)
        )
        if open_today and line.opens is None:
            line.opens = session
        if open_today or (session == line.next and not line.as_mentor):
            shown.append(SessionCard(session, line, open_today))
    shown.sort(key=lambda card: (not card.running, card.session.starts_at))
    if shown and shown[0].today and closed_today:
        shown[0].after_another = True
    for card in shown:
        if card.form:
            card.writes = True
            break
    return shown


def add_mentor_facts(lines: list[PairLine], user) -> None:
    """Add what only a mentor sees: how the pairs' commitments stand, and pairs in need."""
    if not lines:
        return
    by_pair = {line.pair.pk: line for line in lines}
    since = min((line.last_held_at for line in lines if line.last_held_at), default=timezone.now())
    done, columns = Q(state=Commitment.State.DONE, settled_at__gte=since), ("pair", "owner", "due_on", "settled_at")
    rows = Commitment.objects.filter(Q(state=Commitment.State.OPEN) | done, pair__in=by_pair).order_by()
    over = {person.pk: min(person.today(), user.today()) for line in lines for person in line.pair.people}
    for pk, owner, date_due, settled_at in rows.values_list(*columns):
        line = by_pair[pk]
        if settled_at is None:
            line.overdue += date_due < over[owner]
        else:
            line.done_since += line.last_held_at is not None and settled_at >= line.last_held_at
    reds = Flag.objects.for_member(user).filter(pair__in=by_pair, level=Flag.Level.RED)
    red = set(reds.order_by().values_list("pair", flat=True))
    for pk, line in by_pair.items():
        line.is_red = pk in red


def asked_for_feedback(lines: list[PairLine]) -> list[PairLine]:
    """Return the pairs in which this mentee is asked now how the mentoring goes."""
    now = timezone.now()
    just_met = [line for line in lines if line.last_held_at and line.last_held_at > now - ASKED_FOR and not line.paused]
    pks = [line.pair.pk for line in just_met if line.held_count % EVERY == 0]  # mostly none
    found = asked_in(pks) if pks else ()
    return [line for line in lines if line.pair.pk in found]


def add_commitments(page: Home, user) -> None:
    """Add the person's own commitments, soonest first."""
    pairs = [line.pair for line in page.lines]
    mine = Commitment.objects.filter(pair__in=pairs).open().owned_by(user)
    rows = mine.soonest_first()[: COMMITMENTS + 1].as_lines(pairs)
    page.more_commitments = len(rows) > COMMITMENTS
    page.commitments = rows[:COMMITMENTS]


def coming_up(sessions: list[Session], cards: list[SessionCard]) -> list[Session]:
    """Return the next session of each pair that has no card of its own, earliest first."""
    shown, found = {card.session.pk for card in cards}, {}
    for session in sessions:
        if session.is_to_come and session.pk not in shown:
            found.setdefault(session.pair_id, session)
    return list(found.values())


def sessions_by_day(sessions: list[Session], lines: dict[int, PairLine], user) -> list:
    """Return these sessions by the day on which they are for this person."""
    by_day = groupby(sessions, key=lambda session: user.local(session.starts_at).date())
    return [(day, [(session, lines[session.pair_id]) for session in found]) for day, found in by_day]
