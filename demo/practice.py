"""Practice entries of the demo: some private, some shared, one that became a commitment."""

from datetime import datetime, timedelta

from accounts.models import User
from demo import practice_texts
from goals.models import Competency
from mentoring.models import Pair
from practice.models import Entry, EntryText, PracticePlan, Share

DAY = timedelta(days=1)


def build_practice(pair: Pair, now: datetime) -> None:
    """Create the entries of both people of a pair, as listed in the texts."""
    competencies = list(Competency.objects.filter(program=pair.program_id).order_by("pk"))
    for person, rows in ((pair.mentee, practice_texts.MENTEE), (pair.mentor, practice_texts.MENTOR)):
        for kind, days_ago, competency, is_shared, answers in rows:
            at = now - days_ago * DAY
            entry = Entry.objects.create(
                kind=kind,
                author=person,
                pair=pair,
                created_at=at,
                written_at=at,
                competency=competencies[competency] if competency is not None else None,
            )
            for position, (key, text) in enumerate(answers.items()):
                EntryText.objects.create(entry=entry, key=key, position=position, text=text)
            if is_shared:
                Share.objects.create(entry=entry, pair=pair, shared_at=at + DAY / 8)
        if person == pair.mentee:
            since = now - practice_texts.PLANNED_WEEKS_AGO * 7 * DAY
            PracticePlan.objects.create(user=person, pair=pair, kind="reflection", created_at=since)
        User.objects.filter(pk=person.pk).update(practice_since=pair.started_on)
