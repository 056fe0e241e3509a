"""Windows: when reminders may be sent, and how many emails a day and a week (docs/rules.md, windows).

These are pure functions of a person, a moment and what was sent before. Packing uses them to decide what is sent now,
and the page of upcoming emails to predict what is sent later.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from accounts.models import User
from accounts.working_hours import DAY, instant, working_day, works_on
from reminders.intents import KINDS, Intent, Suppressions, order_in_email
from reminders.models import TopicChoice
from sessions.models.session import REOPEN_WITHIN

# Nothing about a change is sent within a minute of it, so that it can be undone first (docs/rules.md, reminders).
UNDO_PERIOD = REOPEN_WITHIN
MORNING, AFTERNOON = time(8, 30), time(16)
WINDOW_LENGTH = timedelta(minutes=30)  # long enough that a backlog or a restart does not miss it
QUIET_FROM, QUIET_UNTIL = time(19), time(8)
MAX_EMAILS_A_WEEK = 4  # about one pair
WEEK = timedelta(days=7)

Mode = TopicChoice.Mode


def next_window(person: User, at: datetime) -> datetime:
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


def next_working_morning(person: User, on: date) -> datetime:
    """Return 08:30 on that day, or on the next working day if it is a day off."""
    return morning(person, working_day(person, on))


def in_window(person: User, at: datetime) -> bool:
    """Return True if one of the person's windows is open."""
    return next_window(person, at - WINDOW_LENGTH + timedelta(microseconds=1)) <= at


def is_window_time(person: User, at: datetime) -> bool:
    """Return True if it is the time of day of a window for the person, whether or not it is a working day."""
    on = person.local(at).date()
    return any(start <= at < start + WINDOW_LENGTH for start in (morning(person, on), afternoon(person, on)))


def is_quiet(person: User, at: datetime) -> bool:
    """Return True during the night, the weekend or a day off in the person's time zone."""
    local = person.local(at)
    return not QUIET_UNTIL <= local.time() < QUIET_FROM or not works_on(person, local.date())


def weekly_email_day(person: User, at: datetime) -> date:
    """Return the day of the weekly email in the current week: its first working day."""
    on = person.local(at).date()
    return working_day(person, on - DAY * on.weekday())


def next_weekly_email(person: User, at: datetime) -> datetime:
    on = weekly_email_day(person, at)
    if on <= person.local(at).date():
        monday = on - DAY * on.weekday()
        on = working_day(person, monday + WEEK)
    return morning(person, on)


@dataclass
class EmailHistory:
    """The reminder emails that one person was sent recently, and what they chose to get."""

    # When, and about which pairs. An email that is still being sent counts as sent now.
    emails: list[tuple[datetime, frozenset]] = field(default_factory=list)
    modes: dict[str, str] = field(default_factory=dict)  # chosen, by topic
    ignored_kinds: frozenset = frozenset()  # kinds whose last reminders were ignored

    def has_email_on(self, person: User, on: date) -> bool:
        return any(person.local(at).date() == on for at, _pairs in self.emails)

    def is_full(self, pair_id: int | None, now: datetime) -> bool:
        """Return True if four emails of the last seven days mentioned this pair."""
        if not pair_id:
            return False
        return sum(pair_id in pairs for at, pairs in self.emails if at > now - WEEK) >= MAX_EMAILS_A_WEEK

    def mode(self, kind: str) -> str:
        """Return how the person gets this kind: as chosen for its topic, or weekly after ignoring it."""
        if not KINDS[kind].by_email:
            return Mode.INBOX
        chosen = self.modes.get(KINDS[kind].topic, Mode.AT_ONCE)
        ignored = kind in self.ignored_kinds and KINDS[kind].backs_off and not KINDS[kind].urgent
        return Mode.WEEKLY if chosen == Mode.AT_ONCE and ignored else chosen

    def add(self, at: datetime, reminders: Iterable) -> None:
        self.emails.append((at, frozenset(it.pair_id for it in reminders if it.pair_id)))


@dataclass
class Selection:
    """One person's reminders: those in one email now, those in the inbox only, and those held until later."""

    send: list = field(default_factory=list)
    inbox_only: list = field(default_factory=list)
    hold: list[tuple] = field(default_factory=list)

    @property
    def all(self) -> list:
        return [*self.send, *self.inbox_only, *(it for it, _until in self.hold)]


def select(person: User, reminders: Iterable, now: datetime, history: EmailHistory) -> Selection:
    """Select from a person's intents or ledger rows; both have kind, pair_id, due_at and expires_at.

    Kinds with `may_be_early` may be sent before they are due: in the weekly email if they fall due before the next one,
    in any other email if they fall due later that day. Everything else that is not due yet is left out. A second email
    on one day contains only urgent kinds.
    """
    result, later_today, today = Selection(), [], person.local(now).date()
    is_open, had_email = in_window(person, now), history.has_email_on(person, today)
    next_weekly = next_weekly_email(person, now)
    for it in reminders:
        kind, mode = KINDS[it.kind], history.mode(it.kind)
        if it.due_at > now and not (kind.may_be_early and mode == Mode.WEEKLY):
            if kind.may_be_early and mode == Mode.AT_ONCE and person.local(it.due_at).date() == today:
                later_today.append(it)
        elif mode == Mode.INBOX:
            result.inbox_only.append(it)
        elif mode == Mode.WEEKLY and (weekly_email_day(person, now) != today or it.due_at >= next_weekly):
            result.hold.append((it, next_weekly))
        elif not is_open:
            result.hold.append((it, next_window(person, now)))
        elif not kind.urgent and (had_email or history.is_full(it.pair_id, now)):
            result.hold.append((it, next_morning(person, now)))
        else:
            result.send.append(it)
    if result.send and not had_email:
        result.send += [it for it in later_today if not history.is_full(it.pair_id, now)]
    return result


def predict_emails(
    person: User,
    intents: Iterable[Intent],
    now: datetime,
    until: datetime,
    history: EmailHistory,
    suppressions: Suppressions | None = None,
) -> list[tuple[datetime, list[Intent]]]:
    """Return the time and contents of each email this person will get until then if nothing changes."""
    intents = list(intents)
    waiting = [it for it in intents if KINDS[it.kind].topic and KINDS[it.kind].by_email]
    emails = [(it.due_at, [it]) for it in intents if not KINDS[it.kind].topic and now <= it.due_at <= until]
    at = next_window(person, now)
    while at <= until and waiting:
        waiting = [it for it in waiting if it.expires_at is None or it.expires_at > at]
        allowed = [it for it in waiting if not (suppressions and suppressions.cover(it, person, at))]
        sent = select(person, sorted(allowed, key=lambda it: (it.due_at, it.key)), at, history).send
        if sent:
            history.add(at, sent)
            emails.append((at, sorted(sent, key=order_in_email)))
        waiting = [it for it in waiting if it not in sent]
        at = next_window(person, at + timedelta(minutes=1))
    return sorted(emails, key=lambda email: email[0])
