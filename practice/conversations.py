"""What is rehearsed, hard conversations and pitches: their rehearsals, and the debrief of a conversation."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from goals.models.goal import REVIEW_WITHIN
from mentoring.models import Pair
from practice.kinds import REHEARSED, EntryKind
from practice.models import Entry, EntryText, Rehearsal
from practice.models.entry import EntryQuerySet

JOINED_FOR = timedelta(hours=2)  # how long a partner is led to a rehearsal that they were invited to


@dataclass(frozen=True)
class ConversationPage:
    """The rehearsals of a conversation, oldest first, and its debrief."""

    rehearsals: list[Entry]
    debrief: Entry | None

    @property
    def next_seat(self) -> str:
        """The seat that was not played last."""
        return self.rehearsals[-1].rehearsal.other_seat if self.rehearsals else Rehearsal.Seat.OWN


def conversation_page(conversation: Entry) -> ConversationPage:
    rows = conversation.parts.select_related("rehearsal").with_texts().with_shares().order_by("created_at", "pk")
    parts = list(rows)
    rehearsals = [part for part in parts if part.kind == EntryKind.REHEARSAL]
    return ConversationPage(rehearsals, next((part for part in parts if part.kind == EntryKind.DEBRIEF), None))


def start_rehearsal(conversation: Entry, facts: Rehearsal, pair: Pair | None) -> Entry:
    """Start a rehearsal whose scene begins with what this is about; `pair`: with the partner there.

    The partner reads the rehearsal, but not the preparation.
    """
    now, author = timezone.now(), conversation.author
    with transaction.atomic():
        entry = Entry.start(author, EntryKind.REHEARSAL, conversation.pair, part_of=conversation)
        scene = EntryText.objects.get(entry=entry, key="scenario")
        scene.text = conversation.answer_to(conversation.about.title)
        scene.save(update_fields=["text"])
        Entry.objects.filter(pk=entry.pk).update(written_at=now)
        entry.written_at = now
        facts.entry = entry
        facts.save()
        if pair and entry.may_be_shared_in(pair):
            entry.share(pair)
    return entry


def start_debrief(conversation: Entry) -> Entry:
    """Start the debrief of a conversation, or return the one that exists."""
    links = {"part_of": conversation, "work_event": conversation.work_event}
    with conversation.locked():
        found = conversation.parts.filter(kind=EntryKind.DEBRIEF).first()
        return found or Entry.start(conversation.author, EntryKind.DEBRIEF, conversation.pair, **links)


def conversations_to_debrief() -> EntryQuerySet:
    """Return all conversations with a date of their own or of their work event (`on`), and no written debrief.

    `changed_at`: when the date may have changed last. A canceled work event gives no date.
    """
    written = Entry.objects.filter(part_of=OuterRef("pk"), kind=EntryKind.DEBRIEF, written_at__isnull=False)
    event_on = Case(When(work_event__dropped_at=None, then="work_event__happens_on"))
    touched_at = Greatest("touched_at", "work_event__pair__touched_at")  # null in SQLite without a work event
    rows = Entry.objects.filter(~Exists(written), kind=EntryKind.CONVERSATION)
    rows = rows.annotate(on=Coalesce("happens_on", event_on), changed_at=Coalesce(touched_at, "touched_at"))
    return rows.filter(on__isnull=False)


def to_look_back(user) -> list[Entry]:
    """Return the own conversations of the last two weeks that still have no debrief, newest first."""
    if user.practice_since is None:
        return []
    today = user.today()
    rows = conversations_to_debrief().filter(author=user, on__lt=today, on__gte=today - REVIEW_WITHIN).written()
    return list(rows.with_texts().order_by("-on", "-pk")[:3])


def to_rehearse(pair: Pair, user) -> list[Entry]:
    """Return what this person prepared and could rehearse in a session of this pair, newest first."""
    rows = Entry.objects.filter(author=user, kind__in=REHEARSED, pair=pair).written()
    return list(rows.exclude(parts__kind=EntryKind.DEBRIEF).with_texts().newest_first()[:3])


def next_conversation(user) -> Entry | None:
    """Return the own conversation that happens next, from today on, unless its debrief was begun."""
    rows = Entry.objects.filter(author=user, kind=EntryKind.CONVERSATION).written()
    rows = rows.exclude(parts__kind=EntryKind.DEBRIEF).annotate(on=Coalesce("happens_on", "work_event__happens_on"))
    rows = rows.filter(on__gte=user.today()).select_related("work_event").with_texts()
    return rows.order_by("on", "pk").first()


def running_with(pair: Pair, user) -> list[Entry]:
    """Return the rehearsals that were just started with the partner in this pair, newest first."""
    since = timezone.now() - JOINED_FOR
    rows = Entry.objects.visible_to(user).shared_in(pair).filter(kind=EntryKind.REHEARSAL, created_at__gt=since)
    return list(rows.select_related("author", "rehearsal").with_texts()[:2])
