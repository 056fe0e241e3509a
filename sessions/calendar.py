"""Sessions in the calendars of the two people, without a connection to them (docs/rules.md, calendar).

What a mail carries (iTIP, RFC 5546), what a private address answers, and one session to download. A session that
stands alone is one entry. A series is one recurring entry, and each message about it carries all of it: what was moved,
what was called off, and where it ends. So no message needs an earlier one, and the newest is always the whole truth.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, Timezone, TimezoneStandard, vCalAddress

from accounts.models import User
from mentoring.models import Cadence, Pair
from sessions import cadence
from sessions.models import Series, Session
from sessions.timezones import by_rule

MADE_BY = "-//Throughline//Mentoring sessions//EN"
ALARM_BEFORE = timedelta(minutes=10)
A_YEAR = timedelta(days=366)
ASK_AGAIN = timedelta(hours=1)
FEED_LOOKS_BACK = timedelta(days=30)
WEEKS = {Cadence.WEEKLY: 1, Cadence.TWO_WEEKLY: 2, Cadence.THREE_WEEKLY: 3}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
UTC = ZoneInfo("UTC")

SINGLE = Session.objects.with_people().filter(series=None).prefetch_related("moves")
STANDING = (
    Series.objects.select_related("pair__mentor", "pair__mentee")
    .prefetch_related(Prefetch("sessions", Session.objects.order_by("series_on").prefetch_related("moves")))
    .annotate(
        last_at=Subquery(Session.objects.filter(series=OuterRef("pk")).order_by("-starts_at").values("starts_at")[:1])
    )
)


@dataclass(frozen=True)
class CalendarFile:
    """What a calendar program reads, and what it shall do with it."""

    method: str
    content: bytes


# --- A session that stands alone ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Alone:
    """The calendar entry of a session without a series."""

    session: Session

    @property
    def pair(self) -> Pair:
        return self.session.pair

    @property
    def sessions(self) -> list[Session]:
        return [self.session]

    @property
    def takes_place(self) -> bool:
        return not self.session.is_called_off

    @property
    def sequence(self) -> int:
        """Rises with each change."""
        return self.session.sequence

    @property
    def made_by_id(self) -> int | None:
        return self.session.made_by_id

    def events(self, to: User) -> list[Event]:
        session = self.session
        event = _event(session.uid, session.starts_at, session.minutes, session.zone)
        _describe(event, _title(self.pair, to), session_url(session), session.place)
        return [event]


# --- A series -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """The calendar entry of a series: its rule, and what differs from it. `series` comes from STANDING."""

    series: Series

    @property
    def pair(self) -> Pair:
        return self.series.pair

    @cached_property
    def sessions(self) -> list[Session]:
        rows = list(self.series.sessions.all())
        for row in rows:
            row.pair = self.pair
        return rows

    @cached_property
    def kept(self) -> dict[date, Session]:
        """The sessions that take or took place, by the date in the series on which they stand."""
        return {row.series_on: row for row in self.sessions if row.series_on and not row.is_called_off}

    @property
    def takes_place(self) -> bool:
        return bool(self.kept)

    @cached_property
    def sequence(self) -> int:
        return sum(row.sequence for row in self.sessions)

    @property
    def made_by_id(self) -> int | None:
        return self.series.made_by_id

    @cached_property
    def dates(self) -> list[datetime]:
        """The wall clocks of the rule, from its first date to the last one that is kept."""
        series = self.series
        last_on = max(self.kept, default=series.first_on)
        return list(cadence.occurrences(series.rule, series.first_on, series.local_time, last_on))

    @property
    def rule(self) -> dict:
        """Monthly keeps the weekday: the second Tuesday stays the second Tuesday, a fifth one is the last."""
        on, count = self.series.first_on, len(self.dates)
        weekday = WEEKDAYS[on.weekday()]
        if self.series.rule == Cadence.MONTHLY:
            nth = (on.day - 1) // 7 + 1
            return {"freq": "monthly", "byday": f"{nth if nth < 5 else -1}{weekday}", "count": count}
        return {"freq": "weekly", "interval": WEEKS[self.series.rule], "byday": weekday, "count": count}

    def events(self, to: User) -> list[Event]:
        """The rule, without the dates on which nothing takes place, and each session that differs from it."""
        series, zone, title = self.series, ZoneInfo(self.series.zone), _title(self.pair, to)
        uid = f"{min(self.sessions, key=lambda row: row.pk).uid}-series"
        first = datetime.combine(series.first_on, series.local_time)
        event = _event(uid, cadence.at_wall_clock(first, series.zone), series.minutes, series.zone, start=first)
        _describe(event, title, f"{settings.SITE_URL}{reverse('pair_detail', args=[series.pair_id])}", series.place)
        if not self.kept:
            return [event]
        event.add("rrule", self.rule)
        if gone := [at.replace(tzinfo=zone) for at in self.dates if at.date() not in self.kept]:
            event.add("exdate", gone)
        return [event, *(self._moved(uid, at.replace(tzinfo=zone), title) for at in self.dates if self._differs(at))]

    def _differs(self, at: datetime) -> bool:
        row, series = self.kept.get(at.date()), self.series
        as_planned = at, series.zone, series.minutes, series.place
        return row is not None and (row.planned_for, row.zone, row.minutes, row.place) != as_planned

    def _moved(self, uid: str, at: datetime, title: str) -> Event:
        session = self.kept[at.date()]
        event = _event(uid, session.starts_at, session.minutes, session.zone)
        event.add("recurrence-id", at)
        _describe(event, title, session_url(session), session.place)
        return event


def entry_of(session: Session) -> Alone | Standing:
    """The calendar entry that shows this session."""
    if session.series_id:
        return Standing(STANDING.get(pk=session.series_id))
    return Alone(session)


# --- What leaves ----------------------------------------------------------------------------------------------


def message(entry: Alone | Standing, to: User) -> CalendarFile:
    """For one of the two: how the entry stands now, or, where nothing of it is left, that it is canceled."""
    method = "REQUEST" if entry.takes_place else "CANCEL"
    events = entry.events(to)
    said_at = max(filter(None, (row.changed_at for row in entry.sessions)), default=None)
    for event in events:
        event.add("dtstamp", (said_at or now()).astimezone(UTC))
        event.add("sequence", entry.sequence)
        event.add("status", "CONFIRMED" if entry.takes_place else "CANCELLED")
        event.add("organizer", _organizer())
        event.add("attendee", _attendee(to, entry.made_by_id), encode=0)
        if entry.takes_place:
            event.add_component(_alarm(str(event["summary"])))
    days = [row.local_start.date() for row in entry.sessions]
    return CalendarFile(method, _written(events, method, days=days))


def download(session: Session, to: User) -> bytes:
    """One session for a calendar program of one's own."""
    [event] = Alone(session).events(to)
    event.add("dtstamp", (session.changed_at or session.made_at).astimezone(UTC))
    event.add("sequence", session.sequence)
    event.add_component(_alarm(str(event["summary"])))
    return _written([event], "PUBLISH", days=[session.local_start.date()])


