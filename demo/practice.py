"""Practice entries of the demo: some private, some shared, one that became a commitment."""

from datetime import UTC, datetime, time, timedelta

from accounts.models import User
from demo import practice_texts
from goals.models import Competency
from mentoring.models import Pair, Program
from practice import self_review
from practice.debriefs import keep_lessons
from practice.inventories import start
from practice.inventory_files import newest
from practice.kinds import KINDS, PROJECT_DEBRIEFS, EntryKind
from practice.models import (
    Buddies,
    BuddyUpdate,
    Entry,
    EntryText,
    Experiment,
    Introduction,
    InventoryRun,
    Opportunity,
    OpportunityApplication,
    PairResource,
    PracticePlan,
    ProgramInventory,
    Rehearsal,
    Resource,
    Share,
    Stakeholder,
)
from practice.quarters import Quarter

DAY = timedelta(days=1)
PARTS_OF_CONVERSATION = (EntryKind.REHEARSAL, EntryKind.DEBRIEF)


def build_inventories(person: User, now: datetime) -> None:
    """Answer two inventories, one of them twice."""
    for name, days_ago, marks in practice_texts.INVENTORIES:
        one = next(one for one in newest() if one.name == name)
        run = InventoryRun.objects.get(entry=start(person, one))
        run.answer(run.version, {row.key: mark for row, mark in zip(one.statements, marks, strict=True)})
        at = now - days_ago * DAY
        Entry.objects.filter(pk=run.entry_id).update(created_at=at, written_at=at)


def build_own_inventories(program: Program) -> None:
    """Publish an inventory of the program, and leave another as a draft."""
    for title, about, statements, is_published in practice_texts.OWN_INVENTORIES:
        facts = {"title": title, "about": about, "statements": statements}
        row = ProgramInventory.objects.create(program=program, **facts)
        if is_published:
            row.publish(None)


def build_self_review(person: User, now: datetime) -> None:
    """Write the review of the newest quarter that is over, a few days after its end, unless it is offered now."""
    quarter = Quarter.finished(person.local(now).date())
    if person.local(now).date() <= quarter.offered_until:
        return
    entry = self_review.start(person, quarter)
    at = quarter.bounds(person)[1] + 6 * DAY
    for text in entry.texts.all():
        text.write(text.version, text=practice_texts.REVIEW[text.key])
    Entry.objects.filter(pk=entry.pk).update(created_at=at, written_at=at)


def build_buddies(program: Program, asked_by: User, other: User, now: datetime) -> None:
    """Make two mentees buddies who have traded some lines."""
    since = now - 20 * DAY
    people = {"program": program, "asked_by": asked_by, "other": other}
    buddies = Buddies.objects.create(asked_at=since, accepted_at=since + DAY, **people)
    for is_mine, days_ago, text, reply in practice_texts.LINES:
        at = now - days_ago * DAY
        BuddyUpdate.objects.create(
            buddies=buddies,
            author=asked_by if is_mine else other,
            text=text,
            created_at=at,
            reply=reply,
            replied_at=at + DAY if reply else None,
        )
    User.objects.filter(pk=other.pk).update(practice_since=since)


def build_resources(pair: Pair, now: datetime) -> None:
    """Create the library of the program, and what a pair uses of it."""
    competencies = list(Competency.objects.filter(program=pair.program_id).order_by("pk"))
    rows = []
    for title, kind, address, competency, note in practice_texts.LIBRARY:
        about = competencies[competency] if competency is not None else None
        facts = {"url": f"https://learn.example/{address}", "competency": about, "note": note}
        rows.append(Resource.objects.create(program=pair.program, title=title, kind=kind, **facts))
    for number, why, status, usefulness, days_ago in practice_texts.RECOMMENDED:
        PairResource.objects.create(
            pair=pair,
            resource=rows[number],
            why=why,
            status=status,
            usefulness=usefulness,
            created_by=pair.mentor,
            created_at=now - days_ago * DAY,
        )
    title, why = practice_texts.OWN_RESOURCE
    own = {"kind": "community", "status": "started", "usefulness": 4, "created_at": now - 30 * DAY}
    PairResource.objects.create(pair=pair, title=title, why=why, created_by=pair.mentee, **own)


