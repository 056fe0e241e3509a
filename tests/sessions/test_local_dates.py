"""Tests that local dates use the time zone of the plan or the program, not that of the reader."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard.facts import read_facts
from dashboard.figures import figures
from dashboard.flags import evaluate
from goals.default_due_dates import default_due_on
from mentoring.models import Pair, Program
from sessions.forms.planning import LogForm
from sessions.models import Session
from sessions.planning import log_meeting, next_session_on, planned_near, propose_next, rhythms
from sessions.time_slot import TimeSlot
from tests import make
from tests.examples import slow_examples
from tests.sources import sources

ZONES = (
    "Pacific/Apia",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Pacific/Honolulu",
)
zones = st.sampled_from(ZONES)
hours = st.integers(min_value=0, max_value=23)
moments = st.datetimes(datetime(2026, 11, 20), datetime(2026, 12, 20), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def there(zone: str) -> date:
    return timezone.now().astimezone(ZoneInfo(zone)).date()


class EveryZone(TestCase):
    """Two people, a program and a reader, each in any time zone."""

    def setUp(self):
        super().setUp()
        dates = {"starts_on": date(2026, 9, 1), "ends_on": date(2027, 6, 30)}
        self.pair = make.pair(make.program(**dates))

    def move_to(self, mentor: str, mentee: str, program: str) -> Pair:
        for person, zone in zip(self.pair.people, (mentor, mentee), strict=True):
            type(person).objects.filter(pk=person.pk).update(zone=zone)
        Program.objects.filter(pk=self.pair.program_id).update(zone=program)
        return Pair.objects.with_people().get(pk=self.pair.pk)

    @settings(max_examples=slow_examples(500, usual=20))
    @given(zones, zones, zones, hours, moments)
    def test_a_planned_date_uses_the_zone_of_the_plan(self, plan, reader, mentee, hour, now):
        pair = self.move_to(reader, mentee, plan)
        with time_machine.travel(now, tick=False), timezone.override(reader):
            day = there(plan) + timedelta(days=1)
            session = make.session(pair, datetime.combine(day, datetime.min.time()).replace(hour=hour), plan)
            assert session.planned_date == day
            assert list(pair.sessions.planned_between(day, day)) == [session]
            assert not pair.sessions.planned_between(day + timedelta(days=1)).exists()
            assert next_session_on(pair) == day
            for person in pair.people:
                due_on = default_due_on.ask(pair, person.today())
                assert person.today() < due_on <= max(day, person.today() + timedelta(days=1))
            assert propose_next(pair, pair.mentor).local_start.date() == day + timedelta(days=14)

    @settings(max_examples=slow_examples(500, usual=20))
    @given(zones, zones, zones, hours, moments)
    def test_a_meeting_logged_at_a_planned_time_is_that_session(self, plan, reader, other, hour, now):
        pair = self.move_to(reader, other, plan)
        with time_machine.travel(now, tick=False), timezone.override(reader):
            day = there(plan) - timedelta(days=1)
            local = datetime.combine(day, datetime.min.time()).replace(hour=hour)
            planned = make.session(pair, local, plan)
            tomorrow = make.session(pair, local + timedelta(days=2), plan)
            data = {"on": day, "at": local.time(), "zone": plan, "minutes": 60}
            # The zone of the plan may differ from that of both people; the moment is the same.
            if plan not in (reader, other):
                here = pair.mentor.local(planned.starts_at)
                data |= {"on": here.date(), "at": here.time(), "zone": reader}
            form = LogForm(data, pair=pair, user=pair.mentor)
            if (fold := planned.starts_at.astimezone(ZoneInfo(data["zone"])).fold) == 0:
                assert form.is_valid(), form.errors
                assert form.planned == planned
            log_meeting(pair, pair.mentor, TimeSlot(local, plan, 60), planned=planned_near(pair, planned.starts_at))
            assert fold in (0, 1)
            planned.refresh_from_db(), tomorrow.refresh_from_db()
            assert planned.held_at and tomorrow.is_live and pair.sessions.count() == 2

    @settings(max_examples=slow_examples(500, usual=20))
    @given(zones, zones, zones, hours, moments)
    def test_no_figure_is_negative(self, plan, reader, program, hour, now):
        pair = self.move_to(plan, reader, program)
        with time_machine.travel(now, tick=False), timezone.override(reader):
            mentor, mentee = make.user(zone=plan), make.user(zone=reader)
            make.enrollment(pair.program, mentor, "mentor"), make.enrollment(pair.program, mentee, "mentee")
            new = Pair.start(None, pair.program, mentor, mentee)
            assert new.started_on == there(program)
            held = make.session(new, datetime.combine(there(plan), datetime.min.time()).replace(hour=hour), plan)
            for person in new.people:
                held.answer(person, met=True)
            for zone in ZONES:
                kept = rhythms([new], there(zone))[new.pk].adherence
                assert kept is None or (0 <= kept.held <= kept.expected and kept.since <= there(zone))
            [facts] = read_facts([new])
            assert facts.today == there(program) and facts.age == 0
            assert facts.days_since(held.planned_date) >= 0
            assert all(value >= 0 for _level, numbers in evaluate(facts).values() for value in numbers.values())
            for figure in figures(new.program, new.program.today()):
                assert (figure.value or 0) >= 0 and (figure.before or 0) >= 0 and figure.n >= 0
            counted = next(figure for figure in figures(new.program, new.program.today()) if figure.key == "held")
            assert counted.value == 1


@pytest.mark.django_db
@time_machine.travel(datetime(2026, 12, 1, 6, 30, tzinfo=UTC), tick=False)  # 22:30 on 30 November in Los Angeles
def test_a_session_tomorrow_morning_sets_the_due_date():
    west = make.pair(make.program(), make.user(zone="America/Los_Angeles"), make.user(zone="America/Los_Angeles"))
    tomorrow = make.session(west, at("2026-12-01 07:30"), "America/Los_Angeles")
    with timezone.override("America/Los_Angeles"):
        assert default_due_on.ask(west, west.mentee.today()) == date(2026, 12, 1)
        log_meeting(west, west.mentee, TimeSlot(at("2026-11-30 21:00"), "America/Los_Angeles", 60))
    tomorrow.refresh_from_db()
    assert tomorrow.is_live and west.sessions.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Asia/Kolkata", "America/Los_Angeles"])
def test_a_logged_meeting_is_not_asked_about(zone, as_):
    with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=UTC)):
        pair = make.pair(make.program(), make.user(zone=zone), make.user(zone=zone))
        planned = make.session(pair, at("2026-12-02 19:00"), zone)
    with time_machine.travel(datetime(2026, 12, 3, 12, tzinfo=UTC)):
        data = {"on": "2026-12-02", "at": "19:00", "zone": zone, "minutes": 60, "line": "The launch"}
        assert as_(pair.mentee).post(f"/pairs/{pair.pk}/sessions/log/", data).status_code == 302
        page = as_(pair.mentee).get("/").content.decode()
    assert pair.sessions.get() == planned and "Did you meet" not in page


@pytest.mark.django_db
def test_logging_a_meeting_keeps_planned_and_running_sessions(as_):
    with time_machine.travel(datetime(2026, 12, 1, 10, tzinfo=UTC), tick=False):
        pair = make.pair(make.program(), make.user(zone="Europe/London"), make.user(zone="Europe/London"))
        afternoon = make.session(pair, at("2026-12-01 16:00"))
        running = make.session(pair, at("2026-12-01 09:30"), started_at=timezone.now())
        url = f"/pairs/{pair.pk}/sessions/log/"
        data = {"on": "2026-12-01", "at": "09:00", "zone": "Europe/London", "minutes": 30}
        assert as_(pair.mentor).post(url, data).status_code == 302
        live = set(pair.sessions.live().values_list("pk", flat=True))
    assert live == {afternoon.pk, running.pk} and pair.sessions.held().count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("answer", "rows"), [("planned", 1), ("another", 2)])
def test_logging_offers_a_session_planned_close_to_it(as_, answer, rows):
    with time_machine.travel(datetime(2026, 12, 1, 13, tzinfo=UTC), tick=False):
        pair = make.pair(make.program(), make.user(zone="Europe/London"), make.user(zone="Europe/London"))
        planned = make.session(pair, at("2026-12-01 12:00"))
        make.session(pair, at("2026-12-01 08:30"))
        url = f"/pairs/{pair.pk}/sessions/log/"
        data = {"on": "2026-12-01", "at": "10:30", "zone": "Europe/London", "minutes": 30, "line": "On the train"}
        page = as_(pair.mentor).post(url, data)
        text = page.content.decode()
        assert page.status_code == 422 and "the session scheduled for today, 12:00" in text and "On the train" in text
        assert pair.sessions.live().count() == 2
        data["was"] = str(planned.pk) if answer == "planned" else answer
        assert as_(pair.mentor).post(url, data).status_code == 302
        planned.refresh_from_db()
    assert pair.sessions.count() == 1 + rows and bool(planned.held_at) == (answer == "planned")


@pytest.mark.django_db
def test_a_session_started_meanwhile_is_not_logged(as_, monkeypatch):
    with time_machine.travel(datetime(2026, 12, 1, 13, tzinfo=UTC), tick=False):
        pair = make.pair(make.program(), make.user(zone="Europe/London"), make.user(zone="Europe/London"))
        planned = make.session(pair, at("2026-12-01 12:00"))
        monkeypatch.setattr("sessions.forms.planning.planned_near", lambda *_: planned)
        Session.objects.update(started_at=timezone.now())
        data = {"on": "2026-12-01", "at": "12:00", "zone": "Europe/London", "minutes": 30}
        page = as_(pair.mentor).post(f"/pairs/{pair.pk}/sessions/log/", data, follow=True).content.decode()
    planned.refresh_from_db()
    assert planned.is_running and "has already started" in page


def test_no_query_uses_a_date_in_the_current_zone():
    """`__date` depends on the reader: queries use stored dates, or a range of moments in a named zone."""
    found = [
        f"{path}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ("__date" in line or "TruncDate" in line or "now().date()" in line) and "`__date`" not in line
        if "the reader's day" not in line
    ]
    assert found == []


@pytest.mark.django_db
def test_an_abbreviation_becomes_a_zone_with_clock_changes(as_):
    person = make.user(zone="Europe/London")
    data = {
        "name": "Ada",
        "works_from": "09:00",
        "works_until": "17:00",
        "workdays": [1],
        "clock": "24",
        "week_start": 1,
    }
    as_(person).post("/preferences/", data | {"theme": "system", "zone": "EST"})
    person.refresh_from_db()
    assert person.zone == "America/New_York"
    assert as_(person).post("/preferences/", data | {"theme": "system", "zone": "GMT"}).status_code == 422


# --- A program's dates ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_applications_close_at_midnight_in_the_programs_zone(client):
    program = make.program(zone="America/Los_Angeles", open_until=date(2027, 3, 31))
    url = f"/programs/{program.pk}/apply/"
    with time_machine.travel(datetime(2027, 4, 1, 0, 30, tzinfo=UTC)):
        page = client.get(url).content.decode()
        assert "Open until midnight on Wed, Mar 31, 2027, Los Angeles time" in page
        data = {"name": "Nia", "email": "nia@example.org", "role": "mentee", "why": "To learn"}
        client.post(url, data)
        assert program.applications.count() == 1
    with time_machine.travel(datetime(2027, 4, 1, 7, 30, tzinfo=UTC)):
        assert "Applications were open until midnight on Wed, Mar 31, 2027" in client.get(url).content.decode()


@pytest.mark.django_db
def test_a_program_gets_its_creators_zone_and_can_change_it(as_):
    person = make.user(zone="America/Los_Angeles")
    make.enrollment(make.program(), person, "admin")
    facts = {"name": "Autumn", "starts_on": "2027-01-01", "ends_on": "2027-06-30", "cadence": "weekly", "minutes": 60}
    facts |= {"most_mentees": 3}
    as_(person).post("/programs/new/", facts)
    program = Program.objects.get(name="Autumn")
    assert program.zone == "America/Los_Angeles"
    as_(person).post(f"/programs/{program.pk}/edit/", facts | {"zone": "Asia/Tokyo"})
    program.refresh_from_db()
    assert program.zone == "Asia/Tokyo"


@pytest.mark.django_db
def test_a_pair_that_starts_tomorrow_has_no_figures(as_):
    with time_machine.travel(datetime(2026, 11, 28, 0, 30, tzinfo=UTC)):  # Saturday in Berlin, Friday in New York
        program = make.program(zone="Europe/Berlin", starts_on=date(2026, 11, 1), ends_on=date(2027, 6, 30))
        mentor = make.user(zone="America/New_York")
        make.enrollment(program, mentor, "mentor")
        mentee = make.user()
        make.enrollment(program, mentee, "mentee")
        pair = Pair.start(make.admin(program), program, mentor, mentee)
        assert pair.started_on == date(2026, 11, 28)
        pages = as_(mentor).get("/").content.decode() + as_(mentor).get(f"/pairs/{pair.pk}/").content.decode()
    assert "since November 28, 2026" in pages and "since tomorrow" not in pages
    assert "sessions held since" not in pages and "-1 of" not in pages


@pytest.mark.django_db
def test_proposals_and_due_dates_keep_the_last_tuesday():
    with time_machine.travel(datetime(2027, 3, 1, 9, tzinfo=UTC)) as clock:
        program = make.program(ends_on=date(2027, 12, 31), cadence="monthly")
        pair, day = make.pair(program, cadence="monthly"), date(2027, 3, 30)
        for expected in (date(2027, 4, 27), date(2027, 5, 25), date(2027, 6, 29), date(2027, 7, 27)):
            session = make.session(pair, datetime.combine(day, datetime.min.time()).replace(hour=10))
            clock.move_to(session.ends_at)
            session.answer(pair.mentor, met=True)
            assert propose_next(pair, pair.mentor).local_start.date() == expected
            assert default_due_on.ask(pair, day) == expected - timedelta(days=1)
            day = expected


# --- People who have not joined yet -----------------------------------------------------------------------


@pytest.fixture
def half_joined():
    """A pair whose mentor was invited and never signed in."""
    program = make.program()
    mentor = make.user("Sam Okafor", zone_confirmed_at=None)
    make.enrollment(program, mentor, "mentor", accepted_at=None)
    return make.pair(program, mentor, make.user("Ada Lind", zone="Asia/Kolkata"))


@pytest.mark.django_db
def test_unknown_working_hours_are_named_and_not_read_as_utc(as_, half_joined):
    client, url = as_(half_joined.mentee), f"/pairs/{half_joined.pk}/sessions/new/"
    page = client.get(url).content.decode()
    assert "Sam’s time zone and working hours are not known yet" in page
    assert "work for both of you" not in page and "(UTC)" not in page and "for Sam" not in page
    type(half_joined.mentor).objects.filter(pk=half_joined.mentor_id).update(zone_confirmed_at=timezone.now())
    page = client.get(url).content.decode()
    assert "Times that work for both of you" in page and "(UTC)" in page


@pytest.mark.django_db
def test_a_session_with_somebody_who_never_joined_is_not_held(as_, half_joined):
    client = as_(half_joined.mentee)
    session = make.running_session(half_joined, next_left_open_at=timezone.now(), no_commitments_at=timezone.now())
    assert "has not accepted the invitation yet" in client.get(f"/sessions/{session.pk}/wrap-up/").content.decode()
    client.post(f"/sessions/{session.pk}/close/", {"next": "open", "started_from": ""})
    session.refresh_from_db()
    assert session.closed_at and not session.held_at and half_joined.sessions.held().count() == 0
    assert "unconfirmed until Sam has joined" in client.get(f"/sessions/{session.pk}/recap/").content.decode()
    half_joined.program.enrollments.get(user=half_joined.mentor).accept()
    session.answer(half_joined.mentor, met=True)
    assert Session.objects.get(pk=session.pk).held_at
