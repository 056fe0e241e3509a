"""Creates rows for tests, with defaults: make.pair(), make.session(pair), make.topic(pair, by)."""

import itertools
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Installation, User
from api.models import OF_A_PERSON, OF_A_PROGRAM, ApiToken, WebhookEndpoint
from core.optimistic_locking import fingerprint
from goals.models import (
    Commitment,
    Competency,
    FeedbackRound,
    Goal,
    Indicator,
    Milestone,
    Outcome,
    Plan,
    Priority,
    Reading,
    WorkEvent,
)
from mentoring import importing
from mentoring.models import Agreement, Application, Enrollment, ImportRun, MatchRequest, Pair, Profile, Program
from practice import inventories
from practice.models import (
    Entry,
    Introduction,
    InventoryRun,
    Opportunity,
    OpportunityApplication,
    PairResource,
    PracticePlan,
    ProgramInventory,
    Resource,
)
from reminders.models import ChatWebhook, Delivery, Reminder
from sessions import closing
from sessions.models import AgendaItem, Block, BusyCalendar, CheckIn, Feedback, Series, Session
from sessions.planning import plan_session
from sessions.time_slot import TimeSlot

count = itertools.count(1)
EMPTY = fingerprint("")  # the fingerprint in a form whose text is still empty


def user(name: str = "", **fields) -> User:
    n = next(count)
    fields.setdefault("email", f"person{n}@example.org")
    fields.setdefault("zone_confirmed_at", timezone.now())
    fields.setdefault("address_verified", True)
    fields.setdefault("clock", User.Clock.H24)
    return User.objects.create_user(name=name or f"Person {n}", password=fields.pop("password", None), **fields)


def installation(**fields) -> Installation:
    """Set up the installation, so that signed-out people see the sign-in page and not the first visit."""
    return Installation.objects.get_or_create(pk=1, defaults={"operator_name": "Example Foundation", **fields})[0]


def program(name: str = "Engineering mentoring", **fields) -> Program:
    installation()
    today = timezone.now().date()
    fields.setdefault("starts_on", today - timedelta(days=60))
    fields.setdefault("ends_on", today + timedelta(days=150))
    return Program.objects.create(name=name, **fields)


def api_token(user: User, program: Program | None = None, scopes: list[str] | None = None, **fields):
    """Create a token with all scopes that there are for it; return its row and its secret."""
    scopes = scopes if scopes is not None else list(OF_A_PROGRAM if program else OF_A_PERSON)
    expires_at = fields.pop("expires_at", timezone.now() + timedelta(days=30))
    return ApiToken.make(user, fields.pop("name", "Report"), scopes, expires_at, program)


def webhook(program: Program, url: str = "https://hooks.example.org/in", **fields) -> WebhookEndpoint:
    """Add an address that is told of every kind of event."""
    events = fields.pop("events", ["session.held", "commitment.done", "pair.flagged", "pair.ended"])
    row = WebhookEndpoint.add(None, program, url, events)
    WebhookEndpoint.objects.filter(pk=row.pk).update(**fields)
    return WebhookEndpoint.objects.get(pk=row.pk)


def busy_calendar(user: User, address: str = "https://calendar.example.org/secret.ics", **fields) -> BusyCalendar:
    return BusyCalendar.objects.create(user=user, address=address, **fields)


def chat_webhook(user: User, address: str = "https://hooks.slack.com/services/T0/B0/secret", **fields) -> ChatWebhook:
    return ChatWebhook.objects.create(user=user, address=address, **fields)


def enrollment(program: Program, user: User, role: str, **fields) -> Enrollment:
    fields.setdefault("accepted_at", timezone.now())
    fields.setdefault("name", user.name)
    return Enrollment.objects.create(program=program, user=user, role=role, **fields)


def participant(program: Program, role: str, name: str, capacity: int = 2, **facts) -> User:
    """Create a member in London whose profile has the values of `facts`."""
    person = user(name, zone="Europe/London")
    enrollment(program, person, role, capacity=capacity)
    Profile.objects.create(program=program, user=person, **facts)
    return person


def admin(of: Program, name: str = "Priya Nair") -> User:
    person = user(name)
    enrollment(of, person, Enrollment.Role.ADMIN)
    return person