def build_introductions(pair: Pair, now: datetime) -> None:
    """Create an introduction that was just asked for, one that was made, and one that led to a lesson."""
    for whom, why, learned, *days_ago in practice_texts.INTRODUCTIONS:
        asked, made, talked, noted = (now - days * DAY if days is not None else None for days in days_ago)
        Introduction.objects.create(
            pair=pair,
            whom=whom,
            why=why,
            learned=learned,
            created_by=pair.mentee,
            created_at=asked,
            made_at=made,
            talked_at=talked,
            learned_at=noted,
            moved_at=noted or talked or made or asked,
        )


def build_opportunities(program: Program, users: dict[str, User], now: datetime) -> None:
    """Create an opportunity with an application that waits, one with an answer, and an earlier one that is done."""
    competencies = list(Competency.objects.filter(program=program).order_by("pk"))
    for poster, title, text, competency, place, effort, places, days, applications in practice_texts.OPPORTUNITIES:
        facts = {"title": title, "text": text, "place": place, "effort": effort, "places": places}
        facts |= {"apply_by": (now + days * DAY).date(), "created_at": now + (days - 20) * DAY}
        row = Opportunity(program=program, poster=users[poster], competency=competencies[competency], **facts).post()
        for name, days_ago, note, state, answer in applications:
            at, states = now - days_ago * DAY, OpportunityApplication.State
            done = state == "done"
            OpportunityApplication.objects.create(
                opportunity=row,
                applicant=users[name],
                note=note,
                state=(states.ACCEPTED if state else states.WAITING),
                answer=answer,
                created_at=at,
                moved_at=at + DAY if state else at,
                decided_at=at + DAY if state else None,
                finished_at=at + 30 * DAY if done else None,
                pair=users[name].pairs_as_mentee.filter(program=program).first() if done else None,
            )


def build_practice(pair: Pair, now: datetime) -> None:
    """Create the entries of both people of a pair, as listed in the texts."""
    competencies = list(Competency.objects.filter(program=pair.program_id).order_by("pk"))
    for person, rows in ((pair.mentee, practice_texts.MENTEE), (pair.mentor, practice_texts.MENTOR)):
        for kind, days_ago, competency, is_shared, answers in rows:
            at = now - days_ago * DAY
            entry = Entry.objects.create(
                kind=kind,
                author=person,
                pair=pair if KINDS[kind].about_pair else None,
                created_at=at,
                written_at=at,
                competency=competencies[competency] if competency is not None else None,
            )
            if kind == EntryKind.NOTE:  # its answers are listed by the questions of its template
                rows = EntryText.empty(entry, list(answers))
            else:
                rows = [EntryText(entry=entry, key=key, position=n) for n, key in enumerate(answers)]
            for row, text in zip(rows, answers.values(), strict=True):
                row.text = text
                row.save()
            if kind in PARTS_OF_CONVERSATION:
                entry.part_of = Entry.objects.filter(author=person, kind=EntryKind.CONVERSATION).latest("created_at")
                entry.save(update_fields=["part_of"])
            if kind == EntryKind.REHEARSAL:
                before, after = practice_texts.CONFIDENCE
                Rehearsal.objects.create(entry=entry, before=before, after=after)
            if kind == EntryKind.CONVERSATION:
                Entry.objects.filter(pk=entry.pk).update(happens_on=(at + 3 * DAY).date())
            if kind == EntryKind.EXPERIMENT and practice_texts.RESULTS[days_ago] is not None:
                result = practice_texts.RESULTS[days_ago]
                ended_at = at + 6 * DAY if result else None
                Experiment.objects.create(entry=entry, begun_at=at + DAY, ended_at=ended_at, result=result)
            if kind in PROJECT_DEBRIEFS:
                keep_lessons(entry)
                entry.lessons.update(created_at=at, written_at=at)
            if is_shared:
                Share.objects.create(entry=entry, pair=pair, shared_at=at + DAY / 8)
        if person == pair.mentee:
            build_inventories(person, now)
            since = now - practice_texts.PLANNED_WEEKS_AGO * 7 * DAY
            for name, influence, support, matters, approach in practice_texts.STAKEHOLDERS:
                facts = {"influence": influence, "support": support, "matters": matters, "approach": approach}
                Stakeholder.objects.create(author=person, name=name, created_at=now - 12 * DAY, **facts)
            PracticePlan.objects.create(user=person, pair=pair, kind="reflection", created_at=since)
        started_at = datetime.combine(pair.started_on, time(9), tzinfo=UTC)
        User.objects.filter(pk=person.pk).update(practice_since=started_at)
