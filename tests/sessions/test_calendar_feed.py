"""Tests the private calendar address and the download of one session (docs/rules.md, calendar)."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
import vobject
from django.core.cache import cache
from django.utils import timezone
from icalendar import Calendar

from sessions.models import CalendarFeed
from tests import make


def make_address(client) -> str:
    page = client.post("/calendar/new/").content.decode()
    [address] = re.findall(r">(http[^<]+\.ics)<", page)
    return urlsplit(address).path


@pytest.fixture
def address(as_, ada) -> str:
    return make_address(as_(ada))


def events(answer) -> list:
    assert answer.status_code == 200
    return getattr(vobject.readOne(answer.content.decode()), "vevent_list", [])


def test_the_address_is_off_by_default_and_shown_once(as_, ada, client):
    assert "Create a private link" in as_(ada).get("/notifications/").content.decode()
    address = make_address(as_(ada))
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    assert len(token) == 43, "32 bytes"
    stored = CalendarFeed.objects.get()
    assert token not in str(vars(stored))
    page = as_(ada).get("/notifications/").content.decode()
    assert token not in page
    assert "No calendar app has read it yet." in page
    assert client.get(address).status_code == 200
    assert "A calendar app last read it today." in as_(ada).get("/notifications/").content.decode()


def test_the_calendar_holds_only_times_and_links(address, pair, sam, ada, client, settings):
    settings.SITE_URL = "https://mentoring.example.org"
    session = make.session(pair, place="https://meet.example/secret")
    make.topic(pair, title="The board presentation")
    make.past_session(pair, days=29)
    make.past_session(pair, days=31)
    make.session(pair, datetime(2030, 1, 1, 10)).cancel(sam)
    other = make.pair(pair.program, make.user("Kofi Mensah"), ada)
    make.session(other)
    make.session(make.pair(pair.program, make.user(), make.user()))
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    shown = events(answer)
    assert len(shown) == 3
    assert {event.summary.value for event in shown} == {"Mentoring session"}
    text = answer.content.decode()
    assert f"URL:https://mentoring.example.org/sessions/{session.pk}/prepare/" in text
    assert (session.starts_at, session.ends_at) in [(e.dtstart.value, e.dtend.value) for e in shown]
    assert not re.search("Sam|Ada|Kofi|secret|board|LOCATION|ATTENDEE", text)
    other.end()
    assert len(events(client.get(address))) == 2, "an ended pair is removed at once"


def test_more_sessions_need_no_more_queries(address, pair, client, django_assert_num_queries):
    client.get(address)  # stores the day of the last read
    for days in range(12):
        make.session(pair, datetime(2030, 1, 1 + days, 10))
    with django_assert_num_queries(2):
        assert len(events(client.get(address))) == 12


def test_an_empty_calendar_is_valid_and_has_a_refresh_interval(address, client):
    content = client.get(address).content
    calendar = Calendar.from_ical(content)
    assert [each.name for each in calendar.subcomponents] == ["VTIMEZONE"] and not calendar.errors
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in content and b"X-PUBLISHED-TTL:PT1H" in content


def test_a_new_address_or_turning_it_off_disables_the_old_one(address, as_, ada, client):
    newer = make_address(as_(ada))
    assert client.get(address).status_code == 404
    assert client.get(newer).status_code == 200
    as_(ada).post("/calendar/delete/")
    assert client.get(newer).status_code == client.get("/calendar/unknown.ics").status_code == 404
    assert not CalendarFeed.objects.exists()


def test_closing_the_account_disables_the_address(address, ada, client):
    type(ada).objects.filter(pk=ada.pk).update(is_active=False)
    assert client.get(address).status_code == 404


def test_reads_are_limited_to_sixty_an_hour(address, as_, sam, client, monkeypatch):
    other = make_address(as_(sam))
    assert [client.get(address).status_code for _ in range(61)] == [200] * 60 + [429]
    assert 0 < int(client.get(address).headers["Retry-After"]) <= 3600
    assert client.get(other).status_code == 200, "each address counts by itself"
    monkeypatch.setattr(cache, "incr", lambda key: 1)  # as the cache answers while it is unavailable
    assert client.get(address).status_code == 200


def test_one_session_can_be_downloaded(pair, sam, as_):
    session = make.session(pair, place="Room 4")
    assert f"/sessions/{session.pk}/session.ics" in as_(sam).get(f"/sessions/{session.pk}/prepare/").content.decode()
    answer = as_(sam).get(f"/sessions/{session.pk}/session.ics")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="session-{session.pk}.ics"'
    [event] = events(answer)
    assert (event.summary.value, event.location.value) == ("Mentoring session with Ada", "Room 4")
    assert event.dtstart.value - timezone.now() > timedelta(days=1)
    session.cancel(sam)
    assert as_(sam).get(f"/sessions/{session.pk}/session.ics").status_code == 404
