"""Tests the cadence of sessions and clock changes in time zones around the world."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentoring.models import Cadence
from sessions.cadence import (
    Meeting,
    adherence,
    adjusted_local_time,
    at_wall_clock,
    due_before,
    next_date,
    occurrences,
    occurs,
    sessions_in,
    ticks,
)

ZONES = [
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Chatham",  # three quarters off
    "Africa/Casablanca",  # around Ramadan
    "Africa/Cairo",  # midnight does not exist
    "Asia/Beirut",
    "America/Havana",
    "America/Santiago",
    "Asia/Gaza",
    "Antarctica/Troll",  # two hours
    "America/Sao_Paulo",
    "Asia/Tehran",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
RULES = list(Cadence.values)
zones, rules = st.sampled_from(ZONES), st.sampled_from(RULES)
days = st.dates(date(2026, 11, 22), date(2027, 12, 31))
clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(zone=zones, rule=rules, moved_from_on=days, clock=clocks)
def test_a_series_keeps_its_local_time_once_per_date(zone, rule, moved_from_on, clock):
    starts = list(occurrences(rule, moved_from_on, clock, moved_from_on + timedelta(days=400)))
    assert starts[0] == datetime.combine(moved_from_on, clock)
    assert len({start.date() for start in starts}) == len(starts)
    assert len({start.weekday() for start in starts}) == 1
    for start in starts:
        instant = at_wall_clock(start, zone)
        shown = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if occurs(start, zone) == "never":
            assert timedelta(0) < shown - start <= timedelta(hours=2)
        else:
            assert shown == start


@given(zone=zones, on=days)
def test_nine_in_the_morning_stays_nine(zone, on):
    nine = datetime.combine(on, time(9))
    assert occurs(nine, zone) == "once"
    assert at_wall_clock(nine, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == nine


@given(zone=zones, on=days, clock=clocks)
def test_a_time_that_occurs_twice_means_the_first(zone, on, clock):
    local = datetime.combine(on, clock)
    instant = at_wall_clock(local, zone)
    if occurs(local, zone) == "twice":
        again = local.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
        assert instant < again
        assert again.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


@pytest.mark.parametrize(
    ("local", "zone", "shown"),
    [
        ("2027-03-28 02:30", "Europe/Berlin", "03:30"),
        ("2027-03-28 01:30", "Europe/London", "02:30"),
        ("2027-03-14 02:30", "America/New_York", "03:30"),
        ("2027-10-03 02:15", "Australia/Lord_Howe", "02:45"),
        ("2027-03-28 02:00", "Antarctica/Troll", "04:00"),
    ],
)
def test_a_skipped_time_moves_forward_by_the_gap(local, zone, shown):
    asked = datetime.fromisoformat(local)
    assert occurs(asked, zone) == "never"
    assert f"{adjusted_local_time(asked, zone):%H:%M}" == shown


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Asia/Beirut", "America/Havana"])
def test_a_skipped_midnight_keeps_the_date(zone):
    gaps = [day for n in range(400) if occurs(day := datetime(2026, 11, 22) + timedelta(days=n), zone) == "never"]
    assert gaps
    assert all(adjusted_local_time(day, zone).date() == day.date() for day in gaps)


def test_a_repeated_hour_means_its_first_occurrence():
    local = datetime(2027, 10, 31, 2, 30)
    assert occurs(local, "Europe/Berlin") == "twice"
    assert at_wall_clock(local, "Europe/Berlin") == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_clock_changes_do_not_move_the_planners_local_time():
    london = [
        at_wall_clock(s, "Europe/London") for s in occurrences("weekly", date(2027, 3, 8), time(10), date(2027, 4, 5))
    ]
    assert {t.astimezone(ZoneInfo("Europe/London")).hour for t in london} == {10}
    assert [t.astimezone(ZoneInfo("America/New_York")).hour for t in london] == [5, 6, 6, 5, 5]


def test_monthly_keeps_the_weekday_and_the_fifth_means_the_last():
    second_tuesday = [d.date() for d in occurrences("monthly", date(2027, 1, 12), time(9), date(2027, 4, 30))]
    assert second_tuesday == [date(2027, 1, 12), date(2027, 2, 9), date(2027, 3, 9), date(2027, 4, 13)]
    fifth_friday = [d.date() for d in occurrences("monthly", date(2027, 1, 29), time(9), date(2027, 4, 30))]
    assert fifth_friday == [date(2027, 1, 29), date(2027, 2, 26), date(2027, 3, 26), date(2027, 4, 30)]


@given(rule=rules, last_on=days, gap=st.integers(-100, 400))
def test_the_next_date_follows_the_cadence_and_the_earliest_date(rule, last_on, gap):
    not_before = last_on + timedelta(days=gap)
    proposed = next_date(rule, [last_on], not_before)
    assert proposed > last_on and proposed >= not_before
    assert proposed in {s.date() for s in occurrences(rule, last_on, time(9), proposed)}
    assert proposed - max(last_on, not_before) <= timedelta(days=35)


def test_a_commitment_is_due_the_day_before_but_never_today():
    today = date(2027, 1, 4)
    assert due_before(date(2027, 1, 18), today) == date(2027, 1, 17)
    assert due_before(date(2027, 1, 5), today) == date(2027, 1, 5)
    assert due_before(date(2027, 1, 1), today) == date(2027, 1, 5)


def test_six_months_every_two_weeks_make_twelve_sessions():
    assert sessions_in("2-weekly", date(2027, 1, 4), date(2027, 7, 4)) == 12
    assert sessions_in("monthly", date(2027, 1, 4), date(2027, 1, 10)) == 1


# --- Cadence figure ---------------------------------------------------------------------------------------


@given(rule=rules, moved_from_on=days, age=st.integers(0, 300))
def test_meeting_as_agreed_is_100_percent_every_day(rule, moved_from_on, age):
    today = moved_from_on + timedelta(days=age)
    met = [Meeting(s.date(), held=True) for s in occurrences(rule, moved_from_on, time(9), today)]
    kept = adherence(rule, met, moved_from_on, today)
    assert kept.percent == 100 and kept.reason is None
    assert "missed" not in {tick.kind for tick in ticks(rule, met, moved_from_on, today)}


@given(
    rule=rules,
    offsets=st.lists(st.tuples(st.integers(0, 200), st.booleans(), st.sampled_from(["", "canceled", "skipped"]))),
    age=st.integers(0, 200),
)
def test_the_figure_is_between_0_and_100_percent(rule, offsets, age):
    start = date(2027, 1, 4)
    today = start + timedelta(days=age)
    meetings = [
        Meeting(start + timedelta(days=n), held=held and not off and n <= age, called_off=off)
        for n, held, off in offsets
    ]
    kept = adherence(rule, meetings, start, today)
    assert kept is None or (0 <= kept.percent <= 100 and 1 <= kept.expected <= 2)
    strip = ticks(rule, meetings, start, today)
    assert [t.on for t in strip] == sorted(t.on for t in strip)
    assert strip[-1].kind == "next" and strip[-1].on >= today
    assert [t.kind for t in strip].count("next") == 1


def test_a_canceled_session_is_named_as_the_reason():
    start, today = date(2027, 1, 4), date(2027, 2, 10)
    meetings = [
        Meeting(date(2027, 1, 4), held=True),
        Meeting(date(2027, 1, 18), called_off="canceled"),
        Meeting(date(2027, 2, 1), held=True, moved=True),
        Meeting(date(2027, 2, 15)),
    ]
    kept = adherence("2-weekly", meetings, start, today)
    assert (kept.held, kept.expected, kept.percent) == (1, 2, 50)
    assert (kept.reason.on, kept.reason.label) == (date(2027, 1, 18), "canceled")
    assert [t.kind for t in ticks("2-weekly", meetings, start, today)] == ["held", "missed", "moved", "next"]


def test_an_unplanned_gap_is_missed_but_a_pause_is_not():
    start, today = date(2027, 1, 4), date(2027, 3, 3)
    meetings = [Meeting(start, held=True)]
    strip = ticks("2-weekly", meetings, start, today)
    missed = [t.on for t in strip if t.kind == "missed"]
    assert missed == [date(2027, 1, 18), date(2027, 2, 1), date(2027, 2, 15), date(2027, 3, 1)]
    pause = [(date(2027, 1, 5), date(2027, 3, 3))]
    assert "missed" not in {t.kind for t in ticks("2-weekly", meetings, start, today, pause)}
    assert adherence("2-weekly", meetings, start, today).percent == 0
    assert adherence("2-weekly", meetings, start, today, pause).percent == 100


def test_no_session_is_expected_before_the_first_interval():
    assert adherence("2-weekly", [], date(2027, 1, 4), date(2027, 1, 8)) is None
    assert adherence("2-weekly", [], date(2027, 1, 4), date(2027, 1, 18)).percent == 0


def test_proposals_keep_the_last_weekday_of_the_month():
    dates = [date(2027, 3, 30)]  # a fifth Tuesday
    for _ in range(6):
        dates.insert(0, next_date("monthly", dates, dates[0] + timedelta(days=1)))
    assert dates[::-1][1:4] == [date(2027, 4, 27), date(2027, 5, 25), date(2027, 6, 29)]
    in_series = occurrences("monthly", dates[-1], time(10), dates[0])
    assert dates[::-1] == [start.date() for start in in_series]


def test_proposals_keep_the_fourth_weekday_of_the_month():
    dates = [date(2027, 3, 23)]
    for _ in range(6):
        dates.insert(0, next_date("monthly", dates, dates[0] + timedelta(days=1)))
    assert {on.day for on in dates} <= set(range(22, 29))
