"""Busy times: a calendar is read with limits, kept without its text, and shown to nobody."""

import json
import re
import socket
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from core import outgoing
from reminders.models import Reminder
from reminders.tasks import plan_and_send
from sessions import busy_times, calendar_process
from sessions.models import BusyCalendar
from sessions.planning import suggest_times
from sessions.tasks import read_calendars
from tests import make

NOW = datetime(2026, 12, 7, 9, tzinfo=UTC)  # a Monday
Problem = BusyCalendar.Problem


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def ics(*events: str, head: str = "") -> bytes:
    """Return a calendar; each event is its lines, separated by spaces. An underscore is a space within a line."""
    lines = [f"BEGIN:VEVENT UID:{n} {event} END:VEVENT" for n, event in enumerate(events)]
    text = " ".join(["BEGIN:VCALENDAR", "VERSION:2.0", head, *lines, "END:VCALENDAR"])
    return text.replace(" ", "\r\n").replace("_", " ").encode()


def busy(*events: str, zone: str = "Europe/London", me: str = "ada@example.org", head: str = "") -> list[str]:
    """Return the busy times of such a calendar within nine weeks, as texts in UTC."""
    about = {"zone": zone, "addresses": [me], "host": "mentoring.example.org"}
    about |= {"since": int(NOW.timestamp()), "until": int((NOW + busy_times.WEEKS).timestamp())}
    times = calendar_process.read(about, ics(*events, head=head))["busy"]
    spans = [[datetime.fromtimestamp(at, UTC) for at in span] for span in times]
    return [f"{start:%d %H:%M}-{end:%d %H:%M}" for start, end in spans]


MEETING = "DTSTART:20261208T100000Z DTEND:20261208T110000Z"


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (MEETING, ["08 10:00-08 11:00"]),
        (f"{MEETING} TRANSP:OPAQUE STATUS:TENTATIVE", ["08 10:00-08 11:00"]),
        (f"{MEETING} TRANSP:TRANSPARENT", []),
        (f"{MEETING} STATUS:CANCELLED", []),
        (f"{MEETING} X-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        (f"{MEETING} ATTENDEE;PARTSTAT=DECLINED:mailto:Ada@example.org", []),
        (f"{MEETING} ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org", ["08 10:00-08 11:00"]),
        (f"{MEETING} ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.org", ["08 10:00-08 11:00"]),
        ("DTSTART:20261208T100000Z DURATION:PT45M", ["08 10:00-08 10:45"]),
        ("DTSTART;VALUE=DATE:20261208", []),
        ("DTSTART;VALUE=DATE:20261208 TRANSP:TRANSPARENT", []),
        ("DTSTART;VALUE=DATE:20261208 TRANSP:OPAQUE", ["08 00:00-09 00:00"]),
        ("DTSTART;VALUE=DATE:20261208 X-MICROSOFT-CDO-BUSYSTATUS:OOF", ["08 00:00-09 00:00"]),
        ("DTSTART:20200101T100000Z DTEND:20200101T110000Z", []),
        ("DTSTART:20261206T220000Z DTEND:20261207T100000Z", ["07 09:00-07 10:00"]),
        ("DTSTART:20261208T100000Z DTEND:20261208T100000Z", []),
    ],
)
def test_an_event_blocks_time_unless_it_is_free(event, found):
    assert busy(event) == found


def test_times_are_read_in_their_time_zone():
    assert busy("DTSTART:20261208T100000 DURATION:PT1H", zone="Asia/Kolkata") == ["08 04:30-08 05:30"]
    berlin = "DTSTART;TZID=Europe/Berlin:20261208T100000 DURATION:PT1H"
    assert busy(berlin) == busy(berlin.replace("Europe/Berlin", "W._Europe_Standard_Time")) == ["08 09:00-08 10:00"]
    unknown = "DTSTART;TZID=Here:20261208T100000 DURATION:PT1H"
    assert busy(unknown, zone="Asia/Kolkata") == ["08 04:30-08 05:30"]
    rules = "BEGIN:VTIMEZONE TZID:Here BEGIN:STANDARD DTSTART:19700101T000000 TZOFFSETFROM:+0300 TZOFFSETTO:+0300"
    assert busy(unknown, head=f"{rules} END:STANDARD END:VTIMEZONE") == ["08 07:00-08 08:00"]


def test_series_are_read_with_their_exceptions():
    series = "DTSTART:20200101T100000Z DURATION:PT1H RRULE:FREQ=WEEKLY;BYDAY=WE EXDATE:20261216T100000Z"
    assert busy(series)[:3] == ["09 10:00-09 11:00", "23 10:00-23 11:00", "30 10:00-30 11:00"]
    ended = "DTSTART:20200101T100000Z DURATION:PT1H RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20201231T000000Z"
    assert busy(ended) == []
    moved = ics(series).replace(b"END:VCALENDAR", b"")
    moved += b"BEGIN:VEVENT\r\nUID:0\r\nRECURRENCE-ID:20261209T100000Z\r\nDTSTART:20270701T100000Z\r\nEND:VEVENT\r\n"
    about = {"zone": "UTC", "addresses": [], "host": "", "since": int(NOW.timestamp())}
    about["until"] = int((NOW + timedelta(days=4)).timestamp())
    assert calendar_process.read(about, moved + b"END:VCALENDAR")["busy"] == []


