"""Windows: when reminders may be sent, and how many emails a day and a week (docs/rules.md, windows).

These are pure functions of a person, a moment and what was sent before. Packing uses them to decide what is sent now,
and the page of upcoming emails to predict what is sent later.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from accounts.models import User
from accounts.working_hours import DAY, instant, working_day, works_on
from reminders.intents import KINDS, Rest, first_things_first
from reminders.models import TopicChoice

MORNING, AFTERNOON = time(8, 30), time(16)
WINDOW_LASTS = timedelta(minutes=30)  # long enough that a backlog or a restart does not miss it
QUIET_FROM, QUIET_UNTIL = time(19), time(8)
PAIR_MAILS_A_WEEK = 4
WEEK = timedelta(days=7)

Mode = TopicChoice.Mode


def window_from(person: User, at: datetime) -> datetime:
    """Return the start of the person's first window at or after `at`."""
    today = person.local(at).date()
    on = working_day(person, today)
    for window in (MORNING, AFTERNOON) if on == today else ():
        if instant(person, on, window) >= at:
            return instant(person, on, window)
    return morning(person, on) if on > today else next_morning(person, at)


def morning(person: User, on: date) -> datetime:
    """Return 08:30 on that date, even on a day off."""
    return instant(person, on, MORNING)


def afternoon(person: User, on: date) -> datetime:
    return instant(person, on, AFTERNOON)


def next_morning(person: User, at: datetime) -> datetime:
    """Return the first window of the person's next working day."""
    return morning(person, working_day(person, person.local(at).date() + DAY))


def in_window(person: User, at: datetime) -> bool:
    """Return True if one of the person's windows is open."""
    return window_from(person, at - WINDOW_LASTS + timedelta(microseconds=1)) <= at


def is_quiet(person: User, at: datetime) -> bool:
    """Return True during the night, the weekend or a day off in the person's time zone."""
    here = person.local(at)
    return not QUIET_UNTIL <= here.time() < QUIET_FROM or not works_on(person, here.date())


def digest_day(person: User, at: datetime) -> date:
    """Return the day of the weekly email in the current week: its first working day."""
    on = person.local(at).date()
    return working_day(person, on - DAY * on.weekday())


def next_digest(person: User, at: datetime) -> datetime:
    on = digest_day(person, at)
    if on <= person.local(at).date():
        monday = on - DAY * on.weekday()
        on = working_day(person, monday + WEEK)
    return morning(person, on)


@dataclass
class Book:
    """What one person was sent recently, and what they chose to get."""

    # When, and about which pairs. An email that is still being sent counts as sent now.
    mailed: list[tuple[datetime, frozenset]] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)  # by topic
    ignored: frozenset = frozenset()  # kinds whose last reminders were ignored

    def had_mail(self, person: User, on: date) -> bool:
        return any(person.local(at).date() == on for at, _pairs in self.mailed)

    def about(self, pair_id: int | None, now: datetime) -> int:
        """Count the reminder emails of the last seven days that mentioned this pair."""
        return sum(pair_id in pairs for at, pairs in self.mailed if at > now - WEEK) if pair_id else 0

    def mode(self, kind: str) -> str:
        chosen = self.choices.get(KINDS[kind].topic, Mode.AT_ONCE)
        turned_down = kind in self.ignored and not KINDS[kind].urgent
        return Mode.WEEKLY if chosen == Mode.AT_ONCE and turned_down else chosen

    def note(self, at: datetime, going: Iterable) -> None:
        self.mailed.append((at, frozenset(it.pair_id for it in going if it.pair_id)))


@dataclass
class Sorted:
    """One person's reminders: what is sent in one email now, what is shown in the inbox only, and what is held back."""

    going: list = field(default_factory=list)
    here: list = field(default_factory=list)
    waiting: list[tuple[object, datetime]] = field(default_factory=list)

    @property
    def touched(self) -> list:
        return [*self.going, *self.here, *(it for it, _until in self.waiting)]


def sort_out(person: User, reminders: Iterable, now: datetime, book: Book) -> Sorted:
    """Sort a person's intents or ledger rows; both have kind, pair_id, due_at and expires_at.

    Kinds with `early` may be sent before they are due: in the weekly email if they fall due before the next one, in any
    other email if they fall due later that day. Everything else that is not due yet is ignored. A second email on one
    day contains only urgent kinds.
    """
    result, later_today, today = Sorted(), [], person.local(now).date()
    is_open, tomorrow, spent = in_window(person, now), next_morning(person, now), book.had_mail(person, today)
    weekly = next_digest(person, now)
    for it in reminders:
        mode = book.mode(it.kind) if KINDS[it.kind].by_mail else Mode.INBOX
        coming = it.due_at > now
        if coming and not (KINDS[it.kind].early and mode == Mode.WEEKLY):
            if KINDS[it.kind].early and mode == Mode.AT_ONCE and person.local(it.due_at).date() == today:
                later_today.append(it)
        elif mode == Mode.INBOX:
            result.here.append(it)
        elif mode == Mode.WEEKLY and (digest_day(person, now) != today or it.due_at >= weekly):
            result.waiting.append((it, weekly))
        elif not is_open:
            result.waiting.append((it, window_from(person, now)))
        elif not KINDS[it.kind].urgent and (spent or book.about(it.pair_id, now) >= PAIR_MAILS_A_WEEK):
            result.waiting.append((it, tomorrow))
        else:
            result.going.append(it)
    if result.going and not spent:
        result.going += [it for it in later_today if book.about(it.pair_id, now) < PAIR_MAILS_A_WEEK]
    return result


def keeps_until(it, at: datetime) -> bool:
    """Return True if it is still worth sending at that moment."""
    return it.expires_at is None or it.expires_at > at


def foresee(
    person: User, intents: Iterable, now: datetime, until: datetime, book: Book, rest: Rest | None = None
) -> list[tuple[datetime, list]]:
    """Return the time and contents of each email this person will get until then if nothing changes."""
    waiting = [it for it in intents if KINDS[it.kind].topic and KINDS[it.kind].by_mail]
    mails = [(it.due_at, [it]) for it in intents if not KINDS[it.kind].topic and now <= it.due_at <= until]
    at = window_from(person, now)
    while at <= until and waiting:
        waiting = [it for it in waiting if keeps_until(it, at)]
        free = [it for it in waiting if not (rest and rest.covers(it, person, at))]
        going = sort_out(person, sorted(free, key=lambda it: (it.due_at, it.key)), at, book).going
        if going:
            book.note(at, going)
            mails.append((at, sorted(going, key=first_things_first)))
        waiting = [it for it in waiting if it not in going]
        at = window_from(person, at + timedelta(minutes=1))
    return sorted(mails, key=lambda mail: mail[0])
