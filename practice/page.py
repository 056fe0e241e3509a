"""What the practice page and the pages of a pair show, in a few plain queries."""

from dataclasses import dataclass

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from mentoring.models import Pair
from practice.conversations import next_conversation
from practice.kinds import ASKED, STARTING, EntryKind, Kind
from practice.models import Buddies, BuddyUpdate, Entry, PairResource, PracticePlan, Share
from practice.models.buddies import mentees
from practice.weeks import PlanWeeks, weeks_of

NEWEST = 3  # entries of each kind
SHARED = 5


@dataclass(frozen=True)
class KindSection:
    """The newest entries of one kind without the one at the top of the page, and how many there are with it."""

    kind: Kind
    count: int
    entries: list[Entry]


@dataclass(frozen=True)
class SharedEntry:
    """An entry that one of a pair shares with the other, as one of them sees it."""

    entry: Entry
    share: Share
    is_mine: bool


@dataclass(frozen=True)
class BuddyLine:
    """A request or a buddy as one person sees it, with the newest line that the buddy sent."""

    buddies: Buddies
    buddy: object
    newest: BuddyUpdate | None


@dataclass(frozen=True)
class PracticePage:
    """The practice page of one person."""

    sections: list[KindSection]
    received: list[SharedEntry]
    plans: list[PlanWeeks]
    buddies: list[BuddyLine]
    may_have_buddies: bool
    next_conversation: Entry | None
    templates: list[Entry]  # the newest of their own

    @property
    def notes(self) -> KindSection:
        """The quick notes, which have a section of their own."""
        return next(section for section in self.sections if section.kind.name == EntryKind.NOTE)

    @property
    def others(self) -> list[KindSection]:
        return [section for section in self.sections if section != self.notes and not section.kind.in_aside]

    @property
    def main(self) -> list[KindSection]:
        return [section for section in self.others if section.count]

    @property
    def unused(self) -> list[Kind]:
        """The kinds of which there is no entry yet."""
        return [section.kind for section in self.others if not section.count]

    @property
    def aside(self) -> list[KindSection]:
        return [section for section in self.sections if section.kind.in_aside]

    @property
    def is_empty(self) -> bool:
        return not (self.received or any(section.count for section in self.sections))


def practice_page(user) -> PracticePage:
    own = Entry.objects.filter(author=user).written()
    counts = dict(own.order_by().values_list("kind").annotate(Count("pk")))
    order = [F("created_at").desc(), F("pk").desc()]
    ranked = own.annotate(rank=Window(RowNumber(), partition_by="kind", order_by=order)).filter(rank__lte=NEWEST)
    newest = list(ranked.values_list("pk", flat=True))
    rows = list(
        Entry.objects.filter(pk__in=newest)
        .select_related("competency")
        .prefetch_related("experiment")
        .with_texts()
        .with_shares()
        .order_by("-created_at", "-pk")
    )
    first = next_conversation(user)
    rows = [row for row in rows if first is None or row.pk != first.pk]
    sections = [
        KindSection(kind, counts.get(name, 0), [row for row in rows if row.kind == name])
        for name, kind in ((kind.name, kind) for kind in (*STARTING, *ASKED) if kind.has_section)
        if kind in STARTING or name in counts
    ]
    received = shared_entries(Pair.objects.visible_to(user), user, only_received=True)
    is_mentee = mentees().filter(user=user).exists()
    templates = [row for row in rows if row.kind == EntryKind.TEMPLATE]
    return PracticePage(sections, received, plans_of(user), buddies_of(user), is_mentee, first, templates)


def buddies_of(user) -> list[BuddyLine]:
    """Return the requests and buddies of this person, in two queries."""
    rows = list(Buddies.objects.visible_to(user).select_related("asked_by", "other").order_by("pk"))
    accepted = [row.pk for row in rows if row.accepted_at]
    order = [F("created_at").desc(), F("pk").desc()]
    rank = Window(RowNumber(), partition_by="buddies", order_by=order)
    updates = BuddyUpdate.objects.filter(buddies__in=accepted).exclude(author=user)
    newest = {update.buddies_id: update for update in updates.annotate(rank=rank).filter(rank=1)}
    found = []
    for row in rows:
        buddy, update = row.partner_of(user), newest.get(row.pk)
        if update:
            update.author = buddy
        found.append(BuddyLine(row, buddy, update))
    return found


def plans_of(user) -> list[PlanWeeks]:
    """Return the active plans of this person with their weeks."""
    plans = list(PracticePlan.objects.visible_to(user).active())
    for plan in plans:
        plan.user = user
    return list(weeks_of(plans).values())


def resources_in_use(pair: Pair) -> list[PairResource]:
    """Return the newest resources that the mentee has neither finished nor turned down."""
    return list(pair.resources.in_use().with_facts()[:NEWEST])


def shared_entries(pairs, user, only_received: bool = False, most: int = SHARED, kind: str = "") -> list[SharedEntry]:
    """Return what is shared in these pairs, what was shared last first; with `kind`, only entries of that kind."""
    shares = Share.objects.filter(pair__in=pairs, entry__written_at__isnull=False)
    if kind:
        shares = shares.filter(entry__kind=kind)
    if only_received:
        shares = shares.exclude(entry__author=user)
    shares = (
        shares.select_related("entry__author", "entry__experiment")
        .prefetch_related("entry__texts")
        .order_by("-shared_at", "-pk")
    )
    return [SharedEntry(share.entry, share, share.entry.author_id == user.pk) for share in shares[:most]]
