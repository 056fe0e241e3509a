"""Feedback on the mentoring in the demo: one to answer, and one whose answer is a commitment of the mentor."""

from datetime import datetime, timedelta

from demo import mentoring_texts
from goals.models import Commitment
from mentoring.models import Pair
from practice.kinds import EntryKind
from practice.models import Entry, EntryText, MentoringFeedback, Share

DAY = timedelta(days=1)


def build_feedback_on_mentoring(pair: Pair, after_sessions: int, now: datetime) -> None:
    """Create the feedback of the mentee after this number of sessions, shared with the mentor."""
    days_ago, answers, tries = mentoring_texts.FEEDBACK[after_sessions]
    at = now - days_ago * DAY
    facts = {"author": pair.mentee, "pair": pair, "created_at": at, "written_at": at}
    entry = Entry.objects.create(kind=EntryKind.MENTORING, **facts)
    for position, (key, text) in enumerate(answers.items()):
        EntryText.objects.create(entry=entry, key=key, position=position, text=text)
    Share.objects.create(entry=entry, pair=pair, shared_at=at + DAY / 8)
    MentoringFeedback.objects.create(pair=pair, after_sessions=after_sessions, entry=entry)
    if tries:
        due_on = (now + 2 * DAY).date()
        entry.commitment = Commitment.create(pair.mentor, pair=pair, owner=pair.mentor, text=tries, due_on=due_on)
        entry.save(update_fields=["commitment"])