def pair(in_program: Program | None = None, mentor: User | None = None, mentee: User | None = None, **fields) -> Pair:
    in_program = in_program or program()
    mentor = mentor or user("Sam Okafor", zone="Europe/London")
    mentee = mentee or user("Ada Lind", zone="Asia/Kolkata")
    rows = Enrollment.objects.filter(program=in_program, user__in=[mentor, mentee])
    rows = {(row.user_id, row.role): row for row in rows}
    for person, role in ((mentor, Enrollment.Role.MENTOR), (mentee, Enrollment.Role.MENTEE)):
        row = rows.get((person.pk, role)) or enrollment(in_program, person, role)
        fields.setdefault(f"{role}_joined", row.accepted_at is not None)
    fields.setdefault("started_on", in_program.starts_on)
    fields.setdefault("ends_on", in_program.ends_on)
    return Pair.objects.create(program=in_program, mentor=mentor, mentee=mentee, **fields)


def move_to_zone(user: User, zone: str) -> None:
    """Store another time zone of a person, as the preferences page does."""
    user.zone, user.zone_confirmed_at = zone, timezone.now()
    user.touched_at = user.zone_confirmed_at
    user.save(update_fields=["zone", "zone_confirmed_at", "touched_at"])


def application(to: Program, name: str = "Nia Quaye", **fields) -> Application:
    fields = {"email": f"person{next(count)}@example.org", "role": "mentee", "why": "To learn"} | fields
    return Application.objects.create(program=to, name=name, **fields)


def agreement(pair: Pair, by: User | None = None, **terms) -> Agreement:
    """Propose a version of the working agreement, by default as the mentor."""
    newest = Agreement.newest(pair)
    return Agreement.propose(pair, by or pair.mentor, newest.version if newest else 0, **terms)


def session(pair: Pair, local_start: datetime | None = None, zone: str = "Europe/London", **fields) -> Session:
    """Plan a session with its blocks, by default in two days at 10:00 in London, and set other `fields`."""
    start = local_start or datetime.combine(timezone.now().date() + timedelta(days=2), time(10))
    slot = TimeSlot(start, zone, fields.pop("minutes", pair.minutes), fields.pop("place", ""))
    kind, series = fields.pop("kind", Session.Kind.STANDARD), fields.pop("series", None)
    row = plan_session(pair, fields.pop("created_by", None), slot, kind, series)
    if fields:
        Session.objects.filter(pk=row.pk).update(**fields)
        row.refresh_from_db()
    return row


def topic(pair: Pair, by: User | None = None, title: str = "The board presentation", **fields) -> AgendaItem:
    return AgendaItem.objects.create(pair=pair, created_by=by or pair.mentee, title=title, **fields)


def commitment(pair: Pair, owner: User | None = None, text: str = "Send the draft to Lin", **fields) -> Commitment:
    owner = owner or pair.mentee
    fields.setdefault("due_on", date.today() + timedelta(days=5))
    return Commitment.create(by=fields.pop("by", owner), pair=pair, owner=owner, text=text, **fields)


def block(session: Session, title: str = "Topic", **fields) -> Block:
    fields.setdefault("position", session.blocks.count() + 1)
    return Block.objects.create(session=session, title=title, **({"type": "learn", "minutes": 12} | fields))


def goal(pair: Pair, title: str = "Present to the board without notes", **fields) -> Goal:
    return Goal.objects.create(pair=pair, title=title, **fields)


def milestone(pair: Pair, title: str = "Run the weekly review alone", **fields) -> Milestone:
    return Milestone.objects.create(goal=fields.pop("goal", None) or goal(pair), title=title, **fields)


def work_event(pair: Pair, title: str = "Board presentation", **fields) -> WorkEvent:
    fields.setdefault("happens_on", date.today() + timedelta(days=10))
    return WorkEvent.objects.create(pair=pair, title=title, **fields)


def priority(program: Program, title: str = "Decide faster") -> Priority:
    return Priority.add_to_list(program, title)


def competency(program: Program, title: str = "Runs a meeting that ends in a decision") -> Competency:
    return Competency.add_to_list(program, title)


