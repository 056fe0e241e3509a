"""Tests days off, pauses, and three suggested times that suit both people."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.working_hours import works_on
from sessions.planning import suggest_times
from sessions.suggested_times import hours_of, suggest
from tests import make

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


# --- Days off -----------------------------------------------------------------------------------------------


def test_a_holiday_is_added_shown_and_removed(as_):
    ada = make.user("Ada", zone="Europe/London", days_off=[["2026-01-01", "2026-01-05"]])
    before = ada.touched_at
    as_(ada).post("/preferences/days-off/", {"first": "2026-12-24", "last": "2027-01-03"})
    ada.refresh_from_db()
    assert ada.days_off == [["2026-12-24", "2027-01-03"]], "past days off are removed"
    assert ada.touched_at >= before
    assert "Thu, Dec 24 to Sun, Jan 3" in as_(ada).get("/preferences/").content.decode()
    as_(ada).post("/preferences/days-off/remove/", {"days": "2026-12-24/2027-01-03"})
    ada.refresh_from_db()
    assert ada.days_off == []


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-12-24", "2026-12-23"), ("2026-01-01", ""), ("nonsense", ""), ("", ""), ("2026-12-24", "2029-01-01")],
)
def test_invalid_days_off_are_refused_and_kept_in_the_form(as_, first, last):
    ada = make.user("Ada")
    answer = as_(ada).post("/preferences/days-off/", {"first": first, "last": last})
    assert answer.status_code == 422
    assert f'value="{first}"' in answer.content.decode() or not first
    ada.refresh_from_db()
    assert ada.days_off == []


# --- Pause --------------------------------------------------------------------------------------------------


def test_a_pause_skips_sessions_and_ends_by_itself(pair, sam, ada, as_, clock):
    inside, after = make.session(pair, datetime(2026, 12, 4, 10)), make.session(pair, datetime(2026, 12, 18, 10))
    as_(ada).post(f"/pairs/{pair.pk}/pause/", {"from_on": "2026-12-01", "resume_on": "2026-12-14", "skip": "on"})
    inside.refresh_from_db(), after.refresh_from_db()
    assert inside.skipped_at
    assert after.is_live
    clock.move_to(datetime(2026, 12, 2, 9, tzinfo=UTC))
    assert "Paused until Mon, Dec 14" in as_(sam).get("/").content.decode()
    assert "Paused until Mon, Dec 14" in as_(sam).get(f"/pairs/{pair.pk}/").content.decode()
    assert (
        "until Mon, Dec 14"
        in as_(make.admin(pair.program)).get(f"/programs/{pair.program_id}/?state=pairs").content.decode()
    )
    clock.move_to(datetime(2026, 12, 14, 9, tzinfo=UTC))
    assert "paused" not in as_(sam).get("/").content.decode().lower()


def test_undoing_a_pause_restores_skipped_sessions(pair, ada, as_):
    row = [make.session(pair, datetime(2026, 12, day, 10)) for day in (4, 11, 18)]
    row[0].skip(ada, "A customer visit")  # on its own, before the pause
    data = {"from_on": "2026-12-01", "resume_on": "2026-12-21", "skip": "on"}
    page = as_(ada).post(f"/pairs/{pair.pk}/pause/", data, follow=True).content.decode()
    assert "2 sessions skipped" in page and f'action="/pairs/{pair.pk}/pause/undo/"' in page
    as_(ada).post(f"/pairs/{pair.pk}/pause/undo/")
    assert not pair.pauses.exists()
    assert list(pair.sessions.live().order_by("starts_at")) == row[1:]


def test_resuming_early_offers_skipped_sessions(pair, sam, ada, as_, clock):
    row = [make.session(pair, datetime(2026, 12, day, 10)) for day in (4, 11, 18)]
    data = {"from_on": "2026-12-01", "resume_on": "2026-12-21", "skip": "on"}
    as_(ada).post(f"/pairs/{pair.pk}/pause/", data)
    clock.move_to(datetime(2026, 12, 9, 9, tzinfo=UTC))
    assert "End the pause and restore 2 skipped sessions" in as_(sam).get(f"/pairs/{pair.pk}/").content.decode()
    page = as_(sam).get(f"/pairs/{pair.pk}/pause/").content.decode()
    assert 'name="restore_skipped" checked' in page and "Fri, Dec 11, 10:00" in page and "Fri, Dec 4" not in page
    page = as_(sam).post(f"/pairs/{pair.pk}/resume/", {"restore_skipped": "on"}, follow=True).content.decode()
    assert "2 sessions restored" in page
    assert list(pair.sessions.live().order_by("starts_at")) == row[1:], "past sessions stay skipped"


def test_shortening_a_pause_restores_sessions_after_it(pair, ada, as_):
    row = [make.session(pair, datetime(2026, 12, day, 10)) for day in (4, 11, 18)]
    data = {"from_on": "2026-12-01", "resume_on": "2026-12-21", "skip": "on"}
    as_(ada).post(f"/pairs/{pair.pk}/pause/", data)
    page = as_(ada).post(f"/pairs/{pair.pk}/pause/", data | {"resume_on": "2026-12-14"}, follow=True).content.decode()
    assert "1 session restored" in page and "/pause/undo/" not in page
    assert pair.sessions.live().get() == row[2]


def test_only_one_pause_at_a_time(pair, ada):
    today = MONDAY.date()
    pair.pause(ada, today, date(2026, 12, 14), today)
    pair.pause(ada, date(2026, 12, 10), date(2026, 12, 21), today)
    pause = pair.pauses.get()
    assert (pause.from_on, pause.resume_on) == (today, date(2026, 12, 21)), "the running pause gets the new end"


def test_a_running_pause_can_change_only_its_end(pair, ada, as_):
    today, began = MONDAY.date(), date(2026, 11, 27)
    pair.pause(ada, began, date(2026, 12, 14), today)
    as_(ada).post(f"/pairs/{pair.pk}/pause/", {"from_on": began.isoformat(), "resume_on": "2026-12-21"})
    pause = pair.pauses.get()
    assert (pause.from_on, pause.resume_on) == (began, date(2026, 12, 21))


def test_a_pause_can_end_early(pair, ada, as_):
    today = MONDAY.date()
    pair.pause(ada, today - timedelta(days=3), date(2026, 12, 14), today)
    for _press in range(2):
        as_(ada).post(f"/pairs/{pair.pk}/resume/")
    assert pair.pauses.get().resume_on == today
    pair.pause(ada, date(2026, 12, 10), date(2026, 12, 21), today)
    as_(ada).post(f"/pairs/{pair.pk}/resume/")
    assert pair.pauses.count() == 1, "a pause that has not started is canceled"


@pytest.mark.parametrize(
    ("from_on", "resume_on"),
    [
        ("2026-12-10", "2026-12-10"),
        ("2026-11-01", "2026-11-20"),
        ("2026-12-01", "2099-01-01"),
        ("", "x"),
        ("2026-11-20", "2026-12-14"),
    ],
)
def test_an_invalid_pause_is_refused_with_an_error(pair, ada, as_, from_on, resume_on):
    answer = as_(ada).post(f"/pairs/{pair.pk}/pause/", {"from_on": from_on, "resume_on": resume_on})
    assert answer.status_code == 422
    assert not pair.pauses.exists()


# --- Suggested times ---------------------------------------------------------------------------------------


def person(zone: str, start: int = 9, end: int = 17, **fields) -> User:
    return User(zone=zone, works_from=time(start), works_until=time(end), **fields)


def suitable_times(one: User, at: datetime, minutes: int) -> bool:
    here, end = one.local(at), one.local(at + timedelta(minutes=minutes))
    first, last = hours_of(one)
    return works_on(one, here.date()) and here.time() >= first and end.time() <= last and here.date() == end.date()


ZONES = ["Europe/London", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Gaza"]


@given(
    zones=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
    first_on=st.dates(date(2026, 12, 1), date(2027, 11, 30)),
    minutes=st.sampled_from([15, 45, 60, 90]),
    busy=st.lists(st.integers(0, 14 * 24), max_size=12),
)
def test_suggested_times_suit_both_in_their_time_zones(zones, first_on, minutes, busy):
    people, start = [person(zone) for zone in zones], datetime.combine(first_on, time(0), UTC)
    taken = [(start + timedelta(hours=h), start + timedelta(hours=h + 1)) for h in busy]
    times, suit = suggest(people, taken, minutes, first_on, zones[0], None, start - timedelta(days=1))
    assert len({one.local(at).date() for at in times for one in people[:1]}) == len(times), "on different days"
    assert times == sorted(times)
    for at in times:
        assert not any(at < until and at + timedelta(minutes=minutes) > since for since, until in taken)
        assert not suit or all(suitable_times(one, at, minutes) for one in people)


def test_the_last_hour_and_weekday_are_suggested_first():
    people = [person("Europe/London"), person("Asia/Kolkata", 12, 20)]
    times, suit = suggest(people, [], 60, date(2026, 12, 8), "Europe/London", datetime(2026, 12, 4, 10), MONDAY)
    assert suit
    assert [f"{at:%a %H:%M}" for at in times] == ["Tue 10:00", "Wed 10:00", "Fri 10:00"]


def test_without_shared_hours_the_nearest_time_is_suggested():
    people = [person("Pacific/Auckland"), person("Europe/London")]
    times, suit = suggest(people, [], 60, date(2026, 12, 8), "Europe/London", None, MONDAY)
    assert not suit
    assert len(times) == 1


def test_default_working_hours_are_nine_to_five():
    times, suit = suggest([person("Europe/London", 9, 9)], [], 60, date(2026, 12, 8), "Europe/London", None, MONDAY)
    assert suit
    assert all(9 <= at.hour < 17 for at in times)


def test_in_the_last_week_suggestions_are_before_the_end(pair, sam):
    """The cadence asks for a date after the end, so the remaining days are suggested."""
    make.session(pair, datetime(2026, 11, 26, 10), held_at=MONDAY - timedelta(days=4))
    ends_on = MONDAY.date() + timedelta(days=4)
    type(pair).objects.filter(pk=pair.pk).update(ends_on=ends_on)
    pair.refresh_from_db()
    suggested, suit = suggest_times(pair, sam)
    assert suit and len(suggested) == 3 and all(MONDAY.date() <= one.local.date() <= ends_on for one in suggested)


def test_a_suggestion_fills_the_form_and_changes_nothing(pair, sam, ada, as_):
    make.session(make.pair(pair.program, sam), datetime(2026, 12, 8, 10))
    page = as_(sam).get(f"/pairs/{pair.pk}/sessions/new/")
    assert "Times that work for both of you" in page.content.decode()
    suggested, suit = suggest_times(pair, sam)
    assert suit
    best = page.context["form"].initial
    assert (best["on"], best["at"]) in [(one.local.date(), one.local.time()) for one in suggested]
    typed = {
        "on": "2026-12-09",
        "at": "04:00",
        "zone": sam.zone,
        "minutes": "60",
        "place": "Room 7",
        "kind": "standard",
    }
    for one in suggested:
        filled = as_(sam).post(f"/pairs/{pair.pk}/sessions/new/", typed | {"pick": one.pick})
        shown = filled.content.decode()
        assert filled.status_code == 200 and 'value="Room 7"' in shown and f'value="{one.local:%H:%M}"' in shown
        assert "Schedule anyway" not in shown, "a suggested time has no warning"
    for nonsense in ("x", "2026-12-08T25:00 UTC", "2026-12-08T10:00 Mars", "9999-99-99T10:00 UTC"):
        assert as_(sam).post(f"/pairs/{pair.pk}/sessions/new/", typed | {"pick": nonsense}).status_code == 200
    assert not pair.sessions.exists()
