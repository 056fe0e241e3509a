"""A person's working days, and local times when clocks change."""

from datetime import UTC, date, datetime, time

import pytest

from accounts.models import User
from accounts.working_hours import instant, working_day, working_days_later, works_on

FRIDAY, MONDAY = date(2026, 12, 4), date(2026, 12, 7)


@pytest.fixture
def ada():
    return User(zone="Europe/Berlin")


def test_a_person_chooses_their_working_days(ada):
    assert works_on(ada, FRIDAY)
    assert not works_on(ada, date(2026, 12, 5))
    ada.workdays = [6, 7]
    assert not works_on(ada, FRIDAY)
    assert works_on(ada, date(2026, 12, 5))


def test_the_default_working_days_are_monday_to_friday(ada):
    ada.workdays = []
    assert works_on(ada, FRIDAY)
    assert working_day(ada, date(2026, 12, 5)) == MONDAY


def test_days_off_are_not_working_days(ada):
    ada.days_off = [["2026-12-07", "2026-12-08"]]
    assert working_days_later(ada, FRIDAY, 1) == date(2026, 12, 9)
    assert working_days_later(ada, date(2026, 12, 9), -1) == FRIDAY
    assert working_day(ada, MONDAY) == date(2026, 12, 9)


def test_the_search_for_a_working_day_stops_after_years_off(ada):
    ada.days_off = [["2026-01-01", "2030-01-01"]]
    assert working_day(ada, FRIDAY) == FRIDAY


@pytest.mark.parametrize(
    ("on", "at", "utc"),
    [
        (date(2027, 3, 27), time(8, 30), datetime(2027, 3, 27, 7, 30, tzinfo=UTC)),
        (date(2027, 3, 28), time(8, 30), datetime(2027, 3, 28, 6, 30, tzinfo=UTC)),
        # Shown as 03:30: 02:30 does not exist.
        (date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        # 02:30 comes twice: the earlier one.
        (date(2027, 10, 31), time(2, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_local_times_are_converted_when_clocks_change(ada, on, at, utc):
    assert instant(ada, on, at) == utc
