"""Warnings about a time before it is scheduled; none of them forbids it (docs/rules.md, cadence).

Used to schedule, reschedule, wrap up and log sessions. Times are naive, in the time zone they are planned in.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.working_hours import works_on
from core.formatting import clock_range, day, time_of_day
from mentoring.models import Pair
from sessions import cadence, suggested_times
from sessions.models import Session
from sessions.time_slot import TimeSlot

DATES_SHOWN = 6

Found = Iterator[tuple[datetime, str]]  # which of the times, and the sentence about it


def warnings_about(
    pair: Pair, slots: Sequence[TimeSlot], moving: Iterable[Session] = (), held: bool = False
) -> list[str]:
    """Return the warnings about these times: one, or all of a series. `moving`: the sessions that get a new time.

    `held`: the meeting has taken place, so only warnings about possible typing errors are returned.
    """
    plan = Plan(pair, slots, [session.pk for session in moving])
    checks: list[Callable[[], Found]] = [plan.clock_changes, plan.overlaps]
    if not held:
        checks[1:1] = [plan.past, plan.after_the_end, plan.in_a_pause, plan.days_off, plan.outside_working_hours]
    about: dict[str, list[datetime]] = {}
    for start, sentence in (found for check in checks for found in check()):
        dates = about.setdefault(sentence, [])
        if start not in dates:
            dates.append(start)
    return [sentence if len(dates) == len(slots) else with_dates(sentence, dates) for sentence, dates in about.items()]


def with_dates(sentence: str, starts: list[datetime]) -> str:
    """Add to a warning the dates it is about, at most the first few."""
    values = {"warning": sentence, "days": "; ".join(day(start.date()) for start in sorted(starts)[:DATES_SHOWN])}
    more = len(starts) - DATES_SHOWN
    if more <= 0:
        return _("%(warning)s (%(days)s)") % values
    text = ngettext("%(warning)s (%(days)s; and one more)", "%(warning)s (%(days)s; and %(n)d more)", more)
    return text % (values | {"n": more})


class Plan:
    """The requested times, all in one time zone and of one length, and the checks on them."""

    def __init__(self, pair: Pair, slots: Sequence[TimeSlot], moving: list[int]):
        self.pair, self.zone, self.minutes, self.moving = pair, slots[0].zone, slots[0].minutes, moving
        self.known = [person for person in pair.people if person.zone_is_known]
        self.spans = {slot.local_start: slot.starts_at for slot in slots}

    def clock_changes(self) -> Found:
        """Warn if a clock change skips or repeats the requested time, and name the time used instead."""
        gap = _("%(asked)s does not exist in %(zone)s on %(day)s because the clocks change. It will be %(taken)s.")
        fold = _("%(asked)s occurs twice in %(zone)s on %(day)s because the clocks change. The first one is used.")
        for start in self.spans:
            kind = cadence.occurs(start, self.zone)
            if kind != "once":
                values = {"asked": f"{start:%H:%M}", "zone": self.zone, "day": day(start.date())}
                values["taken"] = f"{cadence.adjusted_local_time(start, self.zone):%H:%M}"
                yield start, (gap if kind == "never" else fold) % values

    def past(self) -> Found:
        now = timezone.now()
        yield from ((start, _("This time is in the past.")) for start, at in self.spans.items() if at < now)

    def after_the_end(self) -> Found:
        text = _("This is after your time together ends, %(day)s.") % {"day": day(self.pair.ends_on)}
        yield from ((start, text) for start in self.spans if start.date() > self.pair.ends_on)

    def in_a_pause(self) -> Found:
        for pause in self.pair.pauses.all():
            text = _("Your sessions are paused then. They resume %(day)s.") % {"day": day(pause.resume_on)}
            yield from ((start, text) for start in self.spans if pause.covers(start.date()))

    def days_off(self) -> Found:
        for person in self.known:
            for start, at in self.spans.items():
                on = person.local(at).date()
                if person.is_off(on):
                    yield start, _("%(name)s has a day off then.") % {"name": person.first_name}
                elif not works_on(person, on):
                    values = {"name": person.first_name, "weekday": date_format(on, "l")}
                    yield start, _("It is %(weekday)s for %(name)s then, not a working day.") % values

    def outside_working_hours(self) -> Found:
        text = _("For %(name)s this is %(span)s, outside working hours (%(first)s–%(last)s).")
        for person in self.known:
            hours = dict(zip(("first", "last"), map(time_of_day, suggested_times.hours_of(person)), strict=True))
            for start, at in self.spans.items():
                if works_on(person, person.local(at).date()) and suggested_times.time_outside_hours(
                    person, at, self.minutes
                ):
                    end = at + timedelta(minutes=self.minutes)
                    span = clock_range(at, end, person.tzinfo)
                    yield start, text % {"name": person.first_name, "span": span, **hours}

    def overlaps(self) -> Found:
        """Warn if either person has another session then, in this pair or another one."""
        first, last = min(self.spans.values()), max(self.spans.values()) + timedelta(minutes=self.minutes)
        for person in self.pair.people:
            busy = _("%(name)s has another session at that time.") % {"name": person.first_name}
            around = Session.objects.overlapping(person, first, (last - first) // timedelta(minutes=1))
            for other in around.exclude(pk__in=self.moving):
                text = _("You already have a session together then.") if other.pair_id == self.pair.pk else busy
                for start, at in self.spans.items():
                    if other.overlaps(at, self.minutes):
                        yield start, text
