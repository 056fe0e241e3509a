"""Tests calendar entries (docs/rules.md, calendar) with the independent parsers vobject and dateutil."""

import io
import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
import vobject
from dateutil import tz
from dateutil.rrule import rrulestr
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.models import User
from mentoring.models import Cadence, Pair
from sessions import cadence
from sessions.calendar import ALL_SERIES, SeriesEntry, SessionEntry, message
from sessions.models import Series, Session
from sessions.planning import plan_series
from sessions.time_slot import TimeSlot
from tests import make

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo")


@pytest.fixture
def clock(db):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def parsed(content: bytes):
    return vobject.readOne(content.decode())


class Reader:
    """Reads a file as a calendar does, with the time zones that the file defines."""

    def __init__(self, content: bytes):
        text = content.decode()
        read = tz.tzical(
            io.StringIO("\n".join(re.findall(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE", text.replace("\r", ""), re.S)))
        )
        self.zones = {name: read.get(name) for name in read.keys()}  # noqa: SIM118
        self.events = vobject.readOne(text, transform=False).vevent_list

    def at(self, line, local_time: str = "") -> datetime:
        """Return the instant of a DTSTART or DTEND; a local time that does not exist moves forward by the gap."""
        local_time = local_time or line.value
        if local_time.endswith("Z"):
            return datetime.strptime(local_time, "%Y%m%dT%H%M%S%z").astimezone(UTC)
        zone = self.zones[line.params["TZID"][0]]
        return tz.resolve_imaginary(datetime.fromisoformat(local_time).replace(tzinfo=zone)).astimezone(UTC)

    def lasts(self, event) -> tuple[datetime, datetime]:
        return self.at(event.dtstart), self.at(event.dtend)

    def shown(self) -> list[tuple[datetime, datetime]]:
        """Return the dates of the rule without its exceptions, with moved dates in their new place."""
        [main] = [event for event in self.events if not hasattr(event, "recurrence_id")]
        moved = {self.at(event.recurrence_id): event for event in self.events if event is not main}
        start, end = self.lasts(main)
        local_times = rrulestr(main.rrule.value, dtstart=datetime.fromisoformat(main.dtstart.value))
        gone = main.exdate.value.split(",") if hasattr(main, "exdate") else []
        dates = {f"{local_time:%Y%m%dT%H%M%S}" for local_time in local_times}
        assert dates >= set(gone)
        dates = {self.at(main.dtstart, local_time) for local_time in dates - set(gone)}
        assert dates >= moved.keys()
        return sorted(self.lasts(moved[at]) if at in moved else (at, at + (end - start)) for at in dates)


def rows(series: Series) -> list[tuple[datetime, datetime]]:
    live = series.sessions.live().order_by("starts_at")
    return sorted(live.values_list("starts_at", "ends_at"))


def planned_rows(series: Series) -> SeriesEntry:
    return SeriesEntry(ALL_SERIES.get(pk=series.pk))


def test_an_entry_is_written_for_one_person(clock, pair, sam, ada, settings):
    settings.DEFAULT_FROM_EMAIL = "Mentoring <mentoring@example.org>"
    settings.SITE_URL = "https://mentoring.example.org"
    session = make.session(pair, datetime(2026, 12, 4, 10), place="https://meet.example/1", created_by=sam)
    make.topic(pair, title="CANARY")
    file = message(SessionEntry(session), ada)
    event = parsed(file.content).vevent
    assert (file.method, parsed(file.content).method.value, event.status.value) == ("REQUEST", "REQUEST", "CONFIRMED")
    [read] = [Reader(file.content).lasts(event) for event in Reader(file.content).events]
    assert read == (session.starts_at, session.ends_at)
    assert b"DTSTART;TZID=Europe/London:20261204T100000" in file.content
    assert b"BEGIN:VTIMEZONE" in file.content
    assert event.uid.value == f"{session.uid}@localhost"
    assert event.summary.value == "Mentoring session with Sam"
    assert event.location.value == "https://meet.example/1"
    assert event.url.value == f"https://mentoring.example.org/sessions/{session.pk}/prepare/"
    assert event.valarm.trigger.value == timedelta(minutes=-10)
    assert event.organizer.value == "mailto:mentoring@example.org"
    assert [(a.value, a.partstat_param) for a in event.attendee_list] == [(f"mailto:{ada.email}", "NEEDS-ACTION")]
    assert parsed(message(SessionEntry(session), sam).content).vevent.attendee.partstat_param == "ACCEPTED"
    assert sam.email.encode() not in file.content
    assert b"CANARY" not in file.content


def test_changes_keep_the_uid_and_raise_the_sequence(clock, pair, sam):
    session = make.session(pair, datetime(2026, 12, 4, 10))
    seen, slot = [], TimeSlot(datetime(2026, 12, 5, 11), "Europe/London", 30)
    for verb, arguments in (("move", (sam, slot)), ("change_place", ("Room 4",)), ("end", None)):
        pair.end() if arguments is None else getattr(session, verb)(*arguments)
        session = Session.objects.with_people().get(pk=session.pk)
        file = message(SessionEntry(session), sam)
        event = parsed(file.content).vevent
        seen.append((file.method, event.uid.value, int(event.sequence.value)))
        clock.shift(timedelta(hours=1))
    uid = f"{session.uid}@localhost"
    assert seen == [("REQUEST", uid, 1), ("REQUEST", uid, 2), ("CANCEL", uid, 3)]


def test_an_immediate_undo_changes_no_calendar(clock, pair, sam):
    session = make.session(pair, datetime(2026, 12, 4, 10))
    for seconds, number in ((20, 0), (55, 2)):
        session.cancel(sam)
        clock.shift(timedelta(seconds=seconds))
        session.restore()
        assert session.sequence == number


def test_unusual_names_and_places_are_escaped(clock, pair, sam, ada):
    type(sam).objects.filter(pk=sam.pk).update(short_name="Sam\u202e;,:\\")
    session = make.session(pair, datetime(2026, 12, 4, 10), place="Room\r\nATTENDEE:mailto:all@example.org \\; 4")
    event = parsed(message(SessionEntry(Session.objects.with_people().get(pk=session.pk)), ada).content).vevent
    assert event.summary.value == "Mentoring session with Sam;,:\\"
    assert event.location.value == "RoomATTENDEE:mailto:all@example.org \\; 4"
    assert len(event.attendee_list) == 1


def test_a_series_is_one_entry_with_its_exceptions(clock, pair, sam):
    kept = make.session(pair, datetime(2026, 12, 18, 10))
    sessions = plan_series(
        pair, sam, TimeSlot(datetime(2026, 12, 4, 10), "Europe/London", 60, "Room 4"), Cadence.TWO_WEEKLY
    )
    series = sessions[0].series
    content = message(planned_rows(series), sam).content
    assert Reader(content).shown() == rows(series)
    assert kept.starts_at not in [start for start, _end in Reader(content).shown()], "that date already has a session"
    sessions[1].cancel(sam)
    sessions[2].move(sam, TimeSlot(datetime(2027, 2, 20, 18), "Asia/Kolkata", 45))  # later than its neighbors
    sessions[2].move(sam, TimeSlot(datetime(2027, 2, 21, 18), "Asia/Kolkata", 45))
    sessions[3].change_place("Room 5")
    file = message(planned_rows(series), sam)
    assert Reader(file.content).shown() == rows(series)
    assert {int(event.sequence.value) for event in parsed(file.content).vevent_list} == {4}
    assert file.content.count(b"LOCATION:Room 5") == 1
    series.cancel_from(sam, sessions[5])
    assert Reader(message(planned_rows(series), sam).content).shown() == rows(series)
    pair.end()
    file = message(planned_rows(series), sam)
    assert file.method == "CANCEL"
    assert parsed(file.content).vevent.status.value == "CANCELLED"


ACTS = st.lists(st.tuples(st.sampled_from(["cancel", "skip", "move", "end"]), st.integers(0, 30)), max_size=4)


@pytest.mark.django_db
@given(
    rule=st.sampled_from(Cadence.values),
    zone=st.sampled_from(ZONES),
    first_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    at=st.times(time(0), time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0)),
    minutes=st.sampled_from([15, 60, 240]),
    weeks=st.integers(1, 40),
    acts=ACTS,
)
@example("monthly", "Asia/Kolkata", date(2026, 1, 30), time(10), 60, 40, [])  # the fifth Friday
@example("weekly", "Europe/London", date(2026, 3, 29), time(1, 30), 60, 5, [])  # begins at a time that does not exist
@example("weekly", "Europe/London", date(2026, 10, 25), time(1, 30), 60, 5, [("move", 0)])  # ends at the second 01:30
@example("weekly", "Africa/Casablanca", date(2026, 1, 30), time(10), 60, 40, [])  # no rule for its clock
def test_a_calendar_shows_the_sessions_of_any_series(rule, zone, first_on, at, minutes, weeks, acts):
    """Clock changes, and moved, skipped or ended sessions, make no difference."""
    series, by_hand = build_series(rule, zone, first_on, at, minutes, weeks)
    for act, which in acts:
        session = by_hand[which % len(by_hand)]
        if act in ("cancel", "skip"):
            session.canceled_at = NOON
        elif act == "move":
            session.set_time(
                TimeSlot(session.planned_for + timedelta(days=which, hours=3), ZONES[which % len(ZONES)], 45)
            )
        else:
            for later in by_hand[which % len(by_hand) :]:
                later.canceled_at = NOON
    entry = SeriesEntry(series)
    if not entry.takes_place:
        return
    expected = sorted((row.starts_at, row.ends_at) for row in by_hand if not row.canceled_at)
    assert Reader(message(entry, series.pair.mentor).content).shown() == expected


def build_series(rule, zone, first_on, at, minutes, weeks) -> tuple[Series, list[Session]]:
    """Build a series and its sessions without storing them."""
    pair = Pair(
        pk=1, mentor=User(pk=1, name="Sam", email="s@example.org"), mentee=User(pk=2, name="Ada", email="a@x.org")
    )
    series = Series(pk=1, pair=pair, rule=rule, first_on=first_on, local_time=at, zone=zone, minutes=minutes)
    sessions = []
    for n, start in enumerate(cadence.occurrences(rule, first_on, at, first_on + timedelta(weeks=weeks))):
        row = Session(pk=n + 1, pair=pair, series=series, uid=f"00000000-0000-0000-0000-{n:012d}")
        row.series_on = start.date()
        row.set_time(TimeSlot(start, zone, minutes))
        sessions.append(row)
    series._prefetched_objects_cache = {"sessions": StoredRows(sessions)}
    return series, sessions


class StoredRows(list):
    def all(self):
        return self