def plan(pair: Pair, by: User | None = None, **fields) -> Plan:
    defaults = {"skill": "Say no in a meeting", "level_now": 2, "level_target": 4, "gap": "Says yes first"}
    defaults |= {"due_on": date.today() + timedelta(days=90), "resources": "Lin"}
    return Plan.create(pair, by or pair.mentee, **defaults | fields)


def indicator(pair: Pair, title: str = "How sure I feel", **fields) -> Indicator:
    return Indicator.objects.create(pair=pair, title=title, **fields)


def reading(
    indicator: Indicator, value: float, measured_on: date | None = None, by: User | None = None, **fields
) -> Reading:
    return Reading.record(indicator, by or indicator.pair.mentee, measured_on or date.today(), value, **fields)


def outcome(pair: Pair, title: str = "The team decides in the meeting", **fields) -> Outcome:
    fields.setdefault("happened_on", date.today())
    return Outcome.objects.create(pair=pair, title=title, **fields)


def feedback_round(pair: Pair, *names: str, about: str = "Ada lets others finish") -> FeedbackRound:
    return FeedbackRound.start(pair, about, list(names) or ["Lin", "Noor", "Kim", "Jo"])


def match_request(program: Program, mentee: User, mentor: User) -> MatchRequest:
    until = timezone.now() + timedelta(days=7)
    return MatchRequest.objects.create(program=program, mentee=mentee, mentor=mentor, rank=1, answer_due_at=until)


def import_run(
    program: Program, text: str = "email,name,role\nnia@example.org,Nia Cole,mentee\n,Nobody,mentor"
) -> ImportRun:
    return importing.create_run(program, None, "people.csv", text.encode(), role="")


def past_session(pair: Pair, days: int = 1, **fields) -> Session:
    """Create a session in the past that nobody started or closed."""
    return session(pair, (timezone.now() - timedelta(days=days)).replace(tzinfo=None, microsecond=0), "UTC", **fields)


def inactive(pair: Pair, today: date) -> Pair:
    """Let the pair have met forty days ago and planned nothing since."""
    dates = {"started_on": today - timedelta(days=90), "ends_on": today + timedelta(days=90)}
    Pair.objects.filter(pk=pair.pk).update(**dates)
    pair.refresh_from_db()
    session = past_session(pair, days=40)
    for person in pair.people:
        session.answer(person, met=True)
    return pair


def running_session(pair: Pair, **fields) -> Session:
    """Create a session that began half an hour ago."""
    began = timezone.now() - timedelta(minutes=30)
    fields.setdefault("started_at", began)
    return session(pair, began.replace(tzinfo=None, microsecond=0), "UTC", **fields)


def closed_session(pair: Pair, by: User | None = None) -> Session:
    """Create a session that was just closed, with the next date left open."""
    row = running_session(pair, next_left_open_at=timezone.now())
    closing.close(row, by or pair.mentor)
    return row


def feedback(pair: Pair, **fields) -> Feedback:
    return Feedback.objects.create(pair=pair, created_by=fields.pop("created_by", pair.mentee), **fields)


def entry(author: User, pair: Pair | None, kind: str = "lesson", **texts) -> Entry:
    """Create a practice entry with these texts, by default a lesson; it is private."""
    row = Entry.start(author, kind, pair)
    for key, text in texts.items():
        written = row.texts.get(key=key)
        written.write(written.version, text=text)
    Entry.objects.filter(pk=row.pk).update(written_at=row.created_at)
    row.refresh_from_db()
    return row


def introduction(pair: Pair, whom: str = "Lin from finance", **fields) -> Introduction:
    """Create an introduction that the mentee asks for."""
    return Introduction.objects.create(pair=pair, whom=whom, created_by=pair.mentee, **fields)


def inventory_run(author: User, mark: int = 3, name: str = "strengths") -> InventoryRun:
    """Create the answers of this person to an inventory, the same for each statement."""
    inventory = inventories.offered_now(author, name)
    run = InventoryRun.objects.get(entry=inventories.start(author, inventory))
    run.answer(run.version, {one.key: mark for one in inventory.statements})
    return InventoryRun.objects.select_related("entry").get(pk=run.pk)