def in_feed(user: User) -> QuerySet:
    """What a private address shows: running pairs only, the last thirty days and all that is to come."""
    shown = Session.objects.editable_by(user).filter(canceled_at=None, skipped_at=None)
    shown = shown.filter(ends_at__gt=now() - FEED_LOOKS_BACK).order_by("starts_at", "pk")
    return shown.only("uid", "starts_at", "ends_at", "minutes", "sequence", "changed_at", "made_at")


def feed(sessions: Iterable[Session]) -> bytes:
    """Times and links, no names: whoever finds the address learns no more."""
    events = []
    for session in sessions:
        event = _event(session.uid, session.starts_at, session.minutes, "UTC")
        event.add("summary", _("Mentoring session"))
        event.add("url", session_url(session))
        event.add("dtstamp", (session.changed_at or session.made_at).astimezone(UTC))
        event.add("sequence", session.sequence)
        events.append(event)
    return _written(events, "PUBLISH", name=_("Mentoring sessions"))


# --- Writing --------------------------------------------------------------------------------------------------


def session_url(session: Session) -> str:
    return f"{settings.SITE_URL}{reverse('session_prepare', args=[session.pk])}"


def _event(uid, starts_at: datetime, minutes: int, zone: str, start: datetime | None = None) -> Event:
    """`start`: the wall clock as it was planned, for a rule that goes on from it, even where it does not exist once."""
    event, tz = Event(), ZoneInfo(zone)
    ends = (starts_at + timedelta(minutes=minutes)).astimezone(tz)
    event.add("uid", f"{uid}@{settings.SITE.hostname}")
    event.add("dtstart", start.replace(tzinfo=tz) if start else starts_at.astimezone(tz))
    event.add("dtend", ends.astimezone(UTC) if ends.fold else ends)  # a wall clock cannot say: the second 01:30
    return event


def _describe(event: Event, title: str, url: str, place: str) -> None:
    event.add("summary", title)
    event.add("url", url)
    event.add("description", _("Prepare, move or cancel it here: %(url)s") % {"url": url})
    if place := _printable(place):
        event.add("location", place)


def _title(pair: Pair, to: User) -> str:
    return _("Mentoring session with %(name)s") % {"name": _printable(pair.other(to).first_name)}


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).strip()


def _organizer() -> vCalAddress:
    """The installation: its two people meet as equals, and neither learns the other's address from a calendar."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = name or address
    return organizer


def _attendee(to: User, made_by_id: int | None) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{to.email}")
    attendee.params["PARTSTAT"] = "ACCEPTED" if to.pk == made_by_id else "NEEDS-ACTION"
    attendee.params["RSVP"] = "FALSE"  # nobody reads the answers: it is moved and called off here
    return attendee


def _alarm(title: str) -> Alarm:
    """N4: ten minutes before."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -ALARM_BEFORE)
    return alarm


def utc() -> Timezone:
    """A calendar without a component is invalid (RFC 5545, 3.6); this one says nothing about anybody."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "UTC")
    standard.add("dtstart", datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", timedelta())
    standard.add("tzoffsetto", timedelta())
    zone.add_component(standard)
    return zone


def _written(events: list[Event], method: str, name: str = "", days: Iterable[date] = ()) -> bytes:
    """`days`: between which of them the zones that are named must be right."""
    calendar, days = Calendar(), list(days)
    calendar.add("prodid", MADE_BY)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    if not events:
        calendar.add_component(utc())
    for event in events:
        calendar.add_component(event)
    for zone in sorted(calendar.get_missing_tzids()):
        if timezone := by_rule(zone, min(days)):
            calendar.subcomponents.insert(0, timezone)
    if days:
        calendar.add_missing_timezones(min(days) - A_YEAR, max(days) + A_YEAR)
    return calendar.to_ical()
