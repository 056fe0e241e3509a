"""Creates a pair with a row of every kind and text in every field, for tests of all pages."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from django.apps import apps
from django.db.models import CharField, Field, JSONField, Model, TextField
from django.utils import timezone

from goals.models import Competency, Priority
from mentoring.models import (
    Application,
    Enrollment,
    HuddleAnswer,
    HuddleQuestion,
    ImportRun,
    Pair,
    Profile,
    Program,
)
from practice.inventory_files import newest
from practice.kinds import KINDS, EntryKind
from practice.models import (
    Entry,
    Experiment,
    InventoryPick,
    InventoryRun,
    InventoryVersion,
    Opportunity,
    OpportunityApplication,
    ProgramInventory,
    Rehearsal,
    Resource,
    SelfReview,
    Stakeholder,
)
from sessions.models import (
    AgendaTemplate,
    Block,
    ItemOutcome,
    PrivateNote,
    Session,
    SessionMove,
    StatusUpdate,
    StillRight,
    TemplateBlock,
    TextVersion,
)
from tests import access, make

# Models whose texts are written by program admins, or about a program.
PROGRAM_MODELS = {
    Program,
    Enrollment,
    Application,
    Profile,
    ImportRun,
    AgendaTemplate,
    TemplateBlock,
    Priority,
    Competency,
    HuddleAnswer,
    HuddleQuestion,
    Opportunity,
    Resource,
    ProgramInventory,
    InventoryVersion,
}
APPS = ("mentoring", "goals", "mentoring_sessions", "practice")
# A name from a list, a key, a hash, numbers, an address at another service.
FILLED_BY_CODE = {"zone", "what", "key", "digest", "source", "marks", "busy", "address"}
# Not even its owner reads it again: a test that meets it anywhere does not know whose it is, and fails.
SECRET_ADDRESS = "https://calendar.example.org/Canary9999999999"


def build() -> access.World:
    """Return the world of access.py, with the rows that no URL names added to it."""
    world = access.build()
    pair = Pair.objects.get(pk=world.rows["pair"])
    for number, session in enumerate(Session.objects.filter(pair=pair).order_by("pk")):
        shared_at = timezone.now() if number % 2 else None
        StatusUpdate.objects.create(session=session, author=pair.mentee, wins="Done", shared_at=shared_at)
    recapped = Session.objects.get(pk=world.rows["session with a recap"])
    recapped.answer(pair.mentor, met=True, note="Late")
    SessionMove.objects.create(
        session=recapped, from_at=recapped.starts_at, to_at=recapped.ends_at, created_by=pair.mentor, reason="Ill"
    )
    for session in (recapped, Session.objects.get(pk=world.rows["session"]), None):
        for author in (pair.mentor, pair.mentee):
            PrivateNote.objects.create(pair=pair, session=session, author=author, text="Mine")
    for author in pair.people:
        make.feedback(pair, created_by=author, shared_at=None, differently="Ask first")
    practice(pair)
    make.pair_resource(pair, resource=Resource.objects.get(pk=world.rows["resource"]), why="It is short")
    opportunities(world, pair)
    make.introduction(pair, why="She led the migration", learned="Ask sooner", learned_at=timezone.now())
    make.busy_calendar(pair.mentee, SECRET_ADDRESS), make.chat_webhook(pair.mentee, SECRET_ADDRESS)
    StillRight.objects.create(pair=pair, number=1, challenges="Time", created_by=pair.mentee)
    item = make.topic(pair, title="Talked about", state="discussed")
    ItemOutcome.objects.create(session=recapped, item=item, outcome="discussed", title=item.title)
    key = world.rows["note of a block"]
    TextVersion.objects.create(pair=pair, key=key, text="Before", created_by=pair.mentor)
    TextVersion.objects.update(created_at=timezone.now() - timedelta(hours=1))
    make.series(pair)
    pair.exit_answers.create(user=pair.mentee, rating=4, takeaway="Ask sooner")
    Pair.objects.filter(pk=pair.pk).update(
        ends_on=timezone.localdate()
    )  # ends today, so that both are asked to look back
    progress(pair)
    earlier = make.pair(pair.program, Pair.objects.filter(ended_at__isnull=False).first().mentor, pair.mentee)
    make.goal(earlier, why="The next role"), make.topic(earlier), make.commitment(earlier)
    make.plan(earlier), make.work_event(earlier, happens_on=timezone.localdate() + timedelta(days=20))
    earlier.end()
    missing = {model.__name__ for model, _field in text_fields() if not model.objects.exists()}
    assert not missing, f"create a row of each: {missing}"
    return world


def opportunities(world: access.World, pair: Pair) -> None:
    """Answer the application of the mentee to the mentor, and create one to somebody else; both led into the pair."""
    OpportunityApplication.objects.update(answer="Gladly", pair=pair, finished_at=timezone.now())
    offered = make.opportunity(pair.program, world.actors["other mentor"], "Review the tests")
    make.opportunity_application(offered, pair.mentee, state="declined", answer="Not this time", pair=pair)


def practice(pair: Pair) -> None:
    """Create an entry of every kind by both people, one private and one shared, and a practice of their own."""
    for author in pair.people:
        make.practice_plan(author, pair, title="Mine").tick(author.today(), True)
        Stakeholder.objects.create(author=author, name="Marta", matters="Mine", approach="Mine")
        for name, kind in KINDS.items():
            for is_shared in (False, True):
                entry = make.entry(author, pair, name, **{prompt.name: "Mine" for prompt in kind.prompts})
                entry.share(pair) if is_shared else None
                if kind.part_of:
                    whole = Entry.objects.filter(author=author, kind=kind.part_of).latest("pk")
                    Entry.objects.filter(pk=entry.pk).update(part_of=whole)
                if name == EntryKind.INVENTORY:
                    answer_inventory(entry)
                if name == EntryKind.REVIEW:
                    SelfReview.objects.create(user=author, quarter_on=date(1900 + entry.pk, 1, 1), entry=entry)
                if name == EntryKind.REHEARSAL:
                    Rehearsal.objects.create(entry=entry, before=2, after=4)
                if name == EntryKind.EXPERIMENT:
                    Experiment.finish(entry, "failed")


def answer_inventory(entry: Entry) -> None:
    """Answer the strengths, and choose one statement as evidence."""
    strengths = next(one for one in newest() if one.name == "strengths")
    run = InventoryRun.objects.create(entry=entry, source=strengths.source)
    run.answer(run.version, {one.key: 4 for one in strengths.statements})
    for competency in Competency.objects.filter(dropped_at=None)[:1]:
        InventoryPick.objects.create(run=run, key=strengths.statements[0].key, competency=competency)


def progress(pair: Pair) -> None:
    """Create a finished feedback round, a revised plan, a changed goal, an outcome and a value."""
    round_ = make.feedback_round(pair, "Lin", "Noor", "Kim")
    for invite in round_.invites.all():
        invite.answer(4, "Keep asking", "Ask sooner")
    plan = make.plan(pair)
    plan.revise(1, pair.mentor, "It went faster", skill="Say no early")
    goal = make.goal(pair, why="The next role", measure="Twice a month")
    goal.change(1, pair.mentee, "Smaller", title="Open the meeting")
    goal.competencies.add(make.competency(pair.program, "Opens a meeting"))
    goal.priorities.add(Priority.objects.filter(program=pair.program).first() or make.priority(pair.program))
    competency = goal.competencies.first()
    make.commitment(pair, competency=competency).complete(pair.mentee, 1)
    make.outcome(pair, competency=competency, goal=goal, evidence_url="https://example.org/minutes")
    make.reading(make.indicator(pair, kind="measure", unit="minutes"), 12, note="Shorter")


def text_fields() -> Iterator[tuple[type[Model], Field]]:
    """Yield every field that the people of a pair write, found in the models, so that new fields are included."""
    for model in apps.get_models():
        if model._meta.app_label not in APPS or model in PROGRAM_MODELS:
            continue
        for field in model._meta.concrete_fields:
            written = isinstance(field, CharField | TextField | JSONField) and not field.choices
            if written and field.name not in FILLED_BY_CODE:
                yield model, field


def fill_texts(text_for: Callable[[Model, Field], str]) -> None:
    """Store text_for(row, field) in every text field of every row."""
    for model, field in text_fields():
        for row in model.objects.all():
            text = text_for(row, field)
            model.objects.filter(pk=row.pk).update(
                **{field.name: {"text": text} if isinstance(field, JSONField) else text}
            )


def overfull_pair() -> Pair:
    """Create a pair with very long names and thirty rows of most kinds, each text as long as its field allows."""
    names = "Wolfeschlegelsteinhausen" * 8 + "Ada Lind", "Adalbertine " * 16
    mentor, mentee = (make.user(name[:200]) for name in names)
    pair = make.pair(make.program(("Mentoring " * 20)[:200]), mentor, mentee)
    rows = access.make_rows(pair)
    running = Session.objects.get(pk=rows["running session"])
    Session.objects.filter(pk=running.pk).update(current_block=running.blocks.filter(role="topic").first().position)
    indicator = make.indicator(pair, entered_by="both")
    for number in range(30):
        by = pair.mentor if number % 2 else pair.mentee
        make.topic(pair, by, kind="question" if number % 3 else "topic", position=number)
        make.commitment(pair, by)
        make.milestone(pair)
        make.work_event(pair)
        make.feedback(pair, created_by=by, session=running)
        make.outcome(pair)
        pair.celebrations.create(created_by=by, text="Well done")
        make.plan(pair) if number < 8 else None
        make.reading(indicator, number % 5 + 1, timezone.localdate() - timedelta(days=number), by)
    StatusUpdate.objects.create(session=running, author=mentee, wins="Won", shared_at=timezone.now())
    practice(pair)
    fill_texts(lambda _row, field: longest(field))
    return pair


def longest(field: Field) -> str:
    return ("Word " * 3990 + "x" * 50 if isinstance(field, TextField) else "Donaudampfschiff " * 9 + "x" * 50)[
        : field.max_length or 500
    ]


def more_rows(pair: Pair) -> None:
    """Create one more row of most kinds for a pair."""
    for by in (pair.mentee, pair.mentor):
        make.topic(pair, by)
        make.topic(pair, by, kind="question")
        make.topic(pair, by, state="parked")
        make.commitment(pair, by)
        make.milestone(pair)
        make.work_event(pair)
        make.outcome(pair)
        pair.celebrations.create(created_by=by, text="Well done")
    progress(pair)
    practice(pair)
    make.pair_resource(pair), make.pair_resource(pair, resource=make.resource(pair.program))
    offered = make.opportunity(pair.program, pair.mentor, places=2)
    make.opportunity_application(offered, pair.mentee, state="accepted", pair=pair, finished_at=timezone.now())
    make.introduction(pair), make.introduction(pair, learned="Ask sooner", learned_at=timezone.now())
    for session in Session.objects.filter(pair=pair):
        make.feedback(pair, session=session, differently="Speak up")
        item = make.topic(pair, state="discussed")
        ItemOutcome.objects.create(session=session, item=item, outcome="discussed", title=item.title)
        session.session_commitments.create(commitment=make.commitment(pair), item=item)
    make.session(pair, datetime.combine(timezone.localdate() + timedelta(days=9), time(15)))
    held = make.past_session(pair, days=20 + 7 * Session.objects.filter(pair=pair).count())
    Session.objects.filter(pk=held.pk).update(closed_at=held.ends_at, held_at=held.ends_at)
    make.agreement(pair)
    for key in (
        f"block-{block}-note" for block in Block.objects.filter(session__pair=pair).values_list("pk", flat=True)
    ):
        TextVersion.objects.create(pair=pair, key=key, text="Before", created_by=pair.mentor)
