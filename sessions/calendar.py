"""Sessions as iCalendar files, without access to anyone's calendar (docs/rules.md, calendar).

Three kinds: an email attachment (iTIP, RFC 5546), a private calendar link, and one session to download. A single
session is one entry. A series is one recurring entry, and each message about it is complete: what was moved, what was
called off, and where it ends. So no message depends on an earlier one, and the newest one is always right.
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
from sessions.calendar_time_zones import zone_by_rule
from sessions.models import Series, Session

PRODUCT_ID = "-//Throughline//Mentoring sessions//EN"
ALARM_BEFORE = timedelta(minutes=10)
A_YEAR = timedelta(days=366)
REFRESH_EVERY = timedelta(hours=1)
FEED_LOOKS_BACK = timedelta(days=30)
WEEKS = {Cadence.WEEKLY: 1, Cadence.TWO_WEEKLY: 2, Cadence.THREE_WEEKLY: 3}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
UTC = ZoneInfo("UTC")

SINGLE_SESSIONS = Session.objects.with_people().filter(series=None).with_moves()
ALL_SERIES = (
    Series.objects.select_related("pair__mentor", "pair__mentee")
    .prefetch_related(Prefetch("sessions", Session.objects.order_by("series_on").with_moves()))
    .annotate(
        last_at=Subquery(Session.objects.filter(series=OuterRef("pk")).order_by("-starts_at").values("starts_at")[:1])
    )
)


@dataclass(frozen=True)
class CalendarFile:
    """An iCalendar file and its method: what a calendar app does with it."""

    method: str
    content: bytes


# --- A single session -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SessionEntry:
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
        """Return the revision number of the entry; it rises with each change."""
        return self.session.sequence

    @property
    def created_by_id(self) -> int | None:
        return self.session.created_by_id

    def events(self, to: User) -> list[Event]:
        session = self.session
        event = _event(session.uid, session.starts_at, session.minutes, session.zone)
        _describe(event, _title(self.pair, to), session_url(session), session.place)
        return [event]


# --- A series -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SeriesEntry:
    """The calendar entry of a series: its rule, and what differs from it. `series` comes from ALL_SERIES."""

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
        """Return the sessions that were not called off, by their date in the series."""
        return {row.series_on: row for row in self.sessions if row.series_on and not row.is_called_off}

    @property
    def takes_place(self) -> bool:
        return bool(self.kept)

    @cached_property
    def sequence(self) -> int:
        return sum(row.sequence for row in self.sessions)

    @property
    def created_by_id(self) -> int | None:
        return self.series.created_by_id

    @cached_property
    def dates(self) -> list[datetime]:
        """Return the naive local times of the rule, up to the last session that was not called off."""
        series = self.series
        last_on = max(self.kept, default=series.first_on)
        return list(cadence.occurrences(series.rule, series.first_on, series.local_time, last_on))

    @property
    def rule(self) -> dict:
        """Return the recurrence rule. A monthly one keeps the weekday; a fifth one means the last."""
        on, count = self.series.first_on, len(self.dates)
        weekday = WEEKDAYS[on.weekday()]
        if self.series.rule == Cadence.MONTHLY:
            nth = (on.day - 1) // 7 + 1
            return {"freq": "monthly", "byday": f"{nth if nth < 5 else -1}{weekday}", "count": count}
        return {"freq": "weekly", "interval": WEEKS[self.series.rule], "byday": weekday, "count": count}

    def events(self, to: User) -> list[Event]:
        """Return the recurring event, without called-off dates, and an event for each session that differs."""
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


def entry_of(session: Session) -> SessionEntry | SeriesEntry:
    """Return the calendar entry that contains this session."""
    if session.series_id:
        return SeriesEntry(ALL_SERIES.get(pk=session.series_id))
    return SessionEntry(session)


# --- Files ----------------------------------------------------------------------------------------------------


def message(entry: SessionEntry | SeriesEntry, to: User) -> CalendarFile:
    """Return the invitation to the entry for one person, or its cancellation if everything was called off."""
    method = "REQUEST" if entry.takes_place else "CANCEL"
    events = entry.events(to)
    changed_at = max(filter(None, (row.changed_at for row in entry.sessions)), default=None)
    for event in events:
        event.add("dtstamp", (changed_at or now()).astimezone(UTC))
        event.add("sequence", entry.sequence)
        event.add("status", "CONFIRMED" if entry.takes_place else "CANCELLED")
        event.add("organizer", _organizer())
        event.add("attendee", _attendee(to, entry.created_by_id), encode=0)
        if entry.takes_place:
            event.add_component(_alarm(str(event["summary"])))
    days = [row.local_start.date() for row in entry.sessions]
    return CalendarFile(method, _serialize(events, method, days=days))


def download(session: Session, to: User) -> bytes:
    """Return one session as a file to download."""
    [event] = SessionEntry(session).events(to)
    event.add("dtstamp", (session.changed_at or session.created_at).astimezone(UTC))
    event.add("sequence", session.sequence)
    event.add_component(_alarm(str(event["summary"])))
    return _serialize([event], "PUBLISH", days=[session.local_start.date()])


def feed_sessions(user: User) -> QuerySet:
    """Return the sessions of a private calendar link: active pairs, the last thirty days and the future."""
    shown = Session.objects.editable_by(user).filter(canceled_at=None, skipped_at=None)
    shown = shown.filter(ends_at__gt=now() - FEED_LOOKS_BACK).order_by("starts_at", "pk")
    return shown.only("uid", "starts_at", "ends_at", "minutes", "sequence", "changed_at", "created_at")


def feed(sessions: Iterable[Session]) -> bytes:
    """Return these sessions with times and links, and without names: the link may fall into the wrong hands."""
    events = []
    for session in sessions:
        event = _event(session.uid, session.starts_at, session.minutes, "UTC")
        event.add("summary", _("Mentoring session"))
        event.add("url", session_url(session))
        event.add("dtstamp", (session.changed_at or session.created_at).astimezone(UTC))
        event.add("sequence", session.sequence)
        events.append(event)
    return _serialize(events, "PUBLISH", name=_("Mentoring sessions"))


# --- Writing --------------------------------------------------------------------------------------------------


def session_url(session: Session) -> str:
    return f"{settings.SITE_URL}{reverse('session_prepare', args=[session.pk])}"


def _event(uid, starts_at: datetime, minutes: int, zone: str, start: datetime | None = None) -> Event:
    """Return an event. `start`: the local time as planned, for a recurring rule, even if a clock change skips it."""
    event, tz = Event(), ZoneInfo(zone)
    ends = (starts_at + timedelta(minutes=minutes)).astimezone(tz)
    event.add("uid", f"{uid}@{settings.SITE.hostname}")
    event.add("dtstart", start.replace(tzinfo=tz) if start else starts_at.astimezone(tz))
    event.add("dtend", ends.astimezone(UTC) if ends.fold else ends)  # local time cannot express the second 01:30
    return event


def _describe(event: Event, title: str, url: str, place: str) -> None:
    event.add("summary", title)
    event.add("url", url)
    event.add("description", _("Prepare, reschedule or cancel it here: %(url)s") % {"url": url})
    if place := _printable(place):
        event.add("location", place)


def _title(pair: Pair, to: User) -> str:
    return _("Mentoring session with %(name)s") % {"name": _printable(pair.other(to).first_name)}


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).strip()


def _organizer() -> vCalAddress:
    """Return the installation as the organizer, so that neither person learns the other's address."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = name or address
    return organizer


