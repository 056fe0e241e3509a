"""Where an entry or an opportunity leads: to a commitment, the next agenda, or an experiment.

What is typed once is not typed again.
"""

from datetime import date

from django.utils import timezone
from django.utils.text import Truncator

from accounts.models import User
from goals.default_due_dates import default_due_on
from goals.models import Commitment
from mentoring.models import Pair
from practice.kinds import KINDS, EntryKind
from practice.models import Entry, EntryText, Opportunity, OpportunityApplication
from sessions.models import AgendaItem


def one_line(text: str, length: int) -> str:
    return Truncator(" ".join(text.split())).chars(length)


def links(entry: Entry, pair: Pair, *names: str) -> dict:
    """Return the links of the entry that also exist for this pair."""
    found = {name: getattr(entry, f"{name}_id") for name in names}
    if entry.pair_id != pair.pk:
        found |= dict.fromkeys(set(names) - {"competency"})
    if entry.competency and entry.competency.program_id != pair.program_id:
        found["competency"] = None
    return {f"{name}_id": found[name] for name in names}


def commit(entry: Entry, pair: Pair, due_on: date) -> Commitment:
    """Make the next step of the entry a commitment of its author; a second time returns the first one."""
    with pair.locked():
        entry.refresh_from_db(fields=["commitment"])
        if entry.commitment:
            return entry.commitment
        fields = links(entry, pair, "competency", "goal", "work_event")
        text = one_line(entry.next_step, 500)
        entry.commitment = Commitment.create(
            entry.author, pair=pair, owner=entry.author, text=text, due_on=due_on, **fields
        )
        Entry.objects.filter(pk=entry.pk).update(commitment=entry.commitment)
    return entry.commitment


def add_to_agenda(entry: Entry, pair: Pair) -> AgendaItem:
    """Add the title of the entry to the pair's agenda; a second time returns the first topic."""
    with pair.locked():
        entry.refresh_from_db(fields=["topic"])
        if entry.topic:
            return entry.topic
        fields = links(entry, pair, "work_event")
        entry.topic = AgendaItem.add(pair, entry.author, one_line(entry.title, 300), **fields)
        Entry.objects.filter(pk=entry.pk).update(topic=entry.topic)
    return entry.topic


def recommend(opportunity: Opportunity, pair: Pair, by) -> AgendaItem:
    """Put an opportunity on the pair's agenda; while it is there, another time returns the same topic."""
    title = one_line(opportunity.title, 300)
    with pair.locked():
        there = pair.items.open().filter(title=title).first()
        return there or AgendaItem.add(pair, by, title, AgendaItem.Kind.TOPIC)


def use_opportunity(application: OpportunityApplication, pair: Pair, use: str) -> Commitment | AgendaItem | Entry:
    """Make an accepted application a `commitment`, a `topic` or an `experiment`; a second time returns the first one.

    From then on the other person of the pair knows of it; an experiment stays private until it is shared.
    """
    make = {"commitment": _commitment_from, "topic": _topic_from, "experiment": _experiment_from}[use]
    with pair.locked():
        application.refresh_from_db(fields=[use, "pair"])
        found = getattr(application, use)
        if found is None:
            found = make(application, pair)
            OpportunityApplication.objects.filter(pk=application.pk).update(**{use: found, "pair": pair})
    return found


def _commitment_from(application: OpportunityApplication, pair: Pair) -> Commitment:
    person, opportunity = application.applicant, application.opportunity
    due_on = default_due_on.ask(pair, person.today())
    facts = {"text": one_line(opportunity.title, 500), "competency_id": opportunity.competency_id}
    return Commitment.create(person, pair=pair, owner=person, due_on=due_on, **facts)


def _topic_from(application: OpportunityApplication, pair: Pair) -> AgendaItem:
    return recommend(application.opportunity, pair, application.applicant)


def _experiment_from(application: OpportunityApplication, pair: Pair) -> Entry:
    person, opportunity, now = application.applicant, application.opportunity, timezone.now()
    User.objects.filter(pk=person.pk, practice_since=None).update(practice_since=now)
    about = {"author": person, "pair": pair, "competency_id": opportunity.competency_id}
    entry = Entry.objects.create(kind=EntryKind.EXPERIMENT, created_at=now, written_at=now, **about)
    answers = {"try": opportunity.title, "where": opportunity.place}
    EntryText.objects.bulk_create(
        EntryText(entry=entry, key=prompt.name, position=n, text=answers.get(prompt.name, ""))
        for n, prompt in enumerate(KINDS[EntryKind.EXPERIMENT].prompts)
    )
    return entry