def test_times_that_touch_are_one():
    events = (MEETING, "DTSTART:20261208T110000Z DURATION:PT1H", "DTSTART:20261208T103000Z DURATION:PT5M")
    assert busy(*events) == ["08 10:00-08 12:00"]


def test_published_free_and_busy_times_are_read():
    periods = "BEGIN:VFREEBUSY FREEBUSY:20261208T100000Z/PT1H,20261209T100000Z/20261209T110000Z "
    periods += "FREEBUSY;FBTYPE=FREE:20261210T100000Z/PT1H END:VFREEBUSY"
    assert busy(head=periods) == ["08 10:00-08 11:00", "09 10:00-09 11:00"]


def test_the_owner_of_a_google_calendar_is_known_by_its_name():
    declined = f"{MEETING} ATTENDEE;PARTSTAT=DECLINED:mailto:ada@home.example"
    assert busy(declined, head="X-WR-CALNAME:ada@home.example") == []


def test_sessions_planned_here_are_left_out():
    own = ics(MEETING).replace(b"UID:0", b"UID:1@mentoring.example.org")
    about = {"zone": "UTC", "addresses": [], "host": "mentoring.example.org", "since": int(NOW.timestamp())}
    assert calendar_process.read(about | {"until": int((NOW + busy_times.WEEKS).timestamp())}, own)["busy"] == []


# --- Reading ------------------------------------------------------------------------------------------------------


@pytest.fixture
def calendar(pair, receiver) -> BusyCalendar:
    receiver.file = ics(f"{MEETING} SUMMARY:zqxcanary")
    return make.busy_calendar(pair.mentee, receiver.url)


def state(calendar) -> tuple:
    calendar.refresh_from_db()
    return calendar.problem, calendar.failures