def program_inventory(
    program: Program, title: str = "Leading here", publish: bool = True, **fields
) -> ProgramInventory:
    """Create a program's own inventory with two themes, by default published."""
    statements = "Decide\n- I decide before Friday.\n- I say why.\n\nListen\n- I ask first."
    row = ProgramInventory.objects.create(program=program, title=title, **{"statements": statements} | fields)
    if publish:
        row.publish(None)
    return ProgramInventory.objects.get(pk=row.pk)


def resource(program: Program, title: str = "How to run a meeting", **fields) -> Resource:
    """Create a resource in the library of a program."""
    return Resource.objects.create(program=program, title=title, url="https://example.org/meetings", **fields)


def pair_resource(pair: Pair, title: str = "The book on decisions", **fields) -> PairResource:
    """Create a resource that the mentor recommends, by default one of their own."""
    fields = {"title": "" if "resource" in fields else title, "created_by": pair.mentor} | fields
    return PairResource.objects.create(pair=pair, **fields)


def opportunity(program: Program, poster: User, title: str = "Lead the retro of the launch", **fields) -> Opportunity:
    """Post an opportunity for which mentees can apply for two weeks."""
    facts = {"text": "An hour with six people", "apply_by": program.today() + timedelta(days=14)} | fields
    return Opportunity(program=program, poster=poster, title=title, **facts).post()


def opportunity_application(to: Opportunity, by: User, note: str = "I would like to try it", **fields):
    """Create an application; one with a state other than waiting was decided now."""
    if fields.get("state"):
        fields.setdefault("decided_at", timezone.now())
    return OpportunityApplication.objects.create(opportunity=to, applicant=by, note=note, **fields)


def practice_plan(user: User, pair: Pair, **fields) -> PracticePlan:
    """Create a practice of one's own, or of a `kind` of entry, for each Friday at four."""
    return PracticePlan.objects.create(user=user, pair=pair, **fields)


def series(pair: Pair, **fields) -> Series:
    """Create a series of sessions at ten o'clock, with the cadence of the pair."""
    fields.setdefault("first_on", date.today() + timedelta(days=3))
    fields.setdefault("zone", "Europe/London")
    return Series.objects.create(pair=pair, rule=pair.cadence, local_time=time(10), **fields)


def reminder(person, commitment, **fields):
    """Create the reminder of a commitment that is due today, not sent yet."""
    at = timezone.now() - timedelta(minutes=5)
    subject = f"commitment:{commitment.pk}"
    defaults = {"key": f"commitment_due:{person.pk}:{subject}:{commitment.due_on}", "kind": "commitment_due"}
    defaults |= {"recipient": person, "subject": subject, "pair": commitment.pair, "due_at": at}
    return Reminder.objects.create(**defaults | {"expires_at": at + timedelta(days=1)} | fields)


def sent_email(*reminders: Reminder, **fields) -> Delivery:
    """Create the email of a window with these reminders of one person, sent just now."""
    now, person = timezone.now(), reminders[0].recipient
    times = {"due_at": now, "next_try_at": now, "sent_at": now, "expires_at": now + timedelta(days=1)}
    values = {"recipient": person, "is_bundle": True, "state": "sent", "message_id": f"<{reminders[0].key}>"}
    email = Delivery.objects.create(**values | times | fields)
    Reminder.objects.filter(pk__in=[it.pk for it in reminders]).update(delivery=email, state="sent")
    return email


def retention_notices(pair: Pair, kept_until: date) -> None:
    """Store that both people were notified, sixty days before, when their content will be deleted."""
    at = datetime.combine(kept_until - timedelta(days=60), time(9), tzinfo=UTC)
    for person in pair.people:
        subject = f"pair:{pair.pk}"
        key = f"deletion_near:{person.pk}:{subject}:{kept_until.isoformat()}"
        sent = {"kind": "deletion_near", "subject": subject, "pair": pair, "due_at": at, "state": Reminder.State.SENT}
        Reminder.objects.create(key=key, recipient=person, **sent)


def check_in(pair: Pair, answer: str = "stuck", note: str = "The numbers for Lin"):
    return CheckIn.record(pair, pair.mentee, answer, note)
