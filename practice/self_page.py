"""The page about oneself: the journal, the debriefs, and what else a person keeps to know themselves."""

from dataclasses import dataclass

from practice.inventories import Offered, offered
from practice.kinds import PROJECT_DEBRIEFS, EntryKind
from practice.models import Entry

NEWEST = 3


@dataclass(frozen=True)
class SelfPage:
    """The newest entries of a person's journal and debriefs, newest first."""

    journal: list[Entry]
    debriefs: list[Entry]
    inventories: list[Offered]
    reviews: list[Entry]


def self_page(user) -> SelfPage:
    own = Entry.objects.filter(author=user).written().newest_first().select_related("competency")
    own = own.with_texts().with_shares()
    return SelfPage(
        journal=list(own.filter(kind=EntryKind.JOURNAL)[:NEWEST]),
        debriefs=list(own.filter(kind__in=PROJECT_DEBRIEFS)[:NEWEST]),
        inventories=offered(user),
        reviews=list(own.filter(kind=EntryKind.REVIEW).select_related("self_review")[:NEWEST]),
    )
