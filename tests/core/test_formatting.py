"""How dates and times are written for people."""

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.models import User
from core import formatting
from reminders.emails import localized_for


@pytest.mark.parametrize(("clock", "at"), [("12", "10:00 AM"), ("24", "10:00")])
def test_dates_and_times_follow_us_style_and_the_readers_clock(clock, at):
    thursday, now = datetime(2026, 12, 17, 10, tzinfo=UTC), datetime(2026, 12, 16, 10, tzinfo=UTC)
    with time_machine.travel(now, tick=False), localized_for(User(zone="UTC", clock=clock)):
        assert formatting.when(thursday) == f"tomorrow, {at}"
        assert formatting.full_time(thursday) == f"Thu, Dec 17, 2026, {at}"
    with time_machine.travel("2026-12-01 10:00Z", tick=False), localized_for(User(zone="UTC", clock=clock)):
        assert formatting.when(thursday) == f"Thu, Dec 17, {at}"


def test_people_read_a_twelve_hour_clock_unless_they_choose_another():
    assert User().clock == User.Clock.H12
