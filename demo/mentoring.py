"""Feedback on the mentoring in the demo, and sessions that became less useful."""

from datetime import datetime, timedelta

from accounts.models import User
from demo import mentoring_texts
from goals.models import Commitment
from mentoring.models import HuddleAnswer, HuddleQuestion, Pair, Program
from practice.kinds import EntryKind
from practice.models import Entry, EntryText, MentoringFeedback, Share
from sessions.models import AgendaItem, SessionRating

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


def let_sessions_become_less_useful(pair: Pair) -> None:
    """Rate the last six sessions of a pair, the last three lower than those before, so that it gets an energy check."""
    SessionRating.objects.filter(session__pair=pair).delete()
    sessions = list(pair.sessions.held().order_by("starts_at"))[-6:]
    for session, useful in zip(sessions, (4, 4, 4, 3, 3, 2), strict=False):
        SessionRating.objects.create(session=session, heard=4, useful=useful, created_at=session.closed_at)


def build_huddle(program: Program, users: dict[str, User], now: datetime) -> None:
    """Create questions among the mentors of the program, with answers."""
    for name, days_ago, text, answers in mentoring_texts.HUDDLE:
        facts = {"program": program, "author": users[name], "created_at": now - days_ago * DAY}
        question = HuddleQuestion.objects.create(text=text, **facts)
        for number, (author, days, answer) in enumerate(answers):
            facts = {"program": program, "author": users[author]}
            facts["created_at"] = now - days * DAY + timedelta(hours=number)
            HuddleAnswer.objects.create(question=question, text=answer, **facts)


def build_answered_questions(pair: Pair, now: datetime) -> None:
    """Create questions of the mentee that the mentor answered in one line."""
    for days_ago, title, reply in mentoring_texts.ANSWERED:
        at = now - days_ago * DAY
        asked = {"created_by": pair.mentee, "created_at": at, "state": AgendaItem.State.DISCUSSED}
        answered = {"reply": reply, "replied_by": pair.mentor, "replied_at": at + DAY, "settled_at": at + 2 * DAY}
        AgendaItem.objects.create(pair=pair, kind=AgendaItem.Kind.QUESTION, title=title, **asked, **answered)