def _attendee(to: User, created_by_id: int | None) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{to.email}")
    attendee.params["PARTSTAT"] = "ACCEPTED" if to.pk == created_by_id else "NEEDS-ACTION"
    attendee.params["RSVP"] = "FALSE"  # replies are not read: sessions are rescheduled and called off in the app
    return attendee


def _alarm(title: str) -> Alarm:
    """Return an alarm ten minutes before the session."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -ALARM_BEFORE)
    return alarm


def utc_component() -> Timezone:
    """Return a time zone for an empty calendar: one without a component is invalid (RFC 5545, 3.6)."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "UTC")
    standard.add("dtstart", datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", timedelta())
    standard.add("tzoffsetto", timedelta())
    zone.add_component(standard)
    return zone


def _serialize(events: list[Event], method: str, name: str = "", days: Iterable[date] = ()) -> bytes:
    """Return the calendar file. Its time zones are right for all of these `days`."""
    calendar, days = Calendar(), list(days)
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    if not events:
        calendar.add_component(utc_component())
    for event in events:
        calendar.add_component(event)
    for zone in sorted(calendar.get_missing_tzids()):
        if timezone := zone_by_rule(zone, min(days)):
            calendar.subcomponents.insert(0, timezone)
    if days:
        calendar.add_missing_timezones(min(days) - A_YEAR, max(days) + A_YEAR)
    return calendar.to_ical()
