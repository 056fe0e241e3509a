"""Tests the warnings about a planned time on every form with a time (docs/rules.md, cadence)."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine

from accounts.models import User
from core.formatting import day
from sessions.time_slot import TimeSlot
from sessions.time_warnings import warnings_about
from tests import make
from tests.browsing import fields_of

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)  # a Monday
LONDON = "Europe/London"


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def always(pair):
    """The pair, both working at any hour of any day."""
    for person in pair.people:
        person.works_from, person.works_until, person.workdays = time(0), time(23, 59), [1, 2, 3, 4, 5, 6, 7]
    return pair


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def about(pair, *starts: str, minutes: int = 60, **more) -> list[str]:
    return warnings_about(pair, [TimeSlot(at(start), LONDON, minutes) for start in starts], **more)


def test_overlaps_in_any_pair_of_either_person_warn(always, sam):
    other = make.pair(mentor=sam, mentee=make.user("Kofi Mensah"))
    make.session(other, at("2027-03-05 09:00"), minutes=240)
    busy = ["Sam has another session at that time."]
    assert about(always, "2027-03-05 12:00") == busy
    assert about(always, "2027-03-05 13:00") == about(always, "2027-03-05 08:00") == []
    assert about(always, "2027-03-05 08:00", minutes=240) == busy


def test_a_series_names_the_affected_dates(always, sam):
    other = make.pair(mentor=sam, mentee=make.user("Kofi Mensah"))
    make.session(other, at("2027-03-12 10:30"))
    starts = ["2027-03-05 10:00", "2027-03-12 10:00", "2027-03-19 10:00"]
    assert about(always, *starts) == ["Sam has another session at that time. (Fri, Mar 12)"]
    always.mentee.days_off = [["2027-03-01", "2027-06-30"]]
    many = [f"2027-{month:02}-{on:02} 10:00" for month in (3, 4) for on in (1, 8, 15, 22)] + ["2027-07-05 10:00"]
    [warning] = about(always, *many)
    assert warning.endswith("(today; Mon, Mar 8; Mon, Mar 15; Mon, Mar 22; Thu, Apr 1; Thu, Apr 8; and 2 more)")


def test_a_moved_session_does_not_overlap_itself(always):
    session = make.session(always, at("2027-03-05 10:00"))
    assert about(always, "2027-03-05 10:30") == ["You already have a session together then."]
    assert about(always, "2027-03-05 10:30", moving=[session]) == []
    session.cancel(always.mentor)
    assert about(always, "2027-03-05 10:30") == []


def test_clock_changes_past_dates_and_dates_after_the_end_warn(always):
    [never] = about(always, "2027-03-28 01:30")
    assert "does not exist" in never and "02:30" in never
    [twice] = [warning for warning in about(always, "2027-10-31 01:30") if "twice" in warning]
    assert "The first one is used" in twice
    assert about(always, "2027-02-01 10:00") == ["This time is in the past."]
    assert about(always, "2027-02-01 10:00", held=True) == [], "it has taken place"
    late = [f"This is after your time together ends, {day(always.ends_on)}."]
    assert about(always, "2028-02-01 10:00") == late


def test_working_hours_days_off_and_pauses_warn(pair, sam, ada):
    """Sam in London and Ada in Kolkata, five and a half hours apart, both work nine to five."""
    assert about(pair, "2027-03-05 10:00") == []
    assert about(pair, "2027-03-05 15:00") == ["For Ada this is 8:30–9:30 PM, outside working hours (9:00 AM–5:00 PM)."]
    assert (
        about(pair, "2027-03-06 10:00")
        == [
            "It is Saturday for Ada then, not a working day.",
            "It is Saturday for Sam then, not a working day.",
        ][:: -1 if pair.people[0] == sam else 1]
    )
    ada.days_off = [["2027-03-04", "2027-03-05"]]
    pair.mentee = ada
    pair.pause(sam, date(2027, 3, 2), date(2027, 3, 8), date(2027, 3, 1))
    assert about(pair, "2027-03-05 10:00") == [
        "Your sessions are paused then. They resume Mon, Mar 8.",
        "Ada has a day off then.",
    ]


def test_every_form_with_a_time_shows_the_same_warnings(as_, pair, sam):
    """Planning, moving, wrapping up: a time at which Sam meets Kofi, in the middle of Ada's night."""
    make.session(make.pair(mentor=sam, mentee=make.user("Kofi Mensah")), at("2027-03-10 22:00"))
    client, planned = as_(sam), make.session(pair, at("2027-03-05 10:00"))
    hours = "For Ada this is 03:30–04:30, outside working hours (09:00–17:00)."
    data = {"on": "2027-03-10", "at": "22:00", "zone": LONDON, "minutes": "60", "kind": "standard", "reason": "x"}
    for url in (f"/pairs/{pair.pk}/sessions/new/", f"/sessions/{planned.pk}/move/"):
        page = client.post(url, data)
        assert page.status_code == 422, url
        assert hours in page.content.decode() and "Sam has another session at that time." in page.content.decode()
    planned.delete()
    running = make.running_session(pair)
    url = f"/sessions/{running.pk}/close/"
    client.post(f"/sessions/{running.pk}/wrap-up/no-commitments/")
    data = {"next": "other", "other_start": "2027-03-10T22:00", "takeaway": "", "need": ""}
    refused = client.post(url, data)
    page = refused.content.decode()
    assert refused.status_code == 422 and hours in page and "Sam has another session at that time." in page
    assert 'value="2027-03-10T22:00"' in page
    assert client.post(url, fields_of(page)).status_code == 302, "sending it again confirms it"
    assert pair.sessions.live().get().planned_for == at("2027-03-10 22:00")


def test_the_wrap_up_time_uses_the_zone_of_the_plan(as_, pair, sam):
    """02:30 on 14 March does not exist in New York, where Sam is now; in London it does."""
    User.objects.filter(pk=sam.pk).update(zone="America/New_York")
    running = make.running_session(pair)
    client, url = as_(User.objects.get(pk=sam.pk)), f"/sessions/{running.pk}/close/"
    client.post(f"/sessions/{running.pk}/wrap-up/no-commitments/")
    data = {"next": "other", "other_start": "2027-03-14T02:30", "takeaway": "", "need": ""}
    page = client.post(url, data).content.decode()
    assert "does not exist" not in page and "couldn’t be interpreted" not in page
    assert client.post(url, data | {"sure": "2027-03-14T02:30"}).status_code == 302
    assert pair.sessions.live().get().starts_at == datetime(2027, 3, 14, 2, 30, tzinfo=UTC)


def test_the_form_proposes_a_date_before_the_pair_ends(as_, pair, sam):
    pair.ends_on = date(2027, 3, 26)
    pair.save()
    url = f"/pairs/{pair.pk}/sessions/new/"
    data = {"on": "2027-03-05", "at": "10:00", "zone": LONDON, "minutes": "60", "kind": "standard", "repeat": "weekly"}
    assert as_(sam).post(url, data).status_code == 302 and pair.sessions.count() == 4
    start = as_(sam).get(url).context["form"].initial
    assert date(2027, 3, 2) <= start["on"] <= pair.ends_on
    assert as_(sam).post(url, data | {"on": start["on"], "at": start["at"], "repeat": ""}).status_code == 302