def test_only_the_times_are_kept_and_encrypted(calendar, receiver):
    read_calendars()
    calendar.refresh_from_db()
    assert calendar.times == [(NOW.replace(day=8, hour=10), NOW.replace(day=8, hour=11))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM mentoring_sessions_busycalendar")
        stored = str(cursor.fetchall())
    assert "zqxcanary" not in stored and "key=1" not in stored and str(int(NOW.timestamp()))[:6] not in stored
    assert "zqxcanary" not in json.dumps(calendar.busy)
    assert receiver.received[0][0]["user-agent"] == "Throughline"


def test_a_calendar_is_read_more_often_while_the_pair_is_here(calendar, receiver, clock, sam):
    read_calendars(), read_calendars()
    clock.shift(timedelta(minutes=21))
    read_calendars()
    assert len(receiver.received) == 1
    type(sam).objects.filter(pk=sam.pk).update(seen_at=timezone.now())
    read_calendars(), read_calendars()
    assert len(receiver.received) == 2
    clock.shift(timedelta(hours=7))
    read_calendars()
    assert len(receiver.received) == 3


BROKEN = [
    ({"statuses": [404]}, Problem.STATUS),
    ({"statuses": [302]}, Problem.STATUS),
    ({"file": b"<html>Sign in</html>"}, Problem.NO_CALENDAR),
    ({"file": b""}, Problem.NO_CALENDAR),
    ({"file": b"BEGIN:VCALENDAR\r\n" + b"X" * busy_times.MOST_BYTES}, Problem.LARGE),
    ({"headers": {"Content-Encoding": "gzip"}}, Problem.NO_ANSWER),
    ({"headers": {"Content-Length": "x" * 70_000}}, Problem.NO_ANSWER),
]


@pytest.mark.parametrize(("answer", "problem"), BROKEN)
def test_what_is_wrong_is_known_and_earlier_times_are_kept(calendar, receiver, clock, answer, problem):
    read_calendars()
    for name, value in answer.items():
        setattr(receiver, name, value)
    clock.shift(busy_times.SELDOM)
    read_calendars()
    assert state(calendar) == (problem, 1)
    assert calendar.times and calendar.failing_since == timezone.now()
    receiver.file, receiver.headers = ics(), {}
    clock.shift(timedelta(minutes=16))
    read_calendars()
    assert state(calendar) == ("", 0) and calendar.times == [] and calendar.failing_since is None


def test_a_private_address_is_not_asked(calendar, receiver, settings):
    settings.CONNECTIONS_TO_PRIVATE = False
    read_calendars()
    assert state(calendar) == (Problem.REFUSED, 1) and receiver.received == []


def test_a_slow_server_is_left_after_a_while(monkeypatch):
    monkeypatch.setattr(outgoing, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(TimeoutError):
        outgoing.get(f"http://127.0.0.1:{server.getsockname()[1]}/", 100, {}, private=True)


BOMBS = [
    "DTSTART:19000101T100000Z DURATION:PT1M RRULE:FREQ=SECONDLY",
    "DTSTART:20261201T100000Z DURATION:PT1M RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_series_without_end_is_given_up(ada, bomb, monkeypatch):
    monkeypatch.setattr(busy_times, "READING_SECONDS", 1)
    with pytest.raises(busy_times.Unreadable):
        busy_times.busy_in(ics(bomb), ada, NOW)


def test_a_lost_process_loses_its_claim(calendar, receiver, clock):
    lost = busy_times.claim()
    assert lost and busy_times.claim() is None
    clock.shift(busy_times.LEASE + timedelta(seconds=1))
    read_calendars()
    busy_times.failed(lost, Problem.STATUS)
    assert state(calendar) == ("", 0) and len(receiver.received) == 1


def test_an_address_replaced_meanwhile_gets_nothing_of_the_old_one(calendar, receiver, ada):
    claimed = busy_times.claim()
    BusyCalendar.connect(ada, receiver.url)
    busy_times.read(claimed)
    assert BusyCalendar.objects.get().busy == ""


# --- Suggested times ----------------------------------------------------------------------------------------------


def suggested(pair, viewer) -> list[str]:
    return [f"{one.at:%d %H:%M}" for one in suggest_times(pair, viewer)[0]]


def test_suggested_times_avoid_the_calendars_of_both(pair, sam, ada, receiver):
    for person in (sam, ada):
        make.move_to_zone(person, "UTC")
    free = suggested(pair, sam)
    at = datetime.strptime(f"2026-12-{free[0]}", "%Y-%m-%d %H:%M")
    receiver.file = ics(f"DTSTART:{at:%Y%m%dT%H%M%S}Z DURATION:PT1H")
    make.busy_calendar(ada, receiver.url)
    read_calendars()
    assert suggested(pair, sam) == suggested(pair, ada)
    assert free[0] not in suggested(pair, sam) and free[1:] == suggested(pair, sam)[1:]


def test_the_partner_reads_the_same_page_but_for_the_time(pair, sam, ada, as_, receiver):
    """The page gives no reason why a time is not suggested."""
    for person in (sam, ada):
        make.move_to_zone(person, "UTC")
    receiver.file = ics("DTSTART:20261201T080000Z DURATION:PT10H RRULE:FREQ=DAILY")  # all of the working day
    make.busy_calendar(ada, receiver.url)
    read_calendars()
    html = as_(sam).get(reverse("session_schedule", args=[pair.pk])).content.decode()
    shown = re.sub(r"<[^>]+>", "", re.search(r"<main.*?</main>", html, re.DOTALL)[0])
    assert "The closest times" in shown and not re.search("busy|calendar|free", shown.lower())


# --- The page -----------------------------------------------------------------------------------------------------


def test_a_person_connects_reads_and_disconnects_a_calendar(as_, ada, receiver):
    client, page = as_(ada), reverse("connections")
    receiver.file = ics(MEETING)
    client.post(reverse("calendar_connect"), {"calendar-address": receiver.url})
    assert 'hx-trigger="every 5s"' in client.get(page).content.decode()
    read_calendars()
    html = client.get(page).content.decode()
    assert "Last read" in html and "hx-trigger" not in html.split('id="busy-times"')[1] and "key=1" not in html
    client.post(reverse("calendar_disconnect"))
    assert not BusyCalendar.objects.exists()
    assert client.post(reverse("calendar_disconnect")).status_code == 302


def test_reading_now_is_not_done_twice_a_minute(as_, ada, calendar, receiver, clock):
    client = as_(ada)
    read_calendars()
    for _twice in range(2):
        client.post(reverse("calendar_read"))
        read_calendars()
    assert len(receiver.received) == 1
    clock.shift(61)
    client.post(reverse("calendar_read"))
    read_calendars()
    assert len(receiver.received) == 2


@pytest.mark.parametrize("address", ["https://10.0.0.1/a.ics", "http://8.8.8.8/a.ics", "x" * 1001, "", "file:///etc"])
def test_an_invalid_address_keeps_the_input(as_, ada, address):
    answer = as_(ada).post(reverse("calendar_connect"), {"calendar-address": address})
    assert answer.status_code == 422 and (not address or f'value="{address}"' in answer.content.decode())
    assert not BusyCalendar.objects.exists()


def test_an_address_of_a_calendar_app_means_https(as_, ada):
    as_(ada).post(reverse("calendar_connect"), {"calendar-address": "webcal://8.8.8.8/a.ics"})
    assert BusyCalendar.objects.get().address == "https://8.8.8.8/a.ics"


def test_a_day_of_failures_sends_one_email(calendar, receiver, clock, ada, settings):
    settings.EMAIL_URL = "smtp://localhost"
    plan_and_send()
    receiver.statuses = [404] * 1000
    read_calendars()
    for day in (7, 8, 9, 10):
        clock.move_to(NOW.replace(day=day, hour=10, minute=35))  # Ada's second window
        read_calendars(), plan_and_send()
        assert len(mail.outbox) == (day > 7)
    [notice] = [message for message in mail.outbox if "calendar can’t be read" in message.subject]
    assert notice.to == [ada.email] and "error" in notice.body and "key=1" not in notice.body
    reminder = Reminder.objects.get(kind="busy_calendar")
    assert reminder.recipient == ada and reminder.state == Reminder.State.SENT
