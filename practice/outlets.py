"""Where an entry leads: to a commitment, or to the next agenda. What is typed once is not typed again."""

from datetime import date

from django.utils.text import Truncator

from goals.models import Commitment
from mentoring.models import Pair
from practice.models import Entry
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
