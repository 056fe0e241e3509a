"""The stakeholder map as a page, and where it leads: a topic, a commitment, or a topic about an introduction."""

from dataclasses import dataclass
from datetime import date

from core.grid_chart import GridChart
from goals.models import Commitment
from mentoring.models import Pair
from practice.models import Stakeholder
from sessions.models import AgendaItem


@dataclass(frozen=True)
class StakeholderMap:
    """The people and groups of one person, numbered in the order of the table."""

    rows: list[Stakeholder]

    @property
    def chart(self) -> GridChart:
        """Support from left to right, influence upward."""
        return GridChart([(row.support, row.influence) for row in self.rows])

    @property
    def marks(self) -> list[tuple]:
        return list(zip(self.chart.marks, self.rows, strict=True))


def map_of(user) -> StakeholderMap:
    rows = Stakeholder.objects.visible_to(user).on_map().select_related("commitment", "topic")
    return StakeholderMap(list(rows))


def commit(row: Stakeholder, pair: Pair, text: str, due_on: date) -> Commitment:
    """Make this line a commitment of the author; a second time returns the first one."""
    with pair.locked():
        row.refresh_from_db(fields=["commitment"])
        if row.commitment:
            return row.commitment
        row.commitment = Commitment.create(row.author, pair=pair, owner=row.author, text=text, due_on=due_on)
        Stakeholder.objects.filter(pk=row.pk).update(commitment=row.commitment)
    return row.commitment


def add_to_agenda(row: Stakeholder, pair: Pair, title: str) -> AgendaItem:
    """Put this line on the agenda of the pair; a second time returns the first topic."""
    with pair.locked():
        row.refresh_from_db(fields=["topic"])
        if row.topic:
            return row.topic
        row.topic = AgendaItem.add(pair, row.author, title)
        Stakeholder.objects.filter(pk=row.pk).update(topic=row.topic)
    return row.topic
